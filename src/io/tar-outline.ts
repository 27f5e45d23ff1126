import { giveMemory, takeMemory } from './piece-memory.ts'
import { TarCutter, type TarPiece } from './tar-cut.ts'
import type { TarEntry } from './tar-entry.ts'
import { tarHeader, tarPadding } from './tar-header.ts'
import { cutTar, tarEnd } from './tar-writer.ts'

/** A piece of an archive of which nothing was read. */
export interface PieceOutline {
  /** In bytes. */
  readonly size: number
  /** As that of the piece will be. */
  readonly stamp: string | undefined
  /** The entry that pieces are cut from as these are, and how many of those come before this one. */
  readonly from: number
  readonly before: number
}

/** The pieces that {@link cutTar} makes of entries, each when it is asked for: whoever has seen enough saves the rest. */
export function* outlineTar(entries: readonly TarEntry[]): Generator<PieceOutline, void, undefined> {
  // Nobody writes there: one for all pieces.
  const blank = takeMemory()
  const cutter = new TarCutter({ take: () => blank, give: () => undefined })
  let place = { from: 0, before: 0 }
  const taken = (): PieceOutline[] =>
    cutter.take().map(({ bytes, stamp }) => {
      const piece = { size: bytes.length, stamp, ...place }
      place = { ...place, before: place.before + 1 }
      return piece
    })
  try {
    for (const [index, entry] of entries.entries()) {
      const header = tarHeader(entry)
      const size = header.length + entry.size + tarPadding(entry.size)
      cutter.begin(entry, header, size)
      yield* taken()
      if (cutter.isAtStart) place = { from: index, before: 0 }
      cutter.skip(size)
      cutter.end(entry)
      yield* taken()
    }
    cutter.skip(tarEnd.length)
    cutter.flush()
    yield* taken()
  } finally {
    giveMemory(blank)
  }
}

/** Reads one piece of those entries. */
export async function readOutlined(entries: readonly TarEntry[], { from, before }: PieceOutline): Promise<TarPiece> {
  let left = before
  for await (const piece of cutTar(entries.slice(from))) {
    if (left === 0) return piece
    left -= 1
    piece.release?.()
  }
  throw new Error('an archive has the pieces of its outline')
}
