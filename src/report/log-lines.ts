import { neutralise } from '../base/untrusted.ts'
import type { EventOf } from './events.ts'
import type { Look } from './look.ts'

/** A log event as lines: `! Rekor is slow  attempt=4`; output of others as it came. */
export function logLine({ level, message, fields }: EventOf<'log'>, look: Look): string[] {
  const lines = neutralise(message).replace(/\n$/, '').split('\n').map(look.plain)
  if (level === 'output') return lines.map(look.detail)
  const facts = Object.entries(fields ?? {}).map(([name, value]) => `  ${name}=${look.plain(String(value))}`)
  const [first = '', ...more] = lines
  const text = [first + facts.join(''), ...more.map((line) => `  ${line}`)]
  if (level === 'warn') return mark(text, '!', look.attention)
  return level === 'error' ? mark(text, look.marks.failed, look.failed) : text.map((line) => look.detail(`  ${line}`))
}

/** A remark on the user's source: `src/app.test.js:12  expected 1, got 2`. */
export function annotationLine({ file, line, title, message }: EventOf<'annotation'>, look: Look): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `
  return look.plain(`${place}${title === undefined ? '' : `${title}: `}${message.split('\n')[0] ?? ''}`)
}

function mark(lines: readonly string[], sign: string, paint: (text: string) => string): string[] {
  return lines.map((line, place) => `${place === 0 ? paint(sign) : ' '} ${line}`)
}
