import type { Digest } from '../../base/digest.ts'
import { piecesOf } from '../../io/pieces.ts'
import { pullPieces } from './blobs.ts'
import type { BlobOrigin } from './copy-blobs.ts'
import { type Copied, type CopyOptions, type Origin, referrerGraphs, sendCargo } from './copy-image.ts'
import { layoutCorrupt } from './errors.ts'
import { graphOf } from './graph.ts'
import { type Layout, referrersIn, resolveEntry } from './layout.ts'
import { hasBlob, openBlob, readManifest } from './layout-blobs.ts'
import { sourceOf } from './layout-sources.ts'
import type { LooksAhead } from './looks-ahead.ts'
import type { Repository } from './registry.ts'
import type { Descriptor } from './types.ts'

export interface PushOptions extends CopyOptions {
  /** A repository of the same registry that has a blob, such as the base image's. */
  readonly mountFrom?: (digest: Digest) => string | undefined
  /** Repositories that have what the layout leaves out: they are mounted from, or read from while it is sent. */
  readonly sources?: readonly Repository[]
  readonly looks?: LooksAhead
}

/**
 * Copies an image by digest from a layout to a repository: blobs, then manifests from the children up, each read back and
 * compared, then the tags. Doing it again sends nothing. Throws SW-LAYOUT-…, SW-REGISTRY-…, SW-PUSH-NOT-VERIFIED, SW-TAG-IMMUTABLE.
 */
export async function copyFromLayout(layout: Layout, digest: Digest, repository: Repository, options: PushOptions = {}): Promise<Copied> {
  const origin = layoutOrigin(layout, repository, options)
  const image = await graphOf(await resolveEntry(layout, digest), origin.load)
  const referrers = options.referrers === true ? await referrerGraphs(origin, image) : []
  return sendCargo(origin, { image, referrers, pinned: [] }, repository, options)
}

function layoutOrigin(layout: Layout, repository: Repository, { mountFrom, sources = [], looks }: PushOptions): Origin {
  return {
    load: (descriptor) => readManifest(layout, descriptor),
    referrersOf: (digest) => referrersIn(layout, digest),
    find: async (blob, hasTarget) => {
      if (await hasBlob(layout, blob))
        return { open: () => openBlob(layout, blob), mountFrom: mountFrom?.(blob.digest), there: looks?.there.get(blob.digest) }
      if (await hasTarget()) return 'present'
      const source = await sourceOf(blob, sources)
      if (source !== undefined) return blobAt(source, blob, repository)
      const others = [repository, ...sources].map(({ name }) => name).join(', ')
      throw layoutCorrupt(`The layout at ${layout.folder} has no blob ${blob.digest} of ${blob.size} bytes, nor has ${others}.`)
    },
  }
}

/** A blob of another repository, on its way to a repository: it never touches the disk. */
export function blobAt(source: Repository, blob: Descriptor, target: Repository): BlobOrigin {
  const isSameHost = source.registry === target.registry
  return {
    open: () => piecesOf(pullPieces(source, { ...blob, holdsNoPlace: isSameHost })),
    mountFrom: isSameHost && source.path !== target.path ? source.path : undefined,
  }
}
