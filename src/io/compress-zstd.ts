import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib'
import type { Codec } from './compress.ts'
import { decompress } from './decompress.ts'

const compressFrame = promisify(zstdCompress)

/**
 * RFC 8878: a frame with a checksum for each piece, one-shot. Node's streaming encoder appends an empty frame at times
 * (nodejs/node#66078), and gives cut output with several workers (nodejs/node#59899).
 */
export function zstdCodec(level: number): Codec {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 }
  const compress: Codec['compress'] = async (piece) => ({
    bytes: await compressFrame(piece, { params, chunkSize: Math.ceil(piece.length / 2) + 1024 }),
  })
  // Nothing at all is a frame as well: no frame is no zstd.
  const tail: Codec['tail'] = (_, size) => (size === 0 ? zstdCompressSync(Buffer.alloc(0), { params }) : Buffer.alloc(0))
  return { head: Buffer.alloc(0), carryOver: 0, compress, confirms, tail }
}

/** Whole frames and nothing else; one that is cut is noticed. */
async function confirms(compressed: Buffer, piece: Buffer): Promise<boolean> {
  const limits = { size: piece.length, ratio: Number.POSITIVE_INFINITY }
  return buffer(decompress(Readable.from([compressed]), 'zstd', limits)).then(
    (bytes) => bytes.equals(piece),
    () => false,
  )
}
