import { neutralise } from '../base/untrusted.ts'
import type { Failure } from './events.ts'
import type { Look } from './look.ts'
import { wrap } from './width.ts'

/**
 * The block that says what failed: code and who must act, message, fix, what is safe, where to read more.
 * Nothing that can be pasted is broken: only the message is wrapped.
 */
export function errorBlock(failure: Failure, look: Look, columns: number): string[] {
  const who = failure.fault === 'bug' ? 'a mistake in Slipway' : failure.fault
  const lines = [
    `${look.strong(look.plain(failure.code))}   ${look.detail(who)}`,
    ...paragraph(failure.message, look, columns),
    ...(failure.stack === undefined ? [] : stackOf(failure.stack, look)),
    ...labelled('fix', failure.fix, { look, columns: isProse(failure.fix) ? columns : Number.POSITIVE_INFINITY }),
    ...labelled('safe', failure.safe, { look, columns }),
    ...labelled('more', failure.more, { look, columns }),
  ]
  return lines.map((line) => (line === '' ? '' : `  ${line}`))
}

/** A bare command stays in one line, so that it can be pasted; sentences mark theirs with backticks, which keep them whole. */
function isProse(fix: string | undefined): boolean {
  return fix !== undefined && (fix.includes('`') || /^\p{Lu}.*\.$/su.test(fix))
}

function paragraph(text: string, look: Look, columns: number): string[] {
  return wrap(neutralise(text), columns - 2).map(look.plain)
}

function stackOf(stack: string, look: Look): string[] {
  const frames = stack.split('\n').filter((line) => /^\s*(?:at |caused by )/.test(line))
  return frames.map((line) => look.detail(look.plain(`  ${line.trim()}`)))
}

function labelled(label: string, text: string | undefined, { look, columns }: { look: Look; columns: number }): string[] {
  if (text === undefined) return []
  const lines = wrap(neutralise(text), columns - 8)
  return lines.map((line, place) => `${look.detail((place === 0 ? label : '').padEnd(6))}${look.plain(line)}`)
}
