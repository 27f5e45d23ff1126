import { join } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { factsOrNothing, list, removeTree } from '../../io/files.ts'
import type { Layout } from '../oci/layout.ts'
import { blobPath } from '../oci/layout-blobs.ts'
import { blobsOf, removeAbandoned } from '../oci/layout-garbage.ts'
import type { Records } from './records.ts'

/** Milliseconds after which what no record speaks of is nobody's any more: another run may be between blob and record. */
const orphanedAfter = 60 * 60 * 1000

/** Records that are kept at most, however small: each build lists them. */
const most = { layers: 500, trees: 2000 }

interface Used {
  readonly id: string
  readonly path: string
  /** When it was used last: milliseconds since 1970. */
  readonly at: number
}

/** Removes the layers used longest ago until the blobs take at most so many bytes, and what killed runs left. */
export async function evict(layout: Layout, records: Records, { limit, now }: { limit: number; now: number }): Promise<void> {
  await removeAbandoned(layout, now)
  const used = await byUse(records.folders.layers, now)
  const trees = await byUse(records.folders.trees, now)
  if (used.length <= most.layers && trees.length <= most.trees && (await sizeOf(layout)) <= limit) return
  const kept = new Set<Digest>()
  const dropped = new Set<Digest>()
  let total = 0
  for (const { id, path } of used) {
    const found = await records.readLayer(id)
    if (found === undefined) {
      await removeTree(path)
      continue
    }
    const { digest } = found.record
    const size = kept.has(digest) ? 0 : ((await factsOrNothing(blobPath(layout, digest)))?.size ?? 0)
    if (total + size > limit || kept.size >= most.layers || (size === 0 && !kept.has(digest))) {
      await removeTree(path)
      dropped.add(digest)
    } else {
      total += size
      kept.add(digest)
    }
  }
  await removeBlobs(layout, { kept, dropped, now })
  await removeTrees(records, trees)
}

/** In bytes, of all blobs. */
async function sizeOf(layout: Layout): Promise<number> {
  let total = 0
  for (const digest of await blobsOf(layout)) total += (await factsOrNothing(blobPath(layout, digest)))?.size ?? 0
  return total
}

/** The last used first. Files of writes that were cut are removed when they are old. */
async function byUse(folder: string, now: number): Promise<readonly Used[]> {
  const found: Used[] = []
  for (const { name } of await list(folder).catch(() => [])) {
    const path = join(folder, name)
    const at = (await factsOrNothing(path))?.modified ?? 0
    if (/^[0-9a-f]{64}$/.test(name)) found.push({ id: name, path, at })
    else if (at < now - orphanedAfter) await removeTree(path)
  }
  return found.sort((one, other) => other.at - one.at)
}

async function removeBlobs(
  layout: Layout,
  { kept, dropped, now }: { kept: Set<Digest>; dropped: Set<Digest>; now: number },
): Promise<void> {
  for (const digest of await blobsOf(layout)) {
    if (kept.has(digest)) continue
    const path = blobPath(layout, digest)
    if (dropped.has(digest) || ((await factsOrNothing(path))?.modified ?? now) < now - orphanedAfter) await removeTree(path)
  }
}

async function removeTrees(records: Records, trees: readonly Used[]): Promise<void> {
  for (const [place, { id, path }] of trees.entries()) {
    const layer = place < most.trees ? await records.readTree(id) : undefined
    if (layer === undefined || (await factsOrNothing(join(records.folders.layers, layer))) === undefined) await removeTree(path)
  }
}
