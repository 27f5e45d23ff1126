/** The dialects that reports are written in. `go` is `go test -json`, `libtest` the text that `cargo test` prints. */
export const formats = ['junit', 'tap', 'go', 'jest', 'trx', 'libtest'] as const
export type Format = (typeof formats)[number]

/** `failed`: an assertion said no; `error`: the test, its set-up or its suite broke before it could say anything. */
export type Status = 'passed' | 'failed' | 'error' | 'skipped'

/** One more run of a test that did not pass. */
export interface Attempt {
  readonly status: 'failed' | 'error'
  readonly message?: string | undefined
  readonly details?: string | undefined
}

/** One test as its report tells it. */
export interface TestCase {
  /** Class, module, package or the titles around the test, joined by ` › `; empty when there is none. */
  readonly suite: string
  readonly name: string
  readonly status: Status
  /** Milliseconds; 0 when the report does not say. */
  readonly duration: number
  /** As the report spells it: absolute, or relative to a folder that the report does not name. */
  readonly file?: string | undefined
  /** From 1. */
  readonly line?: number | undefined
  /** Why it failed or was skipped, without the stack trace. */
  readonly message?: string | undefined
  /** Everything that the report says about the failure, the stack trace included. */
  readonly details?: string | undefined
  /** Its other runs, which failed: a test that passed nevertheless is flaky. */
  readonly attempts?: readonly Attempt[] | undefined
  /** Path of the report that tells of it, for whoever has read several. */
  readonly report?: string | undefined
  /** Stands for a suite that could not run (import, build, set-up) or a run that stopped, rather than for a test of its own. */
  readonly scope?: 'suite' | 'run' | undefined
}

/** Why a report cannot be trusted as it is. What could be read is kept. */
export interface ReportFault {
  readonly kind: 'empty' | 'unknown' | 'malformed' | 'truncated' | 'mismatch' | 'refused' | 'limit'
  /** Continues "the report …". */
  readonly message: string
  /** Line in the report, from 1. */
  readonly line?: number | undefined
}

export interface TestReport {
  /** Undefined when it is none of those that we know. */
  readonly format: Format | undefined
  readonly cases: readonly TestCase[]
  readonly faults: readonly ReportFault[]
}

export interface Totals {
  readonly passed: number
  /** Failures and errors together. */
  readonly failed: number
  readonly skipped: number
  /** Tests among those that passed which also failed at least once. */
  readonly flaky: number
  /** Sum over the tests, in milliseconds. */
  readonly duration: number
}

/** Whether a test says that something is wrong. */
export function isBad({ status }: TestCase): boolean {
  return status === 'failed' || status === 'error'
}

/** Whether a test passed only after it had failed. */
export function isFlaky({ status, attempts = [] }: TestCase): boolean {
  return status === 'passed' && attempts.length > 0
}

/** Counts tests; a suite that could not run at first and then did is flaky, but not one more passed test. */
export function totalsOf(cases: readonly TestCase[]): Totals {
  const count = (holds: (found: TestCase) => boolean): number => cases.reduce((sum, found) => sum + (holds(found) ? 1 : 0), 0)
  return {
    passed: count(({ status, scope }) => status === 'passed' && scope === undefined),
    failed: count(isBad),
    skipped: count(({ status }) => status === 'skipped'),
    flaky: count(isFlaky),
    duration: cases.reduce((sum, { duration }) => sum + duration, 0),
  }
}

/** The name of a test for people: `cart › adds`. */
export function labelOf({ suite, name }: Pick<TestCase, 'suite' | 'name'>): string {
  return suite === '' ? name : `${suite} › ${name}`
}
