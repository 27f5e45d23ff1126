import type { Digest } from '../../base/digest.ts'
import { blobsAtOnce, blobsOf } from './copy-blobs.ts'
import { blobAt } from './copy-from-layout.ts'
import { type Cargo, type Copied, type CopyOptions, type Origin, referrerGraphs, rootOf, sendCargo } from './copy-image.ts'
import { cosignTags } from './cosign-tags.ts'
import { type Graph, graphOf } from './graph.ts'
import type { Loaded } from './layout-blobs.ts'
import { getManifest } from './manifests.ts'
import { both } from './parallel.ts'
import { listReferrers } from './referrers.ts'
import type { Repository } from './registry.ts'
import type { Descriptor } from './types.ts'
import { isThere } from './upload.ts'

/**
 * Copies an image, given by its digest or as it was read, from a repository to another: mounted where both are of one registry, else read
 * and sent at once. With referrers also what cosign keeps under tags of its own. Nothing is written before all manifests were read; tags
 * come last.
 * Doing it again sends nothing. Throws SW-MANIFEST-MISSING, SW-BLOB-MISSING, SW-REGISTRY-…, SW-PUSH-NOT-VERIFIED, SW-TAG-….
 */
export async function copyBetween(from: Repository, given: Digest | Loaded, to: Repository, options: CopyOptions = {}): Promise<Copied> {
  const root = typeof given === 'string' ? await getManifest(from, given) : given
  const load: Origin['load'] = async (descriptor) => (descriptor.digest === root.descriptor.digest ? root : getManifest(from, descriptor))
  const reading = { load, referrersOf: (subject: Digest) => listReferrers(from, subject) }
  const image = await graphOf(root.descriptor, load)
  const there = lookFor(blobsOf([image]).slice(0, blobsAtOnce), to)
  const find: Origin['find'] = async (blob) => ({ ...blobAt(from, blob, to), there: there.get(blob.digest) })
  try {
    const cargo = options.referrers === true ? await withReferrers(reading, image, { from, to }) : { image, referrers: [], pinned: [] }
    return await sendCargo({ ...reading, find }, cargo, to, options)
  } finally {
    await Promise.allSettled(there.values())
  }
}

async function withReferrers(
  origin: Omit<Origin, 'find'>,
  image: Graph,
  places: { readonly from: Repository; readonly to: Repository },
): Promise<Cargo> {
  const [referrers, own] = await both(referrerGraphs(origin, image), cosignTags(origin, digestsOf([image]), places))
  const pinned = [...own, ...(await cosignTags(origin, digestsOf(referrers), places))]
  const loose = referrers.filter(
    (graph) => !pinned.some((other) => rootOf(other.graph).descriptor.digest === rootOf(graph).descriptor.digest),
  )
  return { image, referrers: loose, pinned }
}

function digestsOf(graphs: readonly Graph[]): readonly Digest[] {
  return graphs.flatMap(({ manifests }) => manifests.map(({ descriptor }) => descriptor.digest))
}

/** Whether the target has the blobs that are sent first: looked for while the source is asked what else goes along. */
function lookFor(blobs: readonly Descriptor[], target: Repository): ReadonlyMap<Digest, Promise<boolean>> {
  return new Map(
    blobs.map((blob) => {
      const there = isThere(target, blob)
      // Told when it is the blob's turn; until then it is no unhandled rejection.
      there.catch(() => undefined)
      return [blob.digest, there]
    }),
  )
}
