import { type Digest, sha256 } from '../../../base/digest.ts'
import { pullBlob } from '../../oci/blobs.ts'
import { blobMissing } from '../../oci/errors.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { envelopeOf } from '../formats/envelope.ts'
import { parseWrittenEnvelope } from '../formats/schema.ts'
import { simpleSigningAnnotations as names, signatureTag } from '../formats/simple-signing.ts'
import { statementPayload } from '../formats/statement.ts'
import { appendLayer, type Made } from '../sign/append-layer.ts'
import type { Attached, ToAttach } from '../sign/attach-bundle.ts'
import { foundIn, layerAnnotations } from '../sign/layer-material.ts'
import type { Signer, ToSign } from '../sign/signer.ts'
import { envelopeMediaType } from '../verify/read-legacy.ts'

/** Annotation of a layer, beside those of a signature (cosign, ATTESTATION_SPEC.md). */
const predicateAnnotation = 'predicateType'
/** In bytes: what an envelope has around its payload. */
const mostAround = 64 * 1024

/** The tag beside an image under which cosign before version 3 keeps its attestations. */
export function attestationTag(digest: Digest): string {
  return signatureTag(digest).replace(/sig$/, 'att')
}

/** Signs a statement and appends its envelope under the `.att` tag. The same one of the same signer that is there already is left alone. */
export async function attachAttestationTag(
  repository: Repository,
  subject: Descriptor,
  { payload, predicateType, signer }: ToAttach & { readonly signer: Signer },
): Promise<Attached> {
  const what: ToSign = { form: 'legacy', enveloped: true, payload }
  const { layer, present, log } = await appendLayer(repository, {
    tag: attestationTag(subject.digest),
    isOwn: (one) => isOwn(repository, one, { what, predicateType, signer }),
    make: () => signedLayer(what, predicateType, signer),
  })
  return { digest: layer, present, log }
}

async function isOwn(
  repository: Repository,
  layer: Descriptor,
  { what, predicateType, signer }: { readonly what: ToSign; readonly predicateType: string; readonly signer: Signer },
): Promise<boolean> {
  const { mediaType, size, annotations = {} } = layer
  if (mediaType !== envelopeMediaType || annotations[predicateAnnotation] !== predicateType) return false
  if (size > mostAround + Math.ceil(what.payload.length * (4 / 3))) return false
  const envelope = parseWrittenEnvelope(await bytesOf(repository, layer))
  if (envelope?.payloadType !== statementPayload || !Buffer.from(envelope.payload, 'base64').equals(what.payload)) return false
  return signer.isOwn(what, foundIn(annotations, Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64')))
}

/** A layer whose bytes are lost is none of ours: a new one is written beside it. */
async function bytesOf(repository: Repository, layer: Descriptor): Promise<Buffer> {
  try {
    return Buffer.concat(await pullBlob(repository, layer).toArray())
  } catch (error) {
    if (blobMissing.is(error)) return Buffer.alloc(0)
    throw error
  }
}

async function signedLayer(what: ToSign, predicateType: string, signer: Signer): Promise<Made> {
  const signed = await signer.sign(what)
  const bytes = envelopeOf(what.payload, signed.signature)
  const annotations = layerAnnotations(signed, { [names.signature]: '', [predicateAnnotation]: predicateType })
  const layer = { mediaType: envelopeMediaType, size: bytes.length, digest: sha256(bytes), annotations }
  return { layer, bytes, log: signed.entries[0]?.logIndex }
}
