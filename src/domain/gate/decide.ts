import type { Digest } from '../../base/digest.ts'
import { parseDuration } from '../../base/duration.ts'
import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
import type { Dated } from '../advisories/dated.ts'
import type { Found, Scanned } from '../findings/find.ts'
import type { Finding } from '../findings/finding.ts'
import type { VexStatement } from '../vex/read.ts'
import { type Baseline, knownIn } from './baseline.ts'
import { type Ruling, rule } from './conditions.ts'
import type { Exception } from './exception.ts'
import { type Excuse, excuser, licenseExcuser, type Spoken } from './excuses.ts'
import { type Breach, breachesOf } from './licenses.ts'
import type { GatePolicy } from './policy.ts'
import { reasonsOf } from './reasons.ts'

/** A finding that an exception or a statement of VEX speaks of. */
export interface Excepted {
  readonly finding: Finding
  readonly exception: Excuse
}

/** A package under a licence that the policy does not let through, and who excuses it. */
export interface LicenseBreach extends Breach, Spoken {}

/** What the gate says, and by what. The report has all findings; only these decide. */
export interface Decision {
  readonly verdict: 'pass' | 'fail'
  /** Why it fails, each for people. */
  readonly reasons: readonly string[]
  /** Findings for which it fails. */
  readonly failing: readonly Finding[]
  /** By which conditions each finding fails, or what spares it. */
  readonly rulings: ReadonlyMap<Finding, Ruling>
  readonly excepted: readonly Excepted[]
  /** Findings that count again because their exception has expired. */
  readonly expired: readonly (Excepted & { readonly exception: Exception })[]
  /** Findings that the baseline has; undefined without a baseline. */
  readonly known: ReadonlySet<Finding> | undefined
  /** Findings that the baseline does not have and nothing excuses; undefined without a baseline. */
  readonly fresh: readonly Finding[] | undefined
  /** Packages whose licence fails, and those that are excused. */
  readonly licenses: readonly LicenseBreach[]
  /** Exceptions that count and are about nothing that was found. */
  readonly unused: readonly Exception[]
  /** What the findings' exceptions state to readers of VEX. */
  readonly stated: readonly { readonly finding: Finding; readonly exception: Exception }[]
}

export interface Evidence extends Found {
  /** When the newest advisory was changed, RFC 3339; empty when that is not known. */
  readonly databaseDate: string
  /** How old each part is; where it is not given, all are of the date above. */
  readonly dates?: readonly Dated[]
  /** The images, with their packages where they are known. */
  readonly scanned?: readonly Scanned[]
  /** Of the image, or of the index over all platforms. */
  readonly digest?: Digest
}

export interface Terms {
  readonly policy: GatePolicy
  readonly exceptions: readonly Exception[]
  readonly statements?: readonly VexStatement[]
  readonly baseline?: Baseline | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Judges what was found. Reporting is apart from it: nothing is dropped here. */
export function decide(evidence: Evidence, { policy, exceptions, statements = [], baseline, now }: Terms): Decision {
  const { findings, unscanned, databaseDate, dates = [], scanned = [], digest } = evidence
  const excusing = { exceptions, statements, now }
  const imagesOf = ({ subject }: Finding): readonly Digest[] => [subject.digest, ...(digest === undefined ? [] : [digest])]
  const speak = excuser(excusing, { fullOf: fullPurls(scanned), imagesOf })
  const spoken = findings.map((finding) => ({ finding, said: speak(finding) }))
  const isKnown = baseline === undefined ? undefined : knownIn(baseline)
  const rulings = new Map(
    spoken.map(({ finding, said }): [Finding, Ruling] => [
      finding,
      said.valid === undefined ? rule(finding, { policy, isKnown: isKnown?.(finding) ?? false, now }) : { by: [], spared: 'excused' },
    ]),
  )
  const speakOf = licenseExcuser(exceptions, now)
  const licenses = breachesOf(scanned, policy.licenses).map((breach) => ({ ...breach, ...speakOf(breach) }))
  const failing = findings.filter((finding) => (rulings.get(finding)?.by.length ?? 0) > 0)
  // A feed that is new says nothing of advisories whose age nobody knows.
  const whole = dates.length > 0 && databaseDate !== '' ? [] : [{ what: 'the database', date: databaseDate, silence: 0 }]
  const reasons = [
    ...reasonsOf({ failing, rulings, licenses, unscanned: policy.unscannable === 'fail' ? unscanned.length : 0, policy }),
    ...[...whole, ...dates].flatMap((one) => ageReasons(one, policy['max-database-age'], now)),
  ]
  const used = new Set([...spoken.map(({ said }) => said), ...licenses].flatMap(({ exception }) => exception ?? []))
  return {
    ...{ verdict: reasons.length === 0 ? 'pass' : 'fail', reasons, failing, rulings, licenses },
    excepted: spoken.flatMap(({ finding, said: { valid } }) => (valid === undefined ? [] : [{ finding, exception: valid }])),
    expired: spoken.flatMap(({ finding, said: { valid, past } }) =>
      valid !== undefined || past === undefined ? [] : [{ finding, exception: past }],
    ),
    known: isKnown === undefined ? undefined : new Set(findings.filter(isKnown)),
    fresh: isKnown && spoken.flatMap(({ finding, said }) => (said.valid === undefined && !isKnown(finding) ? [finding] : [])),
    unused: exceptions.filter((one) => one.ends > now && !used.has(one)),
    stated: spoken.flatMap(({ finding, said: { exception } }) => (exception?.vex === undefined ? [] : [{ finding, exception }])),
  }
}

/** The package URLs with qualifiers behind that of a finding, which has none. */
function fullPurls(scanned: readonly Scanned[]): (finding: Finding) => readonly string[] {
  const key = (digest: string, purl: string): string => `${digest} ${purl.replace(/[?#].*$/s, '')}`
  const known = Map.groupBy(
    scanned.flatMap(({ subject, inventory }) => inventory.packages.map(({ purl }) => ({ digest: subject.digest, purl }))),
    ({ digest, purl }) => key(digest, purl),
  )
  return ({ subject, purl }) => known.get(key(subject.digest, purl))?.map((one) => one.purl) ?? []
}

/** What a clock may be wrong by before a database from the future is one of unknown age. */
const clockSkew = 86_400_000

function ageReasons({ what, date, silence }: Dated, longest: string, now: number): readonly string[] {
  const age = now - Date.parse(date)
  // A date is what a feed or a report of others has in its place.
  const shown = neutraliseLine(excerpt(date, 40))
  if (!Number.isFinite(age) || age < -clockSkew)
    return [`the age of ${what} is not known: its newest entry is of ${date === '' ? 'no date' : shown}`]
  const allowed = (parseDuration(longest) ?? 0) + silence
  const rarely = silence === 0 ? '' : `, and the ${Math.round(silence / 86_400_000)} days for which there may be nothing new`
  return age <= allowed ? [] : [`the newest entry of ${what} is of ${shown}, longer ago than ${longest}${rarely}`]
}
