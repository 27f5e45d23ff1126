import { parseDuration } from '../../base/duration.ts'
import type { Finding } from '../findings/finding.ts'
import type { GatePolicy } from './policy.ts'

/** Why a finding may fail; each by itself is enough. */
export const conditions = ['kev', 'epss', 'severity', 'unknown-severity', 'undetermined'] as const
export type Condition = (typeof conditions)[number]

/** Why a finding that a condition selects does not fail: an exception, a statement of VEX, or the policy. */
export type Spared = 'excused' | 'known' | 'no-fix' | 'fix-too-new'

/** What the policy says of a finding that nothing excuses: by what it fails; or by what it would, and what spares it. */
export interface Ruling {
  readonly by: readonly Condition[]
  readonly spared?: Spared
}

interface Surroundings {
  readonly policy: GatePolicy
  readonly isKnown: boolean
  readonly now: number
}

/**
 * Judges one finding. What is known to be exploited fails whatever else holds. What the baseline has is spared where only new findings
 * count. Of severity and EPSS the policy may want less: only what can be mended, and only after a while.
 */
export function rule(finding: Finding, { policy, isKnown, now }: Surroundings): Ruling {
  const selected = selectedBy(finding, policy)
  if (selected.length === 0 || selected.includes('kev')) return { by: selected }
  if (isKnown && policy['new-only']) return { by: [], spared: 'known' }
  const spared = sparedByFix(finding, policy, now)
  const by = spared === undefined ? selected : selected.filter((one) => one === 'undetermined')
  return { by, ...(by.length > 0 || spared === undefined ? {} : { spared }) }
}

const order = ['none', 'critical', 'high', 'medium', 'low'] as const

function selectedBy({ state, level, exploitation }: Finding, policy: GatePolicy): readonly Condition[] {
  const threshold = order.indexOf(policy['fail-on'])
  const bySeverity: Readonly<Partial<Record<Condition, boolean>>> = {
    undetermined: state === 'undetermined' && policy.undetermined === 'fail',
    severity: state === 'affected' && level !== 'unknown' && order.indexOf(level) <= threshold,
    'unknown-severity': state === 'affected' && level === 'unknown' && threshold > 0 && policy['unknown-severity'] === 'fail',
    epss: isLikely(exploitation?.epss, policy.epss),
    kev: policy.kev === 'fail' && exploitation?.kev !== undefined,
  }
  return conditions.filter((condition) => bySeverity[condition] === true)
}

function isLikely(seen: NonNullable<Finding['exploitation']>['epss'], wanted: GatePolicy['epss']): boolean {
  if (wanted === undefined || seen === undefined) return false
  const { score, percentile } = typeof wanted === 'number' ? { score: wanted, percentile: undefined } : wanted
  return (score !== undefined && seen.score >= score) || (percentile !== undefined && seen.percentile >= percentile)
}

/** What a clock may be wrong by. */
const skew = 86_400_000

function sparedByFix({ fixed, claims }: Finding, policy: GatePolicy, now: number): Spared | undefined {
  const wait = policy['fix-available-for']
  if (fixed.length === 0) return policy['fixable-only'] || wait !== undefined ? 'no-fix' : undefined
  if (wait === undefined) return undefined
  // Whoever names a fix and no date, or one that cannot be, may have known it for long.
  const dates = claims.filter((claim) => claim.fixed !== undefined).map(({ published = '' }) => Date.parse(published))
  const isDated = dates.length > 0 && dates.every((date) => Number.isFinite(date) && date <= now + skew)
  return isDated && now - Math.min(...dates) < (parseDuration(wait) ?? 0) ? 'fix-too-new' : undefined
}
