import type { PublicKey } from '../keys/public-key.ts'
import type { Regular } from './regular.ts'
import type { TrustRoot } from './trust-root.ts'

/** Whom to trust, and for what. Every field that is set must hold; of several signers one is enough. */
export interface Policy {
  readonly signers: readonly SignerRule[]
  readonly roots: readonly TrustRoot[]
  /** How many of the signers must have signed, each for itself. */
  readonly threshold: number
  /** `always`, `keyless` (what is signed by certificates), or `never`: what is there must hold in any case. */
  readonly log: 'always' | 'keyless' | 'never'
  /** registry/repository that a legacy signature must name. */
  readonly reference?: string | undefined
  /** Milliseconds since the signature. */
  readonly maxAge?: number | undefined
  readonly require: readonly Requirement[]
}

export type SignerRule = KeyRule | IdentityRule

export interface KeyRule {
  readonly kind: 'key'
  /** For messages: the file, or `env://NAME`. */
  readonly name: string
  readonly key: PublicKey
}

/** Claims of a certificate: exact, but for `ref`, where `*` stands for anything but `/`, and `**` for anything. */
export interface IdentityRule {
  readonly kind: 'identity'
  readonly issuer: string
  readonly identity?: string | undefined
  /** The same as a regular expression, where the policy asks for one; it describes the identity whole. */
  readonly pattern?: { readonly text: string; readonly regular: Regular } | undefined
  /** `owner/name`, or the URI. */
  readonly repository?: string | undefined
  /** `.github/workflows/release.yml` of the source repository, or `owner/name/.github/workflows/…` of another. */
  readonly workflow?: string | undefined
  readonly ref?: string | undefined
  readonly trigger?: string | undefined
  readonly runner?: string | undefined
}

/** An attestation that must be there, by a trusted signer. */
export interface Requirement {
  /** Predicate type, or one of the short names of {@link predicateFamilies}. */
  readonly predicate: string
  /** Exact `runDetails.builder.id` of SLSA provenance. */
  readonly builder?: string | undefined
  /** Exact source repository of SLSA provenance, as a URI. */
  readonly source?: string | undefined
  /** Milliseconds since it was signed. */
  readonly maxAge?: number | undefined
}

/** Short names of predicate types. Tools write several types for one thing; each name stands for all of them. */
export const predicateFamilies: Readonly<Record<string, readonly string[]>> = {
  'slsa-provenance': ['https://slsa.dev/provenance/v1', 'https://slsa.dev/provenance/v0.2'],
  spdx: ['https://spdx.dev/Document', 'https://spdx.dev/Document/v2.3', 'https://spdx.dev/Document/v2.2'],
  cyclonedx: [
    'https://cyclonedx.org/bom',
    'https://cyclonedx.org/bom/v1.4',
    'https://cyclonedx.org/bom/v1.5',
    'https://cyclonedx.org/bom/v1.6',
  ],
  vulnerabilities: ['https://in-toto.io/attestation/vulns/v0.2', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
  'test-result': ['https://in-toto.io/attestation/test-result/v0.1'],
  vsa: ['https://slsa.dev/verification_summary/v1'],
  openvex: ['https://openvex.dev/ns', 'https://openvex.dev/ns/v0.2.0'],
}

/** Whether a predicate type is the one wanted, or of the family wanted. */
export function isPredicate(wanted: string, predicateType: string): boolean {
  return (
    wanted === predicateType || (Object.hasOwn(predicateFamilies, wanted) && predicateFamilies[wanted]?.includes(predicateType) === true)
  )
}
