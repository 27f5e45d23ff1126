import { formatCount } from '../../base/bytes.ts'
import { acrossPlatforms, type Finding, type Level, levels } from '../../domain/findings/finding.ts'
import type { Decision } from '../../domain/gate/decide.ts'

export type Counts = Readonly<Record<Level, number>>

/** As people read them: what is not known last. */
const told: readonly Level[] = [...levels.slice(1), ...levels.slice(0, 1)]

/** Findings by severity, each once for all platforms; undetermined ones are among the unknown, excused ones are not counted. */
export function countsOf(findings: readonly Finding[], { excepted }: Pick<Decision, 'excepted'>): Counts {
  const excused = new Set(excepted.map(({ finding }) => finding))
  const counts = { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 }
  for (const { level, state } of acrossPlatforms(findings.filter((finding) => !excused.has(finding))))
    counts[state === 'undetermined' ? 'unknown' : level] += 1
  return counts
}

/** The counts as Konflux has them in `SCAN_OUTPUT`: what a fixed version is known of, and the rest. */
export function severitiesOf(findings: readonly Finding[], decision: Pick<Decision, 'excepted'>): string {
  const [patched, unpatched] = [findings.filter(({ fixed }) => fixed.length > 0), findings.filter(({ fixed }) => fixed.length === 0)]
  return JSON.stringify({ vulnerabilities: countsOf(patched, decision), unpatched_vulnerabilities: countsOf(unpatched, decision) })
}

/** `2 critical, 1 high (1 excused, 3 new, 12 known)`; what there is none of is left out, but for what is new. */
export function countsText(counts: Counts, { excepted, known, fresh }: Pick<Decision, 'excepted' | 'known' | 'fresh'>): string {
  const found = told.flatMap((level) => (counts[level] === 0 ? [] : [`${formatCount(counts[level])} ${level}`]))
  const beside = [
    [acrossPlatforms(excepted.map(({ finding }) => finding)).length, 'excused'],
    [acrossPlatforms([...(known ?? [])]).length, 'known'],
  ] as const
  const isNew = fresh === undefined ? [] : [`${formatCount(acrossPlatforms(fresh).length)} new`]
  const more = beside
    .map(([count, what]) => (count === 0 ? [] : [`${formatCount(count)} ${what}`]))
    .toSpliced(1, 0, isNew)
    .flat()
  return `${found.length === 0 ? 'nothing found' : found.join(', ')}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}
