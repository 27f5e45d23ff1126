import { errorBlock } from './error.ts'
import type { Event, Failure } from './events.ts'
import { exitLine } from './failure.ts'
import { lookOf } from './look.ts'
import type { Reporter, Screen } from './reporter.ts'

/** Nothing but the last reference on `out`; a failure goes to `err`. */
export class Quiet implements Reporter {
  readonly #out: Pick<Screen, 'write'>
  readonly #err: Screen
  #failure: Failure | undefined

  constructor(out: Pick<Screen, 'write'>, err: Screen) {
    this.#out = out
    this.#err = err
  }

  report(event: Event): void {
    if (event.type === 'task-end') this.#failure = event.failure ?? this.#failure
    if (event.type !== 'run-end') return
    const failure = event.failure ?? this.#failure
    if (event.status === 'passed' && event.reference !== undefined) this.#out.write(`${event.reference}\n`)
    if (event.status !== 'passed' && failure !== undefined) {
      const block = errorBlock(failure, lookOf(this.#err), Math.min(this.#err.columns(), 100))
      this.#err.write([...block, '', exitLine(event.exit), ''].join('\n'))
    }
  }

  close(): void {}
}
