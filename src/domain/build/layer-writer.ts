import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Digest } from '../../base/digest.ts'
import { compress } from '../../io/compress.ts'
import { openRead, readSmallSync } from '../../io/files.ts'
import { type TarEntry, tarPieces } from '../../io/tar-writer.ts'
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

/** Packs entries into a gzip layer of a layout, in one pass. Called with each amount of bytes read. @throws SW-FILE-CHANGED */
export async function writeLayer(
  layout: Layout,
  entries: readonly LayerEntry[],
  { signal, onBytes }: { readonly signal?: AbortSignal; readonly onBytes?: (bytes: number) => void } = {},
): Promise<WrittenLayer> {
  const hash = createHash('sha256')
  let unpacked = 0
  const tar = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of tarPieces(entries.map(tarEntry))) {
      signal?.throwIfAborted()
      hash.update(piece)
      unpacked += piece.length
      onBytes?.(piece.length)
      yield piece
    }
  }
  const written = await writeBlob(layout, compress(tar(), { algorithm: 'gzip' })).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw error
  })
  return { descriptor: { mediaType: mediaTypes.layerGzip, ...written }, diffId: `sha256:${hash.digest('hex')}`, unpacked }
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

function open(content: Content): Buffer | Readable {
  if (content instanceof Uint8Array) return Buffer.from(content)
  if ('archive' in content) return openZipEntry(content.archive, content.entry)
  if (content.size > small) return openRead(content.from)
  // A file that has grown is told by the archive's writer, which knows what was announced.
  return readSmallSync([content.from], Number.MAX_SAFE_INTEGER)[0] ?? Buffer.alloc(0)
}
