import { constants, openSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import { formatBytes } from '../base/bytes.ts'
import { formatDuration } from '../base/duration.ts'
import { fileKind, fileTooLarge } from './errors.ts'
import { accessing } from './system-errors.ts'

export interface PipeLimits {
  /** Bytes at most. */
  readonly limit: number
  /** Milliseconds until its writers must have closed it. */
  readonly patience: number
  /** Ends the wait; its reason is the cause of what is thrown. */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a pipe is known by under all of its names, be it named or of another process (`<(…)`, `/dev/stdin`): its bytes come once. Undefined
 * where a path leads to anything else.
 */
export function pipeAt(path: string): string | undefined {
  try {
    const found = statSync(path)
    return found.isFIFO() ? `${found.dev}:${found.ino}` : undefined
  } catch {
    // Who reads it hears why.
    return undefined
  }
}

/** All bytes of a pipe, as UTF-8. Throws SW-FILE-KIND when it is not closed in time, SW-FILE-TOO-LARGE, what reading throws. */
export function readPipe(path: string, { limit, patience, signal }: PipeLimits): Promise<string> {
  return accessing('read', path, async () => {
    signal?.throwIfAborted()
    // Neither the opening nor the reading takes a thread: the process could not end before somebody writes.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const pipe = new Socket({ fd, readable: true, writable: false })
    const late = fileKind(
      `Reading ${path} failed: it is a pipe, and whoever writes to it has not closed it within ${formatDuration(patience)}.`,
    )
    const timer = setTimeout(() => pipe.destroy(late), patience)
    const stop = (): void => void pipe.destroy(signal?.reason)
    signal?.addEventListener('abort', stop)
    const pieces: Buffer[] = []
    let size = 0
    try {
      for await (const piece of pipe as AsyncIterable<Buffer>) {
        size += piece.length
        if (size > limit) throw fileTooLarge(`${path} has ${formatBytes(size)} or more, expected at most ${formatBytes(limit)}.`)
        pieces.push(piece)
      }
      return new TextDecoder().decode(Buffer.concat(pieces))
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  })
}
