export type Priority = 'metadata' | 'blob'

interface Waiter {
  readonly priority: Priority
  readonly start: () => void
}

/** Lets so many requests run at once: metadata first, and never blobs in all places, as one may take minutes. */
export class RequestQueue {
  readonly #limit: () => number
  readonly #waiting: Waiter[] = []
  readonly #running = { metadata: 0, blob: 0 }

  /** `limit` is asked again whenever a place becomes free. */
  constructor(limit: () => number) {
    this.#limit = limit
  }

  /** Waits for a place; the function given back frees it (once, however often it is called). */
  async enter(priority: Priority, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#waiting.length === 0 && !this.#isFull(priority)) this.#running[priority] += 1
    else await this.#wait(priority, signal)
    return this.#leaver(priority)
  }

  #wait(priority: Priority, signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
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
    return this.#isFull(priority) ? undefined : this.#waiting.find((waiter) => waiter.priority === priority)
  }

  #isFull(priority: Priority): boolean {
    const { metadata, blob } = this.#running
    const limit = this.#limit()
    return metadata + blob >= limit || (priority === 'blob' && blob >= Math.max(1, limit - 1))
  }
}
