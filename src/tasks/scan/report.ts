import type { Dated } from '../../domain/advisories/dated.ts'
import type { BaseShare } from '../../domain/findings/base.ts'
import type { Found, Scanned } from '../../domain/findings/find.ts'
import type { Finding } from '../../domain/findings/finding.ts'
import type { Ruling } from '../../domain/gate/conditions.ts'
import type { Decision, Excepted, LicenseBreach } from '../../domain/gate/decide.ts'
import type { Counts } from './counts.ts'
import type { SourceFacts } from './heard.ts'
import type { Terms } from './terms.ts'

interface Facts {
  readonly input: { readonly digest: string; readonly name: string }
  readonly scanned: readonly Scanned[]
  readonly sources: readonly SourceFacts[]
  readonly databaseDate: string
  readonly dates: readonly Dated[]
  readonly found: Found
  readonly decision: Decision
  readonly counts: Counts
  readonly terms: Terms
  readonly finished: string
  readonly base: BaseShare | undefined
}

/** In bytes, below what an output takes: of a report beyond it the least severe findings are left out, and it says how many. */
const mostReport = 15 * 2 ** 20

/** Everything that was found, for machines: what the gate lets through is in it as well. */
export function reportOf({ input, scanned, sources, databaseDate, dates, found, decision, counts, terms, finished, base }: Facts): string {
  const about = {
    schemaVersion: '1.0',
    ...{ name: input.name, subject: input.digest, finished, verdict: decision.verdict, reasons: decision.reasons, counts },
    policy: { digest: terms.digest, ...terms.policy },
    ...{ databaseDate, dates: Object.fromEntries(dates.map(({ what, date }) => [what, date])), sources },
    platforms: scanned.map(({ subject, inventory }) => ({ ...subject, packages: inventory.packages.length })),
    ...(terms.baseline === undefined ? {} : { baseline: { origin: terms.baseline.origin, digest: terms.baseline.digest } }),
    ...(base === undefined ? {} : { base: { name: base.name, findings: base.all - base.own, own: base.own, candidates: base.candidates } }),
    ...{ excused: decision.excepted.map(excuseOf), expired: decision.expired.map(excuseOf), unused: decision.unused },
    ...(decision.licenses.length === 0 ? {} : { licenses: decision.licenses.slice(0, 5000).map(breachOf) }),
  }
  const kept = fitting(found.findings.map((finding) => ({ ...finding, ...ruledOf(finding, decision) })))
  const left = found.findings.length - kept.length
  return `${JSON.stringify({ ...about, findings: kept, ...(left === 0 ? {} : { left }), unscanned: found.unscanned.slice(0, 5000) }, undefined, 2)}\n`
}

/** Whether it fails and by which conditions, or what spares it. */
function ruledOf(finding: Finding, { rulings, known }: Decision): Ruled {
  const { by = [], spared } = rulings.get(finding) ?? {}
  return {
    ...{ fails: by.length > 0, by },
    ...(spared === undefined ? {} : { spared }),
    ...(known === undefined ? {} : { known: known.has(finding) }),
  }
}

interface Ruled extends Ruling {
  readonly fails: boolean
  readonly known?: boolean
}

function breachOf({ purl, subject, license, verdict, valid }: LicenseBreach): object {
  return {
    purl,
    subject: subject.digest,
    license,
    verdict,
    fails: valid === undefined,
    ...(valid === undefined ? {} : { exception: valid }),
  }
}

function excuseOf({ finding, exception }: Excepted): object {
  return { id: finding.id, purl: finding.purl, subject: finding.subject.digest, exception }
}

function fitting(findings: readonly (Finding & Ruled)[]): readonly Finding[] {
  let size = 0
  const end = findings.findIndex((finding) => {
    size += JSON.stringify(finding, undefined, 4).length
    return size > mostReport / 2
  })
  return end < 0 ? findings : findings.slice(0, end)
}
