import { algorithmOf, type Digest, hexOf } from '../../../base/digest.ts'
import { mediaTypes } from '../../oci/types.ts'
import { type Annotations, inOrder } from './statement.ts'

/** Media type of a layer under a `.sig` tag: the payload of one signature (cosign, SIGNATURE_SPEC.md). */
export const simpleSigningMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Annotations of such a layer. */
export const simpleSigningAnnotations = {
  /** Base64 of the signature over the payload. */
  signature: 'dev.cosignproject.cosign/signature',
  /** PEM; absent with a key. */
  certificate: 'dev.sigstore.cosign/certificate',
  /** PEM, empty when there is none above; beside each certificate. */
  chain: 'dev.sigstore.cosign/chain',
  /** JSON: what Rekor version 1 answered. */
  log: 'dev.sigstore.cosign/bundle',
  /** JSON: the answer of a timestamp authority. */
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** The tag beside an image under which cosign before version 3 keeps what is signed with it. */
export function signatureTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}.sig`
}

/** The bytes that a legacy signature is over; their order and their escapes are cosign's. `reference` is registry/repository. */
export function simpleSigningPayload(reference: string, digest: Digest, annotations: Annotations = {}): Buffer {
  const critical = {
    identity: { 'docker-reference': reference },
    image: { 'docker-manifest-digest': digest },
    type: 'cosign container image signature',
  }
  const optional = Object.keys(annotations).length === 0 ? null : inOrder(annotations)
  // Go escapes these, for browsers.
  const text = JSON.stringify({ critical, optional }).replaceAll(/[<>&\u2028\u2029]/g, (letter) => `\\u${hexCode(letter)}`)
  return Buffer.from(text)
}

/** The configuration that cosign puts beside its layers: an image made of them at no time for no platform. */
export function simpleSigningConfig(layers: readonly Digest[]): { readonly mediaType: string; readonly bytes: Buffer } {
  const created = '0001-01-01T00:00:00Z'
  const config = {
    architecture: '',
    created,
    history: layers.map(() => ({ created })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers },
    config: {},
  }
  return { mediaType: mediaTypes.config, bytes: Buffer.from(JSON.stringify(config)) }
}

function hexCode(letter: string): string {
  return letter.charCodeAt(0).toString(16).padStart(4, '0')
}
