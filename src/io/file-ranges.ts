import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { identityOf } from './file-stamp.ts'

/** An open file to read parts of; it stays whole also when its name is removed. */
export interface RangeReader {
  /** {@link identityOf} the file. */
  readonly identity: string
  /** So many bytes from an offset, in memory to be given back; undefined when there are fewer, or they cannot be read. */
  read(start: number, size: number): { readonly bytes: Buffer; release(): void } | undefined
  close(): void
}

/** What most parts fit into: memory of this size is used again. */
const usual = 1024 * 1024

/** Opens a file to read parts of it, synchronously; undefined when it cannot be opened. */
export function openRanges(path: string): RangeReader | undefined {
  try {
    const descriptor = openSync(path, 'r')
    const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(descriptor)
    const free: Buffer[] = []
    return {
      identity: identityOf({ device: dev, inode: ino, size, modified: mtimeMs, changed: ctimeMs }),
      read(start, length) {
        if (start + length > size) return undefined
        const whole = length <= usual ? (free.pop() ?? Buffer.allocUnsafe(usual)) : Buffer.allocUnsafe(length)
        const bytes = readRange(descriptor, start, whole.subarray(0, length))
        return bytes === undefined ? undefined : { bytes, release: () => void (whole.length === usual && free.push(whole)) }
      },
      close: () => closeSync(descriptor),
    }
  } catch {
    return undefined
  }
}

function readRange(descriptor: number, start: number, bytes: Buffer): Buffer | undefined {
  try {
    for (let done = 0; done < bytes.length; ) {
      const read = readSync(descriptor, bytes, done, bytes.length - done, start + done)
      if (read === 0) return undefined
      done += read
    }
    return bytes
  } catch {
    return undefined
  }
}
