import { formatCount } from '../../../base/bytes.ts'
import type { Digest } from '../../../base/digest.ts'
import type { Location } from '../../packages/package.ts'
import type { Found } from '../find.ts'
import type { Finding } from '../finding.ts'
import { ratingOf, worstOf } from '../severity.ts'
import { type Known, knownPackages } from './known-packages.ts'
import type { Report, Reported } from './report.ts'
import { type Subjects, type Target, targetsOf } from './subjects.ts'

/** A report, and how messages name it. */
export interface NamedReport {
  readonly report: Report
  readonly where: string
}

/** What reports say of the images that are scanned, tied to their packages. @throws SW-SCAN-REPORT-SUBJECT */
export function findingsOfReports(reports: readonly NamedReport[], subjects: Subjects): Found {
  const about = reports.map(({ report, where }) => ({ report, targets: new Set(targetsOf(report, subjects, where)) }))
  const found = subjects.targets.flatMap((target) => {
    const own = about.flatMap(({ report, targets }) => (targets.has(target) ? [report] : []))
    return own.length === 0 ? missing(target, subjects) : [ofTarget(target, own, subjects)]
  })
  return { findings: found.flatMap(({ findings }) => findings), unscanned: found.flatMap(({ unscanned }) => unscanned) }
}

function missing({ subject }: Target, { coverAll }: Subjects): readonly Found[] {
  return coverAll ? [{ findings: [], unscanned: [{ what: subject.platform, why: 'no report is about this platform', subject }] }] : []
}

function ofTarget(target: Target, reports: readonly Report[], { root }: Subjects): Found {
  const find = knownPackages(target.inventory)
  // Of an index whose images are not known, all that is said of them counts.
  const isWhole = target.subject.digest === root && target.config === undefined
  const isOwn = ({ digests }: Reported): boolean =>
    isWhole ||
    digests.length === 0 ||
    [root, target.subject.digest, target.config].some((one) => one !== undefined && digests.includes(one))
  const reported = reports.flatMap((report) => report.reported).filter(isOwn)
  // Those with a package URL first: they say what the others only name.
  const sorted = reported.toSorted((a, b) => Number(a.package.purl === undefined) - Number(b.package.purl === undefined))
  return {
    findings: sorted.flatMap((one) => find(one.package).map((known) => findingOf(one, known, target))),
    unscanned: reports.flatMap((report) => unscannedOf(report, target)),
  }
}

function findingOf({ package: _, digests: __, ...said }: Reported, known: Known, { subject, layers }: Target): Finding {
  const locations = said.locations.map((location) => placed(location, layers))
  return {
    ...said,
    ...{ purl: known.purl, package: known.package, subject, locations: [...known.locations, ...locations] },
    ...worstOf(said.claims.map(({ severities }) => ratingOf(severities))),
  }
}

/** Scanners name a layer by its uncompressed digest or by that of its blob; one that the image has not is left out. */
function placed({ path, layer }: Location, layers: Target['layers']): Location {
  if (layer === undefined || layers === undefined) return { path }
  const blob: Digest | undefined = layers.get(layer) ?? [...layers.values()].find((digest) => digest === layer)
  return blob === undefined ? { path } : { path, layer: blob }
}

function unscannedOf({ unscanned, covers, source }: Report, { inventory, subject, config }: Target): Found['unscanned'] {
  // Of an image that nobody has here, only the report could say that there was nothing to look up.
  const isBlind = config === undefined && inventory.packages.length === 0 && !covers.system && !covers.languages
  const system = inventory.packages.filter(({ type }) => type === 'deb' || type === 'apk' || type === 'rpm').length
  const missed = [
    ...(isBlind ? [subject.platform] : []),
    ...(covers.system || system === 0 ? [] : [`${counted(system)} of the system`]),
    ...(covers.languages || inventory.packages.length === system ? [] : [`${counted(inventory.packages.length - system)} of languages`]),
  ]
  const why = isBlind ? `${source} looked no package up` : `${source} did not look them up`
  return [...unscanned, ...missed.map((what) => ({ what, why }))].map((one) => ({ ...one, subject }))
}

function counted(packages: number): string {
  return `${formatCount(packages)} package${packages === 1 ? '' : 's'}`
}
