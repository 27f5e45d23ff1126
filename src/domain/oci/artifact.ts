import { Readable } from 'node:stream'
import { sha256 } from '../../base/digest.ts'
import { blobMissing, pushNotVerified } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import { findManifest, putManifest } from './manifests.ts'
import { inParallel } from './parallel.ts'
import { enterReferrer } from './referrers.ts'
import type { Repository } from './registry.ts'
import { waitFor } from './settle.ts'
import type { Descriptor, Manifest } from './types.ts'
import { pushBlob, requireStored } from './upload.ts'

/** A manifest of ours with the small blobs that it names. */
export interface Artifact {
  /** The order of its fields is the order of its bytes. */
  readonly manifest: Manifest & { readonly mediaType: string }
  readonly blobs: readonly Buffer[]
  /** More of them that the registry surely lacks, such as made a moment ago: it is not asked whether it has them. */
  readonly made?: readonly Buffer[] | undefined
}

const attempts = 5

/**
 * Puts blobs and manifest, under a tag where one is given, and looks whether all is there. A manifest with a subject is entered among its
 * referrers. Throws what {@link putManifest} throws.
 */
export async function pushArtifact(repository: Repository, { manifest, blobs, made = [] }: Artifact, tag?: string): Promise<Loaded> {
  const loaded = loadedOf(manifest)
  const all = [...made, ...blobs].map((bytes) => ({ bytes, digest: sha256(bytes), size: bytes.length }))
  for (let attempt = 1; ; attempt += 1) {
    const sent: Sent[] = []
    await inParallel(all, 2, async ({ bytes, ...blob }) => {
      const absent = attempt > 1 || made.includes(bytes)
      const how = await pushBlob(repository, { ...blob, open: () => Readable.from([bytes]) }, { absent, unseen: true })
      if (how === 'uploaded') sent.push(blob)
    })
    try {
      await putAndLook(repository, loaded, { sent, tag })
      return loaded
    } catch (error) {
      // Many signers send the same `{}` at the same moment: a registry on plain files then does not know for a moment what it was just given.
      if (!blobMissing.is(error) || attempt === attempts) throw error
      // One on an object store knows some seconds later.
      await requireAll(repository, sent)
      await repository.clock.sleep(100 * 2 ** attempt * Math.random())
    }
  }
}

type Sent = Pick<Descriptor, 'digest' | 'size'>

/** Each look takes a request: they go beside each other. Only under a tag, which others go by, is nothing put that may not be whole. */
async function putAndLook(
  repository: Repository,
  loaded: Loaded,
  { sent, tag }: { readonly sent: readonly Sent[]; readonly tag: string | undefined },
): Promise<void> {
  if (tag !== undefined) await requireAll(repository, sent)
  const put = putManifest(repository, loaded, tag)
  const looks = tag === undefined ? [enterReferrer(repository, loaded, put), put.then(() => requireAll(repository, sent))] : []
  const all = await Promise.allSettled([put.then(() => requireThere(repository, loaded)), ...looks])
  for (const one of all) if (one.status === 'rejected') throw one.reason
}

async function requireAll(repository: Repository, sent: readonly Sent[]): Promise<void> {
  await inParallel(sent, sent.length, (blob) => requireStored(repository, blob))
}

/** Under a tag another writer may have been next: what counts is that this manifest is there. */
async function requireThere(repository: Repository, { descriptor }: Loaded): Promise<void> {
  if ((await waitFor(repository.clock, () => findManifest(repository, descriptor))) !== undefined) return
  throw pushNotVerified(`${repository.name} took manifest ${descriptor.digest}, and does not have it.`)
}

function loadedOf(manifest: Artifact['manifest']): Loaded {
  const bytes = Buffer.from(JSON.stringify(manifest))
  const descriptor = { mediaType: manifest.mediaType, digest: sha256(bytes), size: bytes.length }
  return { descriptor, bytes, content: { kind: 'manifest', manifest } }
}
