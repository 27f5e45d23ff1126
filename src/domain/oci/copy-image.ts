import type { Digest } from '../../base/digest.ts'
import { repositoryScope } from './auth/scope.ts'
import { headBlob } from './blobs.ts'
import { type BlobOrigin, type CopyProgress, startBlobs } from './copy-blobs.ts'
import { blobMissing, manifestTooLarge, pushNotVerified } from './errors.ts'
import { type Graph, graphOf } from './graph.ts'
import type { Loaded } from './layout-blobs.ts'
import { findManifest } from './manifests.ts'
import { both, inParallel } from './parallel.ts'
import { listReferrers, pushManifest } from './referrers.ts'
import type { Repository } from './registry.ts'
import { childrenOf, manifestLimits, subjectOf } from './schema.ts'
import { waitFor } from './settle.ts'
import { moveTag, moveTags, whichPointThere } from './tags.ts'
import { type Descriptor, isForeign } from './types.ts'
import type { Pushed } from './upload.ts'

/** Where an image is copied from: a layout, or another repository. */
export interface Origin {
  load(descriptor: Descriptor): Promise<Loaded>
  /** What refers to a manifest: signatures, attestations, SBOMs. */
  referrersOf(digest: Digest): Promise<readonly Descriptor[]>
  /** How to get a blob; asked before any is pushed. Throws when it is nowhere, unless the target has it. */
  find(blob: Descriptor, hasTarget: () => Promise<boolean>): Promise<BlobOrigin | 'present'>
}

export interface CopyOptions {
  /** Moved last, in this order, after everything was read back. Default none. */
  readonly tags?: readonly string[]
  /** Copies what refers to the image, to its children and to those referrers as well. Default false. */
  readonly referrers?: boolean
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined
}

/** What a copy did. */
export interface Copied {
  readonly descriptor: Descriptor
  /** Of the image and, of an index, of the manifests in it; the image first. */
  readonly manifests: readonly Digest[]
  /** Number of blobs by how they came to be there. */
  readonly blobs: Readonly<Record<Pushed, number>>
  /** Bytes of all blobs, and of those that were sent. */
  readonly bytes: { readonly total: number; readonly sent: number }
  /** What refers to the image or its children and went along. */
  readonly referrers: readonly Descriptor[]
  /** Tags that were moved; those that pointed there already are not among them. */
  readonly moved: readonly string[]
}

/** An image with what goes along; `pinned` are manifests that are known by a tag of their own, as cosign's. */
export interface Cargo {
  readonly image: Graph
  readonly referrers: readonly Graph[]
  readonly pinned: readonly { readonly tag: string; readonly graph: Graph }[]
}

/**
 * How many blobs are sent or fetched at once: one more than have a place at a host, so that its upload has been begun by the time one
 * is free. A registry hashes each blob in one thread, and answers when it is on its disk: with fewer its processors have nothing to do.
 * How many of them send their bytes is for `Sending` to say.
 */
export const blobsAtOnce = 6

/**
 * Sends blobs, the largest first, then manifests from the children up, each read back and compared, then tags: those of what goes along first.
 * Doing it again sends nothing.
 */
export async function sendCargo(
  origin: Origin,
  { image, referrers, pinned }: Cargo,
  repository: Repository,
  options: CopyOptions,
): Promise<Copied> {
  const graphs = [image, ...referrers, ...pinned.map(({ graph }) => graph)]
  requireSizes(graphs)
  const blobs = blobsOf(graphs)
  const run = startBlobs(repository, { blobs, onProgress: options.onProgress }, await findAll(origin, blobs, repository))
  await inParallel(blobs, blobsAtOnce, run.push)
  const root = rootOf(image)
  const tags = options.tags ?? []
  const settled = settleAll(repository, graphs, run.resend)
  // An image whose blobs are all there was mostly pushed before, with its tags: both are asked for at once.
  const [, known] = await both(settled, run.counts.present === blobs.length ? whichPointThere(repository, root, tags) : undefined)
  for (const { tag, graph } of pinned) await moveTag(repository, rootOf(graph), tag)
  const moved = await moveTags(repository, root, tags, known)
  return {
    descriptor: root.descriptor,
    manifests: [root, ...image.manifests.slice(0, -1)].map(({ descriptor }) => descriptor.digest),
    blobs: run.counts,
    bytes: { total: run.total, sent: run.sent() },
    referrers: [...referrers, ...pinned.map(({ graph }) => graph)].map((graph) => rootOf(graph).descriptor),
    moved,
  }
}

/** What refers to the manifests of a graph, and to those referrers in turn. */
export async function referrerGraphs(origin: Omit<Origin, 'find'>, image: Graph): Promise<readonly Graph[]> {
  const known = new Set(image.manifests.map(({ descriptor }) => descriptor.digest))
  const waiting = [image]
  const found: Graph[] = []
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const listed: Descriptor[][] = next.manifests.map(() => [])
    await inParallel([...next.manifests.entries()], blobsAtOnce, async ([at, { descriptor }]) => {
      listed[at] = [...(await origin.referrersOf(descriptor.digest))]
    })
    for (const referrer of listed.flat()) {
      if (known.has(referrer.digest)) continue
      const graph = await graphOf(referrer, origin.load)
      for (const { descriptor } of graph.manifests) known.add(descriptor.digest)
      found.push(graph)
      waiting.push(graph)
    }
  }
  return found
}

/** The manifest or index that a graph begins with. */
export function rootOf({ manifests }: Graph): Loaded {
  const root = manifests.at(-1)
  if (root === undefined) throw new Error('a graph has at least its root')
  return root
}

/** The blobs of graphs, the largest first, each once. Layers that may not be distributed stay where their `urls` say. */
export function blobsOf(graphs: readonly Pick<Graph, 'blobs'>[]): readonly Descriptor[] {
  const all = graphs.flatMap((graph) => graph.blobs).filter((blob) => !isForeign(blob))
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()].toSorted((a, b) => b.size - a.size)
}

function requireSizes(graphs: readonly Graph[]): void {
  for (const { descriptor } of graphs.flatMap((graph) => graph.manifests)) {
    if (descriptor.size > manifestLimits.push) {
      throw manifestTooLarge(`Manifest ${descriptor.digest} has ${descriptor.size} bytes, expected at most ${manifestLimits.push}.`)
    }
  }
}

/** Before anything is sent: every blob is somewhere. */
async function findAll(
  origin: Origin,
  blobs: readonly Descriptor[],
  repository: Repository,
): Promise<ReadonlyMap<Digest, BlobOrigin | 'present'>> {
  const scopes = [repositoryScope(repository.path, 'pull', 'push')]
  const found = new Map<Digest, BlobOrigin | 'present'>()
  await inParallel(blobs, blobsAtOnce, async (blob) => {
    const hasTarget = async (): Promise<boolean> => (await headBlob(repository, blob.digest, scopes)) !== undefined
    found.set(blob.digest, await origin.find(blob, hasTarget))
  })
  return found
}

async function settleAll(repository: Repository, graphs: readonly Graph[], resend: Resend): Promise<void> {
  for (const graph of graphs) await settleGraph(repository, graph, resend)
}

/** Manifests of single images in any order, then the indexes over them, children first. */
async function settleGraph(repository: Repository, { manifests }: Graph, resend: Resend): Promise<void> {
  const images = manifests.filter(({ content }) => content.kind === 'manifest')
  await inParallel(images, blobsAtOnce, (manifest) => settleManifest(repository, manifest, resend))
  for (const index of manifests) if (index.content.kind === 'index') await settleManifest(repository, index, resend)
}

type Resend = (blob: Descriptor) => Promise<void>

/** Puts a manifest unless it is there, and reads it back. When the registry misses blobs that it said to have, they are sent once more. */
async function settleManifest(repository: Repository, manifest: Loaded, resend: Resend): Promise<void> {
  const { descriptor } = manifest
  if ((await findManifest(repository, descriptor)) !== undefined && (await isListed(repository, manifest))) return
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
