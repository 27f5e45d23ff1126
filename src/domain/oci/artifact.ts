import { Readable } from 'node:stream'
import { sha256 } from '../../base/digest.ts'
import { blobMissing, pushNotVerified } from './errors.ts'
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
  /** More of them, made a moment ago: the registry is not asked whether it has them. */
  readonly made?: readonly Buffer[] | undefined
}

const attempts = 5

/**
 * Puts blobs and manifest, under a tag where one is given, and reads the manifest back. A manifest with a subject is entered among its
 * referrers. Throws what {@link pushManifest} throws.
 */
export async function pushArtifact(repository: Repository, { manifest, blobs, made = [] }: Artifact, tag?: string): Promise<Loaded> {
  const loaded = loadedOf(manifest)
  await put(repository, loaded, { blobs, made, tag })
  const { digest } = loaded.descriptor
  // Under a tag another writer may have been next: what counts is that this manifest is there.
  if ((await waitFor(repository.clock, () => findManifest(repository, loaded.descriptor))) !== undefined) return loaded
  throw pushNotVerified(`${repository.name} took manifest ${digest}, and does not have it.`)
}

/** Many signers send the same `{}` at the same moment: a registry on plain files then does not know for a moment what it was just given. */
async function put(
  repository: Repository,
  loaded: Loaded,
  { blobs, made, tag }: { readonly blobs: readonly Buffer[]; readonly made: readonly Buffer[]; readonly tag: string | undefined },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await inParallel([...made, ...blobs], 2, async (bytes) => {
      const blob = { digest: sha256(bytes), size: bytes.length, open: () => Readable.from([bytes]) }
      await pushBlob(repository, blob, { absent: attempt > 1 || made.includes(bytes) })
    })
    try {
      if (tag === undefined) await pushManifest(repository, loaded)
      else await putManifest(repository, loaded, tag)
      return
    } catch (error) {
      if (!blobMissing.is(error) || attempt === attempts) throw error
      await repository.clock.sleep(100 * 2 ** attempt * Math.random())
    }
  }
}

function loadedOf(manifest: Artifact['manifest']): Loaded {
  const bytes = Buffer.from(JSON.stringify(manifest))
  const descriptor = { mediaType: manifest.mediaType, digest: sha256(bytes), size: bytes.length }
  return { descriptor, bytes, content: { kind: 'manifest', manifest } }
}
