import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib'
import type { Codec } from './compress.ts'
import { decompress } from './decompress.ts'
import { type Delivery, type Order, PieceThreads } from './piece-threads.ts'

const compressFrame = promisify(zstdCompress)

/** Of a piece, in bytes: those that are longer, which no cutting of ours gives, are left to Node's own threads. */
const longestInput = 1024 * 1024
/** Incompressible bytes become a little more (ZSTD_COMPRESSBOUND, and the frame's own). */
const longestOutput = longestInput + longestInput / 256 + 1024

const seatSize = longestInput + longestOutput
/** In bytes: what is compressed without a thread of ours, which takes as long to begin as half of that. */
const allowed = 4 * longestInput
/** Node has four threads to compress with, unless the user says otherwise. */
const seats = 5

/**
 * RFC 8878: a frame with a checksum for each piece, one-shot. Node's streaming encoder appends an empty frame at times
 * (nodejs/node#66078), and gives cut output with several workers (nodejs/node#59899).
 */
export function zstdCodec(level: number): Codec {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 }
  // Nothing at all is a frame as well: no frame is no zstd.
  const tail: Codec['tail'] = (_, size) => (size === 0 ? zstdCompressSync(Buffer.alloc(0), { params }) : Buffer.alloc(0))
  return { head: Buffer.alloc(0), carryOver: 0, compress: compressor(params), confirms, tail }
}

/**
 * By Node's threads, on behalf of one of ours, which makes the encoders and has what Node gives for each piece collected. In the thread
 * that cuts, with all of our objects to look through, that took a sixth of all processor time.
 */
function compressor(params: Parameters): Codec['compress'] {
  let allowance = allowed
  const free: Buffer[] = []
  const there = async (piece: Buffer): ReturnType<Codec['compress']> => ({ bytes: await compressFrame(piece, optionsOf(params, piece)) })
  return async (piece) => {
    allowance -= piece.length
    if (allowance >= 0 || piece.length > longestInput) return there(piece)
    const into = free.pop() ?? Buffer.allocUnsafeSlow(longestOutput)
    const bytes = threadsOf(params).work({ piece, before: nothing, into })
    return bytes === undefined ? there(piece) : { bytes: await bytes, release: () => void free.push(into) }
  }
}

type Parameters = Readonly<Record<number, number>>

const nothing = Buffer.alloc(0)

/** The bytes depend on these; the thread has the same. */
function optionsOf(params: Parameters, { length }: Buffer): { readonly params: Parameters; readonly chunkSize: number } {
  return { params, chunkSize: Math.ceil(length / 2) + 1024 }
}

const threads = new Map<string, PieceThreads>()

function threadsOf(params: Parameters): PieceThreads {
  const key = JSON.stringify(params)
  const known = threads.get(key)
  if (known !== undefined) return known
  const begun = new PieceThreads({
    name: 'zstd',
    text: `(${work})()`,
    memory: () => {
      const shared = new SharedArrayBuffer(seats * seatSize)
      return { bytes: Buffer.from(shared), workerData: { shared, params } satisfies WorkerData }
    },
    ...{ firstSeat: 0, seatSize, behind: longestInput, seats, most: 1, heap: 48 },
  })
  threads.set(key, begun)
  return begun
}

interface WorkerData {
  readonly shared: SharedArrayBuffer
  readonly params: Parameters
}

/** What a thread does. Its text is what the thread is given, so that it needs no file: it uses nothing from outside of itself. */
function work(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { zstdCompress: compress } = process.getBuiltinModule('node:zlib')
  const { shared, params }: WorkerData = workerData
  const memory = Buffer.from(shared)
  parentPort?.on('message', ({ from, size, to }: Order) => {
    compress(memory.subarray(from, from + size), { params, chunkSize: Math.ceil(size / 2) + 1024 }, (error, frame) => {
      if (error !== null) throw error
      memory.set(frame, to)
      parentPort.postMessage({ to, size: frame.length } satisfies Delivery)
    })
  })
}

/** Whole frames and nothing else; one that is cut is noticed. */
async function confirms(compressed: Buffer, piece: Buffer): Promise<boolean> {
  const limits = { size: piece.length, ratio: Number.POSITIVE_INFINITY }
  return buffer(decompress(Readable.from([compressed]), 'zstd', limits)).then(
    (bytes) => bytes.equals(piece),
    () => false,
  )
}
