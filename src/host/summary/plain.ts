import { formatCount } from '../../base/bytes.ts'
import { neutraliseLine } from '../../base/untrusted.ts'
import type { Block } from '../../spec/ports.ts'

/** Rows of a table, or lines of a text, that a log shows; the whole is in a file. */
const longest = 200
/** Characters of a cell. */
const widest = 100

/** Blocks as lines for a log, an empty one between two: columns aligned, nothing but text. */
export function plainLines(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block, place) => [...(place === 0 ? [] : ['']), ...linesOf(block)])
}

function linesOf(block: Block): string[] {
  if (block.kind === 'heading') return [neutraliseLine(block.text)]
  if (block.kind === 'text') return limited(textLines(block.text))
  if (block.kind === 'details') return [neutraliseLine(block.title), ...limited(textLines(block.text)).map((line) => `  ${line}`)]
  const cells = [block.columns, ...block.rows.slice(0, longest)].map((row) => block.columns.map((_, column) => cell(row[column] ?? '')))
  const widths = block.columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const table = cells.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...(block.title === undefined ? [] : [neutraliseLine(block.title)]), ...table, ...more(block.rows.length - longest)]
}

function textLines(text: string): string[] {
  return text.split(/\r?\n/).map(neutraliseLine)
}

function cell(text: string): string {
  const line = neutraliseLine(text)
  return line.length > widest ? `${line.slice(0, widest - 1)}…` : line
}

function limited(lines: readonly string[]): string[] {
  return [...lines.slice(0, longest), ...more(lines.length - longest)]
}

function more(left: number): string[] {
  return left > 0 ? [`… ${formatCount(left)} more`] : []
}
