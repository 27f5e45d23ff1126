import { fileChanged } from './errors.ts'
import type { SyncReader } from './file-read.ts'
import { TarCutter, type TarPiece } from './tar-cut.ts'
import type { TarEntry } from './tar-entry.ts'
import { tarBlock, tarHeader, tarPadding } from './tar-header.ts'

export type { TarEntry } from './tar-entry.ts'

/** What ends an archive. */
export const tarEnd = Buffer.alloc(2 * tarBlock)

/**
 * An archive as a stream of pieces that are never changed afterwards; the same entries in the same order give the same bytes on
 * every machine.
 */
export async function* tarPieces(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  for await (const { bytes } of cutTar(entries)) yield bytes
}

/** As {@link tarPieces}, with what each piece is known by. */
export async function* cutTar(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<TarPiece> {
  const cutter = new TarCutter()
  try {
    for await (const entry of entries) {
      const header = tarHeader(entry)
      const padding = tarPadding(entry.size)
      cutter.begin(entry, header, header.length + entry.size + padding)
      cutter.add(header)
      const content = typeof entry.content === 'function' ? entry.content() : (entry.content ?? Buffer.alloc(0))
      if (Buffer.isBuffer(content)) {
        if (content.length !== entry.size) throw sizeChanged(entry, content.length)
        cutter.add(content)
      } else if ('readInto' in content) {
        yield* readInto(cutter, entry, content)
      } else {
        for await (const chunk of exactly(entry, content)) {
          cutter.add(chunk)
          yield* cutter.take()
        }
      }
      cutter.add(tarEnd.subarray(0, padding))
      cutter.end(entry)
      yield* cutter.take()
    }
    cutter.add(tarEnd)
    cutter.flush()
  } finally {
    cutter.close()
  }
  yield* cutter.take()
}

/** Without a copy: a file is read into the pieces themselves. */
function* readInto(cutter: TarCutter, entry: TarEntry, file: SyncReader): Generator<TarPiece> {
  try {
    for (let left = entry.size; left > 0; ) {
      const read = file.readInto(cutter.room().subarray(0, left))
      if (read === 0) throw sizeChanged(entry, entry.size - left)
      cutter.grow(read)
      left -= read
      yield* cutter.take()
    }
    if (file.readInto(Buffer.alloc(1)) > 0) throw sizeChanged(entry, entry.size + 1)
  } finally {
    file.close()
  }
}

async function* exactly(entry: TarEntry, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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
