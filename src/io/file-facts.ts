import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { fileName } from './errors.ts'
import { accessingSync, fileError } from './system-errors.ts'

export type FileKind = 'file' | 'directory' | 'symlink' | 'other'

/** What the file system knows of one path, the link itself rather than its target. */
export interface FileFacts {
  readonly kind: FileKind
  /** In bytes. */
  readonly size: number
  /** Permission bits with setuid, setgid and sticky: `0o644`. */
  readonly mode: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Milliseconds since 1970: when content, name or mode changed last, which no program can set. */
  readonly changed: number
  /** Number of names of this file, and what they share: equal `device` and `inode` are hard links. */
  readonly links: number
  readonly device: number
  readonly inode: number
  /** Target of a symbolic link, as written. */
  readonly target?: string
}

export interface ListedFile {
  /** The name in its folder. */
  readonly name: string
  readonly kind: FileKind
}

export interface WalkedFile extends FileFacts {
  /** Relative to the root of the walk, with `/`. */
  readonly path: string
  /** Where to open it. */
  readonly absolute: string
}

/** Reported one after the other, before signals and timers have a turn again: some milliseconds. */
const inARow = 512

export interface WalkOptions {
  /** Whether to report a path, and to enter it when it is a folder. Default: all. */
  readonly take?: (path: string, kind: FileKind) => boolean
}

// Synchronous within, as a promise for each of ten thousand files and folders costs more than the disk does.

/** Whether a path leads to anything; a broken symbolic link does not. */
export async function exists(path: string): Promise<boolean> {
  return (await factsOrNothing(path)) !== undefined
}

/** Facts of what a path leads to, through symbolic links; undefined when it leads nowhere. */
export async function factsOrNothing(path: string): Promise<FileFacts | undefined> {
  return accessingSync('read', path, () => {
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? undefined : factsOf(found, path)
  })
}

/** Facts of a path itself: a symbolic link is not followed. */
export async function facts(path: string): Promise<FileFacts> {
  return accessingSync('read', path, () => factsOf(lstatSync(path), path))
}

/** What a folder contains, sorted by the bytes of the names. */
export async function list(folder: string): Promise<ListedFile[]> {
  return listSync(folder)
}

/**
 * Everything below a folder, each folder before its content, siblings sorted by bytes.
 * Symbolic links are reported, never followed; names that are not UTF-8 are `SW-FILE-NAME`.
 */
export async function* walk(root: string, { take }: WalkOptions = {}): AsyncGenerator<WalkedFile> {
  const levels = [levelOf(root, '')]
  for (let file = nextFile(root, levels, take), reported = 1; file !== undefined; file = nextFile(root, levels, take), reported += 1) {
    if (reported % inARow === 0) await turn()
    yield file
  }
}

/** As {@link walk}, at once: a promise for each of ten thousand files takes a tenth as long as the walk. */
export async function walkAll(
  root: string,
  { signal, take }: WalkOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly WalkedFile[]> {
  const files: WalkedFile[] = []
  const levels = [levelOf(root, '')]
  for (let file = nextFile(root, levels, take); file !== undefined; file = nextFile(root, levels, take)) {
    if (files.push(file) % inARow !== 0) continue
    await turn()
    signal?.throwIfAborted()
  }
  signal?.throwIfAborted()
  return files
}

/** A folder that a walk is in. */
interface Level {
  /** What the paths in it begin with: `''`, `src/`. */
  readonly prefix: string
  readonly content: readonly ListedFile[]
  /** How many of them have had their turn. */
  done: number
}

function levelOf(root: string, prefix: string): Level {
  return { prefix, content: listSync(prefix === '' ? root : `${root}/${prefix.slice(0, -1)}`), done: 0 }
}

/** The next file that is taken, undefined at the end of the walk. */
function nextFile(root: string, levels: Level[], take: WalkOptions['take']): WalkedFile | undefined {
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const listed = level.content[level.done]
    level.done += 1
    if (listed === undefined) {
      levels.pop()
      continue
    }
    const path = `${level.prefix}${listed.name}`
    if (take?.(path, listed.kind) === false) continue
    const file = walkedAt(path, `${root}/${path}`)
    if (listed.kind === 'directory') levels.push(levelOf(root, `${path}/`))
    return file
  }
  return undefined
}

function walkedAt(path: string, absolute: string): WalkedFile {
  try {
    return { ...factsOf(lstatSync(absolute), absolute), path, absolute }
  } catch (error) {
    throw fileError(error, 'read', absolute)
  }
}

function listSync(folder: string): ListedFile[] {
  const entries = accessingSync('read', folder, () => readdirSync(folder, { withFileTypes: true }))
  const listed = entries.map((entry) => ({ name: checkedName(entry.name, folder), kind: kindOf(entry) }))
  return sortByBytes(listed, ({ name }) => name)
}

function checkedName(name: string, folder: string): string {
  if (!name.includes('\ufffd')) return name
  throw fileName(`${folder} contains a file whose name is not UTF-8: ${JSON.stringify(name)}.`, {
    hint: `Find it: LC_ALL=C ls -b '${folder}'`,
  })
}

/** Characters that UTF-16 may put in another order than UTF-8. */
const beyondOrder = /[^\0-\ud7ff]/

/** Sorts in place by the UTF-8 bytes of a text of each, as {@link compareBytes} does: for most texts a comparison of the engine's own. */
export function sortByBytes<T>(items: T[], textOf: (item: T) => string): T[] {
  if (items.some((item) => beyondOrder.test(textOf(item)))) return items.sort((a, b) => compareBytes(textOf(a), textOf(b)))
  return items.sort((a, b) => {
    const [left, right] = [textOf(a), textOf(b)]
    return left < right ? -1 : Number(left > right)
  })
}

/** Order of two texts by their UTF-8 bytes, which is that of their code points (JavaScript's own compares UTF-16 units). */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return codePointOrder(left) - codePointOrder(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all other units: move them there. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function factsOf(found: Stats, path: string): FileFacts {
  const kind = kindOf(found)
  return {
    kind,
    size: found.size,
    mode: found.mode & 0o7777,
    modified: found.mtimeMs,
    changed: found.ctimeMs,
    links: found.nlink,
    device: found.dev,
    inode: found.ino,
    ...(kind === 'symlink' ? { target: readlinkSync(path) } : {}),
  }
}

function kindOf(found: Stats | Dirent): FileKind {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'directory'
  return found.isSymbolicLink() ? 'symlink' : 'other'
}
