import { formatCount } from '../../base/bytes.ts'
import { formatDuration } from '../../base/duration.ts'
import { formatPercent } from '../../domain/testreport/line-coverage/coverage.ts'
import type { Place } from '../../domain/testreport/locate.ts'
import { isBad, isFlaky, labelOf, type TestCase, type Totals } from '../../domain/testreport/model.ts'
import type { Annotation, Block } from '../../spec/ports.ts'
import type { FaultyReport } from './collect.ts'
import { formatPlace } from './places.ts'

/** What there is to tell, whatever the verdict. */
export interface Story {
  readonly cases: readonly TestCase[]
  readonly totals: Totals
  readonly percent: number | undefined
  readonly minCoverage: number | undefined
  readonly places: ReadonlyMap<TestCase, Place>
  readonly faults: readonly FaultyReport[]
}

/** `2 failed, 24 passed, 1 skipped, 1 flaky · coverage 91.2 % (min 80)`. */
export function headline({ totals, cases, percent, minCoverage }: Story): string {
  const counts = [
    [totals.failed, 'failed'],
    [totals.passed, 'passed'],
    [totals.skipped, 'skipped'],
    [totals.flaky, 'flaky'],
  ] as const
  const told = counts.filter(([count, word]) => count > 0 || (word === 'passed' && cases.length > 0))
  const tests = told.length === 0 ? 'no tests' : told.map(([count, word]) => `${formatCount(count)} ${word}`).join(', ')
  const minimum = minCoverage === undefined ? '' : ` (min ${minCoverage})`
  return percent === undefined ? tests : `${tests} · coverage ${formatPercent(percent)} %${minimum}`
}

/** Failures first, worst first, then what deserves a look: flaky tests, broken reports, the slowest tests. */
export function summarise({ cases, places, faults }: Story): readonly Block[] {
  const bad = worstFirst(cases)
  const flaky = cases.filter(isFlaky)
  return [
    ...table(
      'Failed',
      ['Test', 'Message', 'Where'],
      bad.map((found) => [labelOf(found), firstLine(found.message ?? found.details), whereOf(found, places)]),
    ),
    ...bad.slice(0, failuresInFull).flatMap(detailsOf),
    ...table(
      'Flaky: failed, then passed',
      ['Test', 'Failed runs', 'Message', 'Where'],
      flaky.map((found) => [
        labelOf(found),
        String(found.attempts?.length ?? 0),
        firstLine(found.attempts?.at(-1)?.message),
        whereOf(found, places),
      ]),
    ),
    ...table(
      'Reports that cannot be trusted',
      ['Report', 'Fault'],
      faults.map(({ report, message }) => [report, message]),
    ),
    ...table(
      'Slowest',
      ['Test', 'Duration'],
      slowest(cases).map((found) => [labelOf(found), formatDuration(found.duration)]),
    ),
  ]
}

/** Remarks for the source, worst first. The host shows as many as it can. */
export function annotations({ cases, places }: Story): readonly Annotation[] {
  const failures = worstFirst(cases).map((found) =>
    annotation('error', found, { text: found.message ?? found.details ?? 'It failed without a message.', places }),
  )
  const warnings = cases
    .filter(isFlaky)
    .map((found) =>
      annotation('warning', found, { text: `Flaky: failed, then passed. ${found.attempts?.at(-1)?.message ?? ''}`.trim(), places }),
    )
  return [...failures.slice(0, mostAnnotations), ...warnings.slice(0, mostAnnotations)]
}

/** In the summary with all that the report says. */
const failuresInFull = 10
const linesInFull = 60
const mostAnnotations = 100
const linesInAnnotation = 12

/** What stops whole runs and suites hides other tests: it comes first; then what broke, then what failed. */
export function worstFirst(cases: readonly TestCase[]): readonly TestCase[] {
  const rank = ({ scope, status }: TestCase): number => (scope === 'run' ? 0 : scope === 'suite' ? 1 : status === 'error' ? 2 : 3)
  return cases.filter(isBad).sort((a, b) => rank(a) - rank(b))
}

function annotation(
  level: 'error' | 'warning',
  found: TestCase,
  { text, places }: { readonly text: string; readonly places: ReadonlyMap<TestCase, Place> },
): Annotation {
  const { file, line, column } = places.get(found) ?? {}
  const lines = text.split('\n')
  const message = `${lines.slice(0, linesInAnnotation).join('\n')}${lines.length > linesInAnnotation ? '\n…' : ''}`
  return { level, title: labelOf(found), message, file, line, column }
}

function detailsOf(found: TestCase): Block[] {
  const lines = (found.details ?? '').split('\n')
  if (lines.length < 2) return []
  const text = [...lines.slice(0, linesInFull), ...(lines.length > linesInFull ? [`… ${lines.length - linesInFull} more lines`] : [])].join(
    '\n',
  )
  return [{ kind: 'details', title: labelOf(found), text }]
}

function slowest(cases: readonly TestCase[]): readonly TestCase[] {
  return cases
    .filter(({ duration }) => duration >= 1000)
    .sort((a, b) => b.duration - a.duration)
    .slice(0, 5)
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): Block[] {
  return rows.length === 0 ? [] : [{ kind: 'table', title, columns, rows }]
}

function firstLine(text: string | undefined): string {
  const line = (text ?? '').trim().split('\n')[0] ?? ''
  return line.length > 200 ? `${line.slice(0, 199)}…` : line
}

function whereOf(found: TestCase, places: ReadonlyMap<TestCase, Place>): string {
  const place = places.get(found)
  return place === undefined ? '' : formatPlace(place)
}
