import { posix } from 'node:path'
import { sortByBytes, stampOf, type WalkedFile } from '../../io/files.ts'
import type { ZipEntry } from '../../io/zip-reader.ts'
import { fileUnfit, pathTooLong, symlinkOutside } from './errors.ts'

/** What one entry of a layer is, before it is written. Paths are those in the image, without a slash in front. */
export type LayerEntry = Owned &
  (
    | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
    | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
    | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Content }
  )

/** Numeric owner; root's when absent. */
interface Owned {
  readonly uid?: number
  readonly gid?: number
}

/**
 * Bytes at hand, a file of the machine with its size in bytes and what its content is known by ({@link stampOf}), or a file
 * in a zip archive (a jar) of the machine.
 */
export type Content =
  | Uint8Array
  | { readonly from: string; readonly size: number; readonly stamp?: string | undefined }
  | { readonly archive: string; readonly entry: ZipEntry; readonly size: number; readonly stamp?: string | undefined }

/** In bytes: what a ustar header holds, and every tool that reads images takes. */
const longestPath = 255

/** Folders that programs expect to find with these modes, also when a layer only passes through them. */
const folderModes: Readonly<Record<string, number>> = { tmp: 0o1777, 'var/tmp': 0o1777, root: 0o700 }

/**
 * The entries of files below `from` of a context, put below `to` of the image (without a slash in front).
 * Modes keep only whether a file can be executed. @throws SW-BUILD-FILE-KIND, SW-BUILD-SYMLINK-OUTSIDE
 */
export function placeFiles(files: readonly WalkedFile[], { from = '', to }: { readonly from?: string; readonly to: string }): LayerEntry[] {
  const base = posix.join(to)
  const prefix = base === '.' ? '' : base.replace(/\/?$/, '/')
  const skipped = from === '' ? 0 : from.length + 1
  return files.map((file) => placed(file, file.path === from ? base : `${prefix}${file.path.slice(skipped)}`))
}

/**
 * The entries of a layer as they are written: every parent folder present, each path once, sorted by bytes.
 * @throws SW-BUILD-PATH-TOO-LONG, SW-BUILD-FILE-KIND
 */
export function completeEntries(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const byPath = new Map<string, LayerEntry>()
  for (const entry of entries) {
    // Whatever is there has its own parents there: of ten thousand paths nearly all stop at the first.
    for (let parent = above(entry.path); parent !== '' && !byPath.has(parent); parent = above(parent)) byPath.set(parent, folder(parent))
    if (entry.path !== '' && entry.path !== '.') byPath.set(entry.path, withKnownMode(check(entry)))
  }
  return sortByBytes([...byPath.values()], ({ path }) => path)
}

/** The folders above a relative path, from the top: `a`, `a/b` of `a/b/c`. */
export function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, end) => parts.slice(0, end + 1).join('/'))
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function placed(file: WalkedFile, path: string): LayerEntry {
  if (file.kind === 'directory') return { kind: 'directory', path, mode: 0o755 }
  if (file.kind === 'symlink') return { kind: 'symlink', path, target: checkedTarget(file) }
  if (file.kind === 'file')
    return {
      kind: 'file',
      path,
      mode: (file.mode & 0o111) === 0 ? 0o644 : 0o755,
      content: { from: file.absolute, size: file.size, stamp: stampOf(file) },
    }
  throw fileUnfit(`${file.path} is a socket, a pipe or a device, expected a file, a folder or a symbolic link.`, { hint: leaveOut(file) })
}

function folder(path: string): LayerEntry {
  return { kind: 'directory', path, mode: folderModes[path] ?? 0o755 }
}

function withKnownMode(entry: LayerEntry): LayerEntry {
  const mode = entry.kind === 'directory' ? folderModes[entry.path] : undefined
  return entry.kind === 'directory' && mode !== undefined ? { ...entry, mode } : entry
}

function check(entry: LayerEntry): LayerEntry {
  // No character of UTF-16 has more than three bytes: of most paths they need not be counted.
  const length = entry.path.length * 3 > longestPath ? Buffer.byteLength(entry.path) : 0
  if (length > longestPath) {
    throw pathTooLong(`/${entry.path} has ${length} bytes, expected at most ${longestPath}.`, {
      hint: 'Shorten the path, leave it out with .dockerignore, or put it nearer to / with `layers`.',
    })
  }
  // image-spec, layer.md §whiteouts: such a name would delete a file of the layers below.
  if (entry.path.includes('.wh.') && posix.basename(entry.path).startsWith('.wh.')) {
    throw fileUnfit(`/${entry.path} begins with ".wh.", which means a deletion in an image layer.`, {
      hint: 'Rename the file, or leave it out with .dockerignore.',
    })
  }
  return entry
}

/** A link is kept as it is written; one that leads out of the context leads to something else in the image, or to nothing. */
function checkedTarget(file: WalkedFile): string {
  const target = file.target ?? ''
  const reached = posix.normalize(posix.join(posix.dirname(file.path), target))
  if (!posix.isAbsolute(target) && reached !== '..' && !reached.startsWith('../')) return target
  throw symlinkOutside(`${file.path} is a symbolic link to ${target}, which is outside of the build context.`, { hint: leaveOut(file) })
}

function leaveOut({ path }: WalkedFile): string {
  if (/(?:^|\/)node_modules\//.test(path)) return 'Install it as a package rather than as a link: npm ci'
  return `Leave it out: echo '/${path}' >> .dockerignore`
}
