import { createHash } from 'node:crypto'
import { type Digest, isDigest } from '../../base/digest.ts'
import { factsOrNothing, readBytes, walk } from '../../io/files.ts'
import type { Advisory } from './advisory.ts'
import { largestRecord, type RecordFile, recordsIn } from './archive.ts'
import { type Coordinates, canonicalName, isOfEcosystem } from './ecosystem.ts'
import { databaseMissing } from './errors.ts'
import { membersIn } from './mentions.ts'
import { parseAdvisory } from './schema.ts'

/** What a database says of the packages that were asked for. */
export interface Answers {
  /** By {@link keyOf} ecosystem and name. */
  readonly advisories: ReadonlyMap<string, readonly Advisory[]>
  /** Every ecosystem, with its release, that any record is about: of others nothing is known. */
  readonly ecosystems: ReadonlySet<string>
  /** Records that were looked at. */
  readonly records: number
  /** The latest `modified` of any record, RFC 3339: how old the database is. */
  readonly modified: string
  /** Over all records in their order. */
  readonly digest: Digest
}

/** The name of a package among the {@link Answers}. */
export function keyOf(ecosystem: string, name: string): string {
  return `${ecosystem} ${canonicalName(ecosystem, name)}`
}

/**
 * Reads a folder of OSV records, JSON files and `<Ecosystem>/all.zip`, once, from its beginning to its end. Memory is for what is about the
 * packages asked for, however many records there are. @throws SW-ADVISORIES-MISSING, SW-ADVISORIES-INVALID, SW-ZIP-…
 */
export async function readDatabase(folder: string, asked: readonly Coordinates[], signal: AbortSignal): Promise<Answers> {
  const index = indexOf(asked)
  const advisories = new Map<string, Advisory[]>()
  const ecosystems = new Set<string>()
  const hash = createHash('sha256')
  let [records, modified] = [0, '']
  for await (const { where, bytes } of recordsOf(folder, signal)) {
    records += 1
    const json = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    hash.update(json)
    for (const time of membersIn(json, 'modified')) if (time > modified && isTime(time)) modified = time
    for (const ecosystem of membersIn(json, 'ecosystem')) ecosystems.add(ecosystem)
    if (!isMentioned(json, index.names)) continue
    const advisory = parseAdvisory(json, where, (ecosystem, name) => index.find(ecosystem, name).length > 0)
    if (advisory !== undefined) file(advisory, { index, advisories })
  }
  if (records === 0)
    throw databaseMissing(`${folder} has no advisory, expected <Ecosystem>/all.zip or JSON files of OSV below it.`, {
      hint: 'database: FOLDER',
    })
  const digest = `sha256:${hash.digest('hex')}`
  if (!isDigest(digest)) throw new Error(`no digest: ${digest}`)
  return { advisories, ecosystems, records, modified, digest }
}

interface Index {
  /** Names in their loosest form, by which a record is worth parsing. */
  readonly names: ReadonlySet<string>
  find(ecosystem: string, name: string): readonly string[]
}

function indexOf(asked: readonly Coordinates[]): Index {
  const byName = new Map<string, Coordinates[]>()
  for (const one of asked) {
    for (const name of one.names) {
      const same = byName.get(loose(name))
      if (same === undefined) byName.set(loose(name), [one])
      else same.push(one)
    }
  }
  return {
    names: new Set(byName.keys()),
    find: (ecosystem, name) => [
      ...new Set(
        (byName.get(loose(name)) ?? [])
          .filter(
            (one) => isOfEcosystem(ecosystem, one) && one.names.some((own) => keyOf(one.ecosystem, own) === keyOf(one.ecosystem, name)),
          )
          .map((one) => keyOf(one.ecosystem, name)),
      ),
    ],
  }
}

function file(advisory: Advisory, { index, advisories }: { readonly index: Index; readonly advisories: Map<string, Advisory[]> }): void {
  const keys = new Set(advisory.affected.flatMap(({ ecosystem, name }) => index.find(ecosystem, name)))
  for (const key of keys) {
    const filed = advisories.get(key)
    if (filed === undefined) advisories.set(key, [advisory])
    else filed.push(advisory)
  }
}

function isMentioned(json: Buffer, names: ReadonlySet<string>): boolean {
  for (const name of membersIn(json, 'name')) if (names.has(loose(name))) return true
  return false
}

function loose(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)
}

/** Files by their paths, so that the same database has the same digest. */
async function* recordsOf(folder: string, signal: AbortSignal): AsyncGenerator<RecordFile> {
  if ((await factsOrNothing(folder))?.kind !== 'directory')
    throw databaseMissing(`${folder} is no folder, expected one with <Ecosystem>/all.zip or JSON files of OSV.`, {
      hint: 'database: FOLDER',
    })
  const pause = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
  const archived = new Set<string>()
  const files: string[] = []
  for await (const { path, kind } of walk(folder)) {
    if (kind === 'file' && /(?:^|\/)all\.zip$/.test(path)) archived.add(path)
    else if (kind === 'file' && path.endsWith('.json')) files.push(path)
  }
  for (const path of [...archived].sort()) yield* recordsIn(`${folder}/${path}`, pause)
  for (const [done, path] of files.sort().entries()) {
    if (done % 100 === 0) await pause()
    yield { where: path, bytes: await readBytes(`${folder}/${path}`, largestRecord) }
  }
}
