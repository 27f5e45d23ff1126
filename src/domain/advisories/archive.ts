import { crc32, inflateRawSync } from 'node:zlib'
import { messageOf } from '../../base/errors.ts'
import { zipMalformed } from '../../io/errors.ts'
import { openRanges } from '../../io/files.ts'
import { readZip, type ZipEntry } from '../../io/zip-reader.ts'
import { advisoryInvalid } from './errors.ts'

/** A record, in bytes, and where it came from. */
export interface RecordFile {
  readonly where: string
  readonly bytes: Uint8Array
}

/** In bytes: the largest record that is known has 8 MB. */
export const largestRecord = 32 * 2 ** 20
const mostRecords = 1_000_000
const header = { size: 30, signature: 0x04034b50 } as const
const inARow = 2000

/**
 * The JSON files of an `all.zip`, in the order in which they lie in it: a stream for each of 200,000 small files would take minutes.
 * Bytes count until the next record is asked for. @throws SW-ZIP-MALFORMED, SW-ZIP-LIMIT
 */
export async function* recordsIn(archive: string, pause: () => Promise<void>): AsyncGenerator<RecordFile> {
  const limits = { entries: mostRecords, size: 16 * 2 ** 30 }
  const entries = await readZip(archive, { ...limits, take: (path) => path.endsWith('.json') })
  const reader = openRanges(archive)
  if (reader === undefined) throw zipMalformed(`${archive} cannot be read.`)
  try {
    let done = 0
    for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
      if (++done % inARow === 0) await pause()
      const where = `${archive}: ${entry.path}`
      if (entry.size > largestRecord) throw advisoryInvalid(`${where} has ${entry.size} bytes, expected at most ${largestRecord}.`)
      yield { where, bytes: contentOf(entry, where, (start, size) => reader.read(start, size)) }
    }
  } finally {
    reader.close()
  }
}

type Read = (start: number, size: number) => { readonly bytes: Buffer; release(): void } | undefined

function contentOf(entry: ZipEntry, where: string, read: Read): Uint8Array {
  const local = read(entry.offset, header.size)
  if (local?.bytes.readUInt32LE(0) !== header.signature) throw zipMalformed(`${where} is not where the directory says.`)
  const start = entry.offset + header.size + local.bytes.readUInt16LE(26) + local.bytes.readUInt16LE(28)
  local.release()
  const packed = read(start, entry.packed)
  if (packed === undefined) throw zipMalformed(`${where} is cut.`)
  try {
    const bytes = entry.method === 'stored' ? Buffer.from(packed.bytes) : inflated(packed.bytes, entry, where)
    if (bytes.length !== entry.size || crc32(bytes) !== entry.crc)
      throw zipMalformed(`${where} has another content than its directory announces.`)
    return bytes
  } finally {
    packed.release()
  }
}

function inflated(packed: Buffer, { size }: ZipEntry, where: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) })
  } catch (cause) {
    throw zipMalformed(`${where} cannot be unpacked: ${messageOf(cause)}.`, { cause })
  }
}
