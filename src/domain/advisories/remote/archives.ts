import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import { TaskError } from '../../../base/errors.ts'
import { ensureFolder, factsOrNothing, openRead, readText, removeTree, writeAtomic, writeStream } from '../../../io/files.ts'
import type { HttpResponse } from '../../../spec/ports.ts'
import { inParallel } from '../../oci/parallel.ts'
import { type Answers, readDatabase } from '../database.ts'
import { type Dated, oldestOf } from '../dated.ts'
import type { Coordinates } from '../ecosystem.ts'
import type { RemotePorts } from './ports.ts'
import { archiveFacts } from './schema.ts'

const largestArchive = 4 * 2 ** 30
const atOnce = 3
const attempts = 3
/** Milliseconds for one archive with all attempts: the largest has 300 MB. */
const patience = 900_000
const clockSkew = 86_400_000
type Facts = v.InferOutput<typeof archiveFacts>

/** What stands in an address for the name of an ecosystem. */
export const placeholder = '{ecosystem}'

/**
 * Fetches the archive of each ecosystem that is asked for, unless the one that is kept is still the same, and reads them. Nothing is told of
 * the packages. @throws SW-HTTP-…, and what reading a database may
 */
export async function askArchives(address: string, asked: readonly Coordinates[], ports: RemotePorts): Promise<Answers> {
  const folder = join(ports.folder, createHash('sha256').update(address).digest('hex').slice(0, 24))
  const times = new Map<string, string>()
  const families = [...new Set(asked.map(({ ecosystem }) => ecosystem))].sort()
  await inParallel(families, atOnce, async (family) => {
    ports.progress.doing(`fetching the advisories of ${family}`)
    const own = join(folder, family)
    await ensureFolder(own, 0o700)
    const facts = await fetchArchive(address.replaceAll(placeholder, encodeURIComponent(family)), own, ports)
    if (facts === undefined) ports.log.warn('there are no advisories of an ecosystem at the address', { ecosystem: family, address })
    else times.set(family, facts.lastModified)
  })
  if (times.size === 0) return nothing
  const answers = await readDatabase(folder, asked, ports.signal)
  const dates = answers.dates.map((dated) => ({ ...dated, date: later(dated, times.get(dated.what), ports.clock.now()) }))
  return { ...answers, dates, modified: oldestOf(dates)?.date ?? '' }
}

const nothing: Answers = {
  ...{ advisories: new Map(), ecosystems: new Set(), records: 0, dates: [], modified: '' },
  digest: `sha256:${createHash('sha256').digest('hex')}`,
}

/** An ecosystem that has had no news for long is as new as its archive, which the server made anew meanwhile. */
function later({ date }: Dated, lastModified: string | undefined, now: number): string {
  const time = Date.parse(lastModified ?? '')
  return Number.isFinite(time) && time < now + clockSkew && time > Date.parse(date) ? new Date(time).toISOString() : date
}

async function fetchArchive(url: string, folder: string, ports: RemotePorts): Promise<Facts | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryFetch(url, folder, ports)
    } catch (error) {
      // The door to HTTP tries again until an answer begins; here one has broken off in the middle.
      if (!(error instanceof TaskError) || !error.retryable || attempt === attempts) throw error
    }
  }
}

async function tryFetch(url: string, folder: string, { http }: RemotePorts): Promise<Facts | undefined> {
  const [archive, facts] = [join(folder, 'all.zip'), join(folder, 'facts')]
  const kept = await keptFacts(archive, facts)
  const headers = kept === undefined || kept.etag === '' ? {} : { 'if-none-match': kept.etag }
  const response = await http.request({ method: 'GET', url, headers, expect: [200, 304, 403, 404], priority: 'blob', deadline: patience })
  if (response.status === 304 && kept !== undefined) {
    await response.discard()
    return kept
  }
  if (response.status !== 200) {
    await response.discard()
    await removeTree(folder)
    return undefined
  }
  const { digest } = await writeStream(archive, response.body, { limit: largestArchive, from: url, ...sizeOf(response) })
  const made = { etag: response.header('etag') ?? '', lastModified: response.header('last-modified') ?? '', digest }
  await writeAtomic(facts, JSON.stringify(made))
  return made
}

/** What is kept beside an archive, when the archive is still the one that it speaks of. */
async function keptFacts(archive: string, facts: string): Promise<Facts | undefined> {
  const [there, about] = await Promise.all([factsOrNothing(archive), factsOrNothing(facts)])
  if (there?.kind !== 'file' || about?.kind !== 'file') return undefined
  const parsed = v.safeParse(archiveFacts, jsonOf(await readText(facts, 64 * 1024)))
  if (!parsed.success) return undefined
  const hash = createHash('sha256')
  for await (const piece of openRead(archive)) hash.update(piece)
  return parsed.output.digest === `sha256:${hash.digest('hex')}` ? parsed.output : undefined
}

function sizeOf(response: HttpResponse): { readonly size?: number } {
  const size = Number(response.header('content-length') ?? '')
  return response.header('content-length') !== undefined && Number.isSafeInteger(size) ? { size } : {}
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
