import { tarUnsupported } from './errors.ts'
import type { TarEntry } from './tar-entry.ts'

/** Everything in a tar archive is a multiple of this. */
export const tarBlock = 512

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const
/** What octal digits of the fields can say (POSIX.1-1988 ustar). */
const largestId = 0o7777777
const largestSize = 0o77777777777

interface Fields {
  readonly name: string
  readonly prefix?: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly type: string
  readonly link: string
}

/** The header of a member: one ustar block, preceded by a pax member (POSIX.1-2001) for what does not fit into it; never by times. */
export function tarHeader(entry: TarEntry): Buffer {
  checkEntry(entry)
  const path = entry.type === 'directory' ? `${entry.path}/` : entry.path
  const link = entry.link ?? ''
  const split = isPlain(path) ? splitPath(path) : undefined
  const records = [
    ...(entry.gid > largestId ? [['gid', String(entry.gid)] as const] : []),
    ...(isPlain(link) && link.length <= 100 ? [] : [['linkpath', link] as const]),
    ...(split === undefined ? [['path', path] as const] : []),
    ...(entry.size > largestSize ? [['size', String(entry.size)] as const] : []),
    ...(entry.uid > largestId ? [['uid', String(entry.uid)] as const] : []),
  ]
  const header = ustar({
    ...(split ?? { name: shortened(path) }),
    mode: entry.mode,
    uid: fitting(entry.uid, largestId),
    gid: fitting(entry.gid, largestId),
    size: fitting(entry.size, largestSize),
    mtime: entry.mtime,
    type: typeFlags[entry.type],
    link: shortened(link),
  })
  return records.length === 0 ? header : Buffer.concat([paxMember(path, records), header])
}

/** The zero bytes that fill up the last block of a content. */
export function tarPadding(size: number): number {
  return (tarBlock - (size % tarBlock)) % tarBlock
}

function checkEntry({ path, type, mode, uid, gid, mtime, size, link = '' }: TarEntry): void {
  const refuse = (what: string): never => {
    throw tarUnsupported(`Cannot write ${JSON.stringify(path)} into a tar archive: ${what}.`)
  }
  if (/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) refuse('its path must be relative and plain')
  if (/\0/.test(path + link) || !path.isWellFormed() || !link.isWellFormed()) refuse('its path or link is not valid text')
  if ((type === 'symlink' || type === 'hardlink') === (link === ''))
    refuse(`a ${type} and the link ${JSON.stringify(link)} do not go together`)
  if (type !== 'file' && size !== 0) refuse(`a ${type} has no content, but its size is ${size}`)
  const within = (name: string, value: number, most: number): void => {
    if (!Number.isSafeInteger(value) || value < 0 || value > most)
      refuse(`its ${name} is ${value}, expected a whole number from 0 to ${most}`)
  }
  within('mode', mode, 0o7777)
  within('uid', uid, 2 ** 32)
  within('gid', gid, 2 ** 32)
  within('mtime', mtime, largestSize)
  within('size', size, Number.MAX_SAFE_INTEGER)
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}

/** Name of at most 100 bytes and prefix of at most 155, cut at a slash as far right as needed. */
function splitPath(path: string): { name: string; prefix?: string } | undefined {
  if (path.length <= 100) return { name: path }
  const cut = path.indexOf('/', path.length - 101)
  return cut > 0 && cut <= 155 && cut < path.length - 1 ? { prefix: path.slice(0, cut), name: path.slice(cut + 1) } : undefined
}

/** For readers that do not know pax: nothing better fits. */
function shortened(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_').slice(0, 100)
}

function fitting(value: number, largest: number): number {
  return value > largest ? 0 : value
}

function paxMember(path: string, records: readonly (readonly [string, string])[]): Buffer {
  const body = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(''))
  const base = path.replace(/\/$/, '').split('/').at(-1) ?? ''
  const header = ustar({
    name: `PaxHeaders.0/${shortened(base).slice(0, 80)}`,
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    mtime: 0,
    type: 'x',
    link: '',
  })
  return Buffer.concat([header, body, Buffer.alloc(tarPadding(body.length))])
}

/** `length key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  const length = rest + String(rest + String(rest).length).length
  return `${length} ${key}=${value}\n`
}

function ustar({ name, prefix, mode, uid, gid, size, mtime, type, link }: Fields): Buffer {
  const block = Buffer.alloc(tarBlock)
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  const numbers = [octal(mode, 7), octal(uid, 7), octal(gid, 7), octal(size, 11), octal(mtime, 11)].join('\0')
  block.write(name, 0, 100, 'latin1')
  block.write(`${numbers}\0${' '.repeat(8)}${type}`, 100, 'latin1')
  if (link !== '') block.write(link, 157, 100, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  block.write('0000000\x000000000', 329, 'latin1')
  if (prefix !== undefined) block.write(prefix, 345, 155, 'latin1')
  block.write(`${octal(checksumOf(block), 6)}\0`, 148, 'latin1')
  return block
}

/** Sum of the bytes, the checksum's own field read as blanks. */
export function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20
  for (let at = 0; at < 148; at += 1) sum += block[at] ?? 0
  for (let at = 156; at < tarBlock; at += 1) sum += block[at] ?? 0
  return sum
}
