import { fileChanged } from './errors.ts'
import type { TarEntry } from './tar-entry.ts'
import { tarBlock, tarHeader, tarPadding } from './tar-header.ts'

export type { TarEntry } from './tar-entry.ts'

/** Small members are gathered into pieces of this size. */
const pieceSize = 1024 * 1024
const largePart = 64 * 1024

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
  for await (const part of tarParts(entries)) yield* gathering.add(part)
  yield* gathering.flush()
}

async function* tarParts(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    yield tarHeader(entry)
    const content = typeof entry.content === 'function' ? entry.content() : (entry.content ?? Buffer.alloc(0))
    if (Buffer.isBuffer(content)) {
      if (content.length !== entry.size) throw sizeChanged(entry, content.length)
      yield content
    } else {
      yield* exactly(entry, content)
    }
    yield Buffer.alloc(tarPadding(entry.size))
  }
  yield Buffer.alloc(2 * tarBlock)
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
  #piece = Buffer.allocUnsafe(pieceSize)
  #filled = 0

  /** Gives the pieces that are complete now. */
  add(part: Uint8Array): Buffer[] {
    if (part.length >= largePart) return [...this.flush(), Buffer.from(part.buffer, part.byteOffset, part.byteLength)]
    const complete = part.length > pieceSize - this.#filled ? this.flush() : []
    this.#piece.set(part, this.#filled)
    this.#filled += part.length
    return complete
  }

  flush(): Buffer[] {
    if (this.#filled === 0) return []
    const piece = this.#piece.subarray(0, this.#filled)
    this.#piece = Buffer.allocUnsafe(pieceSize)
    this.#filled = 0
    return [piece]
  }
}
