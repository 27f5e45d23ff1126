import { fileChanged } from './errors.ts'
import type { TarEntry } from './tar-entry.ts'
import { tarBlock, tarHeader, tarPadding } from './tar-header.ts'

export type { TarEntry } from './tar-entry.ts'

/** Small members are gathered into pieces of this size. */
const pieceSize = 1024 * 1024
const largePart = 64 * 1024
const none: Buffer[] = []

/** Writes an archive; the same entries in the same order give the same bytes on every machine. Gives its size. */
export async function writeTar(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
  sink: (piece: Buffer) => void | Promise<void>,
): Promise<{ size: number }> {
  let size = 0
  for await (const piece of tarPieces(entries)) {
    size += piece.length
    await sink(piece)
  }
  return { size }
}

/** The archive as a stream of pieces that are never changed afterwards. */
export async function* tarPieces(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  const gathering = new Gathering()
  for await (const entry of entries) {
    gathering.add(tarHeader(entry))
    const content = typeof entry.content === 'function' ? entry.content() : (entry.content ?? Buffer.alloc(0))
    if (Buffer.isBuffer(content)) {
      if (content.length !== entry.size) throw sizeChanged(entry, content.length)
      gathering.add(content)
    } else {
      for await (const chunk of exactly(entry, content)) {
        gathering.add(chunk)
        for (const piece of gathering.take()) yield piece
      }
    }
    gathering.add(Buffer.alloc(tarPadding(entry.size)))
    for (const piece of gathering.take()) yield piece
  }
  gathering.add(Buffer.alloc(2 * tarBlock))
  gathering.flush()
  for (const piece of gathering.take()) yield piece
}

async function* exactly(entry: TarEntry, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of content) {
    size += chunk.length
    if (size > entry.size) throw sizeChanged(entry, size)
    yield chunk
  }
  if (size !== entry.size) throw sizeChanged(entry, size)
}

function sizeChanged(entry: TarEntry, seen: number): Error {
  return fileChanged(`${entry.path} gave ${seen} bytes or more while it was packed, expected ${entry.size}.`)
}

/** Copies small parts together; passes large ones on as they are. */
class Gathering {
  #complete: Buffer[] = []
  #piece = Buffer.allocUnsafe(pieceSize)
  #filled = 0

  add(part: Uint8Array): void {
    if (part.length > pieceSize - this.#filled || part.length >= largePart) this.flush()
    if (part.length >= largePart) {
      this.#complete.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
      return
    }
    this.#piece.set(part, this.#filled)
    this.#filled += part.length
  }

  flush(): void {
    if (this.#filled === 0) return
    this.#complete.push(this.#piece.subarray(0, this.#filled))
    this.#piece = Buffer.allocUnsafe(pieceSize)
    this.#filled = 0
  }

  /** The pieces complete by now, once. */
  take(): Buffer[] {
    if (this.#complete.length === 0) return none
    const complete = this.#complete
    this.#complete = []
    return complete
  }
}
