import { createHash, constants as crypto, type KeyObject, verify } from 'node:crypto'
import type { Descriptor } from '../../../oci/types.ts'
import type { NotationRule } from '../policy.ts'
import type { Proof } from '../prove.ts'
import { Refused } from '../reasons.ts'
import { requireSigningChain } from './chain.ts'
import type { NotationEnvelope } from './envelope.ts'
import { hasSubject, subjectOf } from './subject-name.ts'

/** Milliseconds that the clock of a signer may be ahead of this one. */
const ahead = 300_000

export interface NotationTerms {
  readonly rules: readonly NotationRule[]
  /** What the signature has to be about. */
  readonly subject: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Proves a signature of Notation in a JWS, and that a rule trusts its signer. No timestamp is read, so that every certificate has to be
 * valid now as well as when the signer says that it signed. Throws {@link Refused}.
 */
export function proveNotation(
  envelope: NotationEnvelope,
  { rules, subject, now }: NotationTerms,
): { readonly proof: Proof; readonly rule: NotationRule } {
  requireAbout(envelope, subject)
  requireSignature(envelope)
  const { chain, signingTime, expiry } = envelope
  if (signingTime.getTime() > now + ahead)
    throw new Refused('signing-time', { expected: `before ${iso(now)}`, got: iso(signingTime.getTime()) })
  if (expiry !== undefined && expiry.getTime() <= now)
    throw new Refused('signature-expired', { expected: `before ${expiry.toISOString()}`, got: iso(now) })
  requireSigningChain(chain, [signingTime, new Date(now)])
  return trustedBy(envelope, rules)
}

function requireAbout({ target }: NotationEnvelope, { mediaType, digest, size }: NotationTerms['subject']): void {
  if (target.digest !== digest) throw new Refused('subject-mismatch', { expected: digest, got: target.digest })
  if (target.size !== size || target.mediaType !== mediaType) {
    throw new Refused('subject-mismatch', {
      expected: `${mediaType} of ${size} bytes`,
      got: `${target.mediaType} of ${target.size} bytes`.slice(0, 200),
    })
  }
}

/** The key says which algorithm, and the header has to say the same: nobody else chooses it. */
function requireSignature({ algorithm, chain, signed, signature }: NotationEnvelope): void {
  const key = chain[0]?.publicKey
  const expected = key === undefined ? undefined : algorithmOf(key)
  if (key === undefined || expected === undefined || algorithm !== expected)
    throw new Refused('algorithm-mismatch', { expected: expected ?? 'a key of RSA or ECDSA', got: algorithm.slice(0, 50) })
  const padding = { padding: crypto.RSA_PKCS1_PSS_PADDING, saltLength: crypto.RSA_PSS_SALTLEN_DIGEST }
  const options = expected.startsWith('PS') ? { key, ...padding } : { key, dsaEncoding: 'ieee-p1363' as const }
  if (!verify(`sha${expected.slice(2)}`, signed, options, signature)) throw new Refused('signature-invalid')
}

/** signature-specification.md, Algorithm Selection. */
function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): string | undefined {
  const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }
  const sizes: Readonly<Record<number, string>> = { 2048: 'PS256', 3072: 'PS384', 4096: 'PS512' }
  if (type === 'ec') return curves[details.namedCurve ?? '']
  return type === 'rsa' ? sizes[details.modulusLength ?? 0] : undefined
}

/** The first rule whose authorities are in the chain and whose name the signer has. */
function trustedBy({ chain }: NotationEnvelope, rules: readonly NotationRule[]): { readonly proof: Proof; readonly rule: NotationRule } {
  const [leaf] = chain
  if (leaf === undefined || rules.length === 0) throw new Refused('no-rule', { expected: 'a sigstore signature', got: 'one of Notation' })
  const known = rules.filter(({ authorities }) => authorities.some(({ raw }) => chain.some((one) => one.raw.equals(raw))))
  const rule = known.find(({ subject }) => hasSubject(leaf, subject))
  if (rule !== undefined) {
    const thumbprint = createHash('sha256').update(leaf.raw).digest('hex')
    return { rule, proof: { signer: { certificate: { subject: subjectOf(leaf), thumbprint } }, times: [] } }
  }
  const [nearest] = known
  if (nearest === undefined)
    throw new Refused('certificate-untrusted', { expected: `an authority of ${rules.map(({ name }) => name).join(', ')}` })
  throw new Refused('identity-mismatch', { expected: nearest.text, got: subjectOf(leaf) })
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
