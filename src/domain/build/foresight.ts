import { crc32 } from 'node:zlib'
import type { TarEntry } from '../../io/tar-entry.ts'
import { outlineTar, type PieceOutline, readOutlined } from '../../io/tar-outline.ts'
import type { PieceShelf } from '../cache/piece-shelf.ts'

/** What can be told of a layer before it is packed. */
export interface Foresight {
  /** Whether most of it was packed before from files in the same state. */
  readonly isMostlyKnown: boolean
  /** Whether it is surely none of those that were packed before. */
  readonly isNew: boolean
}

/** Pieces that are read to find one that has changed, and pieces that are read to come to such a one. */
const mostTries = 4
const mostBefore = 4

const nothingKnown: Foresight = { isMostlyKnown: false, isNew: false }

/**
 * Looks at the state of the files and reads those few pieces whose files are in another one: what has changed lies at the end of a layer as
 * often as not, and what is done beside the packing had to wait for it. @throws SW-FILE-CHANGED
 */
export async function foresee(entries: readonly TarEntry[], shelf: PieceShelf | undefined): Promise<Foresight> {
  if (shelf?.isTrusted !== true) return nothingKnown
  const pieces = outlineTar(entries)
  const unknown = pieces.filter(({ stamp }) => !shelf.hasStamp(stamp))
  if (unknown.length > pieces.length / 2) return nothingKnown
  const near = unknown.filter(({ before }) => before <= mostBefore).slice(0, mostTries)
  for (const piece of near) if (await isChanged(entries, piece, shelf)) return { isMostlyKnown: true, isNew: true }
  return { isMostlyKnown: true, isNew: false }
}

async function isChanged(entries: readonly TarEntry[], piece: PieceOutline, shelf: PieceShelf): Promise<boolean> {
  const { bytes, release } = await readOutlined(entries, piece)
  const isKnown = shelf.hasContent(crc32(bytes), bytes.length)
  release?.()
  return !isKnown
}
