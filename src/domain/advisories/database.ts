import { type Digest, isDigest } from '../../base/digest.ts'
import type { Advisory } from './advisory.ts'
import { Collector } from './collect.ts'
import { type Dated, oldestOf } from './dated.ts'
import { type Coordinates, silenceOf } from './ecosystem.ts'
import { databaseFiles, digestOf, noAdvisories, recordsOf } from './folder.ts'

/** What a database says of the packages that were asked for. */
export interface Answers {
  /** By `keyOf` ecosystem and name. */
  readonly advisories: ReadonlyMap<string, readonly Advisory[]>
  /** Every ecosystem, with its release, that any record is about: of others nothing is known. */
  readonly ecosystems: ReadonlySet<string>
  /** Records that were looked at. */
  readonly records: number
  /** How old the part of each ecosystem is that was asked for. */
  readonly dates: readonly Dated[]
  /** The date of the part that is behind for longest, RFC 3339; empty when there is none. */
  readonly modified: string
  /** Of what was read: `sha256sum` over the list that `sha256sum` gives of its files. */
  readonly digest: Digest
}

/**
 * Reads a folder of OSV records, JSON files and `<Ecosystem>/all.zip`, or one such file, from its beginning to its end. Memory is for what is
 * about the packages asked for, however many records there are. @throws SW-ADVISORIES-MISSING, SW-ADVISORIES-INVALID, SW-ZIP-…
 */
export async function readDatabase(place: string, asked: readonly Coordinates[], signal: AbortSignal): Promise<Answers> {
  const families = new Set(asked.map(({ ecosystem }) => ecosystem))
  const files = await databaseFiles(place, (ecosystem) => families.size === 0 || families.has(ecosystem))
  const collector = new Collector(asked)
  const hashing = digestOf(files)
  // It is waited for last, and an error of the records comes first.
  hashing.catch(() => undefined)
  for await (const records of recordsOf(files)) {
    signal.throwIfAborted()
    for (const { where, bytes } of records) collector.add(bytes, where)
  }
  if (files.length > 0 && collector.records === 0) throw noAdvisories(place, 'has no advisory')
  return answersOf(collector, { families, digest: `sha256:${await hashing}` })
}

/** What was collected, with its age: of the ecosystems asked for, or of all where none is. */
export function answersOf(
  collector: Collector,
  { families, digest }: { readonly families: ReadonlySet<string>; readonly digest: string },
): Answers {
  if (!isDigest(digest)) throw new Error(`no digest: ${digest}`)
  const { ecosystems, records } = collector
  const dates = [...collector.dates]
    .filter(([what]) => families.size === 0 || families.has(what))
    .map(([what, date]) => ({ what, date, silence: silenceOf(what) }))
  return { advisories: collector.advisories(), ecosystems, records, dates, modified: oldestOf(dates)?.date ?? '', digest }
}
