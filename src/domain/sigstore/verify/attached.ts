import type { Digest } from '../../../base/digest.ts'
import { TaskError } from '../../../base/errors.ts'
import { pullBytes } from '../../oci/blobs.ts'
import { blobMissing, digestMismatch, manifestInvalid, manifestMissing } from '../../oci/errors.ts'
import type { Loaded } from '../../oci/layout-blobs.ts'
import { findManifest, getManifest } from '../../oci/manifests.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { isBundleType } from '../formats/bundle.ts'
import { signatureTag, simpleSigningMediaType } from '../formats/simple-signing.ts'
import { envelopeMediaType } from './read-legacy.ts'
import type { Reason } from './reasons.ts'

/** One thing that is attached to an image, with its bytes where they may matter. */
export interface Attached {
  /** The manifest that carries it, and the layer in it where there are several. */
  readonly digest: Digest
  /** `referrer`, or the tag of cosign before version 3. */
  readonly from: string
  readonly format: 'bundle' | 'signature' | 'attestation' | 'other'
  /** What it says it is. */
  readonly type: string
  readonly bytes: Buffer
  readonly annotations: Readonly<Record<string, string>>
  /** Why its bytes are not there. */
  readonly problem?: Reason | undefined
}

/** What is read of what others may attach: counts, and bytes of one layer. */
export const attachedLimits = { referrers: 200, layers: 100, bytes: 16 * 2 ** 20 } as const

/**
 * All that refers to an image at its registry: by the referrers API or the fallback tag, and under cosign's tags `.sig` and `.att`.
 * What is malformed is listed with its problem; what the registry does not give throws, since it might be what counts.
 */
export async function attachedTo(repository: Repository, digest: Digest): Promise<readonly Attached[]> {
  const referrers = await listReferrers(repository, digest)
  const found: Attached[] = []
  for (const descriptor of referrers.slice(0, attachedLimits.referrers)) found.push(...(await referrerOf(repository, descriptor)))
  for (const descriptor of referrers.slice(attachedLimits.referrers)) {
    found.push(
      unread(descriptor, { code: 'too-many', expected: `at most ${attachedLimits.referrers} referrers`, got: String(referrers.length) }),
    )
  }
  for (const tag of [signatureTag(digest), signatureTag(digest).replace(/sig$/, 'att')]) found.push(...(await taggedBy(repository, tag)))
  return found
}

/** The type is read from the manifest: cosign's lists of referrers name another, and nobody signs them. */
async function referrerOf(repository: Repository, descriptor: Descriptor): Promise<readonly Attached[]> {
  return orProblem(descriptor, async () => {
    const loaded = await getManifest(repository, descriptor)
    const type = typeOf(loaded)
    if (loaded.content.kind === 'index') return [unread({ ...descriptor, artifactType: type })]
    const [layer, ...more] = loaded.content.manifest.layers
    const isBundle = layer !== undefined && (isBundleType(type) || isBundleType(layer.mediaType))
    if (!isBundle) return layersOf(repository, loaded, 'referrer')
    if (more.length > 0)
      return [
        unread(
          { ...descriptor, artifactType: type },
          { code: 'unreadable', expected: 'a bundle in one layer', got: `${more.length + 1} layers` },
        ),
      ]
    return [await layerOf(repository, layer, { digest: descriptor.digest, from: 'referrer', format: 'bundle', type: layer.mediaType })]
  })
}

async function taggedBy(repository: Repository, tag: string): Promise<readonly Attached[]> {
  const loaded = await findManifest(repository, tag)
  if (loaded === undefined) return []
  return orProblem(loaded.descriptor, () => layersOf(repository, loaded, tag))
}

/** The layers of cosign before version 3: each a signature or an attestation of its own. */
async function layersOf(repository: Repository, loaded: Loaded, from: string): Promise<readonly Attached[]> {
  const type = typeOf(loaded)
  const layers = loaded.content.kind === 'manifest' ? loaded.content.manifest.layers : []
  const ours = layers.filter(({ mediaType }) => formatOf(mediaType) !== 'other')
  if (ours.length === 0) return [unread({ ...loaded.descriptor, artifactType: type })]
  const found: Attached[] = []
  for (const layer of ours.slice(0, attachedLimits.layers)) {
    const about = { digest: layer.digest, from, format: formatOf(layer.mediaType), type: layer.mediaType }
    found.push(...(await orProblem({ ...layer, artifactType: layer.mediaType }, async () => [await layerOf(repository, layer, about)])))
  }
  if (ours.length <= attachedLimits.layers) return found
  return [
    ...found,
    unread(loaded.descriptor, { code: 'too-many', expected: `at most ${attachedLimits.layers} layers`, got: String(ours.length) }),
  ]
}

async function layerOf(
  repository: Repository,
  layer: Descriptor,
  about: Pick<Attached, 'digest' | 'from' | 'format' | 'type'>,
): Promise<Attached> {
  const annotations = layer.annotations ?? {}
  if (layer.size > attachedLimits.bytes) {
    const problem = { code: 'too-large' as const, expected: `at most ${attachedLimits.bytes} bytes`, got: String(layer.size) }
    return { ...about, annotations, bytes: Buffer.alloc(0), problem }
  }
  return { ...about, annotations, bytes: await pullBytes(repository, layer) }
}

/** What somebody attached badly is that thing's problem; what the registry refuses is everybody's. */
async function orProblem(descriptor: Descriptor, get: () => Promise<readonly Attached[]>): Promise<readonly Attached[]> {
  try {
    return await get()
  } catch (thrown) {
    const isOfContent = [manifestInvalid, manifestMissing, blobMissing, digestMismatch].some((kind) => kind.is(thrown))
    if (!isOfContent || !(thrown instanceof TaskError)) throw thrown
    return [unread(descriptor, { code: 'unreadable', got: `${thrown.code}: ${thrown.message}`.slice(0, 300) })]
  }
}

function unread({ digest, artifactType, mediaType }: Descriptor, problem?: Reason): Attached {
  const type = artifactType ?? mediaType
  return { digest, from: 'referrer', format: 'other', type, bytes: Buffer.alloc(0), annotations: {}, problem }
}

function typeOf({ content, descriptor }: Loaded): string {
  const { artifactType } = content.kind === 'index' ? content.index : content.manifest
  return artifactType ?? (content.kind === 'manifest' ? content.manifest.config.mediaType : descriptor.mediaType)
}

function formatOf(mediaType: string): Attached['format'] {
  if (mediaType === simpleSigningMediaType) return 'signature'
  return mediaType === envelopeMediaType ? 'attestation' : 'other'
}
