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

/** The pieces that {@link cutTar} makes of entries. */
export function outlineTar(entries: readonly TarEntry[]): readonly PieceOutline[] {
  const cutter = new TarCutter()
  const pieces: PieceOutline[] = []
  let place = { from: 0, before: 0 }
  const take = (): void => {
    for (const { bytes, stamp, release } of cutter.take()) {
      pieces.push({ size: bytes.length, stamp, ...place })
      place = { ...place, before: place.before + 1 }
      release?.()
    }
  }
  for (const [index, entry] of entries.entries()) {
    const header = tarHeader(entry)
    const size = header.length + entry.size + tarPadding(entry.size)
    cutter.begin(entry, header, size)
    take()
    if (cutter.isAtStart) place = { from: index, before: 0 }
    cutter.skip(size)
    cutter.end(entry)
    take()
  }
  cutter.skip(tarEnd.length)
  cutter.flush()
  cutter.close()
  take()
  return pieces
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
