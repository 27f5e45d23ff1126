import type { MessageSignature } from '@sigstore/bundle'
import { HashAlgorithm } from '@sigstore/protobuf-specs'
import { type Digest, hexOf, sha256 } from '../../../base/digest.ts'
import type { PublicKey } from '../keys/public-key.ts'
import type { Evidence } from './evidence.ts'
import { requireIdentity } from './match-identity.ts'
import type { IdentityRule } from './policy.ts'
import { prehashedBy } from './prehashed.ts'
import { type Proof, proveByCertificate, proveByKey } from './prove.ts'
import { materialOf, parseBundle, readBundle } from './read-bundle.ts'
import { Refused } from './reasons.ts'
import type { TrustRoot } from './trust-root.ts'

/** A file, or SHA-256 of one. */
export type Artifact = { readonly bytes: Buffer } | { readonly digest: Digest }

export interface FileTerms {
  readonly roots: readonly TrustRoot[]
  /** Who must have signed. */
  readonly by: IdentityRule | PublicKey
}

/**
 * Proves that a bundle, of a signature or of a statement, is about a file and by whom it should be: in a transparency log in any case.
 * Throws Refused, or what a reader throws: `reasonOf` tells why.
 */
export async function proveFile(bundle: Uint8Array, artifact: Artifact, { roots, by }: FileTerms): Promise<Proof> {
  const evidence = await evidenceOf(bundle, artifact)
  const trust = { roots, requireLog: true }
  if ('algorithm' in by) {
    if ('certificate' in evidence.by) throw new Refused('no-rule', { expected: 'a key', got: 'a certificate' })
    return proveByKey(evidence, by, trust)
  }
  if (!('certificate' in evidence.by)) throw new Refused('no-rule', { expected: 'a certificate', got: 'a key' })
  const proof = proveByCertificate(evidence, evidence.by.certificate, trust)
  if ('claims' in proof.signer) requireIdentity(proof.signer.claims, by)
  return proof
}

/** Proves a bundle that this process has just written about a file, or of it as a statement, whoever it was. Throws as {@link proveFile}. */
export async function proveWritten(bundle: Uint8Array, file: Buffer, roots: readonly TrustRoot[]): Promise<Proof> {
  const isStatement = parseBundle(bundle).content.$case === 'dsseEnvelope'
  const evidence = isStatement ? readBundle(bundle).evidence : await evidenceOf(bundle, { bytes: file })
  if (!('certificate' in evidence.by)) throw new Refused('no-rule', { expected: 'a certificate', got: 'a key' })
  return proveByCertificate(evidence, evidence.by.certificate, { roots, requireLog: false })
}

async function evidenceOf(bytes: Uint8Array, artifact: Artifact): Promise<Evidence> {
  const bundle = parseBundle(bytes)
  if (bundle.content.$case === 'messageSignature') {
    const { messageSignature } = bundle.content
    requireDigest(messageSignature, digestOf(artifact))
    return { ...materialOf(bundle), ...(await signedOf(artifact)), signature: messageSignature.signature }
  }
  const { evidence, statement } = readBundle(bytes)
  const digest = digestOf(artifact)
  if (!statement.isAbout(digest)) throw new Refused('subject-mismatch', { expected: digest, got: statement.about })
  return evidence
}

async function signedOf(artifact: Artifact): Promise<Pick<Evidence, 'signed' | 'payload' | 'prehashed'>> {
  if ('bytes' in artifact) return { signed: artifact.bytes, payload: artifact.bytes }
  const nothing = Buffer.alloc(0)
  return { signed: nothing, payload: nothing, prehashed: await prehashedBy(Buffer.from(hexOf(artifact.digest), 'hex')) }
}

/** The digest in a bundle is a hint, and no reader should see another one than was checked (sigstore_common.proto, MessageSignature). */
function requireDigest({ messageDigest }: MessageSignature, digest: Digest): void {
  if (messageDigest === undefined || messageDigest.algorithm !== HashAlgorithm.SHA2_256) return
  const got = messageDigest.digest.toString('hex')
  if (got !== hexOf(digest)) throw new Refused('subject-mismatch', { expected: digest, got: `sha256:${got}`.slice(0, 100) })
}

function digestOf(artifact: Artifact): Digest {
  return 'digest' in artifact ? artifact.digest : sha256(artifact.bytes)
}
