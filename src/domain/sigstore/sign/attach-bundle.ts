import type { Digest } from '../../../base/digest.ts'
import { sha256 } from '../../../base/digest.ts'
import { pushArtifact } from '../../oci/artifact.ts'
import { pullBytes } from '../../oci/blobs.ts'
import { findManifest } from '../../oci/manifests.ts'
import { listReferrers } from '../../oci/referrers.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { bundleManifest, emptyBlob, isBundleType } from '../formats/bundle.ts'
import { bundleOf } from '../formats/envelope.ts'
import { parseWrittenBundle } from '../formats/schema.ts'
import { imageSignaturePredicate, signatureStatement, statementPayload } from '../formats/statement.ts'
import type { Signer, ToSign } from './signer.ts'

/** One signature at its place. */
export interface Attached {
  /** Of the manifest that holds it. */
  readonly digest: Digest
  /** Whether it was there before. */
  readonly present: boolean
  /** Index in the transparency log, if it is in one. */
  readonly log?: string | undefined
}

/** Bundles of signatures that one image may have; beyond it nobody reads on. */
const mostReferrers = 200

/**
 * Signs a manifest and attaches the bundle as its referrer. A signature of the same signer that is there already is left alone.
 * `now` is in milliseconds. Throws what the signer throws, and SW-REGISTRY-….
 */
export async function attachBundle(repository: Repository, subject: Descriptor, signer: Signer, now: number): Promise<Attached> {
  const what: ToSign = { form: 'bundle', payload: signatureStatement(subject.digest) }
  const found = await findOwn(repository, subject, { what, signer })
  if (found !== undefined) return { digest: found, present: true }
  const signed = await signer.sign(what)
  const bundle = bundleOf(what.payload, signed)
  const manifest = bundleManifest({
    bundle: { digest: sha256(bundle), size: bundle.length },
    subject,
    predicateType: imageSignaturePredicate,
    created: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
  })
  const { descriptor } = await pushArtifact(repository, { manifest, blobs: [bundle, emptyBlob.bytes] })
  return { digest: descriptor.digest, present: false, log: signed.entries[0]?.logIndex }
}

/** Registries and cosign before 3.1 list bundles under the type of the empty configuration: only what is surely another thing is skipped. */
async function findOwn(
  repository: Repository,
  subject: Descriptor,
  { what, signer }: { readonly what: ToSign; readonly signer: Signer },
): Promise<Digest | undefined> {
  const listed = await listReferrers(repository, subject.digest)
  const candidates = listed.filter(
    ({ artifactType }) => isBundleType(artifactType) || artifactType === undefined || artifactType === emptyBlob.mediaType,
  )
  for (const candidate of candidates.slice(0, mostReferrers))
    if (await isOwn(repository, candidate, { what, signer })) return candidate.digest
  return undefined
}

async function isOwn(
  repository: Repository,
  candidate: Descriptor,
  { what, signer }: { readonly what: ToSign; readonly signer: Signer },
): Promise<boolean> {
  const found = await findManifest(repository, candidate)
  if (found?.content.kind !== 'manifest') return false
  const [layer, ...others] = found.content.manifest.layers
  if (layer === undefined || others.length > 0 || !isBundleType(layer.mediaType) || layer.size > 2 ** 20) return false
  const bundle = parseWrittenBundle(await pullBytes(repository, layer))
  if (bundle === undefined || bundle.dsseEnvelope.payloadType !== statementPayload) return false
  const { payload, signatures } = bundle.dsseEnvelope
  if (!Buffer.from(payload, 'base64').equals(what.payload)) return false
  const { publicKey, certificate, tlogEntries, timestampVerificationData } = bundle.verificationMaterial
  return signer.isOwn(what, {
    signature: Buffer.from(signatures[0]?.sig ?? '', 'base64'),
    by: certificate === undefined ? { hint: publicKey?.hint ?? '-' } : { certificate: Buffer.from(certificate.rawBytes, 'base64') },
    entries: tlogEntries.length,
    timestamps: timestampVerificationData?.rfc3161Timestamps.length ?? 0,
  })
}
