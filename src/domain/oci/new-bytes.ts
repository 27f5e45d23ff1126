import type { Digest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { headBlob } from './blobs.ts'
import { graphOf } from './graph.ts'
import { type Layout, resolveEntry } from './layout.ts'
import { readManifest } from './layout-blobs.ts'
import { inParallel } from './parallel.ts'
import type { Repository } from './registry.ts'
import { isForeign } from './types.ts'
import { pushScopes } from './upload-session.ts'

const atOnce = 4

/**
 * Bytes of the blobs of an image that a repository, and those of `beside`, do not have yet: what a push of it adds at most to where they
 * are counted together.
 */
export async function newBytes(
  layout: Layout,
  digest: Digest,
  { repository, beside }: { readonly repository: Repository; readonly beside: readonly Repository[] },
): Promise<number> {
  const { blobs } = await graphOf(await resolveEntry(layout, digest), (descriptor) => readManifest(layout, descriptor))
  const own = [...new Map(blobs.filter((blob) => !isForeign(blob)).map((blob) => [blob.digest, blob])).values()]
  let bytes = 0
  await inParallel(own, atOnce, async (blob) => {
    if ((await headBlob(repository, blob.digest, pushScopes(repository))) !== undefined) return
    for (const one of beside) if (await isIn(one, blob.digest)) return
    bytes += blob.size
  })
  return bytes
}

/** What may not be read there is not known to be there. */
async function isIn(repository: Repository, digest: Digest): Promise<boolean> {
  try {
    return (await headBlob(repository, digest)) !== undefined
  } catch (error) {
    if (error instanceof TaskError) return false
    throw error
  }
}
