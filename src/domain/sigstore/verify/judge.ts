import type { Digest } from '../../../base/digest.ts'
import { imageSignaturePredicate } from '../formats/statement.ts'
import type { Attached } from './attached.ts'
import type { Evidence } from './evidence.ts'
import { requireIdentity } from './match-identity.ts'
import { isPredicate, type Policy, type Requirement, type SignerRule } from './policy.ts'
import { type Proof, proveByCertificate, proveByKey } from './prove.ts'
import { provenanceOf } from './provenance.ts'
import { readBundle } from './read-bundle.ts'
import { readEnvelope, readSimpleSignature } from './read-legacy.ts'
import { type Reason, Refused, reasonOf } from './reasons.ts'
import { isSignature, type Statement } from './statement.ts'

/** What became of one thing that is attached: trusted, or the reason why not. */
export interface Finding {
  readonly attached: Attached
  readonly predicateType?: string | undefined
  readonly proof?: Proof | undefined
  /** The rule of the policy that trusts its signer. */
  readonly rule?: SignerRule | undefined
  readonly statement?: Statement | undefined
  readonly reason?: Reason | undefined
}

/** What the policy demands of an image, each demand with what met it. */
export interface Demand {
  /** `signature`, or a predicate. */
  readonly what: string
  readonly met: boolean
  /** Why not, of each thing that could have met it. */
  readonly reasons: readonly Reason[]
}

export interface Judgement {
  readonly digest: Digest
  readonly findings: readonly Finding[]
  readonly demands: readonly Demand[]
}

/** Judges all that is attached to one image. What cannot be read never counts, and never ends the examination of the rest. */
export function judge(digest: Digest, attached: readonly Attached[], terms: { readonly policy: Policy; readonly now: number }): Judgement {
  const findings = attached.map((one) => examine(one, digest, terms))
  return {
    digest,
    findings,
    demands: [signatureDemand(findings, terms.policy), ...terms.policy.require.map((one) => attestationDemand(findings, one, terms.now))],
  }
}

/** Whether every demand is met. */
export function isTrusted({ demands }: Judgement): boolean {
  return demands.every(({ met }) => met)
}

/** Whether it is a signature of the image that counts; attestations tell of it and sign nothing. */
export function isTrustedSignature({ attached, predicateType, reason }: Finding): boolean {
  return (
    reason === undefined &&
    (attached.format === 'signature' || (attached.format === 'bundle' && isSignature({ predicateType: predicateType ?? '' })))
  )
}

interface Read {
  readonly evidence: Evidence
  readonly statement?: Statement
}

function examine(attached: Attached, digest: Digest, terms: { readonly policy: Policy; readonly now: number }): Finding {
  let seen: Partial<Finding> = {}
  try {
    const { evidence, statement } = read(attached, digest, terms.policy)
    seen = statement === undefined ? {} : { predicateType: statement.predicateType, statement }
    if (statement !== undefined && !statement.isAbout(digest))
      throw new Refused('subject-mismatch', { expected: digest, got: statement.about })
    const trusted = proveByAny(evidence, terms.policy)
    seen = { ...seen, ...trusted }
    if (terms.policy.maxAge !== undefined) requireYoung(trusted.proof, terms.policy.maxAge, terms.now)
    return { attached, ...seen }
  } catch (thrown) {
    return { attached, ...seen, reason: reasonOf(thrown) }
  }
}

function read(attached: Attached, digest: Digest, { reference }: Policy): Read {
  if (attached.problem !== undefined) throw new Refused(attached.problem.code, attached.problem)
  const { bytes, annotations } = attached
  if (attached.format === 'bundle') {
    const bundle = readBundle(bytes)
    if (reference !== undefined && isSignature(bundle.statement)) throw new Refused('reference-missing', { expected: reference })
    return bundle
  }
  if (attached.format === 'attestation') return readEnvelope({ bytes, annotations })
  if (attached.format === 'other') throw new Refused('not-sigstore', { got: attached.type })
  const signature = readSimpleSignature({ bytes, annotations })
  if (signature.digest !== digest) throw new Refused('subject-mismatch', { expected: digest, got: signature.digest })
  if (reference !== undefined && signature.reference !== reference)
    throw new Refused('reference-mismatch', { expected: reference, got: signature.reference })
  return signature
}

/** The first rule that trusts it; else the reason of the rule under which it came farthest. */
function proveByAny(evidence: Evidence, policy: Policy): { readonly proof: Proof; readonly rule: SignerRule } {
  const { by } = evidence
  const rules = policy.signers.filter(({ kind }) => (kind === 'identity') === 'certificate' in by)
  let reason: Refused | undefined
  for (const rule of rules) {
    try {
      return { proof: prove(evidence, rule, policy), rule }
    } catch (thrown) {
      const refused = thrown instanceof Refused ? thrown : new Refused('unreadable', reasonOf(thrown))
      if (reason === undefined || reason.reason.code === 'key-mismatch') reason = refused
    }
  }
  throw reason ?? new Refused('no-rule', { expected: 'certificate' in by ? 'a key' : 'a certificate' })
}

function prove(evidence: Evidence, rule: SignerRule, { roots, log }: Policy): Proof {
  const { by } = evidence
  if (rule.kind === 'key') return proveByKey(evidence, rule.key, { roots, requireLog: log === 'always' })
  if (!('certificate' in by)) throw new Refused('no-rule', { expected: 'a certificate' })
  const proof = proveByCertificate(evidence, by.certificate, { roots, requireLog: log !== 'never' })
  if ('claims' in proof.signer) requireIdentity(proof.signer.claims, rule)
  return proof
}

function signatureDemand(findings: readonly Finding[], { threshold }: Policy): Demand {
  const signers = new Set(findings.filter(isTrustedSignature).map(({ rule }) => rule))
  const against = findings.filter((finding) => !isTrustedSignature(finding))
  return {
    what: threshold === 1 ? 'signature' : `signatures by ${threshold} of the signers`,
    met: signers.size >= threshold,
    reasons: against.map(
      ({ reason, predicateType }) => reason ?? { code: 'predicate-type', expected: imageSignaturePredicate, got: predicateType },
    ),
  }
}

function attestationDemand(findings: readonly Finding[], requirement: Requirement, now: number): Demand {
  const candidates = findings.filter(
    ({ predicateType }) => predicateType !== undefined && isPredicate(requirement.predicate, predicateType),
  )
  const reasons = candidates.map((finding) => finding.reason ?? reasonAgainst(finding, requirement, now))
  return { what: requirement.predicate, met: reasons.includes(undefined), reasons: reasons.filter((reason) => reason !== undefined) }
}

function reasonAgainst({ statement, proof }: Finding, { builder, source, maxAge }: Requirement, now: number): Reason | undefined {
  const seen = provenanceOf(statement?.predicate)
  try {
    if (builder !== undefined && seen.builder !== builder) throw new Refused('builder-mismatch', { expected: builder, got: seen.builder })
    if (source !== undefined && seen.source !== source) throw new Refused('source-mismatch', { expected: source, got: seen.source })
    if (maxAge !== undefined && proof !== undefined) requireYoung(proof, maxAge, now)
    return undefined
  } catch (thrown) {
    return reasonOf(thrown)
  }
}

/** The oldest of the times counts: nothing that came later makes a signature younger. */
function requireYoung({ times }: Proof, maxAge: number, now: number): void {
  const signed = Math.min(...times.map((time) => time.getTime()))
  if (times.length === 0) throw new Refused('time-unknown', { expected: `signed after ${new Date(now - maxAge).toISOString()}` })
  if (now - signed > maxAge)
    throw new Refused('too-old', { expected: `signed after ${new Date(now - maxAge).toISOString()}`, got: new Date(signed).toISOString() })
}
