import { randomUUID } from 'node:crypto'
import type { Artifact, Repository, State } from './state.ts'
import { yearOne } from './state.ts'

export type ScanType = 'vulnerability' | 'sbom'
export type ScanStatus = 'Pending' | 'Running' | 'Success' | 'Error' | 'Stopped'

export interface Vulnerability {
  readonly id: string
  readonly package: string
  readonly version: string
  readonly fix_version: string
  readonly severity: string
  readonly description?: string
  readonly score?: number
}

/** What the scanner does with one request. Times in milliseconds since the request. */
export interface ScanPlan {
  readonly runs: number
  readonly ends: number
  readonly end: 'Success' | 'Error' | 'Stopped'
  readonly vulnerabilities?: readonly Vulnerability[]
  /** What the report says beside them; default the worst of them. */
  readonly severity?: string
}

export interface ScanRequest {
  readonly repository: string
  readonly digest: string
  readonly tags: readonly string[]
  readonly type: ScanType
}

interface Scan {
  readonly report: string
  readonly type: ScanType
  readonly asked: number
  readonly plan: ScanPlan
  stopped: number | undefined
  stored: string | undefined
}

export const vulnerabilityReport = 'application/vnd.security.vulnerability.report; version=1.1'
export const olderReport = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'
export const scannerName = { name: 'LabScan', vendor: 'Example', version: '1.2.3' } as const
const severities = ['None', 'Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical']

/** Five made-up flaws, one of each severity. */
export const madeUp: readonly Vulnerability[] = [
  { id: 'CVE-2026-0001', package: 'openssl', version: '3.0.1', fix_version: '3.0.9', severity: 'Critical', score: 9.8 },
  { id: 'CVE-2026-0002', package: 'zlib', version: '1.2.11', fix_version: '1.2.13', severity: 'High', score: 7.5 },
  { id: 'CVE-2026-0003', package: 'busybox', version: '1.35.0', fix_version: '', severity: 'Medium' },
  { id: 'CVE-2026-0004', package: 'tar', version: '1.34', fix_version: '', severity: 'Low' },
  { id: 'CVE-2026-0005', package: 'apt', version: '2.6.1', fix_version: '', severity: 'Unknown' },
]

/** The scans of all artifacts. They go on with the clock of the state, by the plan of the script. */
export interface Scans {
  /** What the scanner will do; a test sets it. */
  script: (request: ScanRequest) => ScanPlan
  /** How many of the coming requests meet a race in Harbor and are answered by 500. */
  races: number
  /** Whether the scanner can scan an index: it is handed that alone then, else the images of it. The recorded one can, Trivy cannot. */
  takesIndexes: boolean
  /** The scanner makes reports of this kind. */
  produces: string
  begin(repository: Repository, artifact: Artifact, type: ScanType): void
  /** Whether a request for a scan is refused, since one is under way. */
  isBusy(repository: Repository, artifact: Artifact, type: ScanType): boolean
  stop(artifact: Artifact, type: ScanType): boolean
  statusOf(artifact: Artifact, type: ScanType): ScanStatus | undefined
  /** `scan_overview` or `sbom_overview`; undefined before the first scan. */
  overview(artifact: Artifact, type: ScanType): Record<string, unknown> | undefined
  /** The report, when the last scan has one. */
  report(artifact: Artifact): Record<string, unknown> | undefined
  hasReport(artifact: Artifact, report: string): boolean
  /** Scans of SBOMs that ended well and whose document nobody stored yet; what is given here is stored as `sbom_digest`. */
  unstored(artifact: Artifact): { store(digest: string): void } | undefined
  readonly all: () => readonly ScanStatus[]
}

export function createScans(state: State): Scans {
  const known = new Map<Artifact, Map<ScanType, Scan>>()
  const scanOf = (artifact: Artifact, type: ScanType): Scan | undefined => known.get(artifact)?.get(type)
  const parts = { vulnerability: new Map<Artifact, readonly Artifact[]>(), sbom: new Map<Artifact, readonly Artifact[]>() }
  const scansOf = (artifact: Artifact, type: ScanType): readonly Scan[] =>
    [...(parts[type].get(artifact) ?? []), artifact].flatMap((one) => scanOf(one, type) ?? [])
  const statusAt = (scan: Scan): ScanStatus => statusOf(scan, state.now())
  const scans: Scans = {
    script: () => ({ runs: 0, ends: 2000, end: 'Success', vulnerabilities: madeUp }),
    races: 0,
    takesIndexes: true,
    produces: vulnerabilityReport,
    begin(repository, artifact, type) {
      const children = scans.takesIndexes && type === 'vulnerability' ? [] : childrenOf(repository, artifact)
      parts[type].set(artifact, children)
      const idle = children.filter((child) => !isBusy(scans.statusOf(child, type)))
      for (const child of idle) scans.begin(repository, child, type)
      if (children.length > 0) return
      const tags = [...repository.tags.values()].flatMap(({ name, digest }) => (digest === artifact.digest ? [name] : []))
      const plan = scans.script({ repository: repository.name, digest: artifact.digest, tags, type })
      const own = known.get(artifact) ?? new Map<ScanType, Scan>()
      known.set(artifact, own.set(type, { report: randomUUID(), type, asked: state.now(), plan, stopped: undefined, stored: undefined }))
    },
    isBusy(repository, artifact, type) {
      const children = scans.takesIndexes && type === 'vulnerability' ? [] : childrenOf(repository, artifact)
      return (children.length === 0 ? [artifact] : children).every((one) => isBusy(scans.statusOf(one, type)))
    },
    stop(artifact, type) {
      const scan = scanOf(artifact, type)
      if (scan !== undefined && ['Pending', 'Running'].includes(statusAt(scan))) scan.stopped = state.now()
      return scan !== undefined
    },
    statusOf: (artifact, type) => {
      const all = scansOf(artifact, type).map(statusAt)
      return all.length === 0 ? undefined : mergedStatus(all)
    },
    overview(artifact, type) {
      const several = scansOf(artifact, type)
      if (several.length > 1 && type === 'vulnerability')
        return { [scans.produces]: mergedOverview(several.map((one) => vulnerabilityOverview(one, statusAt(one)))) }
      const scan = scanOf(artifact, type)
      if (scan === undefined) return undefined
      return type === 'sbom' ? sbomOverview(scan, statusAt(scan)) : { [scans.produces]: vulnerabilityOverview(scan, statusAt(scan)) }
    },
    report(artifact) {
      const scan = scanOf(artifact, 'vulnerability')
      return scan === undefined || statusAt(scan) !== 'Success' ? undefined : { [scans.produces]: reportOf(scan, artifact) }
    },
    hasReport: (artifact, report) => [...(known.get(artifact)?.values() ?? [])].some((scan) => scan.report === report),
    unstored(artifact) {
      const scan = scanOf(artifact, 'sbom')
      if (scan === undefined || scan.stored !== undefined || statusAt(scan) !== 'Success') return undefined
      return {
        store: (digest) => {
          scan.stored = digest
        },
      }
    },
    all: () => [...known.values()].flatMap((own) => [...own.values()].filter(({ type }) => type === 'vulnerability').map(statusAt)),
  }
  return scans
}

function childrenOf({ artifacts }: Repository, { references }: Artifact): readonly Artifact[] {
  return references.flatMap(({ digest }) => artifacts.get(digest) ?? [])
}

function isBusy(status: ScanStatus | undefined): boolean {
  return status === 'Pending' || status === 'Running'
}

/** Of an index whose images are scanned each: one success is enough, where none runs. */
function mergedStatus(all: readonly ScanStatus[]): ScanStatus {
  const order = ['Running', 'Success', 'Error', 'Stopped', 'Pending'] as const
  return order.find((status) => all.includes(status)) ?? 'Pending'
}

/** Its report is known by the ids of all, in base64. */
function mergedOverview(all: readonly Record<string, unknown>[]): Record<string, unknown> {
  const ids = all.map((one) => String(one['report_id'])).join('|')
  const status = mergedStatus(all.map((one) => one['scan_status'] as ScanStatus))
  const first = all.find((one) => one['scan_status'] === status)
  return { ...first, report_id: Buffer.from(ids).toString('base64') }
}

function statusOf({ asked, plan, stopped }: Scan, now: number): ScanStatus {
  if (stopped !== undefined) return 'Stopped'
  const passed = now - asked
  if (passed >= plan.ends) return plan.end
  return passed >= plan.runs ? 'Running' : 'Pending'
}

/** Whole seconds, but with milliseconds written. */
function second(time: number): string {
  return new Date(Math.floor(time / 1000) * 1000).toISOString()
}

function vulnerabilityOverview(scan: Scan, status: ScanStatus): Record<string, unknown> {
  const { asked, plan, stopped, report } = scan
  const common = { report_id: report, scan_status: status, start_time: status === 'Pending' ? yearOne : second(asked + plan.runs) }
  if (status === 'Pending' || status === 'Running') return { end_time: yearOne, ...common }
  const ended = stopped ?? asked + plan.ends
  const passed = Math.floor(ended / 1000) - Math.floor((asked + plan.runs) / 1000)
  const duration = stopped === undefined ? passed : Math.max(passed, 1)
  if (status !== 'Success') return { ...(duration > 0 ? { duration } : {}), end_time: second(ended), ...common }
  const found = plan.vulnerabilities ?? []
  const counts: Record<string, number> = {}
  for (const { severity } of found) counts[severity] = (counts[severity] ?? 0) + 1
  return {
    ...{ complete_percent: 100, ...(duration > 0 ? { duration } : {}), end_time: second(ended) },
    ...{ ...common, scanner: scannerName, severity: worst(found) },
    summary: { fixable: found.filter(({ fix_version }) => fix_version !== '').length, summary: counts, total: found.length },
  }
}

function sbomOverview({ asked, plan, stored, report }: Scan, status: ScanStatus): Record<string, unknown> {
  if (status !== 'Success' || stored === undefined) {
    return { end_time: yearOne, report_id: report, scan_status: status === 'Success' ? 'Running' : status, start_time: yearOne }
  }
  const times = { end_time: new Date(asked + plan.ends).toISOString(), start_time: new Date(asked + plan.runs).toISOString() }
  const duration = Math.floor((plan.ends - plan.runs) / 1000)
  return { ...(duration > 0 ? { duration } : {}), ...times, sbom_digest: stored, scan_status: status, scanner: scannerName }
}

/** What the scanner wrote, as Harbor keeps it. */
function reportOf({ asked, plan }: Scan, { digest }: Artifact): Record<string, unknown> {
  const found = plan.vulnerabilities ?? []
  return {
    ...{ generated_at: new Date(asked + plan.ends).toISOString(), scanner: scannerName },
    severity: plan.severity ?? (found.length === 0 ? 'Unknown' : worst(found)),
    vulnerabilities: found.map(({ score, description, ...one }) => ({
      ...one,
      ...{
        status: '',
        description: description ?? `Made-up ${one.severity.toLowerCase()} flaw.`,
        links: [`https://example.test/${one.id}`],
      },
      artifact_digests: [digest],
      preferred_cvss: { score_v3: score ?? null, score_v2: null, vector_v3: '', vector_v2: '' },
      ...{
        cwe_ids: score === undefined ? [''] : ['CWE-787'],
        vendor_attributes: (score ?? 0) < 9 ? null : { CVSS: { nvd: { V3Score: score } } },
      },
    })),
  }
}

export function worst(found: readonly { readonly severity: string }[]): string {
  return severities[Math.max(0, ...found.map(({ severity }) => severities.indexOf(severity)))] ?? 'None'
}

export function isAtLeast(severity: string, limit: string): boolean {
  const at = (name: string): number => severities.findIndex((one) => one.toLowerCase() === name.toLowerCase())
  return at(severity) >= at(limit)
}
