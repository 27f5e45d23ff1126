import type { Digest } from '../../../base/digest.ts'
import { TaskError } from '../../../base/errors.ts'
import { pullBlob } from '../../oci/blobs.ts'
import { blobMissing, digestMismatch, manifestInvalid, manifestMissing } from '../../oci/errors.ts'
import type { Loaded } from '../../oci/layout-blobs.ts'
import { getManifest, resolveTag } from '../../oci/manifests.ts'
import { inParallel } from '../../oci/parallel.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { isBundleType } from '../formats/bundle.ts'
import { signatureTag, simpleSigningMediaType } from '../formats/simple-signing.ts'
import { affordable } from './affordable.ts'
import { notationType } from './notation/envelope.ts'
import { envelopeMediaType } from './read-legacy.ts'
import type { Reason } from './reasons.ts'

/** One thing that is attached to an image, with its bytes where they may matter. */
export interface Attached {
  /** The manifest that carries it, and the layer in it where there are several. */
  readonly digest: Digest
  /** `referrer`, or the tag of cosign before version 3. */
  readonly from: string
  readonly format: 'bundle' | 'signature' | 'attestation' | 'notation' | 'other'
  /** What it says it is. */
  readonly type: string
  readonly bytes: Buffer
  readonly annotations: Readonly<Record<string, string>>
  /** Why its bytes are not there. */
  readonly problem?: Reason | undefined
}

/** What is read of what others may attach: counts, and bytes of one layer, of all layers and of all manifests. */
export const attachedLimits = { referrers: 1000, layers: 100, bytes: 16 * 2 ** 20, total: 64 * 2 ** 20, manifests: 32 * 2 ** 20 } as const

const atOnce = 8

/** What is there to read; without a layer, nothing is. */
interface Found {
  readonly about: Omit<Attached, 'bytes'>
  readonly layer?: Descriptor
}

/**
 * All that refers to an image at its registry: by the referrers API or the fallback tag, and under cosign's tags `.sig` and `.att`.
 * What is malformed is listed with its problem; what the registry does not give throws, since it might be what counts.
 */
export async function attachedTo(repository: Repository, digest: Digest): Promise<readonly Attached[]> {
  const referrers = await listReferrers(repository, digest)
  const tags = [signatureTag(digest), signatureTag(digest).replace(/sig$/, 'att')]
  const few = referrers.slice(0, attachedLimits.referrers)
  // What manifests say is kept until all is judged.
  const light = affordable(few, ({ size }) => size, { each: attachedLimits.manifests, all: attachedLimits.manifests })
  const heavy = { code: 'too-large', expected: `at most ${attachedLimits.manifests} bytes of manifests` } as const
  const found = await inOrder(few, async (descriptor) =>
    light.has(descriptor) ? referrerOf(repository, descriptor) : [unread(descriptor, { ...heavy, got: String(descriptor.size) })],
  )
  const tagged = await inOrder(tags, (tag) => taggedBy(repository.asPusher(), tag))
  const tooMany = { code: 'too-many', expected: `at most ${attachedLimits.referrers} referrers`, got: String(referrers.length) } as const
  const unseen = referrers.slice(attachedLimits.referrers).map((descriptor) => unread(descriptor, tooMany))
  return readAll(repository, [...found.flat(), ...unseen, ...tagged.flat()])
}

async function readAll(repository: Repository, found: readonly Found[]): Promise<readonly Attached[]> {
  const sizeOf = ({ layer }: Found): number => layer?.size ?? 0
  const within = affordable(found, sizeOf, { each: attachedLimits.bytes, all: attachedLimits.total })
  return inOrder(found, async (one) => {
    const { about, layer } = one
    if (layer === undefined) return { ...about, bytes: Buffer.alloc(0) }
    const expected = `at most ${attachedLimits.bytes} bytes, and ${attachedLimits.total} of all`
    const tooLarge = { code: 'too-large', expected, got: String(layer.size) } as const
    if (!within.has(one)) return { ...about, bytes: Buffer.alloc(0), problem: tooLarge }
    return orProblem(
      async () => ({ ...about, bytes: Buffer.concat(await pullBlob(repository, layer).toArray()) }),
      (problem) => ({ ...about, bytes: Buffer.alloc(0), problem }),
    )
  })
}

/** The type is read from the manifest: cosign's lists of referrers name another, and nobody signs them. */
async function referrerOf(repository: Repository, descriptor: Descriptor): Promise<readonly Found[]> {
  return orProblem(
    async () => {
      const loaded = await getManifest(repository, descriptor)
      const type = typeOf(loaded)
      if (loaded.content.kind === 'index') return [unread({ ...descriptor, artifactType: type })]
      const [layer, ...more] = loaded.content.manifest.layers
      const isBundle = isBundleType(type) || (layer !== undefined && isBundleType(layer.mediaType))
      if (!isBundle && type !== notationType) return layersOf(loaded, 'referrer')
      const kind = isBundle ? ({ format: 'bundle', type } as const) : ({ format: 'notation', type: layer?.mediaType ?? type } as const)
      const about = { digest: descriptor.digest, from: 'referrer', ...kind, annotations: {} }
      if (layer !== undefined && more.length === 0) return [{ about, layer }]
      return [
        {
          about: {
            ...about,
            problem: { code: 'unreadable', expected: 'one layer', got: `${loaded.content.manifest.layers.length} layers` },
          },
        },
      ]
    },
    (problem) => [unread(descriptor, problem)],
  )
}

/** Harbor takes what is under the tag `.att` for an image that is not signed, and may hold it back from who may not push. */
async function taggedBy(repository: Repository, tag: string): Promise<readonly Found[]> {
  const descriptor = await resolveTag(repository, tag)
  if (descriptor === undefined) return []
  return orProblem(
    async () => layersOf(await getManifest(repository, descriptor), tag),
    (problem) => [unread(descriptor, problem, tag)],
  )
}

/** The layers of cosign before version 3: each a signature or an attestation of its own. */
function layersOf(loaded: Loaded, from: string): readonly Found[] {
  const described = { ...loaded.descriptor, artifactType: typeOf(loaded) }
  const layers = loaded.content.kind === 'manifest' ? loaded.content.manifest.layers : []
  const ours = layers.filter(({ mediaType }) => formatOf(mediaType) !== 'other')
  if (ours.length === 0) return [unread(described, undefined, from)]
  const found = ours.slice(0, attachedLimits.layers).map((layer) => {
    const { digest, mediaType: type, annotations = {} } = layer
    return { about: { digest, from, format: formatOf(type), type, annotations }, layer }
  })
  if (ours.length <= attachedLimits.layers) return found
  return [
    ...found,
    unread(described, { code: 'too-many', expected: `at most ${attachedLimits.layers} layers`, got: String(ours.length) }, from),
  ]
}

/** What somebody attached badly is that thing's problem; what the registry refuses is everybody's. */
async function orProblem<T>(get: () => Promise<T>, instead: (problem: Reason) => T): Promise<T> {
  try {
    return await get()
  } catch (thrown) {
    const isOfContent = [manifestInvalid, manifestMissing, blobMissing, digestMismatch].some((kind) => kind.is(thrown))
    // What may be whole another time says nothing of what is attached.
    if (!isOfContent || !(thrown instanceof TaskError) || thrown.retryable) throw thrown
    return instead({ code: 'unreadable', got: `${thrown.code}: ${thrown.message}`.slice(0, 300) })
  }
}

async function inOrder<T extends object | string, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  await inParallel([...items.entries()], atOnce, async ([place, item]) => {
    results[place] = await work(item)
  })
  return results
}

function unread({ digest, artifactType, mediaType }: Descriptor, problem?: Reason, from = 'referrer'): Found {
  return { about: { digest, from, format: 'other', type: artifactType ?? mediaType, annotations: {}, problem } }
}

function typeOf({ content, descriptor }: Loaded): string {
  const { artifactType } = content.kind === 'index' ? content.index : content.manifest
  return artifactType ?? (content.kind === 'manifest' ? content.manifest.config.mediaType : descriptor.mediaType)
}

function formatOf(mediaType: string): Attached['format'] {
  if (mediaType === simpleSigningMediaType) return 'signature'
  return mediaType === envelopeMediaType ? 'attestation' : 'other'
}
