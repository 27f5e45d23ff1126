import { Readable } from 'node:stream'
import type { Digest } from '../../base/digest.ts'
import { headBlob } from './blobs.ts'
import { blobMissing, layoutCorrupt, manifestTooLarge, pushNotVerified } from './errors.ts'
import { type Graph, graphOf } from './graph.ts'
import { type Layout, referrersIn, resolveEntry } from './layout.ts'
import { hasBlob, type Loaded, openBlob, readManifest } from './layout-blobs.ts'
import { findManifest } from './manifests.ts'
import { inParallel } from './parallel.ts'
import { pushManifest } from './referrers.ts'
import type { Repository } from './registry.ts'
import { childrenOf, manifestLimits } from './schema.ts'
import { waitFor } from './settle.ts'
import { moveTag } from './tags.ts'
import { type Descriptor, isForeign } from './types.ts'
import { type Pushed, pushBlob } from './upload.ts'

export interface CopyOptions {
  /** Moved last, in this order, after everything was read back. Default none. */
  readonly tags?: readonly string[]
  /** Copies what refers to the image in the layout as well. Default false. */
  readonly referrers?: boolean
  /** A repository of the same registry that has a blob, such as the base image's. */
  readonly mountFrom?: (digest: Digest) => string | undefined
  readonly onProgress?: (progress: CopyProgress) => void
}

/** Bytes of blobs: done are those sent, mounted, or found to be there. */
export interface CopyProgress {
  readonly done: number
  readonly total: number
}

/** What a copy did. */
export interface Copied {
  readonly descriptor: Descriptor
  /** Number of blobs by how they came to be there. */
  readonly blobs: Readonly<Record<Pushed, number>>
  /** Bytes of all blobs, and of those that were sent. */
  readonly bytes: { readonly total: number; readonly sent: number }
  /** Tags that were moved; those that pointed there already are not among them. */
  readonly moved: readonly string[]
}

/** How many blobs are sent or fetched at once: more than four does not help against one registry. */
export const blobsAtOnce = 4

/**
 * Copies an image by digest from a layout to a repository: blobs, then manifests from the children up, each read back and
 * compared, then the tags. Doing it again sends nothing. Throws SW-LAYOUT-…, SW-REGISTRY-…, SW-PUSH-NOT-VERIFIED, SW-TAG-IMMUTABLE.
 */
export async function copyFromLayout(layout: Layout, digest: Digest, repository: Repository, options: CopyOptions = {}): Promise<Copied> {
  const root = await resolveEntry(layout, digest)
  const graphs = [await graphOf(root, (descriptor) => readManifest(layout, descriptor))]
  if (options.referrers === true) {
    for (const referrer of await referrersIn(layout, digest))
      graphs.push(await graphOf(referrer, (descriptor) => readManifest(layout, descriptor)))
  }
  const blobs = uniqueBlobs(graphs)
  await requireWhole(layout, repository, { graphs, blobs })
  const run = startRun(layout, repository, { blobs, options })
  await inParallel(blobs, blobsAtOnce, run.push)
  for (const graph of graphs) for (const manifest of graph.manifests) await settleManifest(repository, manifest, run)
  const moved: string[] = []
  const top = graphs[0]?.manifests.at(-1)
  for (const tag of options.tags ?? []) if (top !== undefined && (await moveTag(repository, top, tag))) moved.push(tag)
  return { descriptor: root, blobs: run.counts, bytes: { total: totalOf(blobs), sent: run.sent() }, moved }
}

/** Before anything is sent: no manifest too large, every blob here or there. */
async function requireWhole(
  layout: Layout,
  repository: Repository,
  { graphs, blobs }: { graphs: readonly Graph[]; blobs: readonly Descriptor[] },
): Promise<void> {
  for (const { descriptor } of graphs.flatMap((graph) => graph.manifests)) {
    if (descriptor.size > manifestLimits.push) {
      throw manifestTooLarge(`Manifest ${descriptor.digest} has ${descriptor.size} bytes, expected at most ${manifestLimits.push}.`)
    }
  }
  for (const blob of blobs) {
    if ((await hasBlob(layout, blob)) || (await headBlob(repository, blob.digest)) !== undefined) continue
    throw layoutCorrupt(`The layout at ${layout.folder} has no blob ${blob.digest} of ${blob.size} bytes, and ${repository.name} neither.`)
  }
}

interface Run {
  readonly counts: Record<Pushed, number>
  sent(): number
  push(blob: Descriptor): Promise<void>
  /** Sends a blob whatever the registry said of it. */
  resend(blob: Descriptor): Promise<void>
}

function startRun(layout: Layout, repository: Repository, { blobs, options }: { blobs: readonly Descriptor[]; options: CopyOptions }): Run {
  const counts: Record<Pushed, number> = { present: 0, mounted: 0, uploaded: 0 }
  const done = new Map<Digest, number>()
  const total = totalOf(blobs)
  let sent = 0
  const report = (blob: Descriptor, bytes: number): void => {
    done.set(blob.digest, bytes)
    options.onProgress?.({ done: [...done.values()].reduce((sum, part) => sum + part, 0), total })
  }
  const push = async (blob: Descriptor, absent: boolean): Promise<void> => {
    const open = (): Readable =>
      Readable.from(
        counted(openBlob(layout, blob), (bytes) => report(blob, bytes)),
        { objectMode: false },
      )
    const pushed = await pushBlob(
      repository,
      { digest: blob.digest, size: blob.size, open },
      { from: options.mountFrom?.(blob.digest), absent },
    )
    counts[pushed] += 1
    if (pushed === 'uploaded') sent += blob.size
    report(blob, blob.size)
  }
  return { counts, sent: () => sent, push: (blob) => push(blob, false), resend: (blob) => push(blob, true) }
}

/** Puts a manifest unless it is there, and reads it back. When the registry misses blobs that it said to have, they are sent once more. */
async function settleManifest(repository: Repository, manifest: Loaded, run: Run): Promise<void> {
  const { descriptor } = manifest
  if ((await findManifest(repository, descriptor)) !== undefined) return
  try {
    await pushManifest(repository, manifest)
  } catch (error) {
    if (!blobMissing.is(error)) throw error
    await resendBlobs(repository, manifest, run)
    await pushManifest(repository, manifest)
  }
  if ((await waitFor(repository.clock, () => findManifest(repository, descriptor))) !== undefined) return
  throw pushNotVerified(`${repository.name} took manifest ${descriptor.digest} and does not have it.`)
}

/** Registries that collect garbage between HEAD and PUT (Artifact Registry), or that answer from a stale cache (GHCR). */
async function resendBlobs(repository: Repository, { content }: Loaded, run: Run): Promise<void> {
  if (content.kind === 'index') return
  const blobs = uniqueBlobs([{ manifests: [], blobs: childrenOf(content) }])
  const missing: Descriptor[] = []
  for (const blob of blobs) if ((await headBlob(repository, blob.digest)) === undefined) missing.push(blob)
  await inParallel(missing.length > 0 ? missing : blobs, blobsAtOnce, run.resend)
}

/** Layers that may not be distributed stay where their `urls` say. */
function uniqueBlobs(graphs: readonly Graph[]): readonly Descriptor[] {
  const all = graphs.flatMap((graph) => graph.blobs).filter((blob) => !isForeign(blob))
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()]
}

function totalOf(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, blob) => sum + blob.size, 0)
}

async function* counted(source: AsyncIterable<Uint8Array>, report: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of source) {
    yield piece
    bytes += piece.length
    report(bytes)
  }
}
