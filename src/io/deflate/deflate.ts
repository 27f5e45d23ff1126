import { messageOf } from '../../base/errors.ts'
import { threadFailed } from '../errors.ts'
import { PieceThreads, type Work } from '../piece-threads.ts'
import { program } from './program.ts'
import { type Deflater, deflater } from './worker.ts'

/** What the bytes of a piece depend on besides it. */
export const deflateVersion = 1

/** Of a piece, in bytes. */
export const longestInput = 1024 * 1024
/** What a piece may look back on (RFC 1951 §2). */
export const window = 32 * 1024
/** Incompressible bytes become a little more. */
export const longestOutput = longestInput + longestInput / 1024

/** Where the program's own variables end, in bytes; a test asks the program. */
export const firstFree = 512 * 1024
/** In bytes: what is read ahead and written behind. */
const margin = 64
/** Where what comes of a piece begins, in bytes. */
const output = firstFree + window + longestInput + margin
const page = 65_536
/** Of the memory that the program works in. */
export const pages = Math.ceil((output + longestOutput + margin) / page)

let compiled: WebAssembly.Module | undefined

/** The program, compiled once. */
export function compiledProgram(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Buffer.from(program, 'base64'))
  return compiled
}

/** In bytes: what this thread deflates itself before it begins another, which takes as long as four times as many. */
let allowance = 512 * 1024

let threads: PieceThreads<Deflater> | undefined

/**
 * Deflates a piece of at most {@link longestInput} bytes in another thread, looking back on what comes `before` it (at most {@link window}
 * bytes), and ends on a byte: RFC 1951 with an empty stored block at the end, not the last one. Into {@link longestOutput} bytes of memory;
 * says how many it became.
 */
export async function deflate(work: Work): Promise<number> {
  const { piece, before } = work
  if (piece.length > longestInput || before.length > window) throw new Error(`a piece of ${piece.length} bytes after ${before.length}`)
  if (piece.length <= allowance) {
    allowance -= piece.length
    return deflateHere(work)
  }
  threads ??= new PieceThreads({ name: 'deflate', make: deflater, data: dataOf() })
  return threads.work(work) ?? deflateHere(work)
}

function dataOf(): Deflater {
  return { program: compiledProgram(), pages, input: firstFree, output }
}

let here: ReturnType<typeof deflater> | undefined

function deflateHere(work: Work): number {
  try {
    here ??= deflater(dataOf())
  } catch (cause) {
    throw threadFailed(`There is no memory to compress in: ${messageOf(cause)}.`, { cause })
  }
  return here(work)
}
