import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { formatBytes } from '../base/bytes.ts'
import { systemCode, TaskError } from '../base/errors.ts'
import { ByteReader } from './byte-reader.ts'
import type { Compression } from './compress.ts'
import { compressedLimit, compressedMalformed } from './errors.ts'
import { streamPiece } from './file-read.ts'
import { zstdFrames } from './zstd-frames.ts'

export interface DecompressLimits {
  /** Bytes that may come out. Default 64 GiB. */
  readonly size?: number
  /** Bytes out for each byte in, judged after the first 64 MiB. Default 250. */
  readonly ratio?: number
}

const freeOfRatio = 64 * 1024 * 1024

/** What was compressed, in memory that is the caller's to keep; damaged, cut or prolonged data is `SW-COMPRESSED-MALFORMED`, a bomb `SW-COMPRESSED-LIMIT`. */
export function decompress(source: AsyncIterable<Uint8Array>, algorithm: Compression, limits: DecompressLimits = {}): Readable {
  const counted = new Counted(source)
  return Readable.from(limited(counted, decoded(counted, algorithm), limits), { objectMode: false, highWaterMark: streamPiece })
}

async function* decoded(source: AsyncIterable<Uint8Array>, algorithm: Compression): AsyncGenerator<Uint8Array> {
  if (algorithm === 'none') yield* source
  else if (algorithm === 'gzip') yield* through(source, createGunzip({ chunkSize: streamPiece }))
  else for await (const frame of zstdFrames(new ByteReader(source))) yield* through(frame, createZstdDecompress({ chunkSize: streamPiece }))
}

/** Not `pipeline`: it hides the source's own error behind that of the decoder. */
async function* through(source: AsyncIterable<Uint8Array>, decoder: NodeJS.ReadWriteStream & Readable): AsyncGenerator<Buffer> {
  let sourceError: unknown
  const input = Readable.from(source, { objectMode: false })
  input.on('error', (error) => {
    sourceError = error
    decoder.destroy(error)
  })
  let inputEnded = false
  input.on('end', () => {
    inputEnded = true
  })
  try {
    for await (const chunk of input.pipe(decoder)) yield chunk
  } catch (error) {
    throw sourceError ?? decoderError(error)
  } finally {
    input.destroy()
  }
  if (!inputEnded) throw compressedMalformed('The compressed data goes on after its end.')
}

async function* limited(source: Counted, output: AsyncIterable<Uint8Array>, limits: DecompressLimits): AsyncGenerator<Uint8Array> {
  const { size = 64 * 2 ** 30, ratio = 250 } = limits
  let total = 0
  for await (const chunk of output) {
    total += chunk.length
    if (total > size) throw compressedLimit(`The data unpacks to more than ${formatBytes(size)}, the most that is taken.`)
    if (total > freeOfRatio && total > source.size * ratio) {
      throw compressedLimit(
        `${formatBytes(source.size)} unpack to more than ${formatBytes(total)}, expected at most ${ratio} times as much.`,
      )
    }
    yield chunk
  }
}

function decoderError(error: unknown): unknown {
  if (error instanceof TaskError) return error
  const code = systemCode(error) ?? 'unknown error'
  const seen = code === 'Z_BUF_ERROR' ? 'it ends too early' : `the decoder refuses it (${code})`
  return compressedMalformed(`The compressed data is damaged: ${seen}.`, { cause: error })
}

class Counted implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>
  size = 0

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.size += chunk.length
      // Decoders read ahead, and readers of archives keep what they get: beyond the time that a piece's memory stays as it is.
      yield Buffer.from(chunk)
    }
  }
}
