import type { Digest } from '../../base/digest.ts'
import type { ErrorKind } from '../../base/errors.ts'
import type { Sections } from '../../spec/record/record.ts'

type Verification = Sections['verifications'][number]

/**
 * What the record says of a digest: verified, by nobody refused, and under the policy asked for where there is one. A digest is the
 * image wherever it lies, so it does not matter at which repository it was verified. @throws what is `refuse`
 */
export function requireVerified(
  digest: Digest,
  verifications: readonly Verification[] = [],
  { policy, refuse, safe }: { readonly policy: Digest | undefined; readonly refuse: ErrorKind; readonly safe: string },
): Verification {
  const own = verifications.filter(({ subject }) => subject === digest)
  const refused = own.find(({ verdict }) => verdict !== 'pass')
  if (refused !== undefined) {
    const why = refused.reasons.length === 0 ? '' : `: ${refused.reasons.join(', ')}`
    throw refuse(`verify says ${refused.verdict} of ${refused.image}@${digest}${under(refused)}${why}.`, { safe })
  }
  const passed = own.find((one) => policy === undefined || one.policy === policy)
  if (passed !== undefined) return passed
  const seen = own.length === 0 ? others(verifications) : `it was verified${own.map(under).join(' and')}`
  const expected = policy === undefined ? 'a verification that passed' : `one that passed under policy ${policy}`
  throw refuse(`The record has no verification of ${digest} that counts: ${seen}, expected ${expected}.`, {
    hint: `slipway verify --image REPOSITORY@${digest} --policy …`,
    safe,
  })
}

function under({ policy }: Verification): string {
  return policy === undefined ? '' : ` under policy ${policy}`
}

function others(verifications: readonly Verification[]): string {
  const digests = [...new Set(verifications.map(({ subject }) => subject))]
  return digests.length === 0 ? 'nothing was verified' : `what was verified is ${digests.slice(0, 3).join(', ')}`
}
