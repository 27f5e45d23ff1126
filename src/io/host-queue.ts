import type { Clock } from '../spec/ports.ts'

export type Priority = 'metadata' | 'blob'

interface Waiter {
  readonly priority: Priority
  readonly start: () => void
}

/** Lets so many requests run at once: metadata first, and never blobs in all places, as one may take minutes. */
class RequestQueue {
  readonly #limit: number
  readonly #waiting: Waiter[] = []
  readonly #running = { metadata: 0, blob: 0 }

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Waits for a place; the function given back frees it (once, however often it is called). */
  async enter(priority: Priority, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', abandon)
        resolve()
      }
      const waiter = { priority, start }
      const abandon = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', abandon, { once: true })
      this.#waiting.push(waiter)
      this.#admit()
    })
    return this.#leaver(priority)
  }

  #leaver(priority: Priority): () => void {
    let left = false
    return () => {
      if (left) return
      left = true
      this.#running[priority] -= 1
      this.#admit()
    }
  }

  #admit(): void {
    for (const priority of ['metadata', 'blob'] as const) {
      for (let next = this.#next(priority); next !== undefined; next = this.#next(priority)) {
        this.#waiting.splice(this.#waiting.indexOf(next), 1)
        this.#running[priority] += 1
        next.start()
      }
    }
  }

  #next(priority: Priority): Waiter | undefined {
    const { metadata, blob } = this.#running
    const isFull = metadata + blob >= this.#limit || (priority === 'blob' && blob >= Math.max(1, this.#limit - 1))
    return isFull ? undefined : this.#waiting.find((waiter) => waiter.priority === priority)
  }
}

/**
 * What all requests to one host share: places, and the pause that one of them was told to make. Uploads and downloads have
 * places of their own, since an upload may read what a download gives.
 */
export class HostQueue {
  readonly #clock: Clock
  readonly #queues: { readonly up: RequestQueue; readonly down: RequestQueue }
  #pausedUntil = 0
  /** Times in a row that the host said it is busy. */
  strikes = 0

  constructor(limit: number, clock: Clock) {
    this.#clock = clock
    this.#queues = { up: new RequestQueue(limit), down: new RequestQueue(limit) }
  }

  async enter(direction: 'up' | 'down', priority: Priority, signal: AbortSignal): Promise<() => void> {
    const leave = await this.#queues[direction].enter(priority, signal)
    try {
      for (let left = this.#pause(); left > 0; left = this.#pause()) await this.#clock.sleep(left)
      return leave
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Nobody asks this host for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds)
  }

  #pause(): number {
    return this.#pausedUntil - this.#clock.now()
  }
}
