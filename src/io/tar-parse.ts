import { tarUnsupported } from './errors.ts'
import { readDecimal, readNumber } from './tar-numbers.ts'
import type { PaxRecords } from './tar-pax.ts'

/** What an archive says of one member. Paths are as written: they may be absolute or contain `..`; nothing here opens them. */
export interface ReadHeader {
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** In bytes. */
  readonly size: number
  /** Target of a symbolic or hard link; else empty. */
  readonly link: string
}

/** What came in headers before: pax wins over GNU's long names, and these over the block. */
export interface Announced {
  readonly pax: PaxRecords
  readonly path?: string
  readonly link?: string
}

const types: Readonly<Record<string, ReadHeader['type']>> = {
  '\0': 'file',
  0: 'file',
  1: 'hardlink',
  2: 'symlink',
  3: 'character',
  4: 'block',
  5: 'directory',
  6: 'fifo',
  7: 'file',
}

/** Reads a header block (POSIX.1-1988 ustar, GNU, v7) whose checksum is right; the size may still be negative. */
export function parseHeader(block: Buffer, { pax, path: longPath, link: longLink }: Announced): ReadHeader {
  const number = (from: number, to: number, name: string): number => {
    const value = pax.get(name) ?? ''
    return value === '' ? readNumber(block.subarray(from, to), name) : readDecimal(value, name)
  }
  const path = pax.get('path') || longPath || pathOf(block)
  const type = typeOf(block, path)
  const isLink = type === 'symlink' || type === 'hardlink'
  const size = number(124, 136, 'size')
  return {
    path,
    type,
    mode: readNumber(block.subarray(100, 108), 'mode') & 0o7777,
    uid: number(108, 116, 'uid'),
    gid: number(116, 124, 'gid'),
    mtime: number(136, 148, 'mtime'),
    // Some writers give a link or a folder a size, but no content follows it.
    size: type === 'file' || size < 0 ? size : 0,
    link: isLink ? pax.get('linkpath') || longLink || text(block, 157, 257) : '',
  }
}

/** The prefix is POSIX's; GNU has other fields in its place. */
function pathOf(block: Buffer): string {
  const name = text(block, 0, 100)
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 500) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function typeOf(block: Buffer, path: string): ReadHeader['type'] {
  const flag = String.fromCharCode(block[156] ?? 0)
  const type = types[flag]
  if (type === undefined) {
    throw tarUnsupported(
      `${JSON.stringify(path)} is a member of type ${JSON.stringify(flag)}${flag === 'S' ? ', a sparse file' : ''} in its tar archive.`,
    )
  }
  return type === 'file' && path.endsWith('/') ? 'directory' : type
}

function text(block: Buffer, from: number, to: number): string {
  const end = block.indexOf(0, from)
  return block.toString('utf8', from, end < 0 || end > to ? to : end)
}
