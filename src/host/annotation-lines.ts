import { formatCount } from '../base/bytes.ts'
import type { Redactor } from '../base/redact.ts'
import { neutralise, neutraliseLine } from '../base/untrusted.ts'
import type { Annotation } from '../spec/ports.ts'
import type { Printer } from './printer.ts'

/** Lines that help; who wants all of them opens the summary. */
const longest = 50

export interface Annotator {
  /** A verdict says why the task itself failed: it is shown however many came before. */
  annotate(annotation: Annotation, options?: { readonly isVerdict?: boolean }): void
  /** Prints how many were left out since the last time. */
  finish(): void
}

/** Annotations as compilers write them and editors find them: `src/a.ts:3:7: error: title: message`. */
export function lineAnnotator(options: {
  readonly printer: Printer
  readonly redactor: Redactor
  readonly stream: 'stdout' | 'stderr'
}): Annotator {
  const { printer, redactor, stream } = options
  let shown = 0
  return {
    annotate(annotation) {
      shown += 1
      if (shown <= longest) printer.line(annotationLine(annotation, redactor), stream)
    },
    finish() {
      if (shown > longest) printer.line(`… ${formatCount(shown - longest)} more`, stream)
      shown = 0
    },
  }
}

function annotationLine({ level, message, title, file, line, column }: Annotation, redactor: Redactor): string {
  const numbers = line === undefined ? [] : column === undefined ? [line] : [line, column]
  const place = file === undefined ? [] : [[file, ...numbers].join(':')]
  const head = [...place, level, ...(title === undefined ? [] : [title])].map((part) => neutraliseLine(redactor.redact(part)))
  return [...head, neutralise(redactor.redact(message)).replaceAll('\n', '\n  ')].join(': ')
}
