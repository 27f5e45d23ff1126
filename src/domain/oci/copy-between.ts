import type { Digest } from '../../base/digest.ts'
import { blobAt } from './copy-from-layout.ts'
import { type Copied, type CopyOptions, type Origin, referrerGraphs, rootOf, sendCargo } from './copy-image.ts'
import { cosignTags } from './cosign-tags.ts'
import { graphOf } from './graph.ts'
import type { Loaded } from './layout-blobs.ts'
import { getManifest } from './manifests.ts'
import { listReferrers } from './referrers.ts'
import type { Repository } from './registry.ts'

/**
 * Copies an image, given by its digest or as it was read, from a repository to another: mounted where both are of one registry, else read
 * and sent at once. With referrers also what cosign keeps under tags of its own. Nothing is written before all manifests were read; tags
 * come last.
 * Doing it again sends nothing. Throws SW-MANIFEST-MISSING, SW-BLOB-MISSING, SW-REGISTRY-…, SW-PUSH-NOT-VERIFIED, SW-TAG-….
 */
export async function copyBetween(from: Repository, given: Digest | Loaded, to: Repository, options: CopyOptions = {}): Promise<Copied> {
  const root = typeof given === 'string' ? await getManifest(from, given) : given
  const origin: Origin = {
    load: async (descriptor) => (descriptor.digest === root.descriptor.digest ? root : getManifest(from, descriptor)),
    referrersOf: (subject) => listReferrers(from, subject),
    find: async (blob) => blobAt(from, blob, to),
  }
  const image = await graphOf(root.descriptor, origin.load)
  if (options.referrers !== true) return sendCargo(origin, { image, referrers: [], pinned: [] }, to, options)
  const referrers = await referrerGraphs(origin, image)
  const subjects = [image, ...referrers].flatMap(({ manifests }) => manifests.map(({ descriptor }) => descriptor.digest))
  const pinned = await cosignTags(origin, subjects, { from, to })
  const loose = referrers.filter(
    (graph) => !pinned.some((other) => rootOf(other.graph).descriptor.digest === rootOf(graph).descriptor.digest),
  )
  return sendCargo(origin, { image, referrers: loose, pinned }, to, options)
}
