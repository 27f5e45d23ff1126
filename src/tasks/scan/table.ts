import { formatCount } from '../../base/bytes.ts'
import { neutraliseLine } from '../../base/untrusted.ts'
import type { Found } from '../../domain/findings/find.ts'
import { acrossPlatforms, byWeight, type Finding, type Level } from '../../domain/findings/finding.ts'
import type { Decision } from '../../domain/gate/decide.ts'

export type Counts = Readonly<Record<Level, number>>

const told: readonly Level[] = ['unknown', 'critical', 'high', 'medium', 'low']
const mostLines = 40
const mostRows = 22
const mostOthers = 3

/** Findings by severity, each once for all platforms; undetermined ones are among the unknown, excused ones are not counted. */
export function countsOf(findings: readonly Finding[], { excepted }: Decision): Counts {
  const excused = new Set(excepted.map(({ finding }) => finding))
  const counts = { unknown: 0, critical: 0, high: 0, medium: 0, low: 0 }
  for (const { level, state } of acrossPlatforms(findings.filter((finding) => !excused.has(finding))))
    counts[state === 'undetermined' ? 'unknown' : level] += 1
  return counts
}

/** The counts as Konflux has them in `SCAN_OUTPUT`: what a fixed version is known of, and the rest. */
export function severitiesOf(findings: readonly Finding[], decision: Decision): string {
  const [patched, unpatched] = [findings.filter(({ fixed }) => fixed.length > 0), findings.filter(({ fixed }) => fixed.length === 0)]
  const count = (some: readonly Finding[]): Counts => {
    const { critical, high, medium, low, unknown } = countsOf(some, decision)
    return { critical, high, medium, low, unknown }
  }
  return JSON.stringify({ vulnerabilities: count(patched), unpatched_vulnerabilities: count(unpatched) })
}

/** `2 critical, 1 high (1 excused)`; what there is none of is left out. */
export function countsText(counts: Counts, { excepted }: Pick<Decision, 'excepted'>): string {
  const found = told
    .toSpliced(0, 1)
    .concat('unknown')
    .flatMap((level) => (counts[level] === 0 ? [] : [`${formatCount(counts[level])} ${level}`]))
  const excused = acrossPlatforms(excepted.map(({ finding }) => finding)).length
  return `${found.length === 0 ? 'nothing found' : found.join(', ')}${excused === 0 ? '' : ` (${formatCount(excused)} excused)`}`
}

/** What was found for people, the summary first and the worst next, in at most 40 lines; every word of others on one line. */
export function tableOf({ findings, unscanned }: Found, decision: Decision, counts: Counts): string {
  const failing = new Set(decision.failing)
  const excused = new Set(decision.excepted.map(({ finding }) => finding))
  const open = acrossPlatforms(
    findings
      .filter((finding) => !excused.has(finding))
      .toSorted((a, b) => Number(failing.has(b)) - Number(failing.has(a)) || byWeight(a, b)),
  )
  const lines = [
    `${decision.verdict}  ${countsText(counts, decision)}`,
    ...decision.reasons.map((reason) => `  ✗ ${reason}`),
    ...columns(open.slice(0, mostRows).map((finding) => [failing.has(finding) ? '✗' : '·', ...rowOf(finding)])),
    ...rest(open.length - mostRows, 'finding'),
    ...decision.expired
      .slice(0, mostOthers)
      .map(({ finding, exception }) => `  ! the exception of ${finding.id} expired on ${exception.expires}, ask ${exception.owner}`),
    ...rest(decision.expired.length - mostOthers, 'expired exception'),
    ...decision.excepted
      .slice(0, mostOthers)
      .map(
        ({ finding, exception }) =>
          `  ○ ${finding.id} excused until ${exception.expires} by ${exception.owner}: ${exception.reason.slice(0, 100)}`,
      ),
    ...rest(decision.excepted.length - mostOthers, 'excused finding'),
    ...unscanned.slice(0, mostOthers).map(({ what, why }) => `  ? ${what.slice(0, 200)}: ${why}`),
    ...rest(unscanned.length - mostOthers, 'thing that could not be scanned'),
  ]
  return lines.slice(0, mostLines).map(neutraliseLine).join('\n')
}

/** Severity, vulnerability, package, and what to do. */
export function rowOf({ level, state, id, package: one, fixed, why }: Finding): readonly string[] {
  const mend = fixed.length === 0 ? 'no fixed version' : `fixed in ${fixed.slice(0, 3).join(', ')}`
  return [
    state === 'undetermined' ? 'undetermined' : level,
    id,
    `${one.name} ${one.version}`,
    state === 'undetermined' ? (why ?? '') : mend,
  ]
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const short = rows.map((row) => row.map((cell) => neutraliseLine(cell).slice(0, 100)))
  const widths = (short[0] ?? []).map((_, place) => Math.max(...short.map((row) => row[place]?.length ?? 0)))
  return short.map((row) => `  ${row.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join('  ')}`.trimEnd())
}

function rest(count: number, noun: string): readonly string[] {
  return count <= 0
    ? []
    : [
        `  … ${formatCount(count)} more ${noun}${count === 1 ? '' : 's'}, see the report`.replace(
          'thing that could not be scanneds',
          'things that could not be scanned',
        ),
      ]
}
