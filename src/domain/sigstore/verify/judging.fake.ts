/** Judging what was recorded, by the codes of its reasons. */
import type { Digest } from '../../../base/digest.ts'
import { parseRegular } from '../../../base/regular.ts'
import type { Attached } from './attached.ts'
import { isTrusted, judge } from './judge.ts'
import type { IdentityRule, Policy } from './policy.ts'
import { after, bundle, image, keyless, recorded, release, subject } from './real.fake.ts'
import type { ReasonCode } from './reasons.ts'

export const of = (name: string): Attached => bundle(recorded(name))

/** Whether the image is trusted, and of each thing that is attached why it is not. */
export function verdict(attached: readonly Attached[], policy: Policy, digest: Digest = image): [boolean, (ReasonCode | 'trusted')[]] {
  const judgement = judge({ ...subject, digest }, attached, { policy, now: after })
  return [isTrusted(judgement), judgement.findings.map(({ reason }) => reason?.code ?? 'trusted')]
}

/** A policy that trusts the release workflow with something else about it. */
export const ruled = (rule: Partial<IdentityRule>): Policy => ({ ...keyless, signers: [{ ...release, ...rule }] })
export const patterned = (text: string): Policy => ruled({ identity: undefined, pattern: { text, regular: parseRegular(text) } })
