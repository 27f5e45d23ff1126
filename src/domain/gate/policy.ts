import * as v from 'valibot'
import { type Digest, sha256 } from '../../base/digest.ts'
import { gatePolicyInvalid } from './errors.ts'
import type { ExceptionsDocument } from './exceptions.ts'
import { readYaml } from './yaml.ts'

const answer = v.picklist(['fail', 'pass'])

/** What the gate decides by, as its file has it. */
export const gatePolicySchema = v.strictObject({
  'fail-on': v.optional(
    v.pipe(
      v.picklist(['critical', 'high', 'medium', 'low', 'none']),
      v.description('The lowest severity that fails; none: no finding does.'),
    ),
    'high',
  ),
  'fixable-only': v.optional(v.pipe(v.boolean(), v.description('Only what a known version is free of fails.')), false),
  'unknown-severity': v.optional(v.pipe(answer, v.description('What nobody has rated, or in words that are not understood.')), 'fail'),
  undetermined: v.optional(v.pipe(answer, v.description('Versions of which it cannot be decided whether an advisory means them.')), 'fail'),
  unscannable: v.optional(
    v.pipe(answer, v.description('What could not be read, and packages that the database knows nothing of.')),
    'fail',
  ),
  'max-database-age': v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:\d+(?:ms|s|m|h|d))+$/, 'expected a duration such as 24h or 7d'),
      v.description('How old the newest advisory may be.'),
    ),
    '7d',
  ),
})

export type GatePolicy = v.InferOutput<typeof gatePolicySchema>

/** Reads a policy file, YAML or JSON; `where` names it. @throws SW-GATE-POLICY */
export function parseGatePolicy(text: string, where: string): GatePolicy {
  return checkGatePolicy(readYaml(text, where, gatePolicyInvalid) ?? {}, where)
}

/** Checks a policy, wherever it is from. @throws SW-GATE-POLICY */
export function checkGatePolicy(value: unknown, where: string): GatePolicy {
  const parsed = v.safeParse(gatePolicySchema, value)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw gatePolicyInvalid(`${where}: ${v.getDotPath(issue) ?? 'the policy'}: ${issue.message}.`)
}

/** Over the policy with its exceptions: equal digests, equal decisions on the same findings at the same time. */
export function policyDigest(policy: GatePolicy, exceptions: ExceptionsDocument): Digest {
  return sha256(JSON.stringify([Object.entries(policy).toSorted(([a], [b]) => (a < b ? -1 : 1)), exceptions]))
}
