import type { TaskError } from '../../base/errors.ts'
import { formatPercent } from '../../domain/testreport/line-coverage/coverage.ts'
import { labelOf, type TestCase, type Totals } from '../../domain/testreport/model.ts'
import type { FaultyReport } from './collect.ts'
import type { Ending } from './ending.ts'
import { coverageLow, coverageMissing, noTests, reportBroken, testsFailed, testsTimedOut } from './errors.ts'
import { worstFirst } from './present.ts'

/** Everything that the verdict follows from. */
export interface Evidence {
  readonly cases: readonly TestCase[]
  readonly totals: Totals
  /** Of the last run; undefined when reports alone are judged. */
  readonly ending: Ending | undefined
  readonly faults: readonly FaultyReport[]
  /** How many reports were read. */
  readonly reports: number
  /** Reports left alone as older than the run. */
  readonly outdated: number
  readonly coverage: { readonly percent: number | undefined; readonly faults: readonly FaultyReport[] }
  /** What was run, for people; undefined when reports alone are judged. */
  readonly command: string | undefined
  /** Where a test failed: `test/cart.test.js:12`. */
  readonly placeOf: (found: TestCase) => string | undefined
}

export interface Demands {
  readonly failOnNoTests: boolean
  readonly minCoverage: number | undefined
  /** Globs that were given, for the message when they match nothing. */
  readonly reports: readonly string[]
  readonly coverage: readonly string[]
}

/** The first reason to stop, or undefined: nothing is wrong. A report that cannot be trusted never makes a test pass. */
export function judge(evidence: Evidence, demands: Demands): TaskError | undefined {
  return (
    timedOut(evidence) ??
    failed(evidence) ??
    crashed(evidence, demands) ??
    broken(evidence.faults) ??
    untested(evidence, demands) ??
    uncovered(evidence.coverage, demands)
  )
}

function timedOut({ ending, command, totals }: Evidence): TaskError | undefined {
  if (ending?.timedOut !== true) return undefined
  return testsTimedOut(
    `${command ?? 'The command'} ${ending.text}; ${totals.passed} tests had passed and ${totals.failed} failed until then.`,
  )
}

const namesInMessage = 3

function failed({ cases, totals, ending, faults, command, placeOf }: Evidence): TaskError | undefined {
  if (totals.failed === 0) return undefined
  const bad = worstFirst(cases)
  const names = bad.slice(0, namesInMessage).map((found) => {
    const place = placeOf(found)
    return place === undefined ? labelOf(found) : `${labelOf(found)} (${place})`
  })
  const more = bad.length > names.length ? `, and ${bad.length - names.length} more` : ''
  const count = `${totals.failed} of ${totals.passed + totals.failed} tests failed: ${names.join(', ')}${more}.`
  const odd = ending?.succeeded === true ? ' The command ended as if all were well.' : ''
  return testsFailed(`${count}${odd}${faultNote(faults)}`, { hint: command })
}

/** An exit code without a failed test: the tool itself broke, or found nothing to do. */
function crashed({ ending, totals, cases, faults, command, reports, outdated }: Evidence, demands: Demands): TaskError | undefined {
  if (ending === undefined || ending.succeeded) return undefined
  const what = command ?? 'The command'
  if (cases.length === 0 && reports > 0 && faults.length === 0) {
    const make = demands.failOnNoTests ? noTests : testsFailed
    return make(`${what} ${ending.text}, and its report lists no test.`, { hint: 'Its output says why.' })
  }
  if (cases.length === 0) {
    const why = faults.length > 0 ? faultNote(faults) : ` ${absence(demands.reports, outdated)}`
    return testsFailed(`${what} ${ending.text}, and no report tells which test failed.${why}`, { hint: 'Its output says why.' })
  }
  return testsFailed(
    `${what} ${ending.text}, though no test failed (${totals.passed} passed): it broke outside of them.${faultNote(faults)}`,
    {
      hint: 'Its output says why.',
    },
  )
}

function broken(faults: readonly FaultyReport[]): TaskError | undefined {
  if (faults.length === 0) return undefined
  return reportBroken(faultNote(faults).trim(), {
    hint: 'Run the tests again, each process with a report of its own: only a whole report can say that all is well.',
  })
}

function untested({ cases, reports, outdated }: Evidence, demands: Demands): TaskError | undefined {
  if (cases.length > 0 || !demands.failOnNoTests) return undefined
  if (reports > 0) return noTests('Reports were found, but they list no test.', { hint: 'fail-on-no-tests: false' })
  return noTests(absence(demands.reports, outdated), { hint: 'reports: path/to/junit.xml' })
}

function uncovered({ percent, faults }: Evidence['coverage'], { minCoverage, coverage }: Demands): TaskError | undefined {
  if (faults.length > 0 && (minCoverage !== undefined || coverage.length > 0)) return broken(faults)
  if (minCoverage === undefined) return undefined
  if (percent === undefined) {
    const looked = coverage.length === 0 ? 'No coverage report was found in the usual places' : `No new file matches ${coverage.join(', ')}`
    return coverageMissing(`${looked}, expected one that shows at least ${minCoverage} %.`, { hint: 'coverage: coverage/lcov.info' })
  }
  if (percent >= minCoverage) return undefined
  return coverageLow(`${formatPercent(percent)} % of the lines are covered, expected at least ${minCoverage} %.`)
}

function absence(globs: readonly string[], outdated: number): string {
  const old =
    outdated === 0
      ? ''
      : ` ${outdated} ${outdated === 1 ? 'report is' : 'reports are'} older than this run and ${outdated === 1 ? 'was' : 'were'} left alone.`
  if (globs.length > 0) return `No new test report matches ${globs.join(', ')}.${old}`
  return `No test report was found: not on stdout, and not in the usual places.${old}`
}

function faultNote(faults: readonly FaultyReport[]): string {
  const [first, ...others] = faults
  if (first === undefined) return ''
  const line = first.line === undefined ? '' : ` (line ${first.line})`
  const more = others.length === 0 ? '.' : `; ${others.length} more ${others.length === 1 ? 'fault' : 'faults'}.`
  return ` The report ${first.report} ${first.message}${line}${more}`
}
