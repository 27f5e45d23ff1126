import type { Digest } from '../../../base/digest.ts'
import { manifestInvalid } from '../../oci/errors.ts'
import { getManifest } from '../../oci/manifests.ts'
import type { Repository } from '../../oci/registry.ts'
import { isIndexType, isManifestType } from '../../oci/schema.ts'
import type { Descriptor } from '../../oci/types.ts'

/** Images of one index. */
const mostImages = 500
const deepest = 4

/**
 * What to sign of an image: itself, and with `recursive` what an index names, the children first. What describes an image inside the
 * index (BuildKit's attestation manifests, platform unknown) runs nowhere and is left out. Only manifests are read, no layers.
 */
export async function subjectsOf(repository: Repository, digest: Digest, recursive: boolean): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>()
  await visit(digest, 0)
  return [...found.values()]

  async function visit(wanted: Digest, depth: number): Promise<void> {
    if (depth > deepest) throw manifestInvalid(`${repository.name}@${digest} nests more than ${deepest} indexes.`)
    const { descriptor, content } = await getManifest(repository, wanted)
    if (recursive && content.kind === 'index') {
      for (const child of content.index.manifests) {
        if (!isRunnable(child) || found.has(child.digest)) continue
        if (found.size >= mostImages) throw manifestInvalid(`${repository.name}@${digest} has more than ${mostImages} images.`)
        if (isIndexType(child.mediaType)) await visit(child.digest, depth + 1)
        else found.set(child.digest, child)
      }
    }
    found.set(wanted, descriptor)
  }
}

function isRunnable({ mediaType, annotations, platform }: Descriptor): boolean {
  if (!isManifestType(mediaType) && !isIndexType(mediaType)) return false
  return annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest' && platform?.os !== 'unknown'
}
