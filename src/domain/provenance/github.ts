import * as v from 'valibot'
import { githubServerOf } from '../sigstore/instance/choose-instance.ts'
import type { Claims } from '../sigstore/verify/claims.ts'
import { provenanceUnknown } from './errors.ts'
import type { ProvenancePredicate } from './predicate.ts'

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
/** What the runner's token says of the run (docs.github.com, OpenID Connect reference). Variables of the environment can be set by any step. */
const workflowClaims = v.object({
  ...{ ref: text, sha: text, repository: text, event_name: text, job_workflow_ref: text, workflow_ref: text },
  ...{ iss: text, repository_id: text, repository_owner_id: text, runner_environment: text, run_id: text, run_attempt: text },
})

/**
 * Provenance of a GitHub workflow by the claims of its identity token, field by field what actions/attest writes (build type
 * actions.github.io/buildtypes/workflow/v1). `declared` is GITHUB_SERVER_URL, for servers of one's own. Throws SW-PROVENANCE-UNKNOWN.
 */
export function githubProvenance(token: string, declared: string): ProvenancePredicate {
  const claims = claimsOf(token)
  const server = githubServerOf(claims.iss) ?? declared
  const repository = `${server}/${claims.repository}`
  const [path = '', ...ref] = claims.workflow_ref.replace(`${claims.repository}/`, '').split('@')
  return {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow: { ref: ref.join('@'), repository, path } },
      internalParameters: {
        github: {
          event_name: claims.event_name,
          repository_id: claims.repository_id,
          repository_owner_id: claims.repository_owner_id,
          runner_environment: claims.runner_environment,
        },
      },
      resolvedDependencies: [{ uri: `git+${repository}@${claims.ref}`, digest: { gitCommit: claims.sha } }],
    },
    runDetails: {
      builder: { id: `${server}/${claims.job_workflow_ref}` },
      metadata: { invocationId: `${repository}/actions/runs/${claims.run_id}/attempts/${claims.run_attempt}` },
    },
  }
}

/** Throws where the certificate that signs says anything else than the provenance that it is to sign. */
export function requireSameRun({ buildDefinition, runDetails }: ProvenancePredicate, claims: Claims): void {
  const [source] = buildDefinition.resolvedDependencies
  const pairs = [
    ['builder', runDetails.builder.id, claims.identity],
    ['commit', source?.digest?.['gitCommit'], claims.commit],
    [
      'source',
      source?.uri,
      claims.repository === undefined || claims.ref === undefined ? undefined : `git+${claims.repository}@${claims.ref}`,
    ],
    ['run', runDetails.metadata?.invocationId, claims.runUrl],
  ] as const
  for (const [what, written, certified] of pairs) {
    if (certified === undefined || written === certified) continue
    throw provenanceUnknown(`The provenance names the ${what} ${written}, and the certificate that would sign it ${certified}.`, {
      safe: 'nothing was attached',
    })
  }
}

function claimsOf(token: string): v.InferOutput<typeof workflowClaims> {
  const parsed = v.safeParse(
    v.pipe(v.string(), v.parseJson(), workflowClaims),
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  )
  if (parsed.success) return parsed.output
  const claim = v.getDotPath(parsed.issues[0])
  // What a parser says of a text holds parts of it, and this one is a secret.
  const why = claim === null ? 'it is no JWT' : `its claim ${claim} is not a text`
  throw provenanceUnknown(`The identity token does not say how this run came about: ${why}.`, { safe: 'nothing was attached' })
}
