import { formatCount } from '../../base/bytes.ts'
import { parseDuration } from '../../base/duration.ts'
import type { Found } from '../findings/find.ts'
import { acrossPlatforms, type Finding, type Level } from '../findings/finding.ts'
import { type Exception, type ExceptionsDocument, endOf, isAbout } from './exceptions.ts'
import type { GatePolicy } from './policy.ts'

/** A finding that an exception speaks of. */
export interface Excepted {
  readonly finding: Finding
  readonly exception: Exception
}

/** What the gate says, and by what. The report has all findings; only these decide. */
export interface Decision {
  readonly verdict: 'pass' | 'fail'
  /** Why it fails, each for people. */
  readonly reasons: readonly string[]
  /** Findings for which it fails. */
  readonly failing: readonly Finding[]
  readonly excepted: readonly Excepted[]
  /** Findings that count again because their exception has expired. */
  readonly expired: readonly Excepted[]
}

interface Evidence extends Found {
  /** When the newest advisory was changed, RFC 3339; empty when that is not known. */
  readonly databaseDate: string
}

interface Terms {
  readonly policy: GatePolicy
  readonly exceptions: ExceptionsDocument
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What a clock may be wrong by before a database from the future is one of unknown age. */
const clockSkew = 86_400_000

/** Judges what was found. Reporting is apart from it: nothing is dropped here. */
export function decide({ findings, unscanned, databaseDate }: Evidence, { policy, exceptions, now }: Terms): Decision {
  const spoken = findings.map((finding) => ({ finding, ...exceptionFor(finding, exceptions, now) }))
  const excepted = spoken.flatMap(({ finding, valid }) => (valid === undefined ? [] : [{ finding, exception: valid }]))
  const expired = spoken.flatMap(({ finding, valid, past }) =>
    valid !== undefined || past === undefined ? [] : [{ finding, exception: past }],
  )
  const open = spoken.flatMap(({ finding, valid }) => (valid === undefined ? [finding] : []))
  const failing = open.filter((finding) => isFailing(finding, policy))
  const reasons = [
    ...failingReasons(failing),
    ...(policy.unscannable === 'fail' && unscanned.length > 0 ? [`${counted(unscanned.length, 'thing')} could not be scanned`] : []),
    ...ageReasons(databaseDate, policy, now),
  ]
  return { verdict: reasons.length === 0 ? 'pass' : 'fail', reasons, failing, excepted, expired }
}

function exceptionFor(
  finding: Finding,
  exceptions: ExceptionsDocument,
  now: number,
): { valid?: Exception | undefined; past?: Exception | undefined } {
  const about = exceptions.filter((exception) => isAbout(exception, finding))
  return { valid: about.find((one) => now < endOf(one)), past: about.find((one) => now >= endOf(one)) }
}

const order = ['none', 'critical', 'high', 'medium', 'low'] as const

function isFailing({ state, level, fixed }: Finding, policy: GatePolicy): boolean {
  if (state === 'undetermined') return policy.undetermined === 'fail'
  if (policy['fail-on'] === 'none' || (policy['fixable-only'] && fixed.length === 0)) return false
  if (level === 'unknown') return policy['unknown-severity'] === 'fail'
  return order.indexOf(level) <= order.indexOf(policy['fail-on'])
}

function failingReasons(failing: readonly Finding[]): readonly string[] {
  const all = acrossPlatforms(failing)
  const undetermined = all.filter(({ state }) => state === 'undetermined').length
  const levels: readonly Level[] = ['critical', 'high', 'medium', 'low', 'unknown']
  const byLevel = levels.flatMap((level) => {
    const count = all.filter((one) => one.state === 'affected' && one.level === level).length
    return count === 0 ? [] : [`${formatCount(count)} ${level === 'unknown' ? 'of unknown severity' : level}`]
  })
  return [
    ...(byLevel.length === 0 ? [] : [byLevel.join(', ')]),
    ...(undetermined === 0 ? [] : [`${formatCount(undetermined)} undetermined`]),
  ]
}

function ageReasons(date: string, { 'max-database-age': longest }: GatePolicy, now: number): readonly string[] {
  const age = now - Date.parse(date)
  if (!Number.isFinite(age) || age < -clockSkew)
    return [`the age of the database is not known: its newest advisory is of ${date || 'no date'}`]
  return age <= (parseDuration(longest) ?? 0) ? [] : [`the newest advisory of the database is of ${date}, longer ago than ${longest}`]
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}
