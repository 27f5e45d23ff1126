import type { Clock } from '../spec/ports.ts'
import { type Priority, RequestQueue } from './request-queue.ts'

/** Answers in a row that make the host one strike less busy. */
const answersPerStrike = 5

/** A place at a host, held by one attempt until its answer was read. */
export interface Place {
  /** Once, however often it is called. */
  leave(): void
  /** The host answered as it should. */
  served(): void
  /** The host said that it is busy. */
  turnedAway(): void
}

/**
 * What all requests to one host share: places, and the pause that one of them was told to make. Each strike (429, 503) doubles the
 * next pause and halves the places; five answers take one strike back, so that a host that has just recovered is not run over again.
 * Uploads and downloads have places of their own, since an upload may read what a download gives.
 */
export class HostQueue {
  readonly #clock: Clock
  readonly #queues: { readonly up: RequestQueue; readonly down: RequestQueue }
  #pausedUntil = 0
  #strikes = 0
  #answers = 0
  /** Counts strikes that were: what began before the last one says nothing new. */
  #era = 0

  constructor(limit: number, clock: Clock) {
    this.#clock = clock
    const places = (): number => Math.max(1, Math.floor(limit / 2 ** this.#strikes))
    this.#queues = { up: new RequestQueue(places), down: new RequestQueue(places) }
  }

  /** Times that the host said it is busy, less those it has made good. */
  get strikes(): number {
    return this.#strikes
  }

  async enter(direction: 'up' | 'down', priority: Priority, signal: AbortSignal): Promise<Place> {
    for (;;) {
      const leave = await this.#queues[direction].enter(priority, signal)
      const left = this.#pausedUntil - this.#clock.now()
      if (left <= 0) return this.#place(leave)
      // Not in the place: when the pause is over there may be fewer.
      leave()
      await this.#clock.sleep(left, signal)
    }
  }

  /** Nobody asks this host for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds)
  }

  #place(leave: () => void): Place {
    const era = this.#era
    return {
      leave,
      served: () => {
        if (era !== this.#era || this.#strikes === 0) return
        this.#answers += 1
        if (this.#answers % answersPerStrike === 0) this.#strikes -= 1
      },
      turnedAway: () => {
        if (era !== this.#era) return
        this.#era += 1
        this.#strikes += 1
        this.#answers = 0
      },
    }
  }
}
