import { closeSync, openSync, readSync } from 'node:fs'
import type { Pieces } from '../spec/ports.ts'
import { streamPiece } from './file-read.ts'
import { piecesOf } from './pieces.ts'

/** A file that one writes and another reads at the same time, at a pace of their own. Its name may change meanwhile. */
export class GrowingFile {
  #descriptor: number | undefined
  #size = 0
  #isWhole = false
  #failure: Error | undefined
  readonly #waiting = new Set<() => void>()
  #onRead: ((size: number) => void) | undefined

  /** So many bytes are in the file at a path by now. Never throws: that it cannot be read is no concern of who writes it. */
  grew(path: string, size: number): void {
    if (this.#failure !== undefined) return
    try {
      this.#descriptor ??= openSync(path, 'r')
      this.#size = size
      this.#wake()
    } catch (cause) {
      this.fail(new Error(`${path} cannot be read`, { cause }))
    }
  }

  /** `told` learns from now on how many bytes a reader has had. */
  watch(told: ((size: number) => void) | undefined): void {
    this.#onRead = told
  }

  /** No more bytes come. */
  end(): void {
    this.#isWhole = true
    this.#wake()
  }

  /** Readers get an error in place of the rest. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#wake()
  }

  /** Nobody reads any more. */
  close(): void {
    this.fail(new Error('the file was closed'))
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  /** The bytes from the beginning, each when it has been written; ends with the file. */
  read(): Pieces {
    return piecesOf(this.#pieces())
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    const buffers = [Buffer.allocUnsafeSlow(streamPiece), Buffer.allocUnsafeSlow(streamPiece)]
    for (let at = 0; ; ) {
      for (const buffer of buffers) {
        await this.#until(at)
        if (at === this.#size) return
        const read = this.#readAt(at, buffer)
        at += read
        yield buffer.subarray(0, read)
        this.#onRead?.(at)
      }
    }
  }

  /** Waits for bytes behind those that were read, or the end. */
  async #until(at: number): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      if (at < this.#size || this.#isWhole) return
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #readAt(at: number, buffer: Buffer): number {
    const descriptor = this.#descriptor
    if (descriptor === undefined) throw new Error('the file is not open')
    const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, this.#size - at), at)
    if (read === 0) throw new Error(`the file ended at byte ${at}, expected ${this.#size}`)
    return read
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}
