import { availableParallelism } from 'node:os'
import { Thread, type ThreadPlan } from './thread.ts'

/** A piece, what comes before it, and shared memory that what is made of it goes into. */
export interface Work {
  readonly piece: Uint8Array
  readonly before: Uint8Array
  readonly into: Uint8Array<SharedArrayBuffer>
}

/** Milliseconds without work after which the threads are given up. */
const patience = 2000
/** Who reads, cuts and sends cannot feed more; and each takes memory, up to 30 MB at the slowest level. */
const ever = 4
/** Beside the one that reads, cuts and sends. */
const most = Math.max(1, Math.min(ever, availableParallelism() - 1))
/** Pieces that a thread has at most: one at work, and enough while the one that cuts works on a piece itself. */
const seats = Math.max(2, Math.floor(6 / most))

/**
 * Threads that make something of pieces, begun when there is work for them and given up when there is none. Who cuts the pieces works on
 * those that they have no room for: no processor waits for another, also while threads begin. Where a piece takes so long that meanwhile
 * nobody heard a signal, they are `alone` with it, one more of them where that is not too many, and have room for all.
 */
export class PieceThreads<Data> {
  readonly #plan: ThreadPlan<Data, Work, number>
  readonly #running = new Set<Thread<Data, Work, number>>()
  readonly #seats: number
  /** Fewer where the system lets us have no more. */
  #most: number
  #underway = 0
  #idle: NodeJS.Timeout | undefined

  constructor(plan: ThreadPlan<Data, Work, number>, { alone = false }: { readonly alone?: boolean } = {}) {
    this.#plan = plan
    this.#most = alone ? Math.min(most + 1, ever) : most
    this.#seats = alone ? Number.POSITIVE_INFINITY : seats
  }

  /** Has a piece worked on, and says how many bytes came of it; undefined where no thread has room for it. Throws SW-THREAD-FAILED. */
  work(work: Work): Promise<number> | undefined {
    const thread = this.#freest()
    if (thread === undefined) return undefined
    clearTimeout(this.#idle)
    this.#underway += 1
    return thread.ask(work).finally(() => this.#rest())
  }

  /** Who has the least to do, or another one; undefined where all have enough. */
  #freest(): Thread<Data, Work, number> | undefined {
    const [freest] = [...this.#running].sort((one, other) => one.waiting - other.waiting)
    if (freest?.waiting === 0) return freest
    return this.#begin() ?? (freest !== undefined && freest.waiting < this.#seats ? freest : undefined)
  }

  /** One thread more. A container that has no room for it leaves the work to those that run. */
  #begin(): Thread<Data, Work, number> | undefined {
    if (this.#running.size >= this.#most) return undefined
    try {
      const thread: Thread<Data, Work, number> = new Thread(this.#plan, () => this.#running.delete(thread))
      this.#running.add(thread)
      return thread
    } catch {
      this.#most = this.#running.size
      return undefined
    }
  }

  #rest(): void {
    this.#underway -= 1
    if (this.#underway > 0) return
    this.#idle = setTimeout(() => {
      for (const thread of this.#running) thread.close()
      this.#running.clear()
    }, patience).unref()
  }
}
