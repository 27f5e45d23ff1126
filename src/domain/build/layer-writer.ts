import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { type Digest, hexOf, sha256 } from '../../base/digest.ts'
import { type CompressOptions, compressPieces, encoderId, type PieceStore } from '../../io/compress.ts'
import { openSyncReader, type SyncReader } from '../../io/files.ts'
import { hashPieces } from '../../io/hash-thread.ts'
import type { TarPiece } from '../../io/tar-cut.ts'
import { cutTar, type TarEntry } from '../../io/tar-writer.ts'
import { openZipEntry } from '../../io/zip-reader.ts'
import type { Http } from '../../spec/ports.ts'
import type { LayerCache } from '../cache/cache.ts'
import type { CachedLayer } from '../cache/records.ts'
import type { Layout } from '../oci/layout.ts'
import { writeBlob } from '../oci/layout-blobs.ts'
import { type Descriptor, mediaTypes } from '../oci/types.ts'
import { beginAhead } from '../oci/upload-ahead.ts'
import type { Content, LayerEntry } from './entries.ts'
import { foresee, sizeOfMembers } from './foresight.ts'

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

export interface LayerOptions {
  /** Default: gzip at its default level. */
  readonly compression?: CompressOptions | undefined
  readonly cache?: LayerCache | undefined
  readonly signal?: AbortSignal
  /** Over which the run goes on to push what is built: large layers are sent while they are packed. */
  readonly http?: Http | undefined
  /** Called with each amount of bytes packed. */
  readonly onBytes?: (bytes: number) => void
}

/** The media type of a layer, by its compression. */
export const layerTypes = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, none: mediaTypes.layer } as const

/**
 * Packs entries into a layer of a layout, in one pass. With a cache, files in a state that was packed before are not read at
 * all, and of others only the pieces that have changed are compressed. @throws SW-FILE-CHANGED
 */
export async function writeLayer(layout: Layout, entries: readonly LayerEntry[], options: LayerOptions = {}): Promise<WrittenLayer> {
  const { compression = { algorithm: 'gzip' }, cache, onBytes } = options
  const encoder = encoderId(compression)
  const tree = treeOf(entries, encoder)
  const known = tree === undefined ? undefined : await cache?.restore(tree, encoder, layout)
  if (known !== undefined) {
    onBytes?.(known.unpacked)
    return writtenLayer(known, compression)
  }
  const shelf = await cache?.pieces(encoder)
  try {
    const members = entries.map(tarEntry)
    const { isMostlyKnown, isNew } = await foresee(members, shelf, options.http)
    const sink = sinkOf(layout, entries, { ...options, isNew: () => isNew || shelf?.isChanged === true })
    const packed = { encoder, ...(await pack(members, sink, { ...options, compression, shelf, isMostlyKnown })) }
    await cache?.keep(packed, { layout, tree, pieces: shelf?.noted ?? [] })
    return writtenLayer(packed, compression)
  } finally {
    shelf?.close()
  }
}

function writtenLayer({ digest, size, diffId, unpacked }: CachedLayer, { algorithm }: CompressOptions): WrittenLayer {
  return { descriptor: { mediaType: layerTypes[algorithm], digest, size }, diffId, unpacked }
}

/** What {@link writeLayer} would write without a cache; nothing is written. @throws SW-FILE-CHANGED */
export async function measureLayer(entries: readonly LayerEntry[], options: Omit<LayerOptions, 'cache'> = {}): Promise<WrittenLayer> {
  const { compression = { algorithm: 'gzip' } } = options
  const packed = await pack(entries.map(tarEntry), measured, { ...options, compression })
  return writtenLayer({ encoder: encoderId(compression), ...packed }, compression)
}

type Sink = (bytes: AsyncIterable<Uint8Array>) => Promise<Pick<Descriptor, 'digest' | 'size'>>

/** Into the layout, and at once to where the run will push it. */
function sinkOf(layout: Layout, entries: readonly LayerEntry[], { http, isNew }: LayerOptions & { readonly isNew: () => boolean }): Sink {
  return async (bytes) => {
    const ahead = beginAhead(http, contentSize(entries), isNew)
    try {
      const written = await writeBlob(layout, bytes, { onWritten: ahead?.grew })
      ahead?.whole(written)
      return written
    } catch (error) {
      ahead?.abandon()
      throw error
    }
  }
}

async function measured(bytes: AsyncIterable<Uint8Array>): ReturnType<Sink> {
  const hash = createHash('sha256')
  let size = 0
  for await (const piece of bytes) {
    hash.update(piece)
    size += piece.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

interface PackOptions extends LayerOptions {
  readonly compression: CompressOptions
  readonly shelf?: PieceStore | undefined
  /** Whether the shelf has most of it. */
  readonly isMostlyKnown?: boolean
}

async function pack(
  members: readonly TarEntry[],
  sink: Sink,
  { compression, shelf, isMostlyKnown = false, signal, onBytes }: PackOptions,
): Promise<Omit<CachedLayer, 'encoder'>> {
  const hash = hashPieces(sizeOfMembers(members), { isAlone: isMostlyKnown || compression.algorithm === 'none' })
  let unpacked = 0
  const pieces = async function* (): AsyncGenerator<TarPiece> {
    for await (const piece of cutTar(members)) {
      // Everything before is synchronous, and so may be everything after: without a turn no signal would ever arrive.
      await turn()
      signal?.throwIfAborted()
      const release = afterTwo(() => piece.release?.())
      await hash.update(piece.bytes, release)
      unpacked += piece.bytes.length
      onBytes?.(piece.bytes.length)
      yield { ...piece, release }
    }
  }
  try {
    const written = await sink(compressPieces(pieces(), compression, shelf))
    return { ...written, diffId: `sha256:${await hash.digest()}`, unpacked }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    hash.close()
  }
}

/** A piece is hashed and compressed, in any order. */
function afterTwo(both: () => void): () => void {
  let left = 2
  return () => {
    left -= 1
    if (left === 0) both()
  }
}

/** What the layer of entries is known by while no file is read; undefined when that cannot be told of one of them. */
function treeOf(entries: readonly LayerEntry[], encoder: string): string | undefined {
  const texts = [JSON.stringify([encoder, layerTime])]
  for (const entry of entries) {
    const { kind, path, uid = 0, gid = 0 } = entry
    const content = kind === 'file' ? stampOfContent(entry.content) : ''
    if (content === undefined) return undefined
    texts.push(JSON.stringify([kind, path, uid, gid, kind === 'symlink' ? entry.target : entry.mode, content]))
  }
  return hexOf(sha256(texts.join('')))
}

function stampOfContent(content: Content): string | undefined {
  if (content instanceof Uint8Array) return sha256(content)
  return 'stamp' in content ? content.stamp : undefined
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
      return {
        ...common,
        type: 'file',
        mode: entry.mode,
        size: sizeOf(entry.content),
        content: () => open(entry.content),
        stamp: stampOfContent(entry.content),
      }
  }
}

function sizeOf(content: Content): number {
  return content instanceof Uint8Array ? content.length : content.size
}

/** Synchronous, also for large files: a promise would wait in the thread pool behind all that is being compressed. */
function open(content: Content): Buffer | SyncReader | AsyncIterable<Uint8Array> {
  if (content instanceof Uint8Array) return Buffer.from(content)
  if ('archive' in content) return openZipEntry(content.archive, content.entry)
  // A file that is not as long as announced is told by the archive's writer.
  return openSyncReader(content.from)
}
