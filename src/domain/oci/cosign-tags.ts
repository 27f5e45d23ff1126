import { algorithmOf, type Digest, hexOf } from '../../base/digest.ts'
import { blobsAtOnce } from './copy-blobs.ts'
import type { Cargo, Origin } from './copy-image.ts'
import { signaturesDiffer } from './errors.ts'
import { graphOf } from './graph.ts'
import { findManifest, resolveTag } from './manifests.ts'
import { inParallel } from './parallel.ts'
import type { Repository } from './registry.ts'
import { type Content, childrenOf } from './schema.ts'

type Pinned = Cargo['pinned'][number]

/** The suffixes under which cosign before its version 3 keeps what belongs to a digest (cosign, SIGNATURE_SPEC.md). */
const suffixes = ['sig', 'att', 'sbom'] as const

/**
 * What cosign keeps beside manifests under tags of its own, `sha256-<hex>.sig`, `.att` and `.sbom`. What the target has under
 * such a tag already must be in it, or it in that: signatures are never lost. Throws SW-SIGNATURES-DIFFER.
 */
export async function cosignTags(
  origin: Pick<Origin, 'load'>,
  subjects: readonly Digest[],
  { from, to }: { readonly from: Repository; readonly to: Repository },
): Promise<readonly Pinned[]> {
  const found: Pinned[] = []
  const tags = subjects.flatMap((digest) => suffixes.map((suffix) => `${algorithmOf(digest)}-${hexOf(digest)}.${suffix}`))
  await inParallel(tags, blobsAtOnce, async (tag) => {
    const descriptor = await resolveTag(from, tag)
    if (descriptor === undefined) return
    const graph = await graphOf(descriptor, origin.load)
    if (await isNews({ tag, graph }, to)) found.push({ tag, graph })
  })
  return found.toSorted((a, b) => (a.tag < b.tag ? -1 : 1))
}

/** Whether the target lacks something of it; what it has more stays. */
async function isNews({ tag, graph }: Pinned, to: Repository): Promise<boolean> {
  const there = await findManifest(to, tag)
  const here = graph.manifests.at(-1)
  if (there === undefined || here === undefined || there.descriptor.digest === here.descriptor.digest) return true
  const [ours, theirs] = [layersOf(here.content), layersOf(there.content)]
  if (isWithin(ours, theirs)) return false
  if (isWithin(theirs, ours)) return true
  throw signaturesDiffer(`${to.name}:${tag} has other entries than what is to be copied, and neither holds all of the other.`, {
    safe: 'nothing was sent',
  })
}

function layersOf(content: Content): Set<Digest> {
  const layers = content.kind === 'index' ? childrenOf(content) : content.manifest.layers
  return new Set(layers.map(({ digest }) => digest))
}

function isWithin(some: ReadonlySet<Digest>, all: ReadonlySet<Digest>): boolean {
  return [...some].every((digest) => all.has(digest))
}
