import { styleText } from 'node:util'
import { neutraliseLine } from '../base/untrusted.ts'
import type { Screen } from './reporter.ts'

type Paint = (text: string) => string

/** Colours for meaning only, marks that carry the same meaning without them, and text that the screen can show. */
export interface Look {
  readonly done: Paint
  readonly failed: Paint
  readonly attention: Paint
  readonly detail: Paint
  readonly strong: Paint
  readonly marks: { readonly passed: string; readonly failed: string; readonly unchanged: string; readonly 'not-run': string }
  /** One frame after the other while a task runs. */
  readonly spinner: readonly string[]
  readonly ellipsis: string
  /** One line, nothing in it that acts on a terminal or a runner. */
  plain(text: string): string
}

const unicodeMarks = { passed: '✓', failed: '✗', unchanged: '=', 'not-run': '·' } as const
const asciiMarks = { passed: '+', failed: 'x', unchanged: '=', 'not-run': '-' } as const

const substitutes: Readonly<Record<string, string>> = {
  '·': '-',
  '…': '...',
  '→': '->',
  '–': '-',
  '—': '-',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '✓': '+',
  '✗': 'x',
  '\u202f': ' ',
  '\u00a0': ' ',
  '\u200b': '',
}

/** What fits a screen. */
export function lookOf({ color, unicode }: Pick<Screen, 'color' | 'unicode'>): Look {
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    (text) =>
      color && text !== '' ? styleText(format, text, { validateStream: false }) : text
  return {
    done: paint('green'),
    failed: paint('red'),
    attention: paint('yellow'),
    detail: paint('dim'),
    strong: paint('bold'),
    marks: unicode ? unicodeMarks : asciiMarks,
    spinner: unicode ? [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'] : [...'-\\|/'],
    ellipsis: unicode ? '…' : '...',
    plain: (text) => (unicode ? neutraliseLine(text) : asciiOf(neutraliseLine(text))),
  }
}

function asciiOf(text: string): string {
  return text.replace(/[^\x20-\x7e\t]/gu, (character) => substitutes[character] ?? '?')
}
