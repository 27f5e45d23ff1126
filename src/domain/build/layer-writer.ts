import { createHash } from 'node:crypto'
import type { Digest } from '../../base/digest.ts'
import { type CompressOptions, compressPieces } from '../../io/compress.ts'
import { readPiecesSync, readSmallSync } from '../../io/files.ts'
import type { TarPiece } from '../../io/tar-cut.ts'
import { cutTar, type TarEntry } from '../../io/tar-writer.ts'
import { openZipEntry } from '../../io/zip-reader.ts'
import type { Layout } from '../oci/layout.ts'
import { writeBlob } from '../oci/layout-blobs.ts'
import { type Descriptor, mediaTypes } from '../oci/types.ts'
import type { Content, LayerEntry } from './entries.ts'

/** A layer in a layout. */
export interface WrittenLayer {
  readonly descriptor: Descriptor
  /** Of the tar before compression. */
  readonly diffId: Digest
  /** In bytes, before compression. */
  readonly unpacked: number
}

/**
 * When everything in our layers was changed last: one second after 1970, as jib has it, since some programs take 0 for
 * "unknown". It does not follow SOURCE_DATE_EPOCH: a commit's time would give every layer a new digest with every commit.
 */
const layerTime = 1

/** Up to this many bytes a file is read at once: faster than a stream by far. */
const small = 256 * 1024

export interface LayerOptions {
  /** Default: gzip at its default level. */
  readonly compression?: CompressOptions | undefined
  readonly signal?: AbortSignal
  /** Called with each amount of bytes read. */
  readonly onBytes?: (bytes: number) => void
}

const layerTypes = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, none: mediaTypes.layer } as const

/** Packs entries into a layer of a layout, in one pass. @throws SW-FILE-CHANGED */
export async function writeLayer(layout: Layout, entries: readonly LayerEntry[], options: LayerOptions = {}): Promise<WrittenLayer> {
  const { compression = { algorithm: 'gzip' }, signal, onBytes } = options
  const hash = createHash('sha256')
  let unpacked = 0
  const pieces = async function* (): AsyncGenerator<TarPiece> {
    for await (const piece of cutTar(entries.map(tarEntry))) {
      signal?.throwIfAborted()
      hash.update(piece.bytes)
      unpacked += piece.bytes.length
      onBytes?.(piece.bytes.length)
      yield piece
    }
  }
  const written = await writeBlob(layout, compressPieces(pieces(), compression)).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw error
  })
  const descriptor = { mediaType: layerTypes[compression.algorithm], ...written }
  return { descriptor, diffId: `sha256:${hash.digest('hex')}`, unpacked }
}

/** In bytes: what {@link writeLayer} will read of files. */
export function contentSize(entries: readonly LayerEntry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? sizeOf(entry.content) : 0), 0)
}

function tarEntry(entry: LayerEntry): TarEntry {
  const common = { path: entry.path, uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime: layerTime }
  switch (entry.kind) {
    case 'directory':
      return { ...common, type: 'directory', mode: entry.mode, size: 0 }
    case 'symlink':
      return { ...common, type: 'symlink', mode: 0o777, size: 0, link: entry.target }
    case 'file':
      return { ...common, type: 'file', mode: entry.mode, size: sizeOf(entry.content), content: () => open(entry.content) }
  }
}

function sizeOf(content: Content): number {
  return content instanceof Uint8Array ? content.length : content.size
}

/** Synchronous, also for large files: a promise would wait in the thread pool behind all that is being compressed. */
function open(content: Content): Buffer | Iterable<Buffer> | AsyncIterable<Uint8Array> {
  if (content instanceof Uint8Array) return Buffer.from(content)
  if ('archive' in content) return openZipEntry(content.archive, content.entry)
  if (content.size > small) return readPiecesSync(content.from)
  // A file that has grown is told by the archive's writer, which knows what was announced.
  return readSmallSync([content.from], Number.MAX_SAFE_INTEGER)[0] ?? Buffer.alloc(0)
}
