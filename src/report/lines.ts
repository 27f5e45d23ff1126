import { stripVTControlCharacters } from 'node:util'
import { formatBytes, formatCount } from '../base/bytes.ts'
import { formatDuration } from '../base/duration.ts'
import { plainLines } from '../host/summary/plain.ts'
import { errorBlock } from './error.ts'
import type { EventOf, Failure } from './events.ts'
import { exitLine } from './failure.ts'
import type { Look } from './look.ts'
import { pad, truncate, widthOf } from './width.ts'

/** Columns of a line, when the screen has as many. */
const lineWidth = 83

/** Columns of the longest name of a task, and a blank. */
export function nameWidthOf(tasks: readonly string[]): number {
  return Math.max(8, ...tasks.map(widthOf)) + 1
}

/** How and how wide to write. */
interface Place {
  readonly look: Look
  readonly columns: number
}

/** `slipway 1.0.0 · hello-node @ 4f1c2d9 (main) · local`, and an empty line before the tasks. */
export function header({ version, project, commit, ref, host, tasks }: EventOf<'run-start'>, look: Look): string[] {
  const at = commit === undefined ? '' : ` @ ${commit.slice(0, 7)}`
  const branch = ref === undefined ? '' : ` (${ref.replace(/^refs\/(?:heads|tags|remotes)\//, '')})`
  return [look.plain(`slipway ${version} · ${project}${at}${branch} · ${host}`), ...(tasks.length === 0 ? [] : [''])]
}

interface Row {
  readonly mark: string
  readonly name: string
  readonly nameWidth: number
  readonly text: string
  /** Right-aligned at the end. */
  readonly time: string
}

/** `✓ test     24 passed, 1 skipped                    1.2 s`, at most as wide as the screen. */
export function row({ mark, name, nameWidth: names, text, time }: Row, look: Look, columns: number): string {
  const before = 2 + names
  const taken = before + 2 + widthOf(time)
  const shown = truncate(look.plain(text), Math.max(0, columns - taken), look.ellipsis)
  const room = Math.max(widthOf(shown), Math.min(columns, lineWidth) - taken)
  return `${mark} ${pad(look.plain(name), names)}${pad(shown, room)}  ${look.detail(time)}`
}

/** The line of a task that has ended. */
export function endRow(event: EventOf<'task-end'>, place: Place & { readonly nameWidth: number }): string {
  const { look, columns, nameWidth } = place
  const paint = { passed: look.done, failed: look.failed, unchanged: look.detail, 'not-run': look.detail }[event.status]
  const time = { 'not-run': '', unchanged: 'unchanged' }[event.status as string] ?? formatDuration(event.duration)
  return row(
    { mark: paint(look.marks[event.status]), name: event.task, nameWidth, text: event.headline ?? '', time },
    look,
    columns,
  ).trimEnd()
}

/** What a task was asked to tell, below its line. */
export function answerLines({ answer }: EventOf<'task-end'>, look: Look): string[] {
  return answer === undefined ? [] : ['', ...plainLines(answer.blocks).map(look.plain)]
}

/** What a task does, for the line that is alive and for the heartbeat: `uploading layer 2 of 3`, `12.3 MB of 48.2 MB`. */
export function progressParts({ doing, part }: Pick<EventOf<'progress'>, 'doing' | 'part'>): string[] {
  if (part === undefined || part.total <= 0) return [doing]
  const format = part.unit === 'bytes' ? formatBytes : formatCount
  return [doing, `${format(part.done)} of ${format(part.total)}`]
}

/** The end of a run that went well: the reference to copy, the files, the next command; the time where there is room for it. */
export function goodEnd(event: EventOf<'run-end'>, { look, columns }: Place): string[] {
  // The line of a task that ran alone has its time already.
  const room = roomBeside(event, columns)
  const told = event.outputs === undefined ? [...reference(event, look), ...files(event, look, room)] : outputs(event.outputs, look)
  const all = [...(event.outputs === undefined ? timed(told, event, { look, columns }) : told), ...next(event, look)]
  return all.length === 0 ? [] : ['', ...all]
}

/** The end of a run that did not: the block, the files, the meaning of the exit code. */
export function badEnd(event: EventOf<'run-end'>, failure: Failure | undefined, { look, columns }: Place): string[] {
  const block = failure === undefined ? [] : ['', ...errorBlock(failure, look, Math.min(columns, 100))]
  return [...block, '', ...next(event, look), look.failed(exitLine(event.exit))]
}

/** The time of the run, right-aligned on the first line that has room for it. */
function timed(lines: readonly string[], { duration }: EventOf<'run-end'>, { look, columns }: Place): string[] {
  const time = formatDuration(duration)
  const room = roomBeside({ duration }, columns)
  const place = lines.findIndex((line) => columnsOf(line) <= room)
  if (place < 0) return [...lines, `${' '.repeat(room + 2)}${look.detail(time)}`]
  return lines.map((line, index) => (index === place ? `${padPainted(line, room)}  ${look.detail(time)}` : line))
}

/** Columns that the time of the run leaves of a line. */
function roomBeside({ duration }: Pick<EventOf<'run-end'>, 'duration'>, columns: number): number {
  return Math.min(columns, lineWidth) - widthOf(formatDuration(duration)) - 2
}

function reference({ reference: whole }: EventOf<'run-end'>, look: Look): string[] {
  return whole === undefined ? [] : [look.plain(whole)]
}

function outputs(outputs: Readonly<Record<string, string>>, look: Look): string[] {
  const names = Math.max(7, ...Object.keys(outputs).map(widthOf))
  return Object.entries(outputs).map(([name, value]) => `${look.detail(pad(look.plain(name), names))} ${look.plain(value)}`)
}

/** On one line where there is room for both. */
function files({ record, summary }: EventOf<'run-end'>, look: Look, room: number): string[] {
  const parts = [
    ...(record === undefined ? [] : [`${look.detail('record ')} ${look.plain(record)}`]),
    ...(summary === undefined ? [] : [`${look.detail('report ')} ${look.plain(summary)}`]),
  ]
  const line = parts.join('     ')
  return parts.length > 0 && columnsOf(line) <= room ? [line] : parts
}

function columnsOf(painted: string): number {
  return widthOf(stripVTControlCharacters(painted))
}

function padPainted(painted: string, columns: number): string {
  return painted + ' '.repeat(Math.max(0, columns - columnsOf(painted)))
}

function next({ next: commands }: EventOf<'run-end'>, look: Look): string[] {
  return commands.map(({ label, command }) => `${look.detail(label.padEnd(7))} ${look.plain(command)}`)
}
