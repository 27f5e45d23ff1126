import { TaskError } from '../../base/errors.ts'
import { githubProvenance } from '../../domain/provenance/github.ts'
import { type BuildFacts, localProvenance, tektonProvenance } from '../../domain/provenance/plain.ts'
import type { ProvenancePredicate } from '../../domain/provenance/predicate.ts'
import type { Ports } from '../../spec/ports.ts'

type Host = 'github' | 'tekton' | 'local'

/** The kind of machine that this run is on, as its environment says. */
export function hostOf(environment: Ports['environment']): Host {
  const named = environment['SLIPWAY_HOST'] ?? (environment['GITHUB_ACTIONS'] === 'true' ? 'github' : 'local')
  return named === 'github' || named === 'tekton' ? named : 'local'
}

/** Provenance of this run. On GitHub only the identity token counts: any step can set variables. Throws SW-PROVENANCE-UNKNOWN, SW-IDENTITY-UNAVAILABLE. */
export async function provenanceOf(
  facts: BuildFacts,
  { environment, token }: { readonly environment: Ports['environment']; readonly token: () => Promise<string> },
): Promise<ProvenancePredicate> {
  switch (hostOf(environment)) {
    case 'github':
      return githubProvenance(await token(), environment['GITHUB_SERVER_URL'] ?? 'https://github.com')
    case 'tekton':
      return tektonProvenance(facts, await unlessUnavailable(token))
    case 'local':
      return localProvenance(facts)
  }
}

/** A Task that signs with a key may have no token mounted: then its builder has no name of its own. */
async function unlessUnavailable(token: () => Promise<string>): Promise<string | undefined> {
  try {
    return await token()
  } catch (error) {
    if (error instanceof TaskError && error.code === 'SW-IDENTITY-UNAVAILABLE') return undefined
    throw error
  }
}
