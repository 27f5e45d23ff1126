import { type Event, type EventOf, stamp } from './events.ts'
import { Heartbeat } from './heartbeat.ts'
import type { Reporter, Screen, Timing } from './reporter.ts'

/** Milliseconds between two progress events of the same thing. */
const progressTime = 500

/** NDJSON: every event a line, progress thinned out, and said again when nothing happens for 10 s. */
export class Json implements Reporter {
  readonly #screen: Pick<Screen, 'write'>
  readonly #timing: Timing
  readonly #heartbeat: Heartbeat
  #progress: EventOf<'progress'> | undefined
  #progressAt = 0

  constructor(screen: Pick<Screen, 'write'>, timing: Timing) {
    this.#screen = screen
    this.#timing = timing
    this.#heartbeat = new Heartbeat(timing, ({ task, progress = { doing: '' } }) => {
      const { doing, part } = progress
      this.#write(stamp({ type: 'progress', task, doing, ...(part === undefined ? {} : { part }) }, timing.now()))
    })
  }

  report(event: Event): void {
    if (event.type === 'task-start') this.#heartbeat.start(event.task)
    if (event.type === 'task-end') this.#heartbeat.stop()
    if (event.type !== 'progress' || this.#isDue(event)) this.#write(event)
  }

  close(): void {
    this.#heartbeat.stop()
  }

  #isDue(event: EventOf<'progress'>): boolean {
    this.#heartbeat.doing(event)
    const now = this.#timing.now()
    if (event.doing === this.#progress?.doing && now - this.#progressAt < progressTime) return false
    this.#progress = event
    this.#progressAt = now
    return true
  }

  #write(event: Event): void {
    this.#heartbeat.told()
    // GitHub's runner looks for `##[` anywhere in a line; the escape means the same in JSON, and nothing to the runner.
    this.#screen.write(`${JSON.stringify(event).replaceAll('##[', '#\\u0023[')}\n`)
  }
}
