/** What is asked of an open file. */
export interface Target {
  write(bytes: Uint8Array, from: number, size: number): Promise<{ readonly bytesWritten: number }>
  datasync(): Promise<void>
}

/** Bytes after which the disk gets what is written so far, so that little is left to wait for at the end. */
const syncEach = 16 * 1024 * 1024

/** Writes a file piece by piece; one is being written while the next is made. */
export class WriteBehind {
  readonly #file: Target
  readonly #onWritten: ((size: number) => void) | undefined
  #written = 0
  #before: Promise<void> = Promise.resolve()
  #syncing: Promise<void> = Promise.resolve()
  #isSyncing = false
  #unsynced = 0

  /** `onWritten` is told how many bytes are in the file, after each piece. */
  constructor(file: Target, onWritten?: (size: number) => void) {
    this.#file = file
    this.#onWritten = onWritten
  }

  /** Begins to write a piece, when the one before is written: that one's memory is free then. */
  async write(chunk: Uint8Array): Promise<void> {
    await this.#before
    this.#sync(chunk.length)
    this.#before = this.#whole(chunk)
    // Told with the next piece, or at the end.
    this.#before.catch(() => undefined)
  }

  /** Waits for all that is on its way, so that the file may be closed. Throws what a write did. */
  async end(): Promise<void> {
    const [before] = await Promise.allSettled([this.#before, this.#syncing])
    if (before.status === 'rejected') throw before.reason
    await this.#syncing
  }

  #sync(size: number): void {
    this.#unsynced += size
    // One at a time, and none in wait: a run that is stopped would have to wait for all of them.
    if (this.#unsynced < syncEach || this.#isSyncing) return
    this.#unsynced = 0
    this.#isSyncing = true
    this.#syncing = this.#syncing
      .then(() => this.#file.datasync())
      .finally(() => {
        this.#isSyncing = false
      })
    this.#syncing.catch(() => undefined)
  }

  async #whole(chunk: Uint8Array): Promise<void> {
    let done = 0
    while (done < chunk.length) done += (await this.#file.write(chunk, done, chunk.length - done)).bytesWritten
    this.#written += done
    this.#onWritten?.(this.#written)
  }
}
