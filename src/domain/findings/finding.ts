import type { Digest } from '../../base/digest.ts'
import type { RawSeverity } from '../advisories/advisory.ts'
import type { Location } from '../packages/package.ts'

/** Worst first: what nobody can place may be anything. */
export const levels = ['unknown', 'critical', 'high', 'medium', 'low'] as const
export type Level = (typeof levels)[number]

/** The image of one platform. */
export interface Subject {
  readonly digest: Digest
  readonly platform: string
}

/** Where findings come from: advisories of OSV looked up here, or what another scanner reports. */
export const sources = ['osv', 'trivy', 'grype', 'osv-scanner', 'harbor'] as const
export type Source = (typeof sources)[number]

/** What one source claims of a finding, in its own words. */
export interface Claim {
  readonly source: Source
  /** The advisory. */
  readonly id: string
  readonly severities: readonly RawSeverity[]
  readonly fixed: string | undefined
  /** RFC 3339; empty where the source does not say it. */
  readonly modified: string
  /** When the advisory was published, or since when the fix is known where the source says that; RFC 3339. */
  readonly published?: string
  /** Why there is no fixed version, in the source's word: `will_not_fix`, `wont-fix`. */
  readonly status?: string
}

/** How likely the vulnerability is used, as FIRST (EPSS) and CISA (KEV) say of the finding's names. */
export interface Exploitation {
  /** The highest of its names: probability in 30 days and percentile, each 0 to 1. */
  readonly epss?: { readonly score: number; readonly percentile: number }
  /** In CISA's catalogue of known exploited vulnerabilities: since when, and until when it had to be mended; RFC 3339 days. */
  readonly kev?: { readonly added: string; readonly due?: string; readonly ransomware: boolean }
}

/** One vulnerability of one package of the image of one platform; all names of the vulnerability are one finding. */
export interface Finding {
  /** The name that most others know: a CVE where there is one. */
  readonly id: string
  /** The other names, sorted. */
  readonly aliases: readonly string[]
  readonly summary: string
  /** Without qualifiers. */
  readonly purl: string
  readonly package: { readonly name: string; readonly version: string; readonly type: string }
  readonly subject: Subject
  /** undetermined: whether the version is meant could not be decided, and `why` says so. */
  readonly state: 'affected' | 'undetermined'
  readonly why?: string
  readonly level: Level
  /** CVSS base score, where a vector decided the level. */
  readonly score?: number
  /** Versions that are free of it, as the advisories say. */
  readonly fixed: readonly string[]
  readonly locations: readonly Location[]
  readonly claims: readonly Claim[]
  readonly exploitation?: Exploitation
}

/** Something of an image that no advisory could be looked up for: never to be taken for clean. */
export interface Unscanned {
  /** A package URL without qualifiers, or a path in the image. */
  readonly what: string
  readonly why: string
  readonly subject: Subject
}

/** What makes two findings the same across the platforms of an image. */
export function keyOfFinding({ id, purl }: Pick<Finding, 'id' | 'purl'>): string {
  return `${id} ${purl}`
}

/** Worst first: level, score, what can be mended, then by name. */
export function byWeight(a: Finding, b: Finding): number {
  return (
    levels.indexOf(a.level) - levels.indexOf(b.level) ||
    (b.score ?? 0) - (a.score ?? 0) ||
    Number(a.fixed.length === 0) - Number(b.fixed.length === 0) ||
    compare(keyOfFinding(a), keyOfFinding(b)) ||
    compare(a.subject.digest, b.subject.digest)
  )
}

/** Each finding once for all platforms that have it, in the same order. */
export function acrossPlatforms(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>()
  for (const finding of findings) {
    const key = `${keyOfFinding(finding)} ${finding.state}`
    if (!seen.has(key)) seen.set(key, finding)
  }
  return [...seen.values()]
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
