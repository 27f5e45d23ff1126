import type { Clock } from '../../spec/ports.ts'
import type { Harbor } from './client.ts'
import { harborBroken, harborScanFailed, harborScanLate, harborScanStopped, harborUnsupported } from './errors.ts'
import { type HarborImage, nameOf, readArtifact, readScanLog, type ScanType, startScan } from './images.ts'
import { saidIn } from './refusals.ts'
import type { HarborArtifact, HarborSbomRun, HarborScanRun } from './schema.ts'

export interface Waiting {
  readonly harbor: Harbor
  readonly clock: Clock
  /** 0 to 1. */
  readonly random: () => number
  /** Milliseconds since 1970. */
  readonly until: number
  /** Told of each state. */
  readonly doing: (state: string) => void
  /** Aborted when another platform has failed: nobody waits for this one any more. */
  readonly signal?: AbortSignal
}

/** The times a request that Harbor fails is sent: parallel requests for one image fail beside one that does not. */
const mostTries = 5
const [firstWait, longestWait] = [500, 10_000]

/**
 * Sees to a scan that began no earlier than now, or was under way, and waits for its end. A re-scan hides the result before it, a
 * queued one may not show at all: new is what has another report id, or began later.
 */
export async function ensureScan<T extends ScanType>(
  image: HarborImage,
  type: T,
  waiting: Waiting,
): Promise<{ artifact: HarborArtifact; run: T extends 'sbom' ? HarborSbomRun : HarborScanRun }>
export async function ensureScan(
  image: HarborImage,
  type: ScanType,
  waiting: Waiting,
): Promise<{ artifact: HarborArtifact; run: HarborScanRun | HarborSbomRun }> {
  const before = runOf(await readArtifact(waiting.harbor, image), type)
  const isNew = await begin(image, type, waiting)
  return settled({ image, type, old: isNew ? before : undefined }, waiting)
}

/**
 * The same for an image of an index that was scanned just now: a scanner that cannot scan an index is handed its images, and one that
 * can the index alone. `before` is what the image had when that was asked for.
 */
export async function ensureScanOfPart(image: HarborImage, before: HarborScanRun | undefined, waiting: Waiting): Promise<void> {
  const { scan } = await readArtifact(waiting.harbor, image)
  const isUnderWay = scan !== undefined && !isSame(scan, before)
  if (isUnderWay) await settled({ image, type: 'vulnerability', old: undefined }, waiting)
  else await ensureScan(image, 'vulnerability', waiting)
}

interface Expected {
  readonly image: HarborImage
  readonly type: ScanType
  /** What was there before, and is no result of the scan that is waited for. */
  readonly old: HarborScanRun | HarborSbomRun | undefined
}

async function settled(
  { image, type, old }: Expected,
  { harbor, clock, until, random, doing, signal }: Waiting,
): Promise<{ artifact: HarborArtifact; run: HarborScanRun | HarborSbomRun }> {
  for (let round = 0; ; round += 1) {
    const artifact = await readArtifact(harbor, image)
    const run = runOf(artifact, type)
    const seen = run === undefined || isSame(run, old) ? undefined : run
    doing(seen?.status ?? 'queued')
    if (seen?.status === 'Success' && isStored(seen, type)) return { artifact, run: seen }
    if (seen?.status === 'Error') throw await failed(image, seen, harbor)
    if (seen?.status === 'Stopped') throw harborScanStopped(`The scan of ${nameOf(image)} was stopped in Harbor.`, { retryable: true })
    const wait = Math.min(firstWait * 1.5 ** round, longestWait) * (0.75 + random() / 2)
    if (clock.now() + wait > until) throw late(image, seen?.status)
    await clock.sleep(wait)
    signal?.throwIfAborted()
  }
}

/** Whether a scan of our own began; false when one was under way, whose end is as good. */
async function begin(image: HarborImage, type: ScanType, { harbor, clock, random, until }: Waiting): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, text, requestId } = await startScan(harbor, image, type)
    if (status === 409) return false
    if (status < 300) return true
    const said = saidIn(text).message
    if (status === 400) throw harborUnsupported(`Harbor does not scan ${nameOf(image)}: ${said} (request ${requestId}).`)
    const wait = firstWait * 2 ** attempt * (0.5 + random())
    if (attempt === mostTries || clock.now() + wait > until) {
      const message = `Harbor answered ${status} to ${attempt} requests to scan ${nameOf(image)}: ${said} (request ${requestId}).`
      throw harborBroken(message, { retryable: true, hint: 'Harbor’s job service may be down: look at /api/v2.0/health.' })
    }
    await clock.sleep(wait)
  }
}

function runOf(artifact: HarborArtifact, type: ScanType): HarborScanRun | HarborSbomRun | undefined {
  return type === 'sbom' ? artifact.sbom : artifact.scan
}

/** Once an SBOM is there it has a digest and no report id. */
function isSame(run: HarborScanRun | HarborSbomRun, before: HarborScanRun | HarborSbomRun | undefined): boolean {
  return before !== undefined && run.report === before.report && run.started === before.started && run.status === before.status
}

function isStored(run: HarborScanRun | HarborSbomRun, type: ScanType): boolean {
  return type === 'vulnerability' || ('digest' in run && run.digest !== undefined)
}

/** Harbor shows no reason but in the log. */
async function failed(image: HarborImage, { report }: HarborScanRun | HarborSbomRun, harbor: Harbor): Promise<Error> {
  const log = report === '' ? undefined : await readScanLog(harbor, image, report)
  const last = log?.split('\n').findLast((line) => /\[(?:ERROR|FATAL)\]/.test(line))
  const why = last === undefined ? '' : ` Its log says: ${saidIn(last).message}`
  return harborScanFailed(`The scan of ${nameOf(image)} in Harbor ended in an error.${why}`, { retryable: true })
}

function late(image: HarborImage, status: string | undefined): Error {
  const state = status === undefined ? 'it is queued and has not begun' : `it is ${status}`
  return harborScanLate(`The scan of ${nameOf(image)} in Harbor has not ended in time: ${state}.`, { retryable: true })
}
