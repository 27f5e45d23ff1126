import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Thread } from './thread.ts'

/** SHA-256 of bytes that come piece by piece. */
export interface PieceHash {
  /** Takes the next piece, which stays as it is until `done`; resolves when another one may come. Throws SW-THREAD-FAILED. */
  update(piece: Uint8Array, done: () => void): Promise<void>
  /** In hexadecimal digits, when all pieces are hashed. Throws SW-THREAD-FAILED. */
  digest(): Promise<string>
  /** Gives the thread up, whatever is left. */
  close(): void
}

/** Bytes from which on a thread saves more than it costs to begin. */
const worthAThread = 64 * 1024 * 1024
/** Pieces that wait for the thread, at most. */
const mostWaiting = 8

export interface HashOptions {
  /** Whether something else has threads at work meanwhile. Default: it has. */
  readonly isAlone?: boolean
  /** Default: the machine's. */
  readonly processors?: number
}

/** Whether it matters to {@link hashPieces} that it is alone. */
export function wantsToBeAlone(size: number, processors: number = availableParallelism()): boolean {
  return size >= worthAThread && processors === 2
}

/**
 * Hashes about `size` bytes: many of them, in shared memory, in a thread of its own, where the system has room for one, and a processor for
 * it beside what reads and what compresses; else at once.
 */
export function hashPieces(size: number, { isAlone = false, processors = availableParallelism() }: HashOptions = {}): PieceHash {
  if (size < worthAThread || processors < (isAlone ? 2 : 3)) return new HashHere()
  try {
    return new HashThread()
  } catch {
    // A container, or Node's permissions, may allow none.
    return new HashHere()
  }
}

class HashHere implements PieceHash {
  readonly #hash = createHash('sha256')

  async update(piece: Uint8Array, done: () => void): Promise<void> {
    this.#hash.update(piece)
    done()
  }

  async digest(): Promise<string> {
    return this.#hash.digest('hex')
  }

  close(): void {
    // Nothing is held.
  }
}

class HashThread implements PieceHash {
  readonly #thread = new Thread({ name: 'sha256', make: hasher, data: undefined })
  readonly #underway: Promise<void>[] = []

  async update(piece: Uint8Array, done: () => void): Promise<void> {
    const hashed = this.#thread.ask(piece).then(done)
    // Told with a later piece, or with the digest.
    hashed.catch(() => undefined)
    this.#underway.push(hashed)
    if (this.#underway.length === mostWaiting) await this.#underway.shift()
  }

  digest(): Promise<string> {
    return this.#thread.ask(undefined)
  }

  close(): void {
    this.#thread.close()
  }
}

/** What the thread does: takes pieces, and gives the digest when it is asked for nothing. */
function hasher(): (piece: Uint8Array | undefined) => string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  return (piece) => {
    if (piece === undefined) return hash.digest('hex')
    hash.update(piece)
    return ''
  }
}
