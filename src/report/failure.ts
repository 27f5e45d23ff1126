import { type ErrorKind, messageOf, TaskError } from '../base/errors.ts'
import type { Failure } from './events.ts'

/** What a mistake of ours is called; `bug` is the kind that explains it. */
export interface Failures {
  /** Every kind that may be met, for the fix of an error without a hint of its own. */
  readonly kinds: readonly ErrorKind[]
  /** The kind that stands for anything thrown that is no TaskError. */
  readonly bug: ErrorKind
}

/** What is told about anything thrown. */
export function failureOf(error: unknown, { kinds, bug }: Failures): Failure {
  if (!(error instanceof TaskError)) return bugOf(error, bug)
  const fix = error.hint ?? kinds.find(({ code }) => code === error.code)?.fix
  return {
    code: error.code,
    fault: error.fault,
    message: error.message,
    ...(fix === undefined ? {} : { fix }),
    ...(error.safe === undefined ? {} : { safe: error.safe }),
    more: `slipway explain ${error.code}`,
    retryable: error.retryable,
  }
}

/** The same as text, for where there is no screen: a summary that is read later. */
export function failureText({ code, fault, message, fix, safe, more }: Failure): string {
  const labelled = Object.entries({ fix, safe, more }).flatMap(([label, text]) => (text === undefined ? [] : [`${label}: ${text}`]))
  return [`${code}, ${fault === 'bug' ? 'a mistake in Slipway' : fault}`, message, ...labelled].join('\n')
}

/** The exit code of a run that ended so: 0 for nothing thrown, 1 for a mistake of ours. */
export function exitOf(error: unknown): number {
  if (error === undefined) return 0
  return error instanceof TaskError ? error.exit : 1
}

const exits: Readonly<Record<number, string>> = {
  1: 'a mistake in Slipway',
  2: 'an input must change',
  3: 'the task worked, and the answer is no',
  4: 'something outside the code must change',
  5: 'something else changed it meanwhile',
  6: 'the same command may succeed later',
  130: 'stopped by Ctrl-C or SIGINT',
  143: 'stopped by SIGTERM',
}

/** `exit 4: something outside the code must change` */
export function exitLine(code: number): string {
  return exits[code] === undefined ? `exit ${code}` : `exit ${code}: ${exits[code]}`
}

function bugOf(error: unknown, bug: ErrorKind): Failure {
  return {
    code: bug.code,
    fault: 'bug',
    message: messageOf(error) || 'Something was thrown without a message.',
    fix: bug.fix,
    more: `slipway explain ${bug.code}`,
    retryable: false,
    ...(error instanceof Error && error.stack !== undefined ? { stack: chainOf(error) } : {}),
  }
}

/** The stack with those of its causes, at most five deep. */
function chainOf(error: Error, depth = 5): string {
  const own = error.stack ?? String(error)
  return error.cause instanceof Error && depth > 1 ? `${own}\ncaused by ${chainOf(error.cause, depth - 1)}` : own
}
