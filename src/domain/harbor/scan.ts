import type { Digest } from '../../base/digest.ts'
import type { Progress } from '../../spec/ports.ts'
import { connectHarbor, type Harbor, type HarborOptions, type HarborPorts } from './client.ts'
import { harborDatabaseStale, harborMissing, harborScanLate, harborScanner, harborUnsupported } from './errors.ts'
import { type HarborImage, nameOf, readArtifact, readReports, readSbom, reportTypes } from './images.ts'
import { accountOf, systemOf } from './login.ts'
import { splitRepository } from './paths.ts'
import { databaseDate, scannerOf } from './projects.ts'
import type { HarborArtifact, HarborScanRun, ProjectScanner } from './schema.ts'
import { ensureScan, ensureScanOfPart, type Waiting } from './wait.ts'

export interface HarborScanPorts extends HarborPorts {
  readonly progress: Progress
  /** For the jitter, 0 to 1. Default `Math.random`. */
  readonly random?: () => number
}

export interface HarborScanRequest extends HarborOptions {
  /** With its project: `team/app`. */
  readonly repository: string
  /** Of an image or an index that was pushed. */
  readonly digest: Digest
  /** Milliseconds for all of it. Default 900 000. */
  readonly patience?: number
  /** Milliseconds that the scanner's database may be old, where Harbor tells. Default: any. */
  readonly databaseAge?: number
  /** Has Harbor's scanner make an SBOM as well. Default false. */
  readonly sbom?: boolean
}

/** What the scanner said of one image, as it wrote it. */
export interface HarborReport {
  /** The image of one platform. */
  readonly digest: Digest
  /** One of {@link reportTypes}. */
  readonly mediaType: string
  /** The report itself, parsed as JSON and otherwise as it came. */
  readonly document: unknown
}

export interface HarborSbom {
  readonly digest: Digest
  /** SPDX JSON, as Harbor keeps it. */
  readonly text: string
  /** Of the accessory in the repository. */
  readonly accessory: Digest
}

export interface HarborScan {
  /** `v2.15.2-0d9f3c5a`, where Harbor tells. */
  readonly version: string | undefined
  readonly scanner: { readonly name: string; readonly vendor: string; readonly version: string }
  /** When the scanner's database was made, milliseconds since 1970, where Harbor tells: it does to administrators only. */
  readonly database: number | undefined
  readonly run: Pick<HarborScanRun, 'report' | 'started' | 'ended' | 'severity'>
  /** One for each platform, in the order of the index. */
  readonly reports: readonly HarborReport[]
  readonly sboms: readonly HarborSbom[]
}

const usualPatience = 900_000

/**
 * Has Harbor scan an image that is in it, and gives the scanner's reports. No manifest is read from the registry: a project that
 * holds back what is not signed or scanned lets this pass. Throws the errors of {@link harborScanErrors}.
 */
export async function scanWithHarbor(request: HarborScanRequest, ports: HarborScanPorts): Promise<HarborScan> {
  const { clock, progress, random = Math.random } = ports
  const harbor = connectHarbor(request, ports)
  const image = imageOf(request)
  if (request.credential !== undefined) await accountOf(harbor)
  const { version } = await systemOf(harbor)
  const scanner = await requireScanner(harbor, image)
  const database = await requireFresh(harbor, { scanner, age: request.databaseAge, now: clock.now() })
  const doing = (state: string): void => progress.doing(`scanning in Harbor: ${state.toLowerCase()}`)
  const waiting: Waiting = { harbor, clock, random, doing, until: clock.now() + (request.patience ?? usualPatience) }
  const images = platformsOf(await readArtifact(harbor, image), image)
  const parts = images.filter((one) => one.digest !== image.digest)
  const before = await Promise.all(parts.map(async (one) => (await readArtifact(harbor, one)).scan))
  const { run } = await ensureScan(image, 'vulnerability', waiting)
  const over = new AbortController()
  const ofParts = { ...waiting, signal: over.signal }
  await Promise.all(parts.map((one, place) => ensureScanOfPart(one, before[place], ofParts))).catch((error: unknown) => {
    over.abort()
    throw error
  })
  const reports = await Promise.all(images.map((one) => reportOf(one, waiting)))
  const sboms: HarborSbom[] = []
  if (request.sbom === true) for (const one of images) sboms.push(await sbomOf(one, waiting))
  const { name = '', vendor = '', version: ofScanner = '' } = run.scanner ?? {}
  return { version, scanner: { name: name ?? '', vendor: vendor ?? '', version: ofScanner ?? '' }, database, run, reports, sboms }
}

function imageOf({ repository: path, digest }: HarborScanRequest): HarborImage {
  const repository = splitRepository(path)
  if (repository === undefined) throw harborMissing(`${JSON.stringify(path)} names no project of Harbor, expected project/repository.`)
  return { repository, digest }
}

/** Undefined when we may not know. */
async function requireScanner(harbor: Harbor, { repository: { project } }: HarborImage): Promise<ProjectScanner | undefined> {
  const scanner = await scannerOf(harbor, project)
  if (scanner === 'none') throw harborScanner(`Harbor at ${harbor.origin} has no scanner for the project ${project}.`)
  if (scanner?.disabled === true) throw harborScanner(`The scanner ${scanner.name} of the project ${project} is disabled.`)
  return scanner
}

async function requireFresh(
  harbor: Harbor,
  { scanner, age, now }: { scanner: ProjectScanner | undefined; age: number | undefined; now: number },
): Promise<number | undefined> {
  const made = scanner === undefined ? undefined : await databaseDate(harbor, scanner)
  if (made === undefined || age === undefined || now - made <= age) return made
  throw harborDatabaseStale(
    `The vulnerability database of ${scanner?.name} is of ${new Date(made).toISOString().slice(0, 10)}, ${days(now - made)} old, expected at most ${days(age)}.`,
  )
}

function days(milliseconds: number): string {
  return `${Math.floor(milliseconds / 86_400_000)} days`
}

/** The images of an index, without attestation manifests (platform unknown/unknown); or the image itself. */
function platformsOf({ references, type }: HarborArtifact, image: HarborImage): readonly HarborImage[] {
  if (type !== 'IMAGE') throw harborUnsupported(`${nameOf(image)} is of the type ${type}, expected IMAGE.`)
  const images = references.filter(({ platform }) => platform?.architecture !== 'unknown')
  return images.length === 0 ? [image] : images.map(({ digest }) => ({ ...image, digest }))
}

/** Harbor writes the report a moment after the status; `{}` until then. */
async function reportOf(image: HarborImage, { harbor, clock, until }: Waiting): Promise<HarborReport> {
  for (let wait = 500; ; wait *= 2) {
    const all = new Map(Object.entries((await readReports(harbor, image)) ?? {}))
    const mediaType = reportTypes.find((type) => all.has(type))
    if (mediaType !== undefined) return { digest: image.digest, mediaType, document: all.get(mediaType) }
    if (wait > 16_000 || clock.now() + wait > until) throw await withoutReport(harbor, image)
    await clock.sleep(wait)
  }
}

async function withoutReport(harbor: Harbor, image: HarborImage): Promise<Error> {
  const { scan } = await readArtifact(harbor, image)
  const state = scan === undefined ? 'its scan does not show' : `its scan is ${scan.status}`
  return harborScanLate(`Harbor has no report of ${nameOf(image)}, though the scan ended: ${state}.`, { retryable: true })
}

async function sbomOf(image: HarborImage, waiting: Waiting): Promise<HarborSbom> {
  const { run } = await ensureScan(image, 'sbom', waiting)
  if (run.digest === undefined) throw harborScanLate(`Harbor made an SBOM of ${nameOf(image)} and does not say where.`)
  const text = await readSbom(waiting.harbor, { ...image, digest: run.digest })
  return { digest: image.digest, text, accessory: run.digest }
}
