import { readBytes } from '../../../io/files.ts'
import { reportInvalid, reportUnknown } from './errors.ts'
import { readGrype } from './grype.ts'
import { harborReportIn, readHarbor } from './harbor.ts'
import { parseReportJson } from './json.ts'
import { readOsvScanner } from './osv-scanner.ts'
import type { Report } from './report.ts'
import { readSlipway } from './slipway.ts'
import { readTrivy } from './trivy.ts'

/** In bytes: a report of trivy of 20,000 packages has 40 MB. */
const largest = 256 * 2 ** 20

interface Kind {
  readonly is: (has: (...names: readonly string[]) => boolean, value: object) => boolean
  readonly read: (value: object, where: string) => Report
}

/** By the fields that only the reports of one scanner have. */
const kinds: readonly Kind[] = [
  {
    is: (has) => has('SchemaVersion', 'ArtifactType') || has('SchemaVersion', 'ArtifactName') || has('SchemaVersion', 'Results'),
    read: readTrivy,
  },
  { is: (has) => has('matches', 'descriptor'), read: readGrype },
  { is: (has) => has('results', 'experimental_config') || has('results', 'image_metadata'), read: readOsvScanner },
  { is: (has) => has('schemaVersion', 'verdict', 'findings'), read: readSlipway },
  {
    is: (has, value) => harborReportIn(value) !== undefined || has('generated_at', 'scanner') || Object.keys(value).length === 0,
    read: readHarbor,
  },
]

/** What else is often given, and what to give instead. */
const others: readonly (readonly [field: string, what: string, hint: string])[] = [
  ['runs', 'SARIF, which names no package and no version', 'give the JSON of the same scanner: trivy --format json, grype -o json'],
  ['bomFormat', 'an SBOM of CycloneDX, which has no findings', 'sbom: FILE'],
  ['spdxVersion', 'an SBOM of SPDX, which has no findings', 'sbom: FILE'],
]

/** Reads a report of whichever scanner wrote it, told by its content. @throws SW-SCAN-REPORT-UNKNOWN, SW-SCAN-REPORT-INVALID, SW-FILE-… */
export async function readReport(path: string, where: string = path): Promise<Report> {
  return parseReport(parseReportJson(await readBytes(path, largest), where), where)
}

/** As {@link readReport}, of a value of JSON. */
export function parseReport(value: unknown, where: string): Report {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw reportInvalid(`${where} is no object of JSON, expected a report of a scanner.`)
  const names = new Set(Object.keys(value))
  const kind = kinds.find(({ is }) => is((...wanted) => wanted.every((name) => names.has(name)), value))
  if (kind !== undefined) return kind.read(value, where)
  const other = others.find(([field]) => names.has(field))
  if (other !== undefined) throw reportUnknown(`${where} is ${other[1]}.`, { hint: other[2] })
  const seen = [...names].slice(0, 5).map((name) => JSON.stringify(name.slice(0, 60)))
  throw reportUnknown(
    `${where} has ${seen.join(', ')}${names.size > 5 ? ', …' : ''}, expected the JSON of trivy, grype, osv-scanner, Harbor or Slipway.`,
  )
}
