import { crc32, gunzip, inflateRawSync } from 'node:zlib'
import { messageOf } from '../../base/errors.ts'
import { zipMalformed } from '../../io/errors.ts'
import { openRanges, type RangeReader } from '../../io/files.ts'
import { inOrder } from '../../io/in-order.ts'
import { readZip, type ZipEntry } from '../../io/zip-reader.ts'
import { advisoryInvalid } from './errors.ts'

/** A record, in bytes, and where it came from. */
export interface RecordFile {
  readonly where: string
  readonly bytes: Buffer
}

/** In bytes: the largest record that is known has 8 MB. */
export const largestRecord = 32 * 2 ** 20
const limits = { entries: 1_000_000, size: 16 * 2 ** 30 } as const
/** In bytes of the archive and of its contents, for what is unpacked in one go, and how many of these at once. */
const batch = { packed: 2 * 2 ** 20, size: 8 * 2 ** 20, atOnce: 3 } as const
const local = { size: 30, signature: 0x04034b50 } as const
const member = { head: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]), tail: 8 } as const

/**
 * The JSON files of an `all.zip`, in the order in which they lie in it, many at a time: whoever reads them is the only one who does not wait.
 * @throws SW-ZIP-MALFORMED, SW-ZIP-LIMIT, SW-ADVISORIES-INVALID
 */
export async function* recordsIn(archive: string): AsyncGenerator<readonly RecordFile[]> {
  const entries = await readZip(archive, { ...limits, take: (path) => path.endsWith('.json') })
  const reader = openRanges(archive)
  if (reader === undefined) throw zipMalformed(`${archive} cannot be read.`)
  try {
    yield* inOrder(batchesOf(entries, archive), batch.atOnce, (each) => unpack(each, { archive, reader }))
  } finally {
    reader.close()
  }
}

async function* batchesOf(entries: readonly ZipEntry[], archive: string): AsyncGenerator<readonly ZipEntry[]> {
  let [next, size]: [ZipEntry[], number] = [[], 0]
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (entry.size > largestRecord)
      throw advisoryInvalid(`${archive}: ${entry.path} has ${entry.size} bytes, expected at most ${largestRecord}.`)
    const start = next[0]?.offset ?? entry.offset
    if (next.length > 0 && (size + entry.size > batch.size || entry.offset + entry.packed - start > batch.packed)) {
      yield next
      ;[next, size] = [[], 0]
    }
    next.push(entry)
    size += entry.size
  }
  if (next.length > 0) yield next
}

interface Source {
  readonly archive: string
  readonly reader: RangeReader
}

/**
 * One gzip stream of as many members as there are entries: zlib takes them in one call, in a thread of its own, and checks each one's size and
 * CRC. A call for each of 200,000 small files would take longer than their unpacking. When it refuses, each entry is unpacked alone, for its name.
 */
async function unpack(entries: readonly ZipEntry[], source: Source): Promise<readonly RecordFile[]> {
  const packed = packedOf(entries, source)
  const deflated = packed.filter(({ entry }) => entry.method === 'deflate')
  const size = deflated.reduce((sum, { entry }) => sum + entry.size, 0)
  const all = await gunzipped(Buffer.concat(deflated.flatMap(membersOf)), size)
  let done = 0
  return packed.map(({ entry, bytes }) => {
    const where = nameOf(entry, source)
    if (entry.method === 'stored' || all === undefined) return { where, bytes: alone(entry, bytes, where) }
    done += entry.size
    return { where, bytes: all.subarray(done - entry.size, done) }
  })
}

interface Packed {
  readonly entry: ZipEntry
  readonly bytes: Buffer
}

/** Entries as they lie in the archive, read in one go. */
function packedOf(entries: readonly ZipEntry[], source: Source): readonly Packed[] {
  const [first, last] = [entries[0], entries.at(-1)]
  if (first === undefined || last === undefined) return []
  const whole = read(first.offset, last.offset - first.offset + local.size, source)
  return entries.map((entry) => {
    const at = entry.offset - first.offset
    if (whole?.readUInt32LE(at) !== local.signature) throw zipMalformed(`${nameOf(entry, source)} is not where the directory says.`)
    const start = at + local.size + whole.readUInt16LE(at + 26) + whole.readUInt16LE(at + 28)
    const end = start + entry.packed
    const bytes = end <= whole.length ? whole.subarray(start, end) : read(first.offset + start, entry.packed, source)
    if (bytes === undefined) throw zipMalformed(`${nameOf(entry, source)} is cut.`)
    return { entry, bytes }
  })
}

/** In memory of its own: what a reader gives is used again. */
function read(start: number, size: number, { reader }: Source): Buffer | undefined {
  const part = reader.read(start, size)
  if (part === undefined) return undefined
  const bytes = Buffer.from(part.bytes)
  part.release()
  return bytes
}

function nameOf({ path }: ZipEntry, { archive }: Source): string {
  return `${archive}: ${path}`
}

function membersOf({ entry, bytes }: Packed): readonly Buffer[] {
  const tail = Buffer.alloc(member.tail)
  tail.writeUInt32LE(entry.crc, 0)
  tail.writeUInt32LE(entry.size, 4)
  return [member.head, bytes, tail]
}

function gunzipped(bytes: Buffer, size: number): Promise<Buffer | undefined> {
  if (size === 0) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    gunzip(bytes, { maxOutputLength: size, chunkSize: Math.max(64, size + 1) }, (error, all) => {
      resolve(error !== null || all.length !== size ? undefined : all)
    })
  })
}

function alone({ method, size, crc }: ZipEntry, packed: Buffer, where: string): Buffer {
  const bytes = method === 'stored' ? packed : inflated(packed, size, where)
  if (bytes.length !== size || crc32(bytes) !== crc) throw zipMalformed(`${where} has another content than its directory announces.`)
  return bytes
}

function inflated(packed: Buffer, size: number, where: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
  } catch (cause) {
    throw zipMalformed(`${where} cannot be unpacked: ${messageOf(cause)}.`, { cause })
  }
}
