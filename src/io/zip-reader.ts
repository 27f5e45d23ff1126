import { Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { TaskError } from '../base/errors.ts'
import { zipLimit, zipMalformed } from './errors.ts'
import { facts, factsOrNothing } from './file-facts.ts'
import { openRead, streamPiece } from './file-read.ts'
import { localHeader, parseDirectory, type ZipDirectory, type ZipEntry, type ZipOptions } from './zip-directory.ts'

export type { ZipEntry, ZipOptions } from './zip-directory.ts'

/** The path of an archive, or one that is in memory, with what it is called in errors. */
export type ZipSource = string | { readonly name: string; readonly bytes: Buffer }

const end = { signature: 0x06054b50, size: 22, longestComment: 0xffff } as const
const end64 = { signature: 0x06064b50, size: 56, locatorSignature: 0x07064b50, locatorSize: 20 } as const
const largestDirectory = 64 * 2 ** 20

/**
 * What a zip archive (a jar) holds, from its central directory; a program before the archive is passed over. Nothing is
 * unpacked. Duplicates, links, overlaps and paths that lead out are refused. @throws SW-ZIP-MALFORMED, SW-ZIP-LIMIT
 */
export async function readZip(archive: ZipSource, options: ZipOptions = {}): Promise<readonly ZipEntry[]> {
  return parseDirectory(await directoryOf(archive), options)
}

/** The content of an entry, its size and CRC-32 checked as it comes. @throws SW-ZIP-MALFORMED */
export function openZipEntry(archive: ZipSource, entry: ZipEntry): Readable {
  return Readable.from(checked(archive, entry), { objectMode: false, highWaterMark: streamPiece })
}

/** A small entry whole; more than `limit` bytes is SW-ZIP-LIMIT. */
export async function readZipEntry(archive: ZipSource, entry: ZipEntry, limit = 4 * 2 ** 20): Promise<Buffer> {
  if (entry.size > limit) throw zipLimit(`${nameOf(archive)} has ${entry.path} of ${entry.size} bytes, expected at most ${limit}.`)
  const pieces: Buffer[] = []
  for await (const piece of checked(archive, entry)) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function directoryOf(archive: ZipSource): Promise<ZipDirectory> {
  // Of a file that is not there the second one says so.
  const fileSize = typeof archive === 'string' ? ((await factsOrNothing(archive)) ?? (await facts(archive))).size : archive.bytes.length
  const name = nameOf(archive)
  const start = Math.max(0, fileSize - end.size - end.longestComment - end64.locatorSize)
  const tail = await readRange(archive, start, fileSize - start)
  const at = lastEnd(tail)
  if (at < 0) throw zipMalformed(`${name} is no zip archive: it has no end record.`)
  const found = (await large(archive, { tail, at, start })) ?? {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    before: start + at,
  }
  const prefix = found.before - found.size - found.offset
  if (prefix < 0) throw zipMalformed(`${name} is cut: its directory of ${found.size} bytes at ${found.offset} does not fit into it.`)
  if (found.size > largestDirectory) throw zipLimit(`${name} has a directory of ${found.size} bytes, expected at most ${largestDirectory}.`)
  return { name, bytes: await readRange(archive, found.before - found.size, found.size), count: found.count, prefix, fileSize }
}

/** The end record is the last one whose comment ends with the file: a comment may hold the signature too. */
function lastEnd(tail: Buffer): number {
  for (let at = tail.length - end.size; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === end.signature && at + end.size + tail.readUInt16LE(at + 20) === tail.length) return at
  }
  return -1
}

interface FoundDirectory {
  readonly count: number
  readonly size: number
  readonly offset: number
  /** Where the record stands that follows the directory. */
  readonly before: number
}

/** The wider record that archives with 65,535 entries or more have (APPNOTE.TXT 4.3.14). */
async function large(
  archive: ZipSource,
  { tail, at, start }: { readonly tail: Buffer; readonly at: number; readonly start: number },
): Promise<FoundDirectory | undefined> {
  const locator = at - end64.locatorSize
  if (locator < 0 || tail.readUInt32LE(locator) !== end64.locatorSignature) return undefined
  const before = start + locator - end64.size
  const record = await readRange(archive, Math.max(0, before), end64.size)
  if (record.length < end64.size || record.readUInt32LE(0) !== end64.signature)
    throw zipMalformed(`${nameOf(archive)} has no zip64 end record where it says.`)
  const [count, size, offset] = [record.readBigUInt64LE(32), record.readBigUInt64LE(40), record.readBigUInt64LE(48)].map(Number)
  return { count: count ?? 0, size: size ?? 0, offset: offset ?? 0, before }
}

async function* checked(archive: ZipSource, entry: ZipEntry): AsyncGenerator<Buffer> {
  let [size, crc] = [0, 0]
  for await (const piece of await contentOf(archive, entry)) {
    size += piece.length
    if (size > entry.size) break
    crc = crc32(piece, crc)
    yield piece
  }
  if (size !== entry.size || crc !== entry.crc)
    throw zipMalformed(`${nameOf(archive)} has ${JSON.stringify(entry.path)} with another content than its directory announces.`)
}

async function contentOf(archive: ZipSource, { path, offset, packed, method }: ZipEntry): Promise<AsyncIterable<Buffer>> {
  const header = await readRange(archive, offset, localHeader.size)
  if (header.length < localHeader.size || header.readUInt32LE(0) !== localHeader.signature)
    throw zipMalformed(`${nameOf(archive)} has no ${JSON.stringify(path)} where its directory says.`)
  if (packed === 0) return Readable.from([])
  const start = offset + localHeader.size + header.readUInt16LE(26) + header.readUInt16LE(28)
  const bytes =
    typeof archive === 'string'
      ? openRead(archive, { start, end: start + packed - 1 })
      : Readable.from([archive.bytes.subarray(start, start + packed)], { objectMode: false })
  return method === 'stored' ? bytes : inflated(bytes, nameOf(archive))
}

async function* inflated(source: Readable, name: string): AsyncGenerator<Buffer> {
  const decoder = createInflateRaw({ chunkSize: 64 * 1024 })
  source.on('error', (error) => decoder.destroy(error))
  try {
    for await (const piece of source.pipe(decoder)) yield piece
  } catch (cause) {
    if (cause instanceof TaskError) throw cause
    throw zipMalformed(`${name} is damaged: an entry cannot be unpacked.`, { cause })
  } finally {
    source.destroy()
  }
}

async function readRange(archive: ZipSource, start: number, length: number): Promise<Buffer> {
  if (length <= 0) return Buffer.alloc(0)
  if (typeof archive !== 'string') return archive.bytes.subarray(start, start + length)
  const pieces: Buffer[] = []
  for await (const piece of openRead(archive, { start, end: start + length - 1 })) pieces.push(piece)
  return Buffer.concat(pieces)
}

function nameOf(archive: ZipSource): string {
  return typeof archive === 'string' ? archive : archive.name
}
