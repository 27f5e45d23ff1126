import type { KeyObject } from 'node:crypto'

/** A digest as node:crypto names it; null where the key hashes by itself (Ed25519). */
export type Hash = 'sha256' | 'sha384' | 'sha512' | null

export interface Digested {
  readonly hash: Hash
  /** The digest, or with null the data themselves. */
  readonly bytes: Buffer
}

/** One version of a key in a key service. */
export interface ServiceKey {
  /** With its version where it has one, to name it again: `hashivault://app/versions/2`. */
  readonly reference: string
  readonly publicKey: KeyObject
  /** What it can sign. */
  readonly hashes: readonly Hash[]
  /** The signature as the service gives it, not yet checked: ASN.1 DER for ECDSA, PKCS #1 v1.5 for RSA. */
  sign(what: Digested): Promise<Buffer>
  /** Ends what was begun to reach it, such as a login; it signs no more. */
  close?(): Promise<void>
}

/** All that sigstore uses, for services that leave the digest to the caller. */
export const anyDigest: readonly Hash[] = ['sha256', 'sha384', 'sha512']
