import { piecesOf } from '../../io/pieces.ts'
import type { BodySource, Pieces } from '../../spec/ports.ts'

interface Reading {
  readonly source: Pieces
  readonly pieces: AsyncIterator<Uint8Array>
  /** Bytes given out or passed over. */
  at: number
  /** Of the last piece, what nobody has asked for yet. */
  rest: Uint8Array
  isFree: boolean
}

/**
 * A blob's bytes, a part at a time: each goes on where the last one ended, without opening the blob again or keeping it in memory.
 * A part that is asked for again opens it anew and passes over what comes before.
 */
export class BlobReader {
  readonly #blob: BodySource
  #reading: Reading | undefined

  constructor(blob: BodySource) {
    this.#blob = blob
  }

  /** The bytes from `start` to before `end` as the body of a request. */
  part(start: number, end: number): BodySource {
    return { size: end - start, open: () => piecesOf(this.#pieces(start, end)) }
  }

  close(): void {
    this.#reading?.source.destroy()
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    const reading = this.#readingAt(start)
    while (reading.at < start && (await take(reading, start)) !== undefined);
    for (;;) {
      // After the last byte one piece more, which must not come: the source checks its digest when it ends.
      const piece = await take(reading, reading.at < end || end < this.#blob.size ? end : Number.POSITIVE_INFINITY)
      if (piece === undefined) return
      // Set before the reader may leave off, who has all bytes then.
      reading.isFree = reading.at === end
      yield piece
    }
  }

  #readingAt(start: number): Reading {
    const kept = this.#reading
    if (kept?.isFree === true && kept.at === start) {
      kept.isFree = false
      return kept
    }
    kept?.source.destroy()
    const source = this.#blob.open()
    const pieces: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
    this.#reading = { source, pieces, at: 0, rest: new Uint8Array(), isFree: false }
    return this.#reading
  }
}

/** The next bytes before `end`; undefined when there are none. */
async function take(reading: Reading, end: number): Promise<Uint8Array | undefined> {
  if (reading.at >= end) return undefined
  if (reading.rest.length === 0) {
    const next = await reading.pieces.next()
    if (next.done === true) return undefined
    reading.rest = next.value
  }
  const piece = reading.rest.subarray(0, end - reading.at)
  reading.rest = reading.rest.subarray(piece.length)
  reading.at += piece.length
  return piece
}
