import { stripVTControlCharacters } from 'node:util'
import { load } from 'js-yaml'
import * as v from 'valibot'

/** What the YAML block of a test point tells, in the words of `node --test`, node-tap, AVA and tape. */
export interface Diagnostic {
  readonly message?: string | undefined
  readonly details?: string | undefined
  readonly file?: string | undefined
  readonly line?: number | undefined
  /** Milliseconds. */
  readonly duration?: number | undefined
}

const text = v.fallback(v.optional(v.string()), undefined)
const number = v.fallback(v.optional(v.number()), undefined)

const diagnosticSchema = v.object({
  message: text,
  error: text,
  diff: text,
  stack: text,
  location: text,
  duration_ms: number,
  at: v.fallback(v.optional(v.union([v.string(), v.object({ fileName: v.string(), lineNumber: v.number() })])), undefined),
})

/** Reads the lines between `---` and `...`, without their indentation. YAML that cannot be read is kept as details. */
export function parseDiagnostic(lines: readonly string[]): Diagnostic {
  const whole = stripVTControlCharacters(lines.join('\n'))
  const found = v.safeParse(diagnosticSchema, loaded(whole))
  if (!found.success) return { details: whole }
  const { message, error, diff, stack, location, at, duration_ms: duration } = found.output
  const details = [message ?? error, diff, stack].filter((part) => part !== undefined && part.trim() !== '').join('\n')
  return {
    message: message || error || diff,
    details: stack === undefined || details === '' ? whole : details,
    duration,
    ...(typeof at === 'object' ? { file: at.fileName, line: at.lineNumber } : placeOf(location ?? at)),
  }
}

function loaded(yaml: string): unknown {
  try {
    return load(yaml)
  } catch {
    return undefined
  }
}

/** `/path/file.js:3:1`, alone or in brackets after a function's name. */
function placeOf(text: string | undefined): Pick<Diagnostic, 'file' | 'line'> {
  const [, file, line] = /(?:^|[(\s])([^\s()]+):(\d{1,7}):\d{1,7}\)?$/.exec(text?.trim() ?? '') ?? []
  return file === undefined ? {} : { file, line: Number(line) }
}
