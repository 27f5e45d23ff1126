import { join } from 'node:path'
import { type Digest, isDigest } from '../../base/digest.ts'
import { factsOrNothing, list, removeTree } from '../../io/files.ts'
import { entriesOf, type Layout } from './layout.ts'
import { blobPath, hasBlob, readManifest } from './layout-blobs.ts'
import { childrenOf, isIndexType, isManifestType } from './schema.ts'
import type { Descriptor } from './types.ts'

const leftover = /^\.\.?(?:incoming-|index\.json\.|oci-layout\.)/

/** Milliseconds without a write after which a blob on its way has nobody any more who writes it. */
const abandonedAfter = 60 * 60 * 1000

/** Removes what killed runs left of blobs on their way; what is younger may be another run's. `now` is in milliseconds since 1970. */
export async function removeAbandoned(layout: Layout, now: number): Promise<void> {
  for (const { name } of await list(layout.folder)) {
    const path = join(layout.folder, name)
    if (leftover.test(name) && ((await factsOrNothing(path))?.modified ?? now) < now - abandonedAfter) await removeTree(path)
  }
}

/** Milliseconds: an image that another run is writing is entered long before. */
const aDay = 24 * 60 * 60 * 1000

/** Removes the blobs that nothing leads to and nobody has written or linked for a day. `now` is in milliseconds since 1970. */
export async function removeOutdated(layout: Layout, now: number): Promise<void> {
  for (const digest of await garbageIn(layout)) {
    const path = blobPath(layout, digest)
    if (((await factsOrNothing(path))?.changed ?? now) < now - aDay) await removeTree(path)
  }
}

/** The digests of all blobs that the layout holds, by name. */
export async function blobsOf(layout: Layout): Promise<readonly Digest[]> {
  const blobs = join(layout.folder, 'blobs')
  const found: Digest[] = []
  for (const { name: algorithm } of await list(blobs)) {
    for (const { name } of await list(join(blobs, algorithm))) {
      const digest = `${algorithm}:${name}`
      if (isDigest(digest)) found.push(digest)
    }
  }
  return found
}

async function garbageIn(layout: Layout): Promise<readonly Digest[]> {
  const needed = new Set<Digest>()
  for (const entry of await entriesOf(layout)) await mark(layout, entry, needed)
  return (await blobsOf(layout)).filter((digest) => !needed.has(digest))
}

/** An index may be sparse: a child that was never here leads nowhere, and is no reason to stop. */
async function mark(layout: Layout, entry: Descriptor, needed: Set<Digest>): Promise<void> {
  needed.add(entry.digest)
  if (!(isManifestType(entry.mediaType) || isIndexType(entry.mediaType)) || !(await hasBlob(layout, entry))) return
  const { content } = await readManifest(layout, entry)
  for (const child of childrenOf(content)) {
    if (!needed.has(child.digest)) await mark(layout, child, needed)
  }
}
