import { shortDigest } from '../../base/digest.ts'
import { type BaseShare, isOfBase } from '../../domain/findings/base.ts'
import type { Found } from '../../domain/findings/find.ts'
import { byWeight, type Finding, keyOfFinding } from '../../domain/findings/finding.ts'
import type { Decision } from '../../domain/gate/decide.ts'

/** Everything that is shown of a scan, however it is shown. */
export interface Shown {
  readonly found: Found
  readonly decision: Decision
  readonly base: BaseShare | undefined
  /** Number of platforms that were scanned. */
  readonly platforms: number
}

/** A finding that nothing excuses, once for all platforms that have it; every text as it came. */
export interface Row {
  readonly fails: boolean
  /** `critical 9.8`, `undetermined` */
  readonly severity: string
  readonly id: string
  readonly package: string
  /** What to do, or why nothing can be said. */
  readonly mend: string
  /** What makes it more or less urgent: `KEV`, `EPSS 94 %`, `known`. */
  readonly signs: string
  /** Where it comes from: `base`, the path, or the layer where every package of the system has the same path. */
  readonly place: string
  readonly platforms: readonly string[]
}

/** What is open, the failing first and of these the worst. */
export function rowsOf({ found, decision, base }: Shown): readonly Row[] {
  const [failing, excused] = [new Set(decision.failing), new Set(decision.excepted.map(({ finding }) => finding))]
  const open = found.findings.filter((finding) => !excused.has(finding))
  const everywhere = Map.groupBy(open, (finding) => `${keyOfFinding(finding)} ${finding.state}`)
  return [...everywhere.values()]
    .flatMap((same) => same.find((one) => failing.has(one)) ?? same.slice(0, 1))
    .toSorted((a, b) => Number(failing.has(b)) - Number(failing.has(a)) || byWeight(a, b))
    .map((finding) => ({
      fails: failing.has(finding),
      severity: severityOf(finding),
      id: finding.id,
      package: `${finding.package.name} ${finding.package.version}`,
      mend: mendOf(finding),
      signs: signsOf(finding, decision).join(', '),
      place: placeOf(finding, isOfBase(finding, base)),
      platforms: (everywhere.get(`${keyOfFinding(finding)} ${finding.state}`) ?? []).map(({ subject }) => subject.platform),
    }))
}

function severityOf({ state, level, score }: Finding): string {
  if (state === 'undetermined') return 'undetermined'
  return score === undefined ? level : `${level} ${score.toFixed(1)}`
}

function mendOf({ state, why, fixed }: Finding): string {
  if (state === 'undetermined') return why ?? 'the version cannot be compared'
  if (fixed.length === 0) return 'no fix'
  return `→ ${fixed.slice(0, 3).join(', ')}`
}

function signsOf(finding: Finding, { known }: Decision): readonly string[] {
  const { epss, kev } = finding.exploitation ?? {}
  return [
    ...(kev === undefined ? [] : [kev.ransomware ? 'KEV, ransomware' : 'KEV']),
    ...(epss === undefined || epss.score < 0.01 ? [] : [`EPSS ${Math.round(epss.score * 100)} %`]),
    ...(known?.has(finding) === true ? ['known'] : []),
  ]
}

const ofSystem = ['deb', 'apk', 'rpm']

function placeOf({ package: { type }, locations: [place] }: Finding, isBase: boolean): string {
  if (place === undefined) return ''
  if (!ofSystem.includes(type)) return isBase ? `base, ${place.path}` : place.path
  if (isBase) return 'base'
  return place.layer === undefined ? '' : `layer ${shortDigest(place.layer)}`
}
