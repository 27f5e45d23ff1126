import type { Digest } from '../../../base/digest.ts'
import { sha256 } from '../../../base/digest.ts'
import { pushArtifact } from '../../oci/artifact.ts'
import { pullBlob } from '../../oci/blobs.ts'
import { blobMissing, digestMismatch, manifestInvalid, manifestTooLarge } from '../../oci/errors.ts'
import { isKnown } from '../../oci/known.ts'
import { findManifest } from '../../oci/manifests.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { bundleAnnotations, bundleManifest, emptyBlob, isBundleType } from '../formats/bundle.ts'
import { bundleOf } from '../formats/envelope.ts'
import { parseWrittenBundle } from '../formats/schema.ts'
import { statementPayload } from '../formats/statement.ts'
import { isSpaced, type Signer, type ToSign } from './signer.ts'

/** One signature at its place. */
export interface Attached {
  /** Of the manifest that holds it; under an `.att` tag, of the layer. */
  readonly digest: Digest
  /** Whether it was there before. */
  readonly present: boolean
  /** Index in the transparency log, if it is in one. */
  readonly log?: string | undefined
}

/** A statement to sign: a signature of the image, or an attestation. */
export interface ToAttach {
  /** The bytes of the statement. */
  readonly payload: Buffer
  readonly predicateType: string
  /** Where that was read a moment ago. */
  readonly before?: Found | undefined
}

/** What a repository had before something is attached. */
export interface Found {
  /** What refers to the manifest. */
  readonly referrers: readonly Descriptor[]
  /** Whether the `{}` that every bundle has for its configuration was not there. */
  readonly lacksEmpty: boolean
}

export interface Attaching {
  readonly signer: Signer
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Bundles that one image may have; beyond it nobody reads on. */
const mostReferrers = 200
/** In bytes: what a bundle may have around its statement. */
const mostMaterial = 2 ** 20

/**
 * Signs a statement about a manifest and attaches the bundle as its referrer. The same one of the same signer that is there already is
 * left alone. Throws what the signer throws, and SW-REGISTRY-….
 */
export async function attachBundle(
  repository: Repository,
  subject: Descriptor,
  { payload, predicateType, before, signer, now }: ToAttach & Attaching,
): Promise<Attached> {
  const what: ToSign = { form: 'bundle', payload }
  const listed = before?.referrers ?? (await listReferrers(repository, subject.digest))
  const found = await findOwn(repository, listed, { what, predicateType, signer })
  if (found !== undefined) return { digest: found, present: true }
  const signed = await signer.sign(what)
  const bundle = bundleOf(signed.payload ?? payload, signed)
  const manifest = bundleManifest({
    bundle: { digest: sha256(bundle), size: bundle.length },
    subject,
    predicateType,
    created: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  })
  // By now another signature of this run may have sent it.
  const lacksEmpty = before?.lacksEmpty === true && !isKnown(repository, emptyBlob.digest)
  const { bytes } = emptyBlob
  const { descriptor } = await pushArtifact(
    repository,
    lacksEmpty ? { manifest, blobs: [], made: [bytes, bundle] } : { manifest, blobs: [bytes], made: [bundle] },
  )
  return { digest: descriptor.digest, present: false, log: signed.entries[0]?.logIndex }
}

interface Wanted {
  readonly what: ToSign
  readonly predicateType: string
  readonly signer: Signer
}

/** Registries and cosign before 3.1 list bundles under the type of the empty configuration: only what is surely another thing is skipped. */
async function findOwn(repository: Repository, listed: readonly Descriptor[], wanted: Wanted): Promise<Digest | undefined> {
  const candidates = listed.filter(
    ({ artifactType, annotations }) =>
      (isBundleType(artifactType) || artifactType === undefined || artifactType === emptyBlob.mediaType) &&
      [undefined, wanted.predicateType].includes(annotations?.[bundleAnnotations.predicateType]),
  )
  for (const candidate of candidates.slice(0, mostReferrers)) {
    if (await isOwn(repository, candidate, wanted).catch(unlessBroken)) return candidate.digest
  }
  return undefined
}

/** What somebody has left there broken, or listed wrongly, is none of ours, and no reason not to sign. */
function unlessBroken(error: unknown): false {
  if ([blobMissing, digestMismatch, manifestInvalid, manifestTooLarge].some((kind) => kind.is(error))) return false
  throw error
}

async function isOwn(repository: Repository, candidate: Descriptor, { what, signer }: Wanted): Promise<boolean> {
  const found = await findManifest(repository, candidate)
  if (found?.content.kind !== 'manifest') return false
  const [layer, ...others] = found.content.manifest.layers
  const most = mostMaterial + Math.ceil(what.payload.length * (4 / 3))
  if (layer === undefined || others.length > 0 || !isBundleType(layer.mediaType) || layer.size > most) return false
  const bundle = parseWrittenBundle(Buffer.concat(await pullBlob(repository, layer).toArray()))
  if (bundle === undefined || bundle.dsseEnvelope.payloadType !== statementPayload) return false
  const { signatures } = bundle.dsseEnvelope
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
  if (!isSpaced(payload, what.payload)) return false
  const { publicKey, certificate, tlogEntries, timestampVerificationData } = bundle.verificationMaterial
  return signer.isOwn(
    { ...what, payload },
    {
      signature: Buffer.from(signatures[0]?.sig ?? '', 'base64'),
      by: certificate === undefined ? { hint: publicKey?.hint ?? '-' } : { certificate: Buffer.from(certificate.rawBytes, 'base64') },
      entries: tlogEntries.length,
      timestamps: timestampVerificationData?.rfc3161Timestamps.length ?? 0,
    },
  )
}
