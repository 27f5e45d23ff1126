import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { formatBytes } from '../base/bytes.ts'
import { messageOf } from '../base/errors.ts'
import { fileKind, fileMalformed, fileTooLarge } from './errors.ts'
import { accessing, accessingSync, fileError } from './system-errors.ts'

/** Streams of files and bodies move in pieces of this size: three times faster than Node's 64 KiB. */
export const streamPiece = 1024 * 1024

/** A stream takes memory for a whole piece, however small the file is. */
const filePiece = 256 * 1024
const unknownPiece = 16 * 1024

/** In bytes: up to here a file is read before a thread of the pool would have begun to. */
const smallFile = 256 * 1024

/** So many small files are read in a row before signals and timers have a turn. */
const inARow = 64
let smallRead = 0

/** A whole file; more than `limit` bytes (default 64 MiB) is `SW-FILE-TOO-LARGE`. */
export async function readBytes(path: string, limit = 64 * 1024 * 1024): Promise<Buffer> {
  return accessing('read', path, async () => {
    if (isSmallFile(path)) {
      smallRead += 1
      if (smallRead % inARow === 0) await turn()
      return readOneSync(path, limit)
    }
    const file = await open(path, 'r')
    try {
      const { size } = await statOf(file, path)
      return await readWhole(file, path, { size, limit })
    } finally {
      await file.close()
    }
  })
}

/** A whole file as UTF-8 (bad bytes become U+FFFD, a byte order mark is dropped); `limit` in bytes, default 4 MiB. */
export async function readText(path: string, limit = 4 * 1024 * 1024): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, limit))
}

/** A whole file as JSON, unchecked beyond its syntax; `limit` in bytes, default 4 MiB. */
export async function readJson(path: string, limit = 4 * 1024 * 1024): Promise<unknown> {
  const text = await readText(path, limit)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw fileMalformed(`${path} is not JSON: ${messageOf(error)}`, { cause: error })
  }
}

/** A stream of a file's bytes, or of those from `start` to `end` (inclusive, from 0); its errors are `TaskError`s. */
export function openRead(path: string, range: { readonly start?: number; readonly end?: number } = {}): Readable {
  const source = createReadStream(path, { highWaterMark: filePiece, ...range })
  return Readable.from(translated(source, path), { objectMode: false, highWaterMark: streamPiece })
}

/** Many small files in a row, each at most `limit` bytes (default 1 MiB): six times faster than promises, but blocks meanwhile. */
export function readSmallSync(paths: readonly string[], limit = 1024 * 1024): Buffer[] {
  return paths.map((path) => accessingSync('read', path, () => readOneSync(path, limit)))
}

/** An open file that is read from its beginning on, synchronously. */
export interface SyncReader {
  /** Fills memory as far as the file goes at once; says how many bytes came, 0 at its end. */
  readInto(memory: Buffer): number
  close(): void
}

/** Opens a file to be read while the process does nothing else. */
export function openSyncReader(path: string): SyncReader {
  const descriptor = accessingSync('read', path, () => openSync(path, 'r'))
  return {
    readInto: (memory) => accessingSync('read', path, () => readSync(descriptor, memory, 0, memory.length, null)),
    close: () => closeSync(descriptor),
  }
}

/**
 * A file piece by piece, while the process does nothing else, into buffers of the caller in turn: a piece stays until as many more
 * have come as there are buffers.
 */
export function* readPiecesSync(path: string, buffers: readonly Buffer[]): Generator<Buffer> {
  const file = openSyncReader(path)
  try {
    for (;;) {
      for (const buffer of buffers) {
        const read = file.readInto(buffer)
        if (read === 0) return
        yield buffer.subarray(0, read)
      }
    }
  } finally {
    file.close()
  }
}

/** No pipe, whose opening waits for who writes; nor what has no size, such as a file under /proc. */
function isSmallFile(path: string): boolean {
  const found = statSync(path)
  return found.isFile() && found.size > 0 && found.size <= smallFile
}

async function statOf(file: FileHandle, path: string): Promise<{ size: number }> {
  const facts = await file.stat()
  if (facts.isDirectory()) throw fileKind(`Reading ${path} failed: it is a folder, expected a file.`)
  return facts
}

/** Reads to the end rather than to `size`: a pipe or a file under /proc has none, and a log may grow meanwhile. */
async function readWhole(file: FileHandle, path: string, { size, limit }: { size: number; limit: number }): Promise<Buffer> {
  if (size > limit) throw tooLarge(path, size, limit)
  const pieces: Buffer[] = []
  let total = 0
  for (;;) {
    const piece = Buffer.allocUnsafe(size > total ? Math.min(size - total, streamPiece) + 1 : unknownPiece)
    const { bytesRead } = await file.read(piece, 0, piece.length, null)
    if (bytesRead === 0) return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
    total += bytesRead
    if (total > limit) throw tooLarge(path, total, limit)
    pieces.push(piece.subarray(0, bytesRead))
  }
}

function readOneSync(path: string, limit: number): Buffer {
  // Of a pipe that nobody writes to the opening would wait, and with it the whole process, deaf to every signal.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { size } = fstatSync(descriptor)
    if (size > limit) throw tooLarge(path, size, limit)
    const bytes = Buffer.allocUnsafe(size)
    let done = 0
    while (done < size) {
      const read = readSync(descriptor, bytes, done, size - done, null)
      if (read === 0) break
      done += read
    }
    return bytes.subarray(0, done)
  } finally {
    closeSync(descriptor)
  }
}

async function* translated(source: Readable, path: string): AsyncGenerator<Buffer> {
  try {
    yield* source
  } catch (error) {
    throw fileError(error, 'read', path)
  }
}

function tooLarge(path: string, seen: number, limit: number): Error {
  return fileTooLarge(`${path} has ${formatBytes(seen)} or more, expected at most ${formatBytes(limit)}.`)
}
