import { isLoopback } from '../../base/loopback.ts'
import { piecesOf } from '../../io/pieces.ts'
import type { BodySource } from '../../spec/ports.ts'

/**
 * A registry on this machine has no line to fill, and hashes, writes and syncs on the processors and the disk that we use: of more blobs
 * at once all would end together, and then wait for the disk together while nothing else is done.
 */
const besideUs = 3

interface Waiter {
  readonly size: number
  readonly start: () => void
}

/** Blobs whose bytes are on their way to one registry; those that only wait for its answer are not among them. */
export class Sending {
  readonly #most: number
  readonly #waiting: Waiter[] = []
  #underway = 0

  constructor(registry: string) {
    this.#most = isLoopback(registry) ? besideUs : Number.POSITIVE_INFINITY
  }

  /** Waits for a turn, the largest first; the function given back ends it, once, however often it is called. */
  async enter(size: number): Promise<() => void> {
    await new Promise<void>((start) => {
      this.#waiting.push({ size, start })
      this.#admit()
    })
    let left = false
    return () => {
      if (left) return
      left = true
      this.#underway -= 1
      this.#admit()
    }
  }

  #admit(): void {
    while (this.#underway < this.#most && this.#waiting.length > 0) {
      const largest = this.#waiting.reduce((most, waiter) => (waiter.size > most.size ? waiter : most))
      this.#waiting.splice(this.#waiting.indexOf(largest), 1)
      this.#underway += 1
      largest.start()
    }
  }
}

/** The same body, which tells when all of it was taken. */
export function telling(body: BodySource, taken: () => void): BodySource {
  return {
    size: body.size,
    open: () => {
      const source = body.open()
      return { ...piecesOf(thenTell(source, taken)), destroy: () => source.destroy() }
    },
  }
}

async function* thenTell(source: AsyncIterable<Uint8Array>, taken: () => void): AsyncGenerator<Uint8Array> {
  yield* source
  taken()
}
