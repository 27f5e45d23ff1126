import type { Pieces } from '../spec/ports.ts'

/** What a generator gives, once; giving it up ends the generator where it stands. */
export function piecesOf(generator: AsyncGenerator<Uint8Array>): Pieces {
  return {
    [Symbol.asyncIterator]: () => generator,
    destroy: () => {
      // It may be waiting for bytes just now: their error is for whoever reads.
      generator.return(undefined).catch(() => undefined)
    },
  }
}
