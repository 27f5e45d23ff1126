import * as v from 'valibot'
import { type Digest, sha256 } from '../../base/digest.ts'
import { gatePolicyInvalid } from './errors.ts'
import type { Exception } from './exception.ts'
import { unknownTerm } from './license-terms.ts'
import { readYaml } from './yaml.ts'

const answer = v.picklist(['fail', 'pass'])
const duration = v.pipe(v.string(), v.maxLength(20), v.regex(/^(?:\d+(?:ms|s|m|h|d))+$/, 'expected a duration such as 24h or 7d'))
const terms = (what: string) =>
  v.optional(v.pipe(v.array(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))), v.maxLength(1000), v.description(what)), [])

const licenses = v.strictObject({
  deny: terms('Licences that no package may need: identifiers of SPDX, with WITH, or with * at the end.'),
  allow: terms('The only licences that a package may need; empty: all that are not denied.'),
  unknown: v.optional(v.pipe(answer, v.description('Packages that declare no licence, or none that SPDX knows.')), 'fail'),
})

/** What the gate decides by, as its file has it. */
export const gatePolicySchema = v.strictObject({
  'fail-on': v.optional(
    v.pipe(
      v.picklist(['critical', 'high', 'medium', 'low', 'none']),
      v.description('The lowest severity that fails; none: no finding fails by its severity.'),
    ),
    'high',
  ),
  'fixable-only': v.optional(
    v.pipe(v.boolean(), v.description('Of what fails by severity or EPSS only that which a known version is free of.')),
    false,
  ),
  'fix-available-for': v.optional(
    v.pipe(
      duration,
      v.description('Of what fails by severity or EPSS only that for which a fix has been known so long; of an unknown date, long ago.'),
    ),
  ),
  kev: v.optional(
    v.pipe(
      answer,
      v.description(
        'What is in CISA’s catalogue of known exploited vulnerabilities: whatever its severity, also without a fix and in the baseline.',
      ),
    ),
    'pass',
  ),
  epss: v.optional(
    v.pipe(
      v.union([
        v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
        v.strictObject({
          score: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
          percentile: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
        }),
      ]),
      v.description('The EPSS score from which a finding fails whatever its severity; or { score, percentile }, of which one is enough.'),
    ),
  ),
  'new-only': v.optional(
    v.pipe(v.boolean(), v.description('Only what the baseline does not have fails, and what is known to be exploited.')),
    false,
  ),
  'unknown-severity': v.optional(v.pipe(answer, v.description('What nobody has rated, or in words that are not understood.')), 'fail'),
  undetermined: v.optional(v.pipe(answer, v.description('Versions of which it cannot be decided whether an advisory means them.')), 'fail'),
  unscannable: v.optional(
    v.pipe(answer, v.description('What could not be read, and packages that the database knows nothing of.')),
    'fail',
  ),
  licenses: v.optional(v.pipe(licenses, v.description('What packages may be under; an OR needs one that is allowed, an AND all.'))),
  'max-exception': v.optional(v.pipe(duration, v.description('How far ahead an exception may expire.'))),
  'max-database-age': v.optional(v.pipe(duration, v.description('How old the newest advisory may be.')), '7d'),
})

export type GatePolicy = v.InferOutput<typeof gatePolicySchema>

/** Reads a policy file, YAML or JSON; `where` names it. @throws SW-GATE-POLICY */
export function parseGatePolicy(text: string, where: string): GatePolicy {
  return checkGatePolicy(readYaml(text, where, gatePolicyInvalid), where)
}

/** Checks a policy, wherever it is from. @throws SW-GATE-POLICY */
export function checkGatePolicy(value: unknown, where: string): GatePolicy {
  const parsed = v.safeParse(gatePolicySchema, value, { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw gatePolicyInvalid(`${where}: ${v.getDotPath(issue) ?? 'the policy'}: ${issue.message}.`)
  }
  requireSense(parsed.output, where)
  return parsed.output
}

/** What a schema cannot see: a condition that never holds would let everything pass. */
function requireSense({ epss, licenses: wanted }: GatePolicy, where: string): void {
  if (typeof epss === 'object' && epss.score === undefined && epss.percentile === undefined)
    throw gatePolicyInvalid(`${where}: epss: expected a number, or \`score\` or \`percentile\`.`)
  const wrong = [...(wanted?.deny ?? []), ...(wanted?.allow ?? [])].map(unknownTerm).find((one) => one !== undefined)
  if (wrong !== undefined) throw gatePolicyInvalid(`${where}: licenses: ${wrong}.`)
}

/** Over the policy and all that excuses: equal digests, equal decisions on the same findings and baseline at the same time. */
export function policyDigest(policy: GatePolicy, exceptions: readonly Exception[], statements: readonly object[] = []): Digest {
  const excuses = exceptions.map(({ origin: _, ...one }) => canonical(one)).toSorted()
  return sha256(canonical([policy, excuses, ...(statements.length === 0 ? [] : [statements.map(canonical).toSorted()])]))
}

/** JSON whose keys are in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}
