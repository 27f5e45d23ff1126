import { createHash, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fdatasync,
  fsync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { copyFile, type FileHandle, link, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { formatBytes } from '../base/bytes.ts'
import { algorithmOf, type Digest } from '../base/digest.ts'
import { systemCode } from '../base/errors.ts'
import { contentMismatch, fileTooLarge } from './errors.ts'
import { accessing, accessingSync } from './system-errors.ts'
import { WriteBehind } from './write-behind.ts'

const onDisk = promisify(fsync)
const dataOnDisk = promisify(fdatasync)

export interface WriteOptions {
  /** Permission bits, whatever the umask. Default 0600. */
  readonly mode?: number
}

export interface StreamWriteOptions extends WriteOptions {
  /** What the bytes must have; else `SW-CONTENT-MISMATCH` and no file. */
  readonly digest?: Digest
  /** In bytes; the first byte beyond it stops the stream. */
  readonly size?: number
  /** Bytes to accept when the size is not known. */
  readonly limit?: number
  /** Where the bytes come from, for the error. */
  readonly from?: string
  /** Told, after each piece, how many bytes are in the file that is at `path` until it is whole. */
  readonly onWritten?: ((path: string, size: number) => void) | undefined
}

/**
 * Replaces a file at once: readers see the old content or the new, also after a crash. Synchronous but for the wait for the disk, as a
 * turn of the thread pool for each of six steps takes longer than they do.
 */
export async function writeAtomic(path: string, data: string | Uint8Array, { mode = 0o600 }: WriteOptions = {}): Promise<void> {
  const temporary = temporaryName(path)
  await accessing('write', path, async () => {
    const file = openSync(temporary, 'wx', 0o600)
    try {
      try {
        writeFileSync(file, data)
        fchmodSync(file, mode)
        await onDisk(file)
      } finally {
        closeSync(file)
      }
      renameSync(temporary, path)
    } catch (error) {
      leave(temporary)
      throw error
    }
  })
}

/** Removes what failed. That this fails too is no news: the reason is what came first. */
function leave(temporary: string): void {
  try {
    rmSync(temporary, { force: true })
  } catch {
    // It stays, with a name of its own.
  }
}

/** Writes a file that must not exist yet, and waits for the disk; says whether it did. What is there is not touched. */
export async function writeNew(path: string, data: string | Uint8Array, options: WriteOptions = {}): Promise<boolean> {
  const temporary = temporaryName(path)
  try {
    await writeAtomic(temporary, data, options)
    await accessing('write', path, () => link(temporary, path))
    return true
  } catch (error) {
    if (error instanceof Error && systemCode(error.cause) === 'EEXIST') return false
    throw error
  } finally {
    await unlink(temporary).catch(() => undefined)
  }
}

/** Writes a stream into a file that appears only when it is whole and has the digest and size asked for; the stream's own error is thrown as it is. */
export async function writeStream(
  path: string,
  source: AsyncIterable<Uint8Array>,
  options: StreamWriteOptions = {},
): Promise<{ digest: Digest; size: number }> {
  const watched = new WatchedSource(source)
  try {
    return await replacing(path, options, (file, temporary) => copyChecked(watched, file, { path, temporary, ...options }))
  } catch (error) {
    throw watched.failed ? watched.error : error
  }
}

/** Makes a folder and its parents; existing ones stay as they are. */
export async function ensureFolder(path: string, mode = 0o755): Promise<void> {
  accessingSync('write', path, () => mkdirSync(path, { recursive: true, mode }))
}

/** Adds one line to a file and waits for the disk: what was appended survives a crash. */
export async function appendLine(path: string, line: string, options: WriteOptions = {}): Promise<void> {
  if (line.includes('\n')) throw new Error('appendLine takes one line')
  await accessing('write', path, async () => {
    const file = openSync(path, 'a', options.mode ?? 0o600)
    try {
      appendFileSync(file, `${line}\n`)
      await dataOnDisk(file)
    } finally {
      closeSync(file)
    }
  })
}

/** Gives a file a second name, by hard link where the file system can, else by copying; an existing target is replaced. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  const temporary = temporaryName(to)
  await accessing('write', to, async () => {
    try {
      await link(from, temporary).catch(() => copyFile(from, temporary, constants.COPYFILE_FICLONE))
      await rename(temporary, to)
    } finally {
      // Renaming a hard link onto another name of the same file does nothing, not even remove the old name (POSIX rename).
      await unlink(temporary).catch(() => undefined)
    }
  })
}

/** Gives a file or folder another name on the same file system, replacing a file there. */
export async function move(from: string, to: string): Promise<void> {
  await accessing('write', to, () => rename(from, to))
}

/** Gives a file the modification time of now. */
export async function touch(path: string): Promise<void> {
  const now = new Date()
  accessingSync('write', path, () => utimesSync(path, now, now))
}

/** Removes a file or a folder with all that is in it, also read-only folders; nothing there is fine. */
export async function removeTree(path: string): Promise<void> {
  // Not `rm` of fs/promises: when it fails, parts of it go on, and what is then tried again meets entries that vanish under it.
  removeTreeSync(path)
}

/** As {@link removeTree}, for a signal handler. */
export function removeTreeSync(path: string): void {
  accessingSync('write', path, () => {
    try {
      rmSync(path, { recursive: true, force: true })
    } catch (error) {
      removeStubborn(path, error)
    }
  })
}

/** Module caches (Go's, for one) are read-only folders, which nobody but root can empty as they are. */
function removeStubborn(path: string, error: unknown): void {
  if (systemCode(error) !== 'EACCES' && systemCode(error) !== 'EPERM') throw error
  makeWritable(path)
  rmSync(path, { recursive: true, force: true })
}

function makeWritable(path: string): void {
  if (!lstatSync(path).isDirectory()) return
  chmodSync(path, 0o700)
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) makeWritable(join(path, entry.name))
}

/** Writes to a new file beside the target and renames it over the target; removes it when anything fails. */
async function replacing<T>(path: string, options: WriteOptions, fill: (file: FileHandle, temporary: string) => Promise<T>): Promise<T> {
  const temporary = temporaryName(path)
  return accessing('write', path, async () => {
    const file = await open(temporary, 'wx', 0o600)
    try {
      const result = await fill(file, temporary)
      await file.chmod(options.mode ?? 0o600)
      await file.sync()
      await file.close()
      await rename(temporary, path)
      return result
    } catch (error) {
      await file.close().catch(() => undefined)
      await unlink(temporary).catch(() => undefined)
      throw error
    }
  })
}

/** Short, as the target's own name may be as long as the file system allows. */
function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 40)}.${randomBytes(6).toString('hex')}.tmp`)
}

async function copyChecked(
  source: AsyncIterable<Uint8Array>,
  file: FileHandle,
  options: StreamWriteOptions & { readonly path: string; readonly temporary: string },
): Promise<{ digest: Digest; size: number }> {
  const algorithm = options.digest === undefined ? 'sha256' : algorithmOf(options.digest)
  const hash = createHash(algorithm)
  const target = new WriteBehind(file, (written) => options.onWritten?.(options.temporary, written))
  let size = 0
  try {
    for await (const chunk of source) {
      size += chunk.length
      checkGrowth(options.path, size, options)
      hash.update(chunk)
      await target.write(chunk)
    }
  } catch (error) {
    // What came first is the reason; the file is not closed under a write that is on its way.
    await target.end().catch(() => undefined)
    throw error
  }
  await target.end()
  const digest = `${algorithm}:${hash.digest('hex')}` as const
  checkContent(options.path, { digest, size }, options)
  return { digest, size }
}

/** Remembers an error of the source, so that it is not taken for one of the target. */
class WatchedSource implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncIterable<Uint8Array>
  failed = false
  error: unknown

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#source
    } catch (error) {
      this.failed = true
      this.error = error
      throw error
    }
  }
}

function checkGrowth(path: string, size: number, { size: expected, limit, from = 'its source' }: StreamWriteOptions): void {
  if (expected !== undefined && size > expected) {
    throw contentMismatch(`${path}: ${from} gave more than the ${expected} bytes promised.`)
  }
  if (limit !== undefined && size > limit)
    throw fileTooLarge(`${path}: ${from} gave more than ${formatBytes(limit)}, the most that is taken.`)
}

function checkContent(path: string, seen: { digest: Digest; size: number }, expected: StreamWriteOptions): void {
  const from = expected.from ?? 'its source'
  if (expected.size !== undefined && seen.size !== expected.size) {
    throw contentMismatch(`${path}: ${from} gave ${seen.size} bytes, expected ${expected.size}.`, { retryable: true })
  }
  if (expected.digest !== undefined && seen.digest !== expected.digest) {
    throw contentMismatch(`${path}: ${from} gave ${seen.digest}, expected ${expected.digest}.`)
  }
}
