import { formatDuration } from '../base/duration.ts'
import type { Event, EventOf, Failure } from './events.ts'
import { answerLines, badEnd, endRow, goodEnd, header, nameWidthOf, progressParts, row } from './lines.ts'
import { LiveLines } from './live.ts'
import { annotationLine, logLine } from './log-lines.ts'
import { type Look, lookOf } from './look.ts'
import type { Reporter, Screen, Timing } from './reporter.ts'
import { truncate } from './width.ts'

/** Milliseconds between two drawings of what is alive. */
const frameTime = 100
/** Lines of a failing task's own output, and remarks on the source, that are shown. */
const tailLength = 30
const annotationLimit = 10

interface Running {
  readonly event: EventOf<'task-start'>
  readonly started: number
  doing: Pick<EventOf<'progress'>, 'doing' | 'part'>
  readonly tail: string[]
  readonly annotations: EventOf<'annotation'>[]
  readonly stop: () => void
}

/** The live tree: finished lines scroll, the running task and those to come are alive below them. */
export class Tree implements Reporter {
  readonly #screen: Screen
  readonly #timing: Timing
  readonly #live: LiveLines
  readonly #look: Look
  readonly #verbose: boolean
  #tasks: readonly string[] = []
  #running: Running | undefined
  #failure: Failure | undefined
  /** What the task that failed left to read. */
  #left: readonly string[] = []
  #frame = 0

  constructor(screen: Screen, timing: Timing, { verbose = false }: { readonly verbose?: boolean } = {}) {
    this.#screen = screen
    this.#timing = timing
    this.#live = new LiveLines(screen)
    this.#look = lookOf(screen)
    this.#verbose = verbose
  }

  report(event: Event): void {
    switch (event.type) {
      case 'run-start':
        this.#tasks = event.tasks
        this.#live.draw(header(event, this.#look))
        break
      case 'task-start':
        this.#start(event)
        break
      case 'progress':
        if (this.#running !== undefined) this.#running.doing = event
        break
      case 'log':
        this.#log(event)
        break
      case 'annotation':
        this.#running?.annotations.push(event)
        break
      case 'task-end':
        this.#end(event)
        break
      case 'run-end':
        this.#finish(event)
    }
  }

  close(): void {
    this.#running?.stop()
    this.#running = undefined
    this.#live.draw([])
  }

  #start(event: EventOf<'task-start'>): void {
    const stop = this.#timing.every(frameTime, () => this.#draw([]))
    this.#running = { event, started: this.#timing.now(), doing: { doing: '' }, tail: [], annotations: [], stop }
    this.#draw([])
  }

  #log(event: EventOf<'log'>): void {
    if (event.level === 'output' && !this.#verbose) keepTail(this.#running?.tail ?? [], event.message)
    else if (this.#verbose || event.level === 'warn' || event.level === 'error') this.#draw(logLine(event, this.#look))
  }

  #end(event: EventOf<'task-end'>): void {
    const running = this.#running
    running?.stop()
    this.#running = undefined
    this.#failure = event.failure ?? this.#failure
    const line = endRow(event, { look: this.#look, columns: this.#screen.columns(), nameWidth: nameWidthOf(this.#tasks) })
    if (event.status === 'failed' && running !== undefined) this.#left = this.#leftBy(running)
    this.#live.draw([line, ...answerLines(event, this.#look)])
  }

  #finish(event: EventOf<'run-end'>): void {
    const from = { look: this.#look, columns: this.#screen.columns() }
    const lines = event.status === 'passed' ? goodEnd(event, from) : badEnd(event, event.failure ?? this.#failure, from)
    this.#live.draw([...this.#left, ...lines])
  }

  /** Remarks on the source, else the end of its output. */
  #leftBy({ tail, annotations }: Running): string[] {
    const errors = annotations.filter(({ level }) => level === 'error')
    const more = errors.length > annotationLimit ? [`and ${errors.length - annotationLimit} more`] : []
    const remarks = errors.slice(0, annotationLimit).map((event) => annotationLine(event, this.#look))
    const lines = errors.length > 0 ? [...remarks, ...more] : tail.map(this.#look.plain)
    const shown = lines.map((line) => truncate(line, this.#screen.columns() - 2, this.#look.ellipsis))
    return shown.length === 0 ? [] : ['', ...shown.map((line) => `  ${this.#look.detail(line)}`)]
  }

  #draw(finished: readonly string[]): void {
    this.#frame += 1
    this.#live.draw(finished, this.#running === undefined ? [] : this.#alive(this.#running))
  }

  #alive({ event, doing, started }: Running): string[] {
    const look = this.#look
    // The last column stays free: a terminal that wraps there would make one line two.
    const columns = this.#screen.columns() - 1
    const mark = look.attention(look.spinner[this.#frame % look.spinner.length] ?? '')
    const time = formatDuration(this.#timing.now() - started)
    const text = progressParts(doing).join(' · ')
    const coming = this.#tasks.slice(event.index + 1).slice(0, Math.max(0, this.#screen.rows() - 3))
    return [
      row({ mark, name: event.task, nameWidth: nameWidthOf(this.#tasks), text, time }, look, columns),
      ...coming.map((task) => look.detail(truncate(`  ${look.plain(task)}`, columns, look.ellipsis))),
    ]
  }
}

function keepTail(tail: string[], output: string): void {
  tail.push(...output.replace(/\n$/, '').split('\n').slice(-tailLength))
  tail.splice(0, tail.length - tailLength)
}
