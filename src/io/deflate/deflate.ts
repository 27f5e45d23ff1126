import { availableParallelism } from 'node:os'
import { messageOf } from '../../base/errors.ts'
import { threadFailed } from '../errors.ts'
import { PieceThreads, type Work } from '../piece-threads.ts'
import { program } from './program.ts'
import { type WorkerData, work } from './worker.ts'

/** What the bytes of a piece depend on besides it. */
export const deflateVersion = 1

/** Of a piece, in bytes. */
export const longestInput = 1024 * 1024
/** What a piece may look back on (RFC 1951 §2). */
export const window = 32 * 1024
/** Incompressible bytes become a little more. */
export const longestOutput = longestInput + longestInput / 1024

/** Pieces that a thread holds: one at work, one ready. */
const seats = 2
/** Where the program's own variables end, in bytes; a test asks the program. */
export const firstSeat = 512 * 1024
/** In bytes: what is read ahead and written behind stays in the seat. */
const margin = 64
/** From what is deflated to what comes of it, in bytes. */
const behind = window + longestInput + margin
const seatSize = behind + longestOutput + margin
const page = 65_536
const pages = Math.ceil((firstSeat + seats * seatSize) / page)

/** The program reads and writes a memory like this one. */
export function createMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}

let compiled: WebAssembly.Module | undefined

/** The program, compiled once. */
export function compiledProgram(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(program, 'base64'))
  return compiled
}

/** In bytes: what this thread deflates itself before it begins another, which takes as long as four times as many. */
let allowance = 512 * 1024

const threads = new PieceThreads({
  name: 'deflate',
  text: `(${work})()`,
  memory: () => {
    const memory = createMemory()
    const workerData: WorkerData = { program: compiledProgram(), memory }
    return { bytes: Buffer.from(memory.buffer), workerData }
  },
  ...{ firstSeat, seatSize, behind, seats },
  // The thread that cuts and hashes cannot feed more.
  most: Math.min(4, availableParallelism()),
})

/**
 * Deflates a piece of at most {@link longestInput} bytes in another thread, looking back on what comes `before` it (at most {@link window}
 * bytes), and ends on a byte: RFC 1951 with an empty stored block at the end, not the last one. Into a buffer of {@link longestOutput}.
 */
export async function deflate(piece: Uint8Array, before: Uint8Array, into: Buffer): Promise<Buffer> {
  if (piece.length > longestInput || before.length > window) throw new Error(`a piece of ${piece.length} bytes after ${before.length}`)
  if (piece.length <= allowance) {
    allowance -= piece.length
    return deflateHere({ piece, before, into })
  }
  return threads.work({ piece, before, into }) ?? deflateHere({ piece, before, into })
}

let here: ((work: Work) => Buffer) | undefined

async function deflateHere(work: Work): Promise<Buffer> {
  try {
    here ??= programHere()
  } catch (cause) {
    throw threadFailed(`There is no memory to compress in: ${messageOf(cause)}.`, { cause })
  }
  return here(work)
}

function programHere(): NonNullable<typeof here> {
  const memory = createMemory()
  const bytes = Buffer.from(memory.buffer)
  const { deflate: run } = new WebAssembly.Instance(compiledProgram(), { env: { memory } }).exports
  if (typeof run !== 'function') throw new Error('the program has no deflate')
  return ({ piece, before, into }) => {
    bytes.set(before, firstSeat)
    bytes.set(piece, firstSeat + before.length)
    const to = firstSeat + behind
    const size = Number(run(firstSeat, before.length, piece.length, to))
    bytes.copy(into, 0, to, to + size)
    return into.subarray(0, size)
  }
}
