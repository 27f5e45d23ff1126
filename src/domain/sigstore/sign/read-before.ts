import type { Digest } from '../../../base/digest.ts'
import { harborOf, patience } from '../../harbor/at-registry.ts'
import { inParallel } from '../../oci/parallel.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Descriptor } from '../../oci/types.ts'
import type { formatChoices } from './format-choices.ts'
import type { Place } from './targets.ts'

/** What is at a place already, by what it is about. */
export type Before = ReadonlyMap<Digest, readonly Descriptor[]>

const atOnce = 4

/**
 * Asks, while a key is being opened, what has to be known before something is written: what refers to each image, where bundles are to be
 * among it, and whether the registry is a Harbor. Throws SW-REGISTRY-….
 */
export async function readBefore({ repository, subjects }: Place, format: (typeof formatChoices)[number]): Promise<Before> {
  const referrers = new Map<Digest, readonly Descriptor[]>()
  const listing = inParallel(format === 'legacy' ? [] : subjects, atOnce, async ({ digest }) => {
    referrers.set(digest, await listReferrers(repository, digest))
  })
  // Whoever needs to know asks again, and hears why it cannot be known.
  const meeting = harborOf(repository, patience).catch(() => undefined)
  await Promise.all([listing, meeting])
  return referrers
}
