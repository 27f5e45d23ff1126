import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, crc32, createDeflateRaw, zstdCompress } from 'node:zlib'
import { blocks } from './blocks.ts'
import { streamPiece } from './file-read.ts'

export type Compression = 'gzip' | 'zstd' | 'none'

export interface CompressOptions {
  readonly algorithm: Compression
  /** gzip 0–9, default 6; zstd 1–19, default 3. */
  readonly level?: number
}

const zstdFrame = 4 * 1024 * 1024
const compressFrame = promisify(zstdCompress)

/** Compresses with the same bytes for the same input on one {@link encoderId}, however the input was cut into pieces. */
export function compress(source: AsyncIterable<Uint8Array>, options: CompressOptions): Readable {
  return Readable.from(compressed(source, options), { objectMode: false, highWaterMark: streamPiece })
}

/** Names everything that the compressed bytes depend on besides the input: library, algorithm, level, processor. */
export function encoderId({ algorithm, level }: CompressOptions): string {
  if (algorithm === 'none') return 'none'
  const library = algorithm === 'gzip' ? `zlib-${process.versions.zlib}` : `zstd-${process.versions['zstd']}`
  return `${library}/${algorithm}-${level ?? defaultLevel(algorithm)}/${process.arch}`
}

function compressed(source: AsyncIterable<Uint8Array>, { algorithm, level }: CompressOptions): AsyncIterable<Uint8Array> {
  if (algorithm === 'none') return source
  return algorithm === 'gzip' ? gzip(source, level ?? defaultLevel(algorithm)) : zstd(source, level ?? defaultLevel(algorithm))
}

function defaultLevel(algorithm: 'gzip' | 'zstd'): number {
  return algorithm === 'gzip' ? 6 : 3
}

/** RFC 1952: a header of our own, since zlib's depends on the system it was built for; no time, no name, unknown system. */
async function* gzip(source: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Buffer> {
  let checksum = 0
  let size = 0
  const watched = async function* (): AsyncGenerator<Buffer> {
    for await (const block of blocks(source, streamPiece)) {
      checksum = crc32(block, checksum)
      size += block.length
      yield block
    }
  }
  const extra = level === 9 ? 2 : level === 1 ? 4 : 0
  yield Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 0xff])
  yield* deflate(watched(), level)
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(checksum, 0)
  trailer.writeUInt32LE(size % 2 ** 32, 4)
  yield trailer
}

async function* deflate(source: AsyncIterable<Buffer>, level: number): AsyncGenerator<Buffer> {
  const encoder = createDeflateRaw({ level, chunkSize: streamPiece })
  const input = Readable.from(source, { objectMode: false })
  input.on('error', (error) => encoder.destroy(error))
  try {
    yield* input.pipe(encoder)
  } finally {
    input.destroy()
  }
}

/** One-shot frames: Node's streaming encoder appends an empty frame at times (nodejs/node#66078). */
async function* zstd(source: AsyncIterable<Uint8Array>, level: number): AsyncGenerator<Buffer> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 }
  let isEmpty = true
  for await (const block of blocks(source, zstdFrame)) {
    isEmpty = false
    yield await compressFrame(block, { params })
  }
  if (isEmpty) yield await compressFrame(Buffer.alloc(0), { params })
}
