import { formatDuration } from '../base/duration.ts'
import type { Event, EventOf, Failure } from './events.ts'
import { type Beat, Heartbeat } from './heartbeat.ts'
import { answerLines, badEnd, endRow, goodEnd, header, nameWidthOf, progressParts } from './lines.ts'
import { annotationLine, logLine } from './log-lines.ts'
import { type Look, lookOf } from './look.ts'
import type { Reporter, Screen, Timing } from './reporter.ts'

export interface PlainOptions {
  /** Whether the beginning of a task, and remarks on the source, are said here: no where the host has headings and annotations. */
  readonly announce: boolean
  /** Whether messages and output are said here: no where they went to the host's own log. */
  readonly logs: boolean
}

/** One line after the other, without control characters, never silent for longer than 10 s. */
export class Plain implements Reporter {
  readonly #screen: Screen
  readonly #look: Look
  readonly #options: PlainOptions
  readonly #heartbeat: Heartbeat
  #names = 0
  #failure: Failure | undefined

  constructor(screen: Screen, timing: Timing, options: PlainOptions) {
    this.#screen = screen
    this.#look = lookOf(screen)
    this.#options = options
    this.#heartbeat = new Heartbeat(timing, (beat) => this.#write([this.#look.plain(beatLine(beat))]))
  }

  report(event: Event): void {
    this.#write(this.#linesOf(event))
    if (event.type === 'task-start') this.#heartbeat.start(event.task)
    if (event.type === 'progress') this.#heartbeat.doing(event)
    if (event.type === 'log') this.#heartbeat.told()
    if (event.type === 'task-end') this.#heartbeat.stop()
  }

  close(): void {
    this.#heartbeat.stop()
  }

  #linesOf(event: Event): string[] {
    const look = this.#look
    const columns = this.#screen.columns()
    switch (event.type) {
      case 'run-start':
        this.#names = nameWidthOf(event.tasks)
        return header(event, look)
      case 'task-start':
        return this.#options.announce ? [`${look.marks['not-run']} ${look.plain(event.task)}`] : []
      case 'log':
        return this.#options.logs ? logLine(event, look) : []
      case 'annotation':
        return this.#options.announce ? [`  ${annotationLine(event, look)}`] : []
      case 'task-end':
        this.#failure = event.failure ?? this.#failure
        return [endRow(event, { look, columns, nameWidth: this.#names }), ...(this.#options.announce ? answerLines(event, look) : [])]
      case 'run-end':
        return this.#last(event, columns)
      case 'progress':
        return []
    }
  }

  #last(event: EventOf<'run-end'>, columns: number): string[] {
    const from = { look: this.#look, columns }
    return event.status === 'passed' ? goodEnd(event, from) : badEnd(event, event.failure ?? this.#failure, from)
  }

  #write(lines: readonly string[]): void {
    if (lines.length === 0) return
    this.#heartbeat.told()
    this.#screen.write(lines.map((line) => `${line}\n`).join(''))
  }
}

/** `still uploading layer 2 of 3, 12.3 MB of 48.2 MB, 20 s` */
function beatLine({ task, progress, elapsed }: Beat): string {
  const what = progress === undefined || progress.doing === '' ? [`running ${task}`] : progressParts(progress)
  const time = elapsed < 60_000 ? `${Math.floor(elapsed / 1000)} s` : formatDuration(elapsed)
  return `still ${[...what, time].join(', ')}`
}
