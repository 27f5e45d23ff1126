import type { Digest } from '../../base/digest.ts'
import { blobsAtOnce, blobsOf } from './copy-blobs.ts'
import { graphOf } from './graph.ts'
import { type Layout, resolveEntry } from './layout.ts'
import { readManifest } from './layout-blobs.ts'
import type { Repository } from './registry.ts'
import { isThere } from './upload.ts'

/** Whether a repository has the blobs that a push of an image begins with: asked before it is known whether the push may begin. */
export interface LooksAhead extends Disposable {
  /** Undefined where there was no answer: the push asks for itself. */
  readonly there: ReadonlyMap<Digest, Promise<boolean | undefined>>
}

/** Milliseconds. What is asked by the way is asked once, and holds nothing up. */
const manners = 5000

/** Begins to look; what has no answer at the end is given up. Throws what the layout does; nothing that the registry says or leaves unsaid. */
export async function lookAhead(layout: Layout, digest: Digest, repository: Repository): Promise<LooksAhead> {
  const image = await graphOf(await resolveEntry(layout, digest), (descriptor) => readManifest(layout, descriptor))
  const ending = new AbortController()
  const limits = { attempts: 1, deadline: manners, signal: ending.signal }
  const look = (blob: { readonly digest: Digest; readonly size: number }): Promise<boolean | undefined> =>
    isThere(repository, blob, limits).catch(() => undefined)
  const there = new Map(
    blobsOf([image])
      .slice(0, blobsAtOnce)
      .map((blob) => [blob.digest, look(blob)]),
  )
  return { there, [Symbol.dispose]: () => ending.abort() }
}
