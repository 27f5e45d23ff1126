import { createHash } from 'node:crypto'
import { factsOrNothing, openRead, readBytes, walk } from '../../io/files.ts'
import { inOrder } from '../../io/in-order.ts'
import { largestRecord, type RecordFile, recordsIn } from './archive.ts'
import { ecosystems } from './ecosystem.ts'
import { databaseMissing } from './errors.ts'

/** A file of a database, by its path below the database's folder. */
export interface DatabaseFile {
  readonly path: string
  readonly place: string
}

const atOnce = 16

/**
 * The files of a database on disk, sorted: a folder's `all.zip` and JSON files, or one such file. Those in a folder that has the name of an
 * ecosystem are only taken when it `isAsked` for: OSV publishes 1 GB, of which an image needs a part. @throws SW-ADVISORIES-MISSING
 */
export async function databaseFiles(place: string, isAsked: (ecosystem: string) => boolean): Promise<readonly DatabaseFile[]> {
  const kind = (await factsOrNothing(place))?.kind
  if (kind === 'file' && /\.(?:zip|json)$/.test(place)) return [{ path: place.slice(place.lastIndexOf('/') + 1), place }]
  if (kind !== 'directory') throw noAdvisories(place, kind === undefined ? 'is not there' : 'is neither a folder nor a .zip or .json file')
  const files: DatabaseFile[] = []
  let seen = 0
  for await (const { path, kind: each } of walk(place)) {
    if (!/(?:^|\/)all\.zip$|\.json$/.test(path)) continue
    // Whoever shares a database may link to its parts; a link that leads nowhere is an error when it is read.
    const real = each === 'symlink' ? ((await factsOrNothing(`${place}/${path}`))?.kind ?? 'file') : each
    if (real !== 'file') continue
    seen += 1
    const folders = path.split('/').slice(0, -1)
    if (!folders.some((name) => ecosystems.has(name) && !isAsked(name))) files.push({ path, place: `${place}/${path}` })
  }
  if (seen === 0) throw noAdvisories(place, 'has no advisory')
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The records of these files, some at a time. @throws SW-ZIP-…, SW-FILE-… */
export async function* recordsOf(files: readonly DatabaseFile[]): AsyncGenerator<readonly RecordFile[]> {
  for (const { place } of files) if (place.endsWith('.zip')) yield* recordsIn(place)
  const loose = files.values().filter(({ place }) => !place.endsWith('.zip'))
  yield* inOrder(each(loose), atOnce, async ({ path, place }) => [{ where: path, bytes: await readBytes(place, largestRecord) }])
}

/** The SHA-256 in hex of what `sha256sum` prints of these files, in this order. */
export async function digestOf(files: readonly DatabaseFile[]): Promise<string> {
  const all = createHash('sha256')
  for (const { path, place } of files) {
    const own = createHash('sha256')
    for await (const piece of openRead(place)) own.update(piece)
    all.update(`${own.digest('hex')}  ${path}\n`)
  }
  return all.digest('hex')
}

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

/** The error for a place without advisories. */
export function noAdvisories(place: string, why: string): Error {
  return databaseMissing(`${place} ${why}, expected <Ecosystem>/all.zip or JSON files of OSV below it, or one such file.`, {
    hint: 'database: FOLDER',
  })
}
