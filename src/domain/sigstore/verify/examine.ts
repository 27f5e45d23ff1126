import type { Descriptor } from '../../oci/types.ts'
import { requireYoung } from './age.ts'
import type { Attached } from './attached.ts'
import type { Evidence } from './evidence.ts'
import { requireIdentity } from './match-identity.ts'
import { readNotation } from './notation/envelope.ts'
import { proveNotation } from './notation/prove.ts'
import type { Policy, SignerRule } from './policy.ts'
import { type Proof, proveByCertificate, proveByKey } from './prove.ts'
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

/** The manifest that is judged. */
export type Subject = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>

/** What is judged by, and when: milliseconds since 1970. */
export interface Terms {
  readonly policy: Policy
  readonly now: number
}

/** Examines one thing that is attached. Whatever is wrong with it is its reason; nothing throws. */
export function examine(attached: Attached, subject: Subject, terms: Terms): Finding {
  const seen: { -readonly [Key in keyof Finding]?: Finding[Key] } = {}
  try {
    if (attached.problem !== undefined) throw new Refused(attached.problem.code, attached.problem)
    const { policy, now } = terms
    const read = attached.format === 'notation' ? notation(attached, subject, terms) : sigstore(attached, subject, policy)
    Object.assign(seen, read.seen)
    const { proof, rule } = read.prove()
    Object.assign(seen, { proof, rule })
    if (policy.maxAge !== undefined) requireYoung(proof, { maxAge: policy.maxAge, now })
    if (read.isSignature) requireAnnotations(read.annotations, policy.annotations)
    return { attached, ...seen }
  } catch (thrown) {
    return { attached, ...seen, reason: reasonOf(thrown) }
  }
}

/** One thing as it was read, before anything of it is proven. */
interface Read {
  readonly seen: Pick<Finding, 'predicateType' | 'statement'>
  readonly isSignature: boolean
  readonly annotations: Readonly<Record<string, unknown>>
  prove(): { readonly proof: Proof; readonly rule: SignerRule }
}

function notation(attached: Attached, subject: Subject, { policy, now }: Terms): Read {
  if (policy.reference !== undefined) throw new Refused('reference-missing', { expected: policy.reference })
  const rules = policy.signers.filter((rule) => rule.kind === 'notation')
  const envelope = readNotation(attached)
  return {
    ...{ seen: {}, isSignature: true, annotations: envelope.target.annotations },
    prove: () => proveNotation(envelope, { rules, subject, now }),
  }
}

function sigstore(attached: Attached, { digest }: Subject, policy: Policy): Read {
  const { bytes, annotations, format, type } = attached
  if (format === 'other') throw new Refused('not-sigstore', { got: type })
  if (format === 'signature') return simpleSignature(attached, digest, policy)
  const { evidence, statement } = format === 'bundle' ? readBundle(bytes) : readEnvelope({ bytes, annotations })
  const isOfImage = format === 'bundle' && isSignature(statement)
  if (isOfImage && policy.reference !== undefined) throw new Refused('reference-missing', { expected: policy.reference })
  return {
    ...{ seen: { predicateType: statement.predicateType, statement }, isSignature: isOfImage, annotations: statement.annotations(digest) },
    prove: () => {
      if (!statement.isAbout(digest)) throw new Refused('subject-mismatch', { expected: digest, got: statement.about })
      return proveByAny(evidence, policy)
    },
  }
}

function simpleSignature({ bytes, annotations }: Attached, digest: Subject['digest'], policy: Policy): Read {
  const signature = readSimpleSignature({ bytes, annotations })
  if (signature.digest !== digest) throw new Refused('subject-mismatch', { expected: digest, got: signature.digest })
  if (policy.reference !== undefined && signature.reference !== policy.reference)
    throw new Refused('reference-mismatch', { expected: policy.reference, got: signature.reference })
  return { seen: {}, isSignature: true, annotations: signature.annotations, prove: () => proveByAny(signature.evidence, policy) }
}

/** As `cosign verify -a`: each one that is wanted has to be there, and others may be. */
function requireAnnotations(seen: Readonly<Record<string, unknown>>, wanted: Policy['annotations']): void {
  for (const [name, value] of Object.entries(wanted ?? {})) {
    const got = Object.hasOwn(seen, name) ? seen[name] : undefined
    if (got !== value)
      throw new Refused('annotation-mismatch', {
        expected: `${name}=${value}`,
        got: typeof got === 'string' ? `${name}=${got}`.slice(0, 200) : undefined,
      })
  }
}

/** The first rule that trusts it; else the reason of the rule under which it came farthest. */
function proveByAny(evidence: Evidence, policy: Policy): { readonly proof: Proof; readonly rule: SignerRule } {
  const { by } = evidence
  const rules = policy.signers.filter(({ kind }) => kind === ('certificate' in by ? 'identity' : 'key'))
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
  if (rule.kind === 'notation' || !('certificate' in by)) throw new Refused('no-rule', { expected: 'a certificate' })
  const proof = proveByCertificate(evidence, by.certificate, { roots, requireLog: log !== 'never' })
  if ('claims' in proof.signer) requireIdentity(proof.signer.claims, rule)
  return proof
}
