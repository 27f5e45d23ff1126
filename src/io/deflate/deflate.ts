import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../../base/errors.ts'
import { threadFailed } from '../errors.ts'
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

/** The thread that cuts and hashes cannot feed more; fewer where the system lets us have no more. */
let mostThreads = Math.min(4, availableParallelism())
/** Pieces that a thread holds: one at work, one ready. */
const seats = 2
/** Milliseconds without work after which a thread and its memory are given up. */
const patience = 2000
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

interface Work {
  readonly piece: Uint8Array
  readonly before: Uint8Array
  readonly into: Buffer
}

interface Job extends Work {
  resolve(bytes: Buffer | Promise<Buffer>): void
  reject(error: Error): void
}

/** In bytes: what this thread deflates itself before it begins another, which takes as long as four times as many. */
let allowance = 512 * 1024

const queue: Job[] = []
const running = new Set<Thread>()

/**
 * Deflates a piece of at most {@link longestInput} bytes in another thread, looking back on what comes `before` it (at most {@link window}
 * bytes), and ends on a byte: RFC 1951 with an empty stored block at the end, not the last one. Into a buffer of {@link longestOutput}.
 */
export async function deflate(piece: Uint8Array, before: Uint8Array, into: Buffer): Promise<Buffer> {
  if (piece.length > longestInput || before.length > window) throw new Error(`a piece of ${piece.length} bytes after ${before.length}`)
  if (piece.length <= allowance || mostThreads === 0) {
    allowance -= piece.length
    return deflateHere({ piece, before, into })
  }
  return new Promise((resolve, reject) => {
    queue.push({ piece, before, into, resolve, reject })
    seat()
  })
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

/** Gives waiting pieces their seats, as many as there are. */
function seat(): void {
  for (let thread = freeThread(); thread !== undefined; thread = freeThread()) {
    const job = queue.shift()
    if (job !== undefined) thread.take(job)
  }
}

/** Who takes the next piece; undefined when none waits, or all seats are taken. */
function freeThread(): Thread | undefined {
  if (queue.length === 0) return undefined
  const [freest] = [...running].sort((one, other) => other.free - one.free)
  if (freest?.free === seats) return freest
  return (running.size < mostThreads ? begun() : undefined) ?? (freest !== undefined && freest.free > 0 ? freest : undefined)
}

/** One thread more. A container that has no room for it leaves the work to those that run; with none of them it is done here. */
function begun(): Thread | undefined {
  try {
    return new Thread()
  } catch {
    mostThreads = running.size
    if (mostThreads === 0) for (const job of queue.splice(0)) job.resolve(deflateHere(job))
    return undefined
  }
}

/** A thread with a memory of its own. */
class Thread {
  readonly #worker: Worker
  readonly #memory: Buffer
  readonly #jobs = new Map<number, Job>()
  readonly #free = Array.from({ length: seats }, (_, index) => firstSeat + index * seatSize)

  #idle: NodeJS.Timeout | undefined

  constructor() {
    const memory = createMemory()
    this.#memory = Buffer.from(memory.buffer)
    const workerData: WorkerData = { program: compiledProgram(), memory }
    this.#worker = new Worker(`(${work})()`, { eval: true, workerData, env: {}, execArgv: [], name: 'deflate' })
    this.#worker.unref()
    this.#worker.on('message', (delivery: Delivery) => this.#deliver(delivery))
    this.#worker.on('error', (cause) => this.#end(threadFailed(`A thread that compresses failed: ${messageOf(cause)}.`, { cause })))
    this.#worker.on('exit', (code) => this.#end(threadFailed(`A thread that compresses ended with ${code}, expected it to go on.`)))
    running.add(this)
  }

  get free(): number {
    return this.#free.length
  }

  take(job: Job): void {
    const from = this.#free.pop()
    if (from === undefined) throw new Error('no seat is free')
    clearTimeout(this.#idle)
    // A process waits for its pieces, and ends without waiting for a thread that has none.
    if (this.#jobs.size === 0) this.#worker.ref()
    const to = from + behind
    this.#jobs.set(to, job)
    this.#memory.set(job.before, from)
    this.#memory.set(job.piece, from + job.before.length)
    this.#worker.postMessage({ from, before: job.before.length, size: job.piece.length, to } satisfies Order)
  }

  #deliver({ to, size }: Delivery): void {
    const job = this.#jobs.get(to)
    // What a thread delivered just before it failed has been given up already.
    if (job === undefined) return
    this.#jobs.delete(to)
    this.#free.push(to - behind)
    this.#memory.copy(job.into, 0, to, to + size)
    job.resolve(job.into.subarray(0, size))
    if (this.#jobs.size === 0) this.#rest()
    seat()
  }

  #rest(): void {
    this.#worker.unref()
    this.#idle = setTimeout(() => {
      running.delete(this)
      void this.#worker.terminate()
    }, patience).unref()
  }

  /** Its pieces are lost; those that wait are for others. */
  #end(error: Error): void {
    running.delete(this)
    for (const { reject } of this.#jobs.values()) reject(error)
    this.#jobs.clear()
    seat()
  }
}
