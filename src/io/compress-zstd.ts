import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Codec } from './compress.ts'
import { decompress } from './decompress.ts'
import { giveMemory, takeMemory } from './piece-memory.ts'
import { PieceThreads, type Work } from './piece-threads.ts'

/** Names how a piece becomes a frame in what depends on it. */
export const frameVersion = 2

/** From this level on a piece takes up to half a second, in which who cuts would hear no signal, no timer and no registry. */
const slow = 13
/** In bytes: what is compressed without a thread, which takes longer to begin. */
const allowed = { usual: 2 * 1024 * 1024, slow: 64 * 1024 }
/** Of a piece, in bytes, as they are cut; memory for those is used again. */
const usual = 1024 * 1024

const nothing = Buffer.alloc(0)

/**
 * RFC 8878: a frame with its size and a checksum for each piece, in one call. Only zlib's synchronous functions do that: the others name
 * the end in a second one. Its streams append an empty frame at times (nodejs/node#66078), and give cut output with several workers
 * (nodejs/node#59899).
 */
export function zstdCodec(level: number): Codec {
  return {
    head: nothing,
    carryOver: 0,
    compress: compressor(level),
    confirms,
    // Nothing at all is a frame as well: no frame is no zstd.
    tail: (_, size) => (size === 0 ? zstdCompressSync(nothing, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }) : nothing),
  }
}

function compressor(level: number): Codec['compress'] {
  const here = framer(level)
  let allowance = level < slow ? allowed.usual : allowed.slow
  return async (piece) => {
    const isUsual = piece.length <= usual
    const memory = isUsual ? takeMemory() : Buffer.from(new SharedArrayBuffer(bound(piece.length)))
    const work = { piece, before: nothing, into: memory.subarray(0, bound(piece.length)) }
    allowance -= piece.length
    const size = await ((allowance < 0 ? threadsOf(level).work(work) : undefined) ?? here(work))
    return { bytes: memory.subarray(0, size), release: () => (isUsual ? giveMemory(memory) : undefined) }
  }
}

/**
 * In bytes: what a frame fits into, whatever is in it (ZSTD_COMPRESSBOUND, rounded up). With less, libzstd works through memory of its own,
 * and gives other bytes.
 */
function bound(size: number): number {
  return size + Math.ceil(size / 256) + 1024
}

const threads = new Map<number, PieceThreads<number>>()

function threadsOf(level: number): PieceThreads<number> {
  const begun = threads.get(level) ?? new PieceThreads({ name: 'zstd', make: framer, data: level, heap: 64 }, { alone: level >= slow })
  threads.set(level, begun)
  return begun
}

/** What makes frames, as long as the memory given for each lets them be. Its text is what a thread is given: it uses nothing from outside of itself. */
function framer(level: number): (work: Work) => number {
  const { constants: names, zstdCompressSync: compress } = process.getBuiltinModule('node:zlib')
  const params = { [names.ZSTD_c_compressionLevel]: level, [names.ZSTD_c_checksumFlag]: 1 }
  return ({ piece, into }) => {
    const frame = compress(piece, { params, chunkSize: into.length })
    into.set(frame)
    return frame.length
  }
}

/** Whole frames and nothing else; one that is cut is noticed. */
async function confirms(compressed: Buffer, piece: Buffer): Promise<boolean> {
  const limits = { size: piece.length, ratio: Number.POSITIVE_INFINITY }
  return buffer(decompress(Readable.from([compressed]), 'zstd', limits)).then(
    (bytes) => bytes.equals(piece),
    () => false,
  )
}
