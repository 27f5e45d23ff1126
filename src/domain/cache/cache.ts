import { join } from 'node:path'
import { type Digest, hasherOf } from '../../base/digest.ts'
import { messageOf } from '../../base/errors.ts'
import { ensureFolder, factsOrNothing, identityOf, linkOrCopy, list, openRead, removeTree } from '../../io/files.ts'
import type { Log } from '../../spec/ports.ts'
import { createLayout, type Layout } from '../oci/layout.ts'
import { blobPath } from '../oci/layout-blobs.ts'
import { evict } from './eviction.ts'
import { PieceShelf, type ShelfLayer } from './piece-shelf.ts'
import { type CachedLayer, layerId, type PieceRow, type Records, recordsIn } from './records.ts'
import { readSecret } from './seal.ts'

export interface CacheOptions {
  /** Absolute. */
  readonly folder: string
  /** File of the secret by which a run knows what earlier ones have written; without it everything is proven again. */
  readonly secretFile?: string | undefined
  /** In bytes, of all blobs. */
  readonly limit: number
  readonly clock: { now(): number }
  /** Told the first time that the cache cannot do what it should. */
  readonly log: Pick<Log, 'warn'>
}

/** Layers built before, in an OCI layout of their own. What it gives is right or nothing, whatever is in the folder; it never fails a build. */
export interface LayerCache {
  /** Brings the layer of a tree of files in one state into a layout. */
  restore(tree: string, encoder: string, layout: Layout): Promise<CachedLayer | undefined>
  /** The pieces of an encoder's layers. */
  pieces(encoder: string): Promise<PieceShelf>
  /** Remembers a layer that a layout has; one that cannot be kept is not. */
  keep(layer: CachedLayer, from: KeptFrom): Promise<void>
  /** Removes what was used longest ago until the rest fits. */
  trim(): Promise<void>
}

export interface KeptFrom {
  readonly layout: Layout
  readonly tree: string | undefined
  readonly pieces: readonly PieceRow[]
}

/** Layers whose pieces are looked through. */
const shelfLayers = 32

/** Opens a cache, or makes an empty one. Throws what the file system does. */
export async function openCache({ folder, secretFile, limit, clock, log }: CacheOptions): Promise<LayerCache> {
  const layout = await createLayout(folder)
  const records = recordsIn(folder, secretFile === undefined ? undefined : await readSecret(secretFile))
  const inside = { layout, records, limit }
  const failed = warner(log, folder)
  return {
    restore: (tree, encoder, target) => restore(inside, { tree, encoder, target }).catch(failed),
    pieces: async (encoder) => new PieceShelf((await layersOf(inside, encoder).catch(failed)) ?? []),
    keep: (layer, from) => keep(inside, layer, from).catch(failed),
    trim: () => evict(layout, records, { limit, now: clock.now() }).catch(failed),
  }
}

/** Once: the next failure mostly has the same cause. */
function warner(log: CacheOptions['log'], folder: string): (error: unknown) => undefined {
  let isTold = false
  return (error) => {
    if (!isTold) log.warn('the cache of layers does not work, the build goes on without it', { folder, because: messageOf(error) })
    isTold = true
  }
}

interface Inside {
  readonly layout: Layout
  readonly records: Records
  readonly limit: number
}

async function restore(
  { layout, records }: Inside,
  { tree, encoder, target }: { tree: string; encoder: string; target: Layout },
): Promise<CachedLayer | undefined> {
  const id = await records.readTree(tree)
  const found = id === undefined ? undefined : await records.readLayer(id)
  if (found?.isTrusted !== true || found.record.encoder !== encoder) return undefined
  const { record } = found
  const path = blobPath(layout, record.digest)
  const seen = await identify(layout, record.digest)
  // Another run may have removed it.
  if (seen === undefined) return undefined
  if (seen !== record.blob && (await digestOf(path, record.digest)) !== record.digest) {
    await removeTree(path)
    return undefined
  }
  await place(layout, target, record.digest)
  const blob = await identify(layout, record.digest)
  // A further name for the blob is a change of the file: what was just proven is noted for the next time.
  if (blob === record.blob || blob === undefined) await records.touchLayer(record)
  else await records.writeLayer({ ...record, blob })
  return record
}

async function keep({ layout, records, limit }: Inside, layer: CachedLayer, from: KeptFrom): Promise<void> {
  if (layer.size > limit) return
  await place(from.layout, layout, layer.digest)
  const blob = await identify(layout, layer.digest)
  if (blob === undefined) return
  await records.writeLayer({ ...layer, blob, pieces: from.pieces })
  if (from.tree !== undefined) await records.writeTree(from.tree, layer)
}

/** The layers of an encoder, those used last first. */
async function layersOf({ layout, records }: Inside, encoder: string): Promise<readonly ShelfLayer[]> {
  const named = (await factsOrNothing(records.folders.layers)) === undefined ? [] : await list(records.folders.layers)
  const used = await Promise.all(
    named.map(async ({ name }) => ({ name, at: (await factsOrNothing(join(records.folders.layers, name)))?.modified ?? 0 })),
  )
  const found: ShelfLayer[] = []
  for (const { name } of used.sort((one, other) => other.at - one.at)) {
    const read = found.length < shelfLayers ? await records.readLayer(name) : undefined
    if (read === undefined || read.record.encoder !== encoder || layerId(read.record) !== name) continue
    found.push({ ...read, path: blobPath(layout, read.record.digest) })
  }
  return found
}

async function identify(layout: Layout, digest: Digest): Promise<string | undefined> {
  const facts = await factsOrNothing(blobPath(layout, digest))
  return facts?.kind === 'file' ? identityOf(facts) : undefined
}

async function digestOf(path: string, like: Digest): Promise<Digest> {
  const hash = hasherOf(like)
  for await (const piece of openRead(path)) hash.update(piece)
  return `${like.startsWith('sha512') ? 'sha512' : 'sha256'}:${hash.digest('hex')}`
}

/** The same file under a second name, where the file system can. */
async function place(from: Layout, to: Layout, digest: Digest): Promise<void> {
  const [ours, theirs] = await Promise.all([factsOrNothing(blobPath(from, digest)), factsOrNothing(blobPath(to, digest))])
  if (ours !== undefined && ours.inode === theirs?.inode && ours.device === theirs.device) return
  if (theirs !== undefined && theirs.kind !== 'file') await removeTree(blobPath(to, digest))
  await ensureFolder(join(to.folder, 'blobs', 'sha256'))
  await linkOrCopy(blobPath(from, digest), blobPath(to, digest))
}
