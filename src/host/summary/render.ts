import { formatCount } from '../../base/bytes.ts'
import type { Block } from '../../spec/ports.ts'
import { cellMarkdown, inlineMarkdown, lineMarkdown, preformatted } from './markdown.ts'
import type { Report } from './report.ts'

export interface RenderOptions {
  /** Bytes that the text may take. */
  readonly budget: number
  /** Where the whole text is, for the line that says that something was cut. */
  readonly wholeText: string
}

/** A number or its unit. */
const figure = /^(?:\d[\d.,]*|[kMGTP]?B|ms|s|min|h|d|%)$/

/** A block as lines: the middle may be cut from its end, the rest belongs together. */
interface Part {
  readonly head: readonly string[]
  readonly rows: readonly string[]
  readonly tail: readonly string[]
  readonly unit: 'line' | 'row'
}

/** Markdown of at most so many bytes: rows that do not fit are counted, blocks that do not fit at all too. */
export function renderSummary(report: Report, { budget, wholeText }: RenderOptions): { readonly text: string; readonly cut: boolean } {
  const cutNote = `Cut here: the whole text is in \`${wholeText}\`.\n`
  const title = lines([`### ${report.failed ? '✗' : '✓'} ${inlineMarkdown(report.task)}`, '', ...headline(report)])
  let room = budget - bytes(title) - bytes(cutNote)
  if (room < 0) return { text: '', cut: true }
  let text = title
  let cut = false
  for (const block of blocksOf(report)) {
    const fitted = within(partOf(block), room)
    text += fitted.text
    room -= bytes(fitted.text)
    cut ||= fitted.cut
  }
  return { text: cut ? text + cutNote : text, cut }
}

/** The whole of a report, without a limit. */
export function renderWhole(report: Report): string {
  return renderSummary(report, { budget: Number.POSITIVE_INFINITY, wholeText: '' }).text
}

function headline({ headline: text }: Report): string[] {
  return text === undefined ? [] : [lineMarkdown(text), '']
}

/** What failed before all else: it is cut as a block is, so that a long one leaves room for what it is about. */
function blocksOf({ failure, blocks }: Report): readonly Block[] {
  return failure === undefined ? blocks : [{ kind: 'text', text: failure }, ...blocks]
}

function partOf(block: Block): Part {
  if (block.kind === 'heading') return { head: [`### ${inlineMarkdown(block.text)}`, ''], rows: [], tail: [], unit: 'line' }
  if (block.kind === 'text') {
    // Lines that stay lines.
    const rows = block.text.split(/\r?\n/).map((line) => (line.trim() === '' ? '' : `${indent(line)}${lineMarkdown(line)}  `))
    return { head: [], rows, tail: [''], unit: 'line' }
  }
  if (block.kind === 'details') {
    const head = [`<details><summary>${inlineMarkdown(block.title)}</summary>`, '', '<pre>']
    return { head, rows: preformatted(block.text), tail: ['</pre>', '', '</details>', ''], unit: 'line' }
  }
  const title = block.title === undefined ? [] : [`#### ${inlineMarkdown(block.title)}`, '']
  const head = [...title, row(block.columns), row(block.columns.map((_, column) => (isOfFigures(block.rows, column) ? '---:' : '---')))]
  return {
    head,
    rows: block.rows.map((cells) => row(block.columns.map((_, column) => cellMarkdown(cells[column] ?? '')))),
    tail: [''],
    unit: 'row',
  }
}

/** Numbers, sizes, durations: they stand below one another by their last digit. */
function isOfFigures(rows: readonly (readonly string[])[], column: number): boolean {
  const cells = rows.map((cells) => cells[column] ?? '').filter((cell) => cell !== '')
  return cells.length > 0 && cells.every((cell) => cell.length < 40 && cell.split(/\s/).every((word) => figure.test(word)))
}

/** In spaces that Markdown leaves where they are: trees stay trees. */
function indent(line: string): string {
  return '\u00a0'.repeat(/^ */.exec(line)?.[0].length ?? 0)
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function within({ head, rows, tail, unit }: Part, room: number): { readonly text: string; readonly cut: boolean } {
  const whole = lines([...head, ...rows, ...tail])
  if (bytes(whole) <= room) return { text: whole, cut: false }
  const more = (left: number): string => `… ${formatCount(left)} more ${unit}${left === 1 ? '' : 's'}\n\n`
  let left = room - bytes(lines([...head, ...tail])) - bytes(more(rows.length))
  const kept = rows.findIndex((line) => {
    left -= bytes(line) + 1
    return left < 0
  })
  if (kept < 1) return { text: '', cut: true }
  return { text: lines([...head, ...rows.slice(0, kept), ...tail]) + more(rows.length - kept), cut: true }
}

function lines(texts: readonly string[]): string {
  return texts.map((line) => `${line}\n`).join('')
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}
