import { formatCount } from '../../base/bytes.ts'
import type { Redactor } from '../../base/redact.ts'
import { neutralise, neutraliseLine } from '../../base/untrusted.ts'
import type { Annotator } from '../annotation-lines.ts'
import type { Printer } from '../printer.ts'
import { command } from './commands.ts'

/** What GitHub shows of each level in a step, and of a message (actions/runner ExecutionContext.cs). */
const limits = { perLevel: 10, characters: 4096 } as const

/** Annotations up to what GitHub shows; the rest is counted. */
export function createAnnotator(printer: Printer, redactor: Redactor): Annotator {
  const shown = { error: 0, warning: 0, notice: 0 }
  const left = { error: 0, warning: 0, notice: 0 }
  const clean = (text: string | undefined): string | undefined => (text === undefined ? undefined : neutraliseLine(redactor.redact(text)))
  return {
    annotate({ level, message, title, file, line, column }) {
      if (shown[level] >= limits.perLevel) {
        left[level] += 1
        return
      }
      shown[level] += 1
      const text = shortened(neutralise(redactor.redact(message)))
      printer.line(command(level, text, { file: clean(file), line, col: column, title: clean(title) }))
    },
    finish() {
      for (const level of ['error', 'warning', 'notice'] as const) {
        if (left[level] > 0) printer.line(`… ${formatCount(left[level])} more of level ${level}: GitHub shows ${limits.perLevel} a step`)
        left[level] = 0
      }
    },
  }
}

function shortened(message: string): string {
  return message.length > limits.characters ? `${message.slice(0, limits.characters - 1)}…` : message
}
