import { zipLimit, zipMalformed } from './errors.ts'

/** A file of an archive, as its central directory announces it. */
export interface ZipEntry {
  /** Relative, with `/`; a folder ends with one. */
  readonly path: string
  /** Bytes of the content, and of the same in the archive. */
  readonly size: number
  readonly packed: number
  readonly method: 'stored' | 'deflate'
  /** CRC-32 of the content. */
  readonly crc: number
  /** Of its local header, from the beginning of the file. */
  readonly offset: number
}

export interface ZipOptions {
  /** Entries to look at; the others are neither checked nor given. Default: all. */
  readonly take?: (path: string) => boolean
  /** Default 100 000. */
  readonly entries?: number
  /** Bytes of all contents. Default 4 GiB. */
  readonly size?: number
  /** Bytes of content for each byte of the archive, judged when they are more than 64 MiB. Default 250. */
  readonly ratio?: number
}

/** The central directory of an archive: its bytes, how many entries it has, and what lies before the archive in the file. */
export interface ZipDirectory {
  readonly name: string
  readonly bytes: Buffer
  readonly count: number
  readonly prefix: number
  /** Bytes of the whole file. */
  readonly fileSize: number
}

export const localHeader = { signature: 0x04034b50, size: 30 } as const
const centralHeader = { signature: 0x02014b50, size: 46 } as const
const freeOfRatio = 64 * 2 ** 20
const longestPath = 4096

/** The entries of a central directory (APPNOTE.TXT 4.3.12), in its order. @throws SW-ZIP-MALFORMED, SW-ZIP-LIMIT */
export function parseDirectory(directory: ZipDirectory, options: ZipOptions): readonly ZipEntry[] {
  const { name, bytes, count } = directory
  const most = options.entries ?? 100_000
  if (count > most) throw zipLimit(`${name} has ${count} entries, expected at most ${most}.`)
  const entries: ZipEntry[] = []
  let at = 0
  for (let index = 0; index < count; index += 1) {
    const header = bytes.subarray(at, at + centralHeader.size)
    if (header.length < centralHeader.size || header.readUInt32LE(0) !== centralHeader.signature)
      throw zipMalformed(`${name} announces ${count} entries, and its directory has ${index}.`)
    const rawPath = bytes.subarray(at + header.length, at + header.length + header.readUInt16LE(28))
    if (options.take?.(rawPath.toString('utf8')) !== false) entries.push(entryOf(directory, header, rawPath))
    at += header.length + header.readUInt16LE(28) + header.readUInt16LE(30) + header.readUInt16LE(32)
  }
  requireDistinct(name, entries)
  requireApart(directory, entries)
  requireSmall(directory, entries, options)
  return entries
}

function entryOf({ name, prefix }: ZipDirectory, header: Buffer, rawPath: Buffer): ZipEntry {
  const path = pathOf(name, rawPath)
  const method = header.readUInt16LE(10)
  if ((header.readUInt16LE(8) & 1) !== 0) throw zipMalformed(`${name} has ${JSON.stringify(path)} encrypted.`)
  if (method !== 0 && method !== 8) throw zipMalformed(`${name} has ${JSON.stringify(path)} packed by method ${method}, expected 0 or 8.`)
  if (isLink(header)) throw zipMalformed(`${name} has the symbolic link ${JSON.stringify(path)}, expected files and folders only.`)
  const [packed, size, offset] = [header.readUInt32LE(20), header.readUInt32LE(24), header.readUInt32LE(42)]
  if ([packed, size, offset].includes(0xffff_ffff)) throw zipLimit(`${name} has ${JSON.stringify(path)} of 4 GiB or more.`)
  if (method === 0 && packed !== size)
    throw zipMalformed(`${name} has ${JSON.stringify(path)} stored with two sizes, ${packed} and ${size}.`)
  return { path, size, packed, method: method === 0 ? 'stored' : 'deflate', crc: header.readUInt32LE(16), offset: offset + prefix }
}

/** A name that a file system could take for another place is refused, wherever it would lead. */
function pathOf(name: string, raw: Buffer): string {
  const path = textOf(raw)
  const parts = (path ?? '').replace(/\/$/, '').split('/')
  const isFit =
    path !== undefined && raw.length <= longestPath && !/[\0\\]/.test(path) && parts.every((part) => !['', '.', '..'].includes(part))
  if (isFit) return path
  throw zipMalformed(`${name} has the entry ${JSON.stringify(raw.toString('latin1').slice(0, 200))}, expected a relative path in UTF-8.`)
}

function textOf(raw: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
  } catch {
    return undefined
  }
}

/** Made by Unix (upper byte of the version), with S_IFLNK in the mode. */
function isLink(header: Buffer): boolean {
  return header[5] === 3 && header.readUInt32LE(38) >>> 28 === 0xa
}

/** Each path once, and none below a file. */
function requireDistinct(name: string, entries: readonly ZipEntry[]): void {
  const kinds = new Map<string, 'file' | 'folder'>()
  for (const { path } of entries) {
    const bare = path.replace(/\/$/, '')
    if (kinds.has(bare)) throw zipMalformed(`${name} has ${JSON.stringify(path)} twice.`)
    kinds.set(bare, bare === path ? 'file' : 'folder')
  }
  const below = [...kinds.keys()].find((path) => kinds.get(path.slice(0, Math.max(0, path.lastIndexOf('/')))) === 'file')
  if (below !== undefined) throw zipMalformed(`${name} has ${JSON.stringify(below)} below a file.`)
}

/** Entries that share bytes make a small archive unpack to a large one without a high ratio of any. */
function requireApart({ name, bytes, fileSize }: ZipDirectory, entries: readonly ZipEntry[]): void {
  let end = 0
  for (const { offset, packed, path } of entries.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < end) throw zipMalformed(`${name} has ${JSON.stringify(path)} overlap another entry.`)
    end = offset + localHeader.size + Buffer.byteLength(path) + packed
  }
  if (end > fileSize - bytes.length) throw zipMalformed(`${name} has entries that reach into its directory.`)
}

function requireSmall(
  { name, fileSize }: ZipDirectory,
  entries: readonly ZipEntry[],
  { size = 4 * 2 ** 30, ratio = 250 }: ZipOptions,
): void {
  const total = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (total > size) throw zipLimit(`${name} unpacks to ${total} bytes, expected at most ${size}.`)
  if (total > freeOfRatio && total > fileSize * ratio)
    throw zipLimit(`${name} has ${fileSize} bytes and unpacks to ${total}, expected at most ${ratio} times as much.`)
}
