import type { Digest } from '../../../base/digest.ts'
import { imageSignaturePredicate } from '../formats/statement.ts'
import { requireYoung } from './age.ts'
import type { Attached } from './attached.ts'
import { examine, type Finding, type Subject, type Terms } from './examine.ts'
import { gatePredicate, requirePassed } from './gate.ts'
import { isPredicate, type Requirement } from './policy.ts'
import { provenanceOf } from './provenance.ts'
import { type Reason, Refused, reasonOf } from './reasons.ts'
import { isSignature } from './statement.ts'

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
export function judge(subject: Subject, attached: readonly Attached[], terms: Terms): Judgement {
  const findings = attached.map((one) => examine(one, subject, terms))
  return {
    digest: subject.digest,
    findings,
    demands: [signatureDemand(findings, terms), ...terms.policy.require.map((one) => attestationDemand(findings, one, terms))],
  }
}

/** Whether every demand is met. */
export function isTrusted({ demands }: Judgement): boolean {
  return demands.every(({ met }) => met)
}

/** Whether it is a signature of the image that counts; attestations tell of it and sign nothing. */
export function isTrustedSignature({ attached: { format }, predicateType, reason }: Finding): boolean {
  if (reason !== undefined) return false
  return format === 'signature' || format === 'notation' || (format === 'bundle' && isSignature({ predicateType: predicateType ?? '' }))
}

function signatureDemand(findings: readonly Finding[], { policy: { threshold } }: Terms): Demand {
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

function attestationDemand(findings: readonly Finding[], requirement: Requirement, { now }: Terms): Demand {
  const candidates = findings.filter(
    ({ predicateType }) => predicateType !== undefined && isPredicate(requirement.predicate, predicateType),
  )
  const reasons = candidates.map((finding) => finding.reason ?? reasonAgainst(finding, requirement, now))
  return { what: requirement.predicate, met: reasons.includes(undefined), reasons: reasons.filter((reason) => reason !== undefined) }
}

function reasonAgainst({ statement, proof, predicateType }: Finding, requirement: Requirement, now: number): Reason | undefined {
  const { builder, source, maxAge, verifier, policy, resource } = requirement
  const seen = provenanceOf(statement?.predicate)
  const isOfGate = predicateType === gatePredicate || [verifier, policy, resource].some((wanted) => wanted !== undefined)
  try {
    if (proof === undefined) throw new Refused('unreadable')
    if (builder !== undefined && seen.builder !== builder) throw new Refused('builder-mismatch', { expected: builder, got: seen.builder })
    if (source !== undefined && seen.source !== source) throw new Refused('source-mismatch', { expected: source, got: seen.source })
    if (isOfGate) requirePassed(statement?.predicate, requirement, { proof, now })
    else if (maxAge !== undefined) requireYoung(proof, { maxAge, now })
    return undefined
  } catch (thrown) {
    return reasonOf(thrown)
  }
}
