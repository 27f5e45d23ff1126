import { createHash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../base/errors.ts'
import { threadFailed } from './errors.ts'

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

/**
 * Hashes about `size` bytes: many of them, in shared memory, in a thread of its own, where the system has room for one; else at once.
 */
export function hashPieces(size: number): PieceHash {
  if (size < worthAThread) return new HashHere()
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
  readonly #worker = new Worker(`(${work})()`, { eval: true, env: {}, execArgv: [], name: 'sha256' })
  readonly #waiting: (() => void)[] = []
  #wake: (() => void) | undefined
  #digest: string | undefined
  #failure: Error | undefined

  constructor() {
    this.#worker.on('message', (digest: string | undefined) => this.#hear(digest))
    this.#worker.on('error', (cause) => this.#fail(threadFailed(`A thread that hashes failed: ${messageOf(cause)}.`, { cause })))
    this.#worker.on('exit', (code) => this.#fail(threadFailed(`A thread that hashes ended with ${code}, expected it to go on.`)))
  }

  async update(piece: Uint8Array, done: () => void): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    this.#waiting.push(done)
    this.#worker.postMessage(piece)
    await this.#until(() => this.#waiting.length < mostWaiting)
  }

  async digest(): Promise<string> {
    this.#worker.postMessage(undefined)
    await this.#until(() => this.#digest !== undefined)
    return this.#digest ?? ''
  }

  close(): void {
    void this.#worker.terminate()
  }

  #hear(digest: string | undefined): void {
    if (digest === undefined) this.#waiting.shift()?.()
    else this.#digest = digest
    this.#wake?.()
  }

  #fail(failure: Error): void {
    this.#failure ??= failure
    this.#wake?.()
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

/** What the thread does. Its text is what it is given, so that it needs no file: it uses nothing from outside of itself. */
function work(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  parentPort?.on('message', (piece: Uint8Array | undefined) => {
    if (piece !== undefined) hash.update(piece)
    parentPort.postMessage(piece === undefined ? hash.digest('hex') : undefined)
  })
}
