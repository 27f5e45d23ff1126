import type { Digest } from '../../base/digest.ts'
import { manifestInvalid } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import { childrenOf, isIndexType, isManifestType } from './schema.ts'
import type { Descriptor } from './types.ts'

/** Everything that an image needs to be whole, each digest once. */
export interface Graph {
  /** Children before the indexes that name them, the root last. */
  readonly manifests: readonly Loaded[]
  /** Configurations, layers, and whatever else is not a manifest or index. */
  readonly blobs: readonly Descriptor[]
}

const mostManifests = 2000
const deepest = 16

/** Walks from a manifest or index down, with `load` giving each manifest: from a layout, or from a registry. Throws SW-MANIFEST-INVALID. */
export async function graphOf(root: Descriptor, load: (descriptor: Descriptor) => Promise<Loaded>): Promise<Graph> {
  const manifests = new Map<Digest, Loaded>()
  const blobs = new Map<Digest, Descriptor>()
  await visit(root, 0)
  return { manifests: [...manifests.values()], blobs: [...blobs.values()] }

  async function visit(descriptor: Descriptor, depth: number): Promise<void> {
    if (manifests.has(descriptor.digest)) return
    if (depth > deepest) throw manifestInvalid(`${root.digest} nests more than ${deepest} indexes.`)
    if (manifests.size >= mostManifests) throw manifestInvalid(`${root.digest} has more than ${mostManifests} manifests.`)
    const loaded = await load(descriptor)
    for (const child of childrenOf(loaded.content)) {
      // Caches of BuildKit put layers right into an index: what is no manifest is a blob.
      if (loaded.content.kind === 'index' && isManifest(child)) await visit(child, depth + 1)
      else blobs.set(child.digest, child)
    }
    manifests.set(descriptor.digest, loaded)
  }
}

function isManifest({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType)
}
