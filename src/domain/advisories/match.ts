import { compareVersions, type Scheme } from '../versions/compare.ts'
import type { Affected, Range, RangeEvent } from './advisory.ts'

/** Whether an advisory means a version, and the lowest version after it that is free of it. */
export type Match =
  | { readonly state: 'unaffected' }
  | { readonly state: 'affected'; readonly fixed: string | undefined }
  | { readonly state: 'undetermined'; readonly why: string }

type Ordered = RangeEvent & { readonly at: string }

/** An order that was needed and could not be decided. */
class Undecidable extends Error {}

/**
 * Whether a version is meant, as OSV schema 1.7 evaluates it: by its letters in `versions`, or by the order of its ecosystem in a range.
 * What cannot be ordered is undetermined, unless another range or the list has the version.
 */
export function matchVersion({ versions, ranges }: Pick<Affected, 'versions' | 'ranges'>, version: string, scheme: Scheme): Match {
  const seen = ranges.map((range) => matchRange(range, version, scheme))
  const inRange = seen.find((one) => one.state === 'affected')
  if (inRange !== undefined) return inRange
  if (versions.includes(version)) return { state: 'affected', fixed: undefined }
  const open = seen.find((one) => one.state === 'undetermined')
  if (open !== undefined) return open
  // In no list is what has not been told, or not as a version.
  if (versions.length > 0 && compareVersions(scheme, version, version) === undefined)
    return {
      state: 'undetermined',
      why: version === '' ? 'its version is not known' : `${quoted(version)} is no version by the rules of ${scheme}`,
    }
  return ranges.length + versions.length > 0 ? { state: 'unaffected' } : { state: 'undetermined', why: 'the advisory names no versions' }
}

function matchRange({ type, events }: Range, version: string, scheme: Scheme): Match {
  const rules = type === 'SEMVER' ? 'semver' : scheme
  const compare = (a: string, b: string): number => {
    // Whatever else a version may be, it is after the beginning of all.
    if (a === '0' || b === '0') return Number(b === '0') - Number(a === '0')
    const order = compareVersions(rules, a, b)
    if (order === undefined) throw new Undecidable(`by the rules of ${rules} there is no order of ${quoted(a)} and ${quoted(b)}`)
    return order
  }
  try {
    return evaluate(events, version, compare)
  } catch (thrown) {
    if (!(thrown instanceof Undecidable)) throw thrown
    return { state: 'undetermined', why: thrown.message }
  }
}

function evaluate(events: readonly RangeEvent[], version: string, compare: (a: string, b: string) => number): Match {
  const limits = events.flatMap(({ limit }) => (limit === undefined || limit === '*' ? [] : [limit]))
  const isUnlimited = limits.length === 0 || events.some(({ limit }) => limit === '*')
  if (!isUnlimited && !limits.some((limit) => compare(version, limit) < 0)) return { state: 'unaffected' }
  const ordered = events.flatMap(placed).toSorted((a, b) => compare(a.at, b.at))
  let isMeant = false
  for (const { introduced, fixed, at } of ordered) {
    const order = compare(version, at)
    if (introduced !== undefined && order >= 0) isMeant = true
    else if (fixed !== undefined && order >= 0) isMeant = false
    else if (introduced === undefined && fixed === undefined && order > 0) isMeant = false
  }
  if (!isMeant) return { state: 'unaffected' }
  return { state: 'affected', fixed: ordered.find(({ fixed, at }) => fixed !== undefined && compare(at, version) > 0)?.fixed }
}

function placed(event: RangeEvent): readonly Ordered[] {
  const at = event.introduced ?? event.fixed ?? event.last_affected
  return at === undefined ? [] : [{ ...event, at }]
}

function quoted(version: string): string {
  return JSON.stringify(version.slice(0, 80))
}
