import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { identityOf } from './file-stamp.ts'

/** An open file to read parts of; it stays whole also when its name is removed. */
export interface RangeReader {
  /** {@link identityOf} the file. */
  readonly identity: string
  /** So many bytes from an offset; undefined when there are fewer, or they cannot be read. */
  read(start: number, size: number): Buffer | undefined
  close(): void
}

/** Opens a file to read parts of it, synchronously; undefined when it cannot be opened. */
export function openRanges(path: string): RangeReader | undefined {
  try {
    const descriptor = openSync(path, 'r')
    const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(descriptor)
    return {
      identity: identityOf({ device: dev, inode: ino, size, modified: mtimeMs, changed: ctimeMs }),
      read: (start, length) => (start + length > size ? undefined : readRange(descriptor, start, length)),
      close: () => closeSync(descriptor),
    }
  } catch {
    return undefined
  }
}

function readRange(descriptor: number, start: number, size: number): Buffer | undefined {
  try {
    const bytes = Buffer.allocUnsafe(size)
    for (let done = 0; done < size; ) {
      const read = readSync(descriptor, bytes, done, size - done, start + done)
      if (read === 0) return undefined
      done += read
    }
    return bytes
  } catch {
    return undefined
  }
}
