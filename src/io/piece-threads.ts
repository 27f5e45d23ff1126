import { Worker } from 'node:worker_threads'
import { messageOf } from '../base/errors.ts'
import { threadFailed } from './errors.ts'

/** A piece in the memory of a thread: `size` bytes behind the `before` ones at `from`, of which something is to be made at `to`. */
export interface Order {
  readonly from: number
  readonly before: number
  readonly size: number
  readonly to: number
}

/** How many bytes are at `to` now. */
export interface Delivery {
  readonly to: number
  readonly size: number
}

/** A piece, what comes before it, and a buffer that what is made of it goes into. */
export interface Work {
  readonly piece: Uint8Array
  readonly before: Uint8Array
  readonly into: Buffer
}

/** What a thread is, and how its memory is laid out, in bytes. */
export interface ThreadPlan {
  readonly name: string
  /** What it runs: the text of a function, which answers each {@link Order} with a {@link Delivery}. */
  readonly text: string
  /** A memory that is shared with it, and what it is started with. */
  memory(): { readonly bytes: Buffer; readonly workerData: unknown }
  /** Where the first seat begins, and how long one is. */
  readonly firstSeat: number
  readonly seatSize: number
  /** From where a piece is put in its seat to what comes of it. */
  readonly behind: number
  /** Pieces that a thread holds: those at work, and one ready. */
  readonly seats: number
  /** Threads, at most. */
  readonly most: number
  /** Its own objects, in megabytes, where it makes so many that it should look for those it has done with. Default: Node's. */
  readonly heap?: number
}

interface Job extends Work {
  resolve(bytes: Buffer): void
  reject(error: Error): void
}

/** Milliseconds without work after which a thread and its memory are given up. */
const patience = 2000

/** Threads that make something of pieces, begun when there is work for them and given up when there is none. */
export class PieceThreads {
  readonly #plan: ThreadPlan
  readonly #queue: Job[] = []
  readonly #running = new Set<Thread>()
  /** Fewer where the system lets us have no more. */
  #most: number

  constructor(plan: ThreadPlan) {
    this.#plan = plan
    this.#most = plan.most
  }

  /** Has a piece worked on; undefined where the system gives us no thread. Throws SW-THREAD-FAILED. */
  work(work: Work): Promise<Buffer> | undefined {
    if (this.#most === 0 || (this.#running.size === 0 && this.#begin() === undefined)) return undefined
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...work, resolve, reject })
      this.#seat()
    })
  }

  /** Gives waiting pieces their seats, as many as there are. */
  #seat(): void {
    for (let thread = this.#freeThread(); thread !== undefined; thread = this.#freeThread()) {
      const job = this.#queue.shift()
      if (job !== undefined) thread.take(job)
    }
  }

  /** Who takes the next piece; undefined when none waits, or all seats are taken. */
  #freeThread(): Thread | undefined {
    if (this.#queue.length === 0) return undefined
    const [freest] = [...this.#running].sort((one, other) => other.free - one.free)
    if (freest?.free === this.#plan.seats) return freest
    return (this.#running.size < this.#most ? this.#begin() : undefined) ?? (freest !== undefined && freest.free > 0 ? freest : undefined)
  }

  /** One thread more. A container that has no room for it leaves the work to those that run. */
  #begin(): Thread | undefined {
    try {
      const thread = new Thread(this.#plan, { freed: () => this.#seat(), ended: () => this.#end(thread) })
      this.#running.add(thread)
      return thread
    } catch {
      this.#most = this.#running.size
      return undefined
    }
  }

  /** The pieces that wait are for others; with none of them, and no room for one, nobody makes anything of them. */
  #end(thread: Thread): void {
    this.#running.delete(thread)
    this.#seat()
    if (this.#running.size > 0) return
    for (const { reject } of this.#queue.splice(0)) reject(threadFailed(`There is no room for another thread ${this.#plan.name}.`))
  }
}

interface Owner {
  freed(): void
  ended(): void
}

/** A thread with a memory of its own. */
class Thread {
  readonly #plan: ThreadPlan
  readonly #owner: Owner
  readonly #worker: Worker
  readonly #memory: Buffer
  readonly #jobs = new Map<number, Job>()
  readonly #free: number[]
  #idle: NodeJS.Timeout | undefined

  constructor(plan: ThreadPlan, owner: Owner) {
    const { bytes, workerData } = plan.memory()
    this.#plan = plan
    this.#owner = owner
    this.#memory = bytes
    this.#free = Array.from({ length: plan.seats }, (_, index) => plan.firstSeat + index * plan.seatSize)
    const resourceLimits = plan.heap === undefined ? {} : { maxOldGenerationSizeMb: plan.heap }
    this.#worker = new Worker(plan.text, { eval: true, workerData, env: {}, execArgv: [], name: plan.name, resourceLimits })
    this.#worker.unref()
    this.#worker.on('message', (delivery: Delivery) => this.#deliver(delivery))
    this.#worker.on('error', (cause) => this.#end(threadFailed(`A thread ${plan.name} failed: ${messageOf(cause)}.`, { cause })))
    this.#worker.on('exit', (code) => this.#end(threadFailed(`A thread ${plan.name} ended with ${code}, expected it to go on.`)))
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
    const to = from + this.#plan.behind
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
    this.#free.push(to - this.#plan.behind)
    this.#memory.copy(job.into, 0, to, to + size)
    job.resolve(job.into.subarray(0, size))
    if (this.#jobs.size === 0) this.#rest()
    this.#owner.freed()
  }

  #rest(): void {
    this.#worker.unref()
    this.#idle = setTimeout(() => {
      this.#owner.ended()
      void this.#worker.terminate()
    }, patience).unref()
  }

  /** Its pieces are lost. */
  #end(error: Error): void {
    for (const { reject } of this.#jobs.values()) reject(error)
    this.#jobs.clear()
    this.#owner.ended()
  }
}
