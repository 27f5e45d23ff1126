import type { Digest } from '../../../base/digest.ts'
import { harborOf, patience } from '../../harbor/at-registry.ts'
import { headBlob } from '../../oci/blobs.ts'
import { inParallel } from '../../oci/parallel.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Repository } from '../../oci/registry.ts'
import { emptyBlob } from '../formats/bundle.ts'
import type { Found } from './attach-bundle.ts'
import type { formatChoices } from './format-choices.ts'
import type { Place } from './targets.ts'

/** What is at a place already, by what it is about. */
export type Before = ReadonlyMap<Digest, Found>

const atOnce = 4

/**
 * Asks, while a key is being opened, what has to be known before something is written: what refers to each image, and whether the
 * configuration of bundles is there, where bundles are to be written; and whether the registry is a Harbor. Throws SW-REGISTRY-….
 */
export async function readBefore({ repository, subjects }: Place, format: (typeof formatChoices)[number]): Promise<Before> {
  const before = new Map<Digest, Found>()
  const bundled = format === 'legacy' ? [] : subjects
  const lacking = bundled.length === 0 ? false : lacksBlob(repository, emptyBlob.digest)
  const listing = inParallel(bundled, atOnce, async ({ digest }) => {
    const referrers = await listReferrers(repository, digest)
    before.set(digest, { referrers, lacksEmpty: await lacking })
  })
  // Whoever needs to know asks again, and hears why it cannot be known.
  const meeting = harborOf(repository, patience).catch(() => undefined)
  await Promise.all([listing, meeting])
  return before
}

/** Whether a repository surely lacks a blob. */
async function lacksBlob(repository: Repository, digest: Digest): Promise<boolean> {
  try {
    return (await headBlob(repository, digest)) === undefined
  } catch {
    // As above: an image that was signed before needs no such blob.
    return false
  }
}
