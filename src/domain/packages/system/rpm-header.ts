/** What of a package's header (rpm, docs/manual/hregions) tells what it is. */
export interface RpmHeader {
  readonly name: string
  readonly version: string
  readonly release: string
  readonly epoch?: string
  readonly arch?: string
  readonly license?: string
  readonly sourceRpm?: string
  readonly modularity?: string
  readonly requires: readonly string[]
  readonly provides: readonly string[]
}

const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  license: 1014,
  arch: 1022,
  sourceRpm: 1044,
  provides: 1047,
  requires: 1049,
  modularity: 5096,
} as const
const types = { int32: 4, text: 6, texts: 8, localized: 9 } as const
const entrySize = 16
const most = { entries: 65_536, texts: 200_000 } as const

interface Entry {
  readonly type: number
  readonly offset: number
  readonly count: number
}

/** Reads a header as the database has it: number of entries, size of the data, entries of 16 bytes, data. Throws on one that makes no sense. */
export function parseRpmHeader(blob: Buffer): RpmHeader {
  const [count, size] = [blob.readUInt32BE(0), blob.readUInt32BE(4)]
  const start = 8 + count * entrySize
  if (count > most.entries || start + size > blob.length) throw new Error('a header of the rpm database is cut')
  const data = blob.subarray(start, start + size)
  const entries = new Map<number, Entry>()
  for (let at = 8; at < start; at += entrySize) {
    entries.set(blob.readUInt32BE(at), {
      type: blob.readUInt32BE(at + 4),
      offset: blob.readUInt32BE(at + 8),
      count: blob.readUInt32BE(at + 12),
    })
  }
  const textAt = (tag: number): string | undefined => textsOf(data, entries.get(tag))[0]
  const [name, version, release] = [textAt(tags.name), textAt(tags.version), textAt(tags.release)]
  if (name === undefined || version === undefined || release === undefined)
    throw new Error('a header of the rpm database has no name or version')
  const rest = {
    arch: textAt(tags.arch),
    license: textAt(tags.license),
    sourceRpm: textAt(tags.sourceRpm),
    modularity: textAt(tags.modularity),
    epoch: numberOf(data, entries.get(tags.epoch)),
  }
  const known = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== '(none)' && value !== ''))
  return {
    name,
    version,
    release,
    ...known,
    requires: namesOf(data, entries.get(tags.requires)),
    provides: textsOf(data, entries.get(tags.provides)),
  }
}

/** `rpmlib(…)` is what the program itself can do. */
function namesOf(data: Buffer, entry: Entry | undefined): readonly string[] {
  return [...new Set(textsOf(data, entry))].filter((name) => !name.startsWith('rpmlib('))
}

function textsOf(data: Buffer, entry: Entry | undefined): readonly string[] {
  if (entry === undefined || ![types.text, types.texts, types.localized].some((type) => type === entry.type)) return []
  const texts: string[] = []
  let at = entry.offset
  for (let place = 0; place < Math.min(entry.count, most.texts); place += 1) {
    const end = data.indexOf(0, at)
    if (end < 0) break
    texts.push(data.toString('utf8', at, end))
    at = end + 1
  }
  return texts
}

function numberOf(data: Buffer, entry: Entry | undefined): string | undefined {
  if (entry === undefined || entry.type !== types.int32 || entry.count === 0 || entry.offset + 4 > data.length) return undefined
  return String(data.readUInt32BE(entry.offset))
}
