import { createHash, type KeyObject } from 'node:crypto'
import type { TransparencyLogEntry } from '@sigstore/bundle'
import { type RFC3161Timestamp, X509Certificate } from '@sigstore/core'
import type { SignedEntity } from '@sigstore/verify'
import { isLegacySignedBy, isSignedBy, publicKeyOf, type SignatureForm } from '../keys/public-key.ts'

/** One signature with all that came along to prove it, whatever format it was kept in. */
export interface Evidence {
  /** The bytes that are signed: the payload, or for an envelope its pre-authentication encoding. */
  readonly signed: Buffer
  /** The payload itself: entries of kind dsse are about it. */
  readonly payload: Buffer
  readonly signature: Buffer
  /** Which hash goes with a key depends on the format. */
  readonly form: SignatureForm
  readonly by: { readonly certificate: X509Certificate } | { readonly hint: string }
  readonly entries: readonly TransparencyLogEntry[]
  readonly timestamps: readonly RFC3161Timestamp[]
  /** What the time stamps are about, where it is not the signature: under an `.att` tag the envelope. */
  readonly stamped?: Buffer | undefined
  /** Where what is signed is not at hand, but its SHA-256: `signed` and `payload` are empty then. */
  readonly prehashed?: Prehashed | undefined
}

export interface Prehashed {
  readonly digest: Buffer
  isSignedBy(key: KeyObject, signature: Buffer): boolean
}

const hashes: Readonly<Record<number, string>> = { 32: 'sha256', 48: 'sha384', 64: 'sha512' }

/** The signature as the verifier asks for it. Its own reader knows SHA-256 only; here the hash follows the key, as cosign chooses it. */
export function contentOf({ signed, payload, signature, form, stamped = signature, prehashed }: Evidence): SignedEntity['signature'] {
  return {
    // The verifier takes these bytes for nothing else than time stamps.
    signature: stamped,
    compareSignature: (other) => other.equals(signature),
    compareDigest: (digest) => prehashed?.digest.equals(digest) ?? isDigestOf(digest, payload),
    compareSignedDigest: (digest) => prehashed?.digest.equals(digest) ?? isDigestOf(digest, signed),
    verifySignature: (key: KeyObject) =>
      prehashed?.isSignedBy(key, signature) ??
      (form === 'legacy' ? isLegacySignedBy : isSignedBy)(publicKeyOf(key, 'the signer’s key'), signed, signature),
  }
}

/** DSSE, protocol.md §Signature definition. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload])
}

/** Reads a certificate in DER or PEM. Throws what the reader throws. */
export function certificateOf(encoded: Uint8Array | string): X509Certificate {
  return X509Certificate.parse(typeof encoded === 'string' ? encoded : Buffer.from(encoded))
}

function isDigestOf(digest: Buffer, bytes: Buffer): boolean {
  const algorithm = hashes[digest.length]
  return algorithm !== undefined && createHash(algorithm).update(bytes).digest().equals(digest)
}
