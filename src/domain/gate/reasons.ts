import { formatCount } from '../../base/bytes.ts'
import { acrossPlatforms, byWeight, type Finding, levels } from '../findings/finding.ts'
import type { Condition, Ruling } from './conditions.ts'
import type { Breach } from './licenses.ts'
import type { GatePolicy } from './policy.ts'

interface Facts {
  readonly failing: readonly Finding[]
  readonly rulings: ReadonlyMap<Finding, Ruling>
  readonly licenses: readonly (Breach & { readonly valid?: object })[]
  /** Number of things that could not be scanned, where that fails. */
  readonly unscanned: number
  readonly policy: GatePolicy
}

/** Why the gate fails, condition by condition; a finding may be in several. */
export function reasonsOf({ failing, rulings, licenses, unscanned, policy }: Facts): readonly string[] {
  const by = (condition: Condition): readonly Finding[] =>
    acrossPlatforms(failing.filter((finding) => rulings.get(finding)?.by.includes(condition) === true).toSorted(byWeight))
  const rated = [...by('severity'), ...by('unknown-severity')]
  const counts = [...levels.slice(1), ...levels.slice(0, 1)].flatMap((level) => {
    const count = rated.filter((one) => one.level === level).length
    return count === 0 ? [] : [`${formatCount(count)} ${level === 'unknown' ? 'of unknown severity' : level}`]
  })
  const [exploited, likely, undetermined] = [by('kev'), by('epss'), by('undetermined')]
  return [
    ...(counts.length === 0 ? [] : [`${counts.join(', ')}${policy['new-only'] ? ', not in the baseline' : ''}`]),
    ...(exploited.length === 0 ? [] : [`${formatCount(exploited.length)} known to be exploited (KEV)`]),
    ...(likely.length === 0 ? [] : [`${formatCount(likely.length)} likely to be exploited (EPSS from ${epssText(policy.epss)})`]),
    ...(undetermined.length === 0 ? [] : [`${formatCount(undetermined.length)} undetermined`]),
    ...licenseReasons(licenses),
    ...(unscanned === 0 ? [] : [`${counted(unscanned, 'thing')} could not be scanned`]),
  ]
}

function licenseReasons(licenses: Facts['licenses']): readonly string[] {
  const open = licenses.filter(({ valid }) => valid === undefined)
  return (['denied', 'not allowed', 'unknown'] as const).flatMap((verdict) => {
    const count = new Set(open.filter((one) => one.verdict === verdict).map(({ purl }) => purl)).size
    const what = verdict === 'unknown' ? 'of unknown licence' : `under a licence that is ${verdict}`
    return count === 0 ? [] : [`${counted(count, 'package')} ${what}`]
  })
}

function epssText(epss: GatePolicy['epss']): string {
  if (typeof epss !== 'object') return String(epss)
  const { score, percentile } = epss
  return [...(score === undefined ? [] : [score]), ...(percentile === undefined ? [] : [`percentile ${percentile}`])].join(' or ')
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
