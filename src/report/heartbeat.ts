import type { EventOf } from './events.ts'
import type { Timing } from './reporter.ts'

/** Milliseconds of silence after which a sign of life is due. */
const silence = 10_000
/** Milliseconds between two looks at the clock: a sign of life is at most so much late. */
const grain = 1000

/** What goes on while nothing else is told. Elapsed milliseconds since the task began. */
export interface Beat {
  readonly task: string
  readonly progress: Pick<EventOf<'progress'>, 'doing' | 'part'> | undefined
  readonly elapsed: number
}

/** Calls for a sign of life whenever a running task has been silent for 10 s. */
export class Heartbeat {
  readonly #timing: Timing
  readonly #beat: (beat: Beat) => void
  #stop: (() => void) | undefined
  #progress: Beat['progress']
  #last = 0

  constructor(timing: Timing, beat: (beat: Beat) => void) {
    this.#timing = timing
    this.#beat = beat
  }

  start(task: string): void {
    this.stop()
    const started = this.#timing.now()
    this.#last = started
    this.#progress = undefined
    this.#stop = this.#timing.every(grain, () => {
      if (this.#timing.now() - this.#last < silence) return
      this.#last = this.#timing.now()
      this.#beat({ task, progress: this.#progress, elapsed: this.#last - started })
    })
  }

  /** Something was told: the silence is over. */
  told(): void {
    this.#last = this.#timing.now()
  }

  doing(progress: EventOf<'progress'>): void {
    this.#progress = progress
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}
