import type { FoundPiece, PieceFacts, PieceStore } from '../../io/compress.ts'
import { openRanges, type RangeReader } from '../../io/files.ts'
import { stampLength } from '../../io/tar-cut.ts'
import type { LayerRecord, PieceRow } from './records.ts'

/** A layer whose pieces may be taken again. */
export interface ShelfLayer {
  readonly record: LayerRecord
  readonly isTrusted: boolean
  /** Where its blob is. */
  readonly path: string
}

interface Place {
  readonly layer: ShelfLayer
  readonly start: number
  readonly size: number
}

/** Pieces to look among: newer layers first, and no more than a build can hold in mind. */
const most = 200_000

/**
 * The pieces of layers built before. One is trusted when the record is ours, its blob is as we left it, and it comes from
 * files in the same state; any other of the same checksum is handed out to be proven.
 */
export class PieceShelf implements PieceStore {
  readonly #byStamp = new Map<string, Place>()
  readonly #byCrc = new Map<string, Place>()
  /** What pieces are known by without what they look back on. */
  readonly #stamps = new Set<string>()
  readonly #contents = new Set<string>()
  readonly #readers = new Map<string, RangeReader | undefined>()
  readonly #noted: PieceRow[] = []
  #found = 0
  #missed = 0

  constructor(layers: readonly ShelfLayer[]) {
    for (const layer of layers) this.#add(layer)
  }

  find(facts: PieceFacts): FoundPiece | undefined {
    const piece = this.#lookUp(facts)
    if (piece === undefined) this.#missed += 1
    else this.#found += 1
    return piece
  }

  /** Whether what was looked for is a layer built before with something changed: as it is now, nobody has it. */
  get isChanged(): boolean {
    return this.#found > 0 && this.#missed > 0
  }

  /** Whether any of it is known to be what files in one state gave. */
  get isTrusted(): boolean {
    return this.#stamps.size > 0
  }

  /** Whether files in the same state were packed into such a piece. */
  hasStamp(stamp: string | undefined): boolean {
    return stamp !== undefined && this.#stamps.has(stamp)
  }

  /** Whether a piece may have those bytes, whatever it looks back on. */
  hasContent(crc: number, size: number): boolean {
    return this.#contents.has(`${crc} ${size}`)
  }

  #lookUp(facts: PieceFacts): FoundPiece | undefined {
    const known = facts.stamp === undefined ? undefined : this.#byStamp.get(`${facts.stamp} ${keyOf(facts)}`)
    const reader = known === undefined ? undefined : this.#readerOf(known.layer)
    if (known !== undefined && reader?.identity === known.layer.record.blob) {
      const part = reader.read(known.start, known.size)
      return part === undefined ? undefined : { ...part, isTrusted: true }
    }
    const similar = this.#byCrc.get(keyOf(facts))
    const part = similar === undefined ? undefined : this.#readerOf(similar.layer)?.read(similar.start, similar.size)
    return part === undefined ? undefined : { ...part, isTrusted: false }
  }

  note({ stamp = '', crc, dictionaryCrc, size }: PieceFacts, place: { readonly start: number; readonly size: number }): void {
    this.#noted.push([stamp, crc, dictionaryCrc, size, place.start, place.size])
  }

  /** What the layer that was just compressed is made of. */
  get noted(): readonly PieceRow[] {
    return this.#noted
  }

  close(): void {
    for (const reader of this.#readers.values()) reader?.close()
    this.#readers.clear()
  }

  #add(layer: ShelfLayer): void {
    for (const [stamp, crc, dictionaryCrc, size, start, compressed] of layer.record.pieces) {
      if (this.#byCrc.size >= most) return
      const key = keyOf({ crc, dictionaryCrc, size })
      const place = { layer, start, size: compressed }
      this.#contents.add(`${crc} ${size}`)
      if (!this.#byCrc.has(key)) this.#byCrc.set(key, place)
      if (!layer.isTrusted || stamp === '') continue
      this.#stamps.add(stamp.slice(-stampLength))
      if (!this.#byStamp.has(`${stamp} ${key}`)) this.#byStamp.set(`${stamp} ${key}`, place)
    }
  }

  #readerOf({ path }: ShelfLayer): RangeReader | undefined {
    if (!this.#readers.has(path)) this.#readers.set(path, openRanges(path))
    return this.#readers.get(path)
  }
}

function keyOf({ crc, dictionaryCrc, size }: PieceFacts): string {
  return `${crc} ${dictionaryCrc} ${size}`
}
