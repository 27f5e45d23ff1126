import { sha256 } from '../../../base/digest.ts'
import type { Repository } from '../../oci/registry.ts'
import type { Descriptor } from '../../oci/types.ts'
import { simpleSigningAnnotations as names, signatureTag, simpleSigningMediaType, simpleSigningPayload } from '../formats/simple-signing.ts'
import type { Annotations } from '../formats/statement.ts'
import { appendLayer, type Made } from './append-layer.ts'
import type { Attached } from './attach-bundle.ts'
import { foundIn, layerAnnotations } from './layer-material.ts'
import type { Signer, ToSign } from './signer.ts'

/** Signs a manifest and appends the signature under its `.sig` tag. One of the same signer that is there already is left alone. */
export async function attachSignatureTag(
  repository: Repository,
  subject: Descriptor,
  { signer, annotations }: { readonly signer: Signer; readonly annotations?: Annotations },
): Promise<Attached> {
  const what: ToSign = { form: 'legacy', payload: simpleSigningPayload(repository.name, subject.digest, annotations) }
  const { manifest, present, log } = await appendLayer(repository, {
    tag: signatureTag(subject.digest),
    isOwn: async (layer) => isOwn(layer, what, signer),
    make: () => signedLayer(what, signer),
  })
  return { digest: manifest, present, log }
}

/** The payload is the same each time, so its digest tells whether a layer is about it. */
function isOwn({ mediaType, digest, annotations = {} }: Descriptor, what: ToSign, signer: Signer): boolean {
  const signature = annotations[names.signature]
  if (mediaType !== simpleSigningMediaType || digest !== sha256(what.payload) || signature === undefined) return false
  return signer.isOwn(what, foundIn(annotations, Buffer.from(signature, 'base64')))
}

async function signedLayer(what: ToSign, signer: Signer): Promise<Made> {
  const signed = await signer.sign(what)
  const { payload: bytes } = what
  const annotations = layerAnnotations(signed, { [names.signature]: signed.signature.toString('base64') })
  const layer = { mediaType: simpleSigningMediaType, size: bytes.length, digest: sha256(bytes), annotations }
  return { layer, bytes, log: signed.entries[0]?.logIndex }
}
