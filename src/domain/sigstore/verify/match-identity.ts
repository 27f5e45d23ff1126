import type { Claims } from './claims.ts'
import { isLike } from './glob.ts'
import type { IdentityRule } from './policy.ts'
import { type ReasonCode, Refused } from './reasons.ts'

/** Requires that a certificate's claims are those of a rule. Throws {@link Refused} with what was expected and what was there. */
export function requireIdentity(claims: Claims, rule: IdentityRule): void {
  const source = repositoryOf(claims)
  equal('issuer-mismatch', rule.issuer, claims.issuer)
  equal('repository-mismatch', rule.repository, rule.repository?.includes('://') === true ? claims.repository : source)
  equal('workflow-mismatch', workflowPath(rule, source), pathOf(claims.workflow))
  if (rule.ref !== undefined && !(claims.ref !== undefined && isLike(claims.ref, rule.ref))) {
    throw new Refused('ref-mismatch', { expected: rule.ref, got: claims.ref })
  }
  equal('trigger-mismatch', rule.trigger, claims.trigger)
  equal('runner-mismatch', rule.runner, claims.runner)
  equal('identity-mismatch', rule.identity, claims.identity)
  if (rule.pattern !== undefined && !rule.pattern.regular.accepts(claims.identity)) {
    throw new Refused('identity-mismatch', { expected: rule.pattern.text, got: claims.identity })
  }
}

function equal(code: ReasonCode, expected: string | undefined, got: string | undefined): void {
  if (expected !== undefined && expected !== got) throw new Refused(code, { expected, got })
}

/** `owner/name` of the source repository. */
function repositoryOf({ repository, repositoryName }: Claims): string | undefined {
  return pathOf(repository) ?? repositoryName
}

function workflowPath({ workflow }: IdentityRule, source: string | undefined): string | undefined {
  return workflow?.startsWith('.') === true ? `${source ?? ''}/${workflow}` : workflow
}

function pathOf(uri: string | undefined): string | undefined {
  return uri === undefined ? undefined : URL.parse(uri)?.pathname.replace(/^\//, '')
}
