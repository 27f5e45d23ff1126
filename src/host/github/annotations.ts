import { formatCount } from '../../base/bytes.ts'
import type { Redactor } from '../../base/redact.ts'
import { neutralise, neutraliseLine } from '../../base/untrusted.ts'
import type { Annotation } from '../../spec/ports.ts'
import type { Annotator } from '../annotation-lines.ts'
import type { Printer } from '../printer.ts'
import { command } from './commands.ts'

/** What GitHub shows of each level in a step, and of a message (actions/runner ExecutionContext.cs). */
const limits = { perLevel: 10, characters: 4096 } as const

/** Annotations up to what GitHub shows, the verdict among them; the rest is counted. */
export function createAnnotator(printer: Printer, redactor: Redactor): Annotator {
  const shown = { error: 0, warning: 0, notice: 0 }
  const left = { error: 0, warning: 0, notice: 0 }
  /** The last error that has room: it waits, as why the task failed may still come and matters more. */
  let waiting: string | undefined
  const clean = (text: string | undefined): string | undefined => (text === undefined ? undefined : neutraliseLine(redactor.redact(text)))
  const lineOf = ({ level, message, title, file, line, column }: Annotation): string =>
    command(level, shortened(neutralise(redactor.redact(message))), { file: clean(file), line, col: column, title: clean(title) })
  return {
    annotate(annotation, { isVerdict = false } = {}) {
      const { level } = annotation
      if (isVerdict && waiting !== undefined) {
        waiting = undefined
        shown[level] -= 1
        left[level] += 1
      }
      if (shown[level] >= limits.perLevel) {
        left[level] += 1
        return
      }
      shown[level] += 1
      if (level === 'error' && shown.error === limits.perLevel && !isVerdict) waiting = lineOf(annotation)
      else printer.line(lineOf(annotation))
    },
    finish() {
      if (waiting !== undefined) printer.line(waiting)
      waiting = undefined
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
