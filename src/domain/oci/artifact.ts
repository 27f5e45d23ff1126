import { Readable } from 'node:stream'
import { sha256 } from '../../base/digest.ts'
import { pushNotVerified } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import { findManifest, putManifest } from './manifests.ts'
import { inParallel } from './parallel.ts'
import { pushManifest } from './referrers.ts'
import type { Repository } from './registry.ts'
import { waitFor } from './settle.ts'
import type { Manifest } from './types.ts'
import { pushBlob } from './upload.ts'

/** A manifest of ours with the small blobs that it names. */
export interface Artifact {
  /** The order of its fields is the order of its bytes. */
  readonly manifest: Manifest & { readonly mediaType: string }
  readonly blobs: readonly Buffer[]
}

/**
 * Puts blobs and manifest, under a tag where one is given, and reads the manifest back. A manifest with a subject is entered among its
 * referrers. Throws what {@link pushManifest} throws.
 */
export async function pushArtifact(repository: Repository, { manifest, blobs }: Artifact, tag?: string): Promise<Loaded> {
  const loaded = loadedOf(manifest)
  await inParallel(blobs, 2, async (bytes) => {
    const { length: size } = bytes
    await pushBlob(repository, { digest: sha256(bytes), size, open: () => Readable.from([bytes]) })
  })
  if (tag === undefined) await pushManifest(repository, loaded)
  else await putManifest(repository, loaded, tag)
  const { digest } = loaded.descriptor
  // Under a tag another writer may have been next: what counts is that this manifest is there.
  if ((await waitFor(repository.clock, () => findManifest(repository, loaded.descriptor))) !== undefined) return loaded
  throw pushNotVerified(`${repository.name} took manifest ${digest}, and does not have it.`)
}

function loadedOf(manifest: Artifact['manifest']): Loaded {
  const bytes = Buffer.from(JSON.stringify(manifest))
  const descriptor = { mediaType: manifest.mediaType, digest: sha256(bytes), size: bytes.length }
  return { descriptor, bytes, content: { kind: 'manifest', manifest } }
}
