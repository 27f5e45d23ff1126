import type { X509Certificate } from 'node:crypto'
import type { Regular } from '../../../base/regular.ts'
import { predicateTypes } from '../attest/predicates.ts'
import type { PublicKey } from '../keys/public-key.ts'
import type { SubjectName } from './notation/subject-name.ts'
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
  /** What must be signed with each signature, as by `cosign sign -a`. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Milliseconds since the signature. */
  readonly maxAge?: number | undefined
  readonly require: readonly Requirement[]
}

export type SignerRule = KeyRule | IdentityRule | NotationRule

export interface KeyRule {
  readonly kind: 'key'
  /** For messages: the file, or `env://NAME`. */
  readonly name: string
  readonly key: PublicKey
}

/** Who may sign with Notation: whoever has this name by a certificate under one of these. */
export interface NotationRule {
  readonly kind: 'notation'
  /** For messages: the file of the authorities. */
  readonly name: string
  readonly authorities: readonly X509Certificate[]
  readonly subject: SubjectName
  /** The subject as the policy has it. */
  readonly text: string
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
  /** Predicate type, or one of the short names of the table of predicates. */
  readonly predicate: string
  /** Exact `runDetails.builder.id` of SLSA provenance. */
  readonly builder?: string | undefined
  /** Exact source repository of SLSA provenance, as a URI. */
  readonly source?: string | undefined
  /** Exact `verifier.id` of a verification summary, which has to say PASSED in any case. */
  readonly verifier?: string | undefined
  /** Digest of the policy that the gate decided by: `sha256:…`. */
  readonly policy?: string | undefined
  /** Exact `resourceUri` of the summary. */
  readonly resource?: string | undefined
  /** Milliseconds since it was signed; for a verification summary also since the gate decided. */
  readonly maxAge?: number | undefined
}

/** Whether a predicate type is the one wanted, or one that a short name stands for. */
export function isPredicate(wanted: string, predicateType: string): boolean {
  return predicateTypes(wanted).includes(predicateType)
}
