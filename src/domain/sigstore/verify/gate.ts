import * as v from 'valibot'
import { requireYoung } from './age.ts'
import type { Requirement } from './policy.ts'
import type { Proof } from './prove.ts'
import { Refused } from './reasons.ts'

/** Predicate of a verification summary: the verdict of a gate (slsa.dev, verification_summary v1). */
export const gatePredicate = 'https://slsa.dev/verification_summary/v1'

const text = v.pipe(v.string(), v.maxLength(2000))
const summary = v.object({
  verifier: v.object({ id: text }),
  timeVerified: v.optional(
    v.pipe(
      text,
      v.transform((given) => new Date(given)),
      v.check((date) => !Number.isNaN(date.getTime()), 'expected a time'),
    ),
  ),
  resourceUri: v.optional(text),
  policy: v.object({ uri: v.optional(text), digest: v.optional(v.record(v.string(), v.string()), {}) }),
  verificationResult: text,
})

/**
 * Requires that a gate passed the image: PASSED by the verifier and the policy that are wanted, lately enough. When it decided is what the
 * verifier, who is trusted, says; a log that vouches for an older time wins. `now` is in milliseconds since 1970. Throws {@link Refused}.
 */
export function requirePassed(
  predicate: unknown,
  wanted: Pick<Requirement, 'verifier' | 'policy' | 'resource' | 'maxAge'>,
  { proof, now }: { readonly proof: Pick<Proof, 'times'>; readonly now: number },
): void {
  const parsed = v.safeParse(summary, predicate)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new Refused('predicate-invalid', {
      expected: 'a verification summary',
      got: `${v.getDotPath(issue) ?? ''} ${issue.message}`.slice(0, 200),
    })
  }
  const { verificationResult, verifier, policy, resourceUri, timeVerified } = parsed.output
  if (verificationResult !== 'PASSED') throw new Refused('verdict-failed', { expected: 'PASSED', got: verificationResult.slice(0, 100) })
  if (wanted.verifier !== undefined && verifier.id !== wanted.verifier)
    throw new Refused('verifier-mismatch', { expected: wanted.verifier, got: verifier.id })
  const digests = Object.entries(policy.digest).map((pair) => pair.join(':'))
  if (wanted.policy !== undefined && !digests.includes(wanted.policy))
    throw new Refused('policy-mismatch', { expected: wanted.policy, got: digests.join(', ').slice(0, 200) || policy.uri })
  if (wanted.resource !== undefined && resourceUri !== wanted.resource)
    throw new Refused('resource-mismatch', { expected: wanted.resource, got: resourceUri })
  if (wanted.maxAge === undefined) return
  const decided = timeVerified === undefined ? [] : [timeVerified]
  requireYoung({ times: [...decided, ...proof.times] }, { maxAge: wanted.maxAge, now })
}
