import { crc32 } from 'node:zlib'
import { wantsToBeAlone } from '../../io/hash-thread.ts'
import type { TarEntry } from '../../io/tar-entry.ts'
import { outlineTar, type PieceOutline, readOutlined } from '../../io/tar-outline.ts'
import type { Http } from '../../spec/ports.ts'
import type { PieceShelf } from '../cache/piece-shelf.ts'
import { goesAhead } from '../oci/upload-ahead.ts'

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
 * Looks at the state of the files and, where the layer may be sent while it is packed, reads those few pieces whose files are in another one:
 * what has changed lies at the end of a layer as often as not, and sending had to wait for it. Ends soon where most is unknown, and looks at
 * nothing where nobody makes use of it. @throws SW-FILE-CHANGED
 */
export async function foresee(
  entries: readonly TarEntry[],
  shelf: PieceShelf | undefined,
  http: Http | undefined,
  processors?: number,
): Promise<Foresight> {
  const size = sizeOfMembers(entries)
  const isAwaited = goesAhead(http, size)
  if (shelf?.isTrusted !== true || !(isAwaited || wantsToBeAlone(size, processors))) return nothingKnown
  const { known, unknown } = lookedUp(entries, shelf)
  if (unknown.length > known) return nothingKnown
  const near = isAwaited ? unknown.filter(({ before }) => before <= mostBefore).slice(0, mostTries) : []
  for (const piece of near) if (await isChanged(entries, piece, shelf)) return { isMostlyKnown: true, isNew: true }
  return { isMostlyKnown: true, isNew: false }
}

/** In bytes: what archives are made of. */
export function sizeOfMembers(entries: readonly TarEntry[]): number {
  return entries.reduce((sum, { size }) => sum + size, 0)
}

/** The pieces by whether the shelf has them, up to where too many are unknown. */
function lookedUp(entries: readonly TarEntry[], shelf: PieceShelf): { readonly known: number; readonly unknown: readonly PieceOutline[] } {
  const unknown: PieceOutline[] = []
  let known = 0
  for (const piece of outlineTar(entries)) {
    if (shelf.hasStamp(piece.stamp)) known += 1
    else unknown.push(piece)
    if (unknown.length > known + mostTries) break
  }
  return { known, unknown }
}

async function isChanged(entries: readonly TarEntry[], piece: PieceOutline, shelf: PieceShelf): Promise<boolean> {
  const { bytes, release } = await readOutlined(entries, piece)
  const isKnown = shelf.hasContent(crc32(bytes), bytes.length)
  release?.()
  return !isKnown
}
