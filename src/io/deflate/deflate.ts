import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { program } from './program.ts'
import { type Delivery, type Order, type WorkerData, work } from './worker.ts'

/** What the bytes of a piece depend on besides it. */
export const deflateVersion = 1

/** Of a piece, in bytes. */
export const longestInput = 1024 * 1024
/** What a piece may look back on (RFC 1951 §2). */
export const window = 32 * 1024
/** Incompressible bytes become a little more. */
export const longestOutput = longestInput + longestInput / 1024

/** The thread that cuts and hashes cannot feed more. */
const threads = Math.min(4, availableParallelism())
/** Pieces that a thread holds: one at work, one ready. */
const seats = 2
/** Where the program's own variables end, in bytes; a test asks the program. */
export const firstSeat = 512 * 1024
/** In bytes: what is read ahead and written behind stays in the seat. */
const margin = 64
const seatSize = window + longestInput + margin + longestOutput + margin
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

interface Job {
  readonly piece: Uint8Array
  readonly before: Uint8Array
  readonly into: Buffer
  resolve(bytes: Buffer): void
  reject(error: Error): void
}

const queue: Job[] = []
const running = new Set<Thread>()

/**
 * Deflates a piece of at most {@link longestInput} bytes in another thread, looking back on what comes `before` it (at most {@link window}
 * bytes), and ends on a byte: RFC 1951 with an empty stored block at the end, not the last one. Into a buffer of {@link longestOutput}.
 */
export async function deflate(piece: Uint8Array, before: Uint8Array, into: Buffer): Promise<Buffer> {
  if (piece.length > longestInput || before.length > window) throw new Error(`a piece of ${piece.length} bytes after ${before.length}`)
  return new Promise((resolve, reject) => {
    queue.push({ piece, before, into, resolve, reject })
    seat()
  })
}

/** Gives waiting pieces their seats, as many as there are. */
function seat(): void {
  for (let thread = freeThread(); thread !== undefined && queue.length > 0; thread = freeThread()) {
    const job = queue.shift()
    if (job !== undefined) thread.take(job)
  }
}

function freeThread(): Thread | undefined {
  const [freest] = [...running].sort((one, other) => other.free - one.free)
  if (freest?.free === seats) return freest
  if (queue.length > 0 && running.size < threads) return new Thread()
  return freest !== undefined && freest.free > 0 ? freest : undefined
}

/** A thread with a memory of its own. */
class Thread {
  readonly #worker: Worker
  readonly #memory: Buffer
  readonly #jobs = new Map<number, Job>()
  readonly #free = Array.from({ length: seats }, (_, index) => firstSeat + index * seatSize)

  constructor() {
    const memory = createMemory()
    this.#memory = Buffer.from(memory.buffer)
    const workerData: WorkerData = { program: compiledProgram(), memory }
    this.#worker = new Worker(`(${work})()`, { eval: true, workerData, env: {}, execArgv: [], name: 'deflate' })
    this.#worker.unref()
    this.#worker.on('message', (delivery: Delivery) => this.#deliver(delivery))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', (code) => this.#end(new Error(`A thread that compresses ended with ${code}.`)))
    running.add(this)
  }

  get free(): number {
    return this.#free.length
  }

  take(job: Job): void {
    const from = this.#free.pop()
    if (from === undefined) throw new Error('no seat is free')
    // A process waits for its pieces, and ends without waiting for a thread that has none.
    if (this.#jobs.size === 0) this.#worker.ref()
    const to = from + window + longestInput + margin
    this.#jobs.set(to, job)
    this.#memory.set(job.before, from)
    this.#memory.set(job.piece, from + job.before.length)
    this.#worker.postMessage({ from, before: job.before.length, size: job.piece.length, to } satisfies Order)
  }

  #deliver({ to, size }: Delivery): void {
    const job = this.#jobs.get(to)
    if (job === undefined) throw new Error('nobody waits for this piece')
    this.#jobs.delete(to)
    this.#free.push(to - window - longestInput - margin)
    if (this.#jobs.size === 0) this.#worker.unref()
    this.#memory.copy(job.into, 0, to, to + size)
    job.resolve(job.into.subarray(0, size))
    seat()
  }

  #end(error: Error): void {
    running.delete(this)
    for (const { reject } of this.#jobs.values()) reject(error)
    this.#jobs.clear()
  }
}
