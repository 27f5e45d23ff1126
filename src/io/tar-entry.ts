import type { SyncReader } from './file-read.ts'

/** One member of an archive to be written. */
export interface TarEntry {
  /** Relative, with `/`, without `.` or `..` parts and without a final `/`. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink'
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Seconds since 1970, whole and not negative. */
  readonly mtime: number
  /** In bytes; 0 unless a file. */
  readonly size: number
  /** Target of a symbolic link as it is, or the path of the member that a hard link repeats. */
  readonly link?: string
  /** Exactly `size` bytes; a function is called when its turn comes. A reader is closed. */
  readonly content?: Buffer | (() => Buffer | SyncReader | Iterable<Buffer> | AsyncIterable<Uint8Array>)
  /** What the content is known by before it is read: the same for as long as nobody changes it. */
  readonly stamp?: string | undefined
}
