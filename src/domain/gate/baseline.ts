import { type Digest, sha256 } from '../../base/digest.ts'
import type { Finding } from '../findings/finding.ts'
import { parseScanReport } from './scan-report.ts'

/** What was found before, to tell what is new. */
export interface Baseline {
  /** The file, or repository@digest. */
  readonly origin: string
  /** Of the report, or of the manifest that attests to the findings. */
  readonly digest: Digest
  readonly findings: readonly Known[]
}

/** A finding of the baseline, as far as it is compared. */
export interface Known {
  /** Its name, then its aliases. */
  readonly names: readonly string[]
  readonly purl: string
  readonly state: Finding['state']
}

/** Reads a report of `scan` as a baseline; `where` names it. @throws SW-GATE-REPORT */
export function parseBaseline(bytes: Uint8Array, where: string): Baseline {
  const findings = parseScanReport(bytes, where).findings.map(({ id, aliases, purl, state }) => ({ names: [id, ...aliases], purl, state }))
  return { origin: where, digest: sha256(bytes), findings }
}

/**
 * Whether a finding is in the baseline, in the same package whatever its version, on whatever platform: one of the two has the other's name
 * among its own. An alias of both is not enough: an advisory of a distribution is one of several vulnerabilities. What could not be decided
 * then and can be now is new.
 */
export function knownIn({ findings }: Pick<Baseline, 'findings'>): (finding: Finding) => boolean {
  const own = new Set(findings.flatMap(({ names, purl, state }) => names.slice(0, 1).map((one) => keyOf(one, purl, state))))
  const all = new Set(findings.flatMap(({ names, purl, state }) => names.map((one) => keyOf(one, purl, state))))
  return ({ id, aliases, purl, state }) => {
    const states = state === 'affected' ? (['affected'] as const) : (['affected', 'undetermined'] as const)
    return states.some((each) => all.has(keyOf(id, purl, each)) || aliases.some((one) => own.has(keyOf(one, purl, each))))
  }
}

function keyOf(name: string, purl: string, state: Finding['state']): string {
  return JSON.stringify([name, withoutVersion(purl), state])
}

/** A package URL without version, qualifiers and subpath: the same package after an update. */
function withoutVersion(purl: string): string {
  return purl.replace(/[?#].*$/s, '').replace(/@[^@/]*$/, '')
}
