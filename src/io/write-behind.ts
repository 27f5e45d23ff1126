import type { FileHandle } from 'node:fs/promises'

/** Bytes after which the disk gets what is written so far, so that little is left to wait for at the end. */
const syncEach = 16 * 1024 * 1024

/** Writes a file piece by piece; one is being written while the next is made. */
export class WriteBehind {
  readonly #file: FileHandle
  #before: Promise<void> = Promise.resolve()
  #syncing: Promise<void> = Promise.resolve()
  #unsynced = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Begins to write a piece, when the one before is written: that one's memory is free then. */
  async write(chunk: Uint8Array): Promise<void> {
    await this.#before
    this.#sync(chunk.length)
    this.#before = this.#whole(chunk)
    // Told with the next piece, or at the end.
    this.#before.catch(() => undefined)
  }

  /** Waits for what is on its way. Throws what a write did. */
  async end(): Promise<void> {
    await this.#before
    await this.#syncing
  }

  #sync(size: number): void {
    this.#unsynced += size
    if (this.#unsynced < syncEach) return
    this.#unsynced = 0
    this.#syncing = this.#syncing.then(() => this.#file.datasync())
    this.#syncing.catch(() => undefined)
  }

  async #whole(chunk: Uint8Array): Promise<void> {
    let done = 0
    while (done < chunk.length) done += (await this.#file.write(chunk, done, chunk.length - done)).bytesWritten
  }
}
