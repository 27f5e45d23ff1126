import type { Digest } from '../../base/digest.ts'
import { repositoryScope } from './auth/scope.ts'
import { headBlob } from './blobs.ts'
import { type BlobOrigin, type BlobRun, blobsAtOnce, blobsOf, type CopyProgress, startBlobs } from './copy-blobs.ts'
import { settleAll, whichAreThere } from './copy-manifests.ts'
import { manifestTooLarge } from './errors.ts'
import { type Graph, graphOf } from './graph.ts'
import type { Loaded } from './layout-blobs.ts'
import { both, inParallel } from './parallel.ts'
import type { Repository } from './registry.ts'
import { manifestLimits } from './schema.ts'
import { moveTag, moveTags, whichPointThere } from './tags.ts'
import type { Descriptor } from './types.ts'
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
  const manifests = graphs.flatMap((graph) => graph.manifests)
  const before = whichAreThere(repository, manifests)
  await sendBlobs(run, blobs, before)
  const root = rootOf(image)
  const tags = options.tags ?? []
  const settled = settleAll(repository, graphs, { resend: run.resend, before, isUnchanged: run.counts.present === blobs.length })
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

/** Sends them, and ends when all were looked for. Where that fails, nothing goes on: what is asked `beside` has ended as well. */
async function sendBlobs(run: BlobRun, blobs: readonly Descriptor[], beside: Promise<unknown>): Promise<void> {
  beside.catch(() => undefined)
  try {
    await inParallel(blobs, blobsAtOnce, run.push).finally(() => run.seen())
  } catch (error) {
    await Promise.allSettled([beside])
    throw error
  }
}
