import type { Digest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { headBlob } from './blobs.ts'
import { blobsAtOnce, blobsOf } from './copy-blobs.ts'
import { blobMissing, pushNotVerified } from './errors.ts'
import type { Graph } from './graph.ts'
import type { Loaded } from './layout-blobs.ts'
import { findManifest } from './manifests.ts'
import { inParallel } from './parallel.ts'
import { listReferrers, pushManifest } from './referrers.ts'
import type { Repository } from './registry.ts'
import { childrenOf, subjectOf } from './schema.ts'
import { waitFor } from './settle.ts'
import type { Descriptor } from './types.ts'

/**
 * Which manifests the repository has, and which it has not: asked while blobs are sent. Where that gives no answer neither is said, as a
 * repository that is only made by the first blob may not be read before.
 */
export async function whichAreThere(repository: Repository, manifests: readonly Loaded[]): Promise<ReadonlyMap<Digest, boolean>> {
  const found = new Map<Digest, boolean>()
  await inParallel(manifests, blobsAtOnce, async ({ descriptor }) => {
    try {
      found.set(descriptor.digest, (await findManifest(repository, descriptor)) !== undefined)
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
    }
  })
  return found
}

export interface Settling {
  readonly resend: Resend
  /** Which were there while blobs were sent. */
  readonly before: Promise<ReadonlyMap<Digest, boolean>>
  /** Whether there was no blob to send. */
  readonly isUnchanged: boolean
}

/** Puts the manifests of graphs, from the children up, each unless it is there, and reads them back. */
export async function settleAll(repository: Repository, graphs: readonly Graph[], settling: Settling): Promise<void> {
  for (const graph of graphs) await settleGraph(repository, graph, settling)
}

/** Manifests of single images in any order, then the indexes over them, children first. */
async function settleGraph(repository: Repository, { manifests }: Graph, settling: Settling): Promise<void> {
  const images = manifests.filter(({ content }) => content.kind === 'manifest')
  await inParallel(images, blobsAtOnce, (manifest) => settleManifest(repository, manifest, settling))
  for (const index of manifests) if (index.content.kind === 'index') await settleManifest(repository, index, settling)
}

type Resend = (blob: Descriptor) => Promise<void>

/** Puts a manifest unless it is there, and reads it back. When the registry misses blobs that it said to have, they are sent once more. */
async function settleManifest(repository: Repository, manifest: Loaded, { resend, before, isUnchanged }: Settling): Promise<void> {
  const { descriptor } = manifest
  const wasThere = (await before).get(descriptor.digest)
  const isThere = wasThere === false || (wasThere && isUnchanged) ? wasThere : (await findManifest(repository, descriptor)) !== undefined
  if (isThere && (await isListed(repository, manifest))) return
  try {
    await pushManifest(repository, manifest)
  } catch (error) {
    if (!blobMissing.is(error)) throw error
    await resendBlobs(repository, manifest, resend)
    await pushManifest(repository, manifest)
  }
  if ((await waitFor(repository.clock, () => findManifest(repository, descriptor))) !== undefined) return
  throw pushNotVerified(`${repository.name} took manifest ${descriptor.digest} and does not have it.`)
}

/** A run that was killed may have put a referrer, and not entered it in the list of its subject. */
async function isListed(repository: Repository, { content, descriptor }: Loaded): Promise<boolean> {
  const subject = subjectOf(content)
  if (subject === undefined) return true
  return (await listReferrers(repository, subject.digest)).some(({ digest }) => digest === descriptor.digest)
}

/** Registries that collect garbage between HEAD and PUT (Artifact Registry), or that answer from a stale cache (GHCR). */
async function resendBlobs(repository: Repository, { content }: Loaded, resend: Resend): Promise<void> {
  if (content.kind === 'index') return
  const blobs = blobsOf([{ blobs: childrenOf(content) }])
  const missing: Descriptor[] = []
  for (const blob of blobs) if ((await headBlob(repository, blob.digest)) === undefined) missing.push(blob)
  await inParallel(missing.length > 0 ? missing : blobs, blobsAtOnce, resend)
}
