import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { giveMemory, takeMemory } from './piece-memory.ts'
import type { TarEntry } from './tar-entry.ts'

/** A part of an archive that is compressed by itself. */
export interface TarPiece {
  readonly bytes: Buffer
  /** What it is known by without its bytes being read; undefined when one of its members has no stamp. */
  readonly stamp?: string | undefined
  /** Gives the memory back: nobody reads the bytes any more. Optional; without it they stay as they are. */
  release?(): void
}

/** Of a piece's stamp, in digits. */
export const stampLength = 32

/** Names the rule below in what depends on it. */
export const cutVersion = 1

export const longestPiece = 1024 * 1024
const shortestPiece = 256 * 1024
/** One in so many members ends a piece that is long enough. */
const oneIn = 8

/** Where the bytes of pieces lie, of each its own. */
const sharedMemory = { take: takeMemory, give: giveMemory }

/**
 * Cuts an archive between its members, so that a change in one changes one piece: after a member whose path hashes so, when
 * the piece is long enough; before one that it has no room for. A member longer than a piece begins one, and is cut at
 * fixed distances. The rule sees paths and sizes only: the same members give the same pieces on every machine.
 */
export class TarCutter {
  readonly #memory: typeof sharedMemory
  #complete: TarPiece[] = []
  #bytes: Buffer<SharedArrayBuffer>
  #filled = 0
  #stamp: Hash | undefined = createHash('sha256')
  #member: { readonly stamp: string | undefined; written: number } | undefined

  constructor(memory = sharedMemory) {
    this.#memory = memory
    this.#bytes = memory.take()
  }

  /** A member of so many bytes comes, header and padding included. */
  begin({ stamp, type }: TarEntry, header: Buffer, size: number): void {
    if (this.#filled + size > longestPiece) this.flush()
    const known = type === 'file' ? stamp : ''
    this.#member = { stamp: known === undefined ? undefined : `${header.toString('latin1')}${known}`, written: 0 }
    this.#stampMember()
  }

  add(part: Uint8Array): void {
    for (let from = 0; from < part.length; ) {
      const room = this.room()
      const some = part.subarray(from, from + room.length)
      room.set(some)
      this.grow(some.length)
      from += some.length
    }
  }

  /** So many bytes would come, and nobody looks at them: pieces have their size and stamp as ever. */
  skip(size: number): void {
    for (let left = size; left > 0; ) {
      const some = Math.min(this.room().length, left)
      this.grow(some)
      left -= some
    }
  }

  /** Whether the next byte begins a piece. */
  get isAtStart(): boolean {
    return this.#filled === 0
  }

  /** Memory of the piece, for the next bytes of the member; there are some. */
  room(): Buffer {
    if (this.#filled === longestPiece) {
      this.flush()
      this.#stampMember()
    }
    return this.#bytes.subarray(this.#filled, longestPiece)
  }

  /** So many bytes are in the {@link room} now. */
  grow(size: number): void {
    this.#filled += size
    if (this.#member !== undefined) this.#member.written += size
  }

  end({ path }: TarEntry): void {
    this.#member = undefined
    if (this.#filled >= shortestPiece && crc32(path) % oneIn === 0) this.flush()
  }

  flush(): void {
    if (this.#filled === 0) return
    const whole = this.#bytes
    const release = (): void => this.#memory.give(whole)
    this.#complete.push({ bytes: whole.subarray(0, this.#filled), stamp: this.#stamp?.digest('hex').slice(0, stampLength), release })
    this.#bytes = this.#memory.take()
    this.#filled = 0
    this.#stamp = createHash('sha256')
  }

  /** Nothing more is cut. */
  close(): void {
    this.#memory.give(this.#bytes)
  }

  /** The pieces complete by now, once. */
  take(): readonly TarPiece[] {
    if (this.#complete.length === 0) return none
    const complete = this.#complete
    this.#complete = []
    return complete
  }

  #stampMember(): void {
    const { stamp, written } = this.#member ?? { stamp: '', written: 0 }
    this.#stamp = stamp === undefined ? undefined : this.#stamp?.update(`${stamp.length} ${written} ${stamp}`, 'latin1')
  }
}

const none: readonly TarPiece[] = []
