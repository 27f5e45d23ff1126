import type { ChildProcess } from 'node:child_process'

/** Ends the step as a cancelled job does (Runner.Sdk ProcessInvoker.cs): SIGINT, SIGTERM, SIGKILL, to the entry process only. */
export interface Cancellation {
  /** Begins when a line of the output holds this. */
  readonly at: string
  /** Milliseconds from SIGINT to SIGTERM; the runner's are 7 500. */
  readonly interrupt?: number
  /** Milliseconds from SIGTERM to SIGKILL; the runner's are 2 500. */
  readonly terminate?: number
}

/** Sends the signals of a cancellation, if there is one, and keeps which were needed. */
export class Cancelling {
  readonly signals: NodeJS.Signals[] = []
  readonly #child: ChildProcess
  readonly #plan: Cancellation | undefined
  readonly #timers: NodeJS.Timeout[] = []
  #began = 0

  constructor(child: ChildProcess, plan: Cancellation | undefined) {
    this.#child = child
    this.#plan = plan
  }

  see(line: string): void {
    if (this.#plan === undefined || this.signals.length > 0 || !line.includes(this.#plan.at)) return
    const { interrupt = 7500, terminate = 2500 } = this.#plan
    this.#began = performance.now()
    this.#send('SIGINT')
    this.#timers.push(
      setTimeout(() => this.#send('SIGTERM'), interrupt),
      setTimeout(() => this.#send('SIGKILL'), interrupt + terminate),
    )
  }

  /** @returns milliseconds since the first signal */
  end(): number {
    for (const timer of this.#timers) clearTimeout(timer)
    return this.signals.length === 0 ? 0 : performance.now() - this.#began
  }

  #send(signal: NodeJS.Signals): void {
    this.signals.push(signal)
    this.#child.kill(signal)
  }
}
