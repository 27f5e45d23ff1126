import * as v from 'valibot'
import { policyInvalid } from './errors.ts'

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
const optional = v.optional(text)
const duration = v.pipe(
  v.string(),
  v.maxLength(20),
  v.regex(/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/, 'expected a duration such as 24h or 30d'),
)
const maxAge = v.optional(v.pipe(duration, v.description('Longest time since it was signed: 24h, 30d.')))
const claims = { workflow: optional, ref: optional, trigger: optional, runner: optional }
const signer = v.union([
  v.strictObject({
    key: v.pipe(
      text,
      v.description('A public key: a file, a folder with cosign.pub, env://COSIGN_PUBLIC_KEY, or one in a key service (awskms://…).'),
    ),
  }),
  v.strictObject({ issuer: text, identity: text, repository: optional, ...claims }),
  v.strictObject({
    issuer: text,
    'identity-regexp': v.pipe(text, v.description('The whole identity as a regular expression without lookaround and references.')),
    repository: optional,
    ...claims,
  }),
  v.strictObject({ issuer: text, repository: text, ...claims }),
  v.strictObject({
    notation: v.pipe(text, v.description('Certificates, PEM, of authorities whose holders may sign with Notation: a file.')),
    subject: v.pipe(text, v.description('Who of them, by parts of the subject: C=US, ST=WA, O=acme. `*` is any of them.')),
  }),
])
const requirement = v.strictObject({
  predicate: text,
  builder: optional,
  source: optional,
  verifier: v.optional(v.pipe(text, v.description('Gate that must have passed the image: verifier.id of a verification summary (vsa).'))),
  policy: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/),
      v.description('Digest of the policy that the gate must have decided by.'),
    ),
  ),
  resource: v.optional(v.pipe(text, v.description('resourceUri that the verification summary must name.'))),
  'max-age': maxAge,
})

/** The policy as its file has it, and as `schemas/verify-policy.schema.json` describes it. */
export const policySchema = v.strictObject({
  signers: v.pipe(
    v.array(signer),
    v.maxLength(50),
    v.description('Whom to trust; each is enough by itself, unless threshold asks for more.'),
  ),
  threshold: v.optional(
    v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50), v.description('How many of the signers must have signed.')),
    1,
  ),
  'trusted-roots': v.optional(
    v.pipe(v.array(text), v.maxLength(10), v.description('Files with trusted roots; any of them may vouch.')),
    [],
  ),
  log: v.optional(v.picklist(['always', 'keyless', 'never']), 'keyless'),
  'docker-reference': v.optional(v.pipe(text, v.description('registry/repository that a legacy signature must name.'))),
  annotations: v.optional(
    v.pipe(v.record(text, v.string()), v.description('What must be signed with each signature, as by `cosign sign -a`.')),
  ),
  'max-age': maxAge,
  require: v.optional(
    v.pipe(v.array(requirement), v.maxLength(50), v.description('Attestations that must be there, by a trusted signer.')),
    [],
  ),
})

export type PolicyDocument = v.InferOutput<typeof policySchema>

/** Checks a policy, wherever it is from. Throws SW-VERIFY-POLICY-INVALID. */
export function checkPolicy(value: unknown, where: string): PolicyDocument {
  const parsed = v.safeParse(policySchema, value)
  if (parsed.success) return withAllAnnotations(parsed.output, value, where)
  const [issue] = parsed.issues
  const path = v.getDotPath(issue) ?? 'the policy'
  // A signer that is of no kind has one issue, which says nothing.
  const why =
    issue.type === 'union'
      ? 'expected `key`, `issuer` with `identity`, `identity-regexp` or `repository`, or `notation` with `subject`'
      : issue.message
  throw policyInvalid(`${where}: ${path}: ${why}.`)
}

/** The schema leaves out names that every object has, such as `constructor`: what was not kept would not be asked for. */
function withAllAnnotations(document: PolicyDocument, given: unknown, where: string): PolicyDocument {
  const { annotations = {} } = document
  const lost = Object.keys(Object(Object(given).annotations)).find((name) => !Object.hasOwn(annotations, name))
  if (lost === undefined) return document
  throw policyInvalid(`${where}: annotations: the name "${lost}" cannot be asked for.`)
}
