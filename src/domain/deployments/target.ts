import type { Source } from '../../spec/ports.ts'
import { type Environment, isOnGithub, targetOf as runTargetOf } from '../codescanning/github-run.ts'
import { forgeOf } from '../forge/address.ts'
import { parseAddress } from '../git/address.ts'

/** Where deployments of a commit are recorded. */
export interface DeploymentTarget {
  /** `https://api.github.com`, without a slash at its end. */
  readonly api: string
  /** `acme/app` */
  readonly repository: string
  readonly token: string
  /** Full hash: what was built. */
  readonly commit: string
}

/**
 * The repository on GitHub that the run is of, with the token that is given or that the run has; a text says what is missing. Elsewhere
 * than on GitHub the token must be given, and the source must say that it is from there.
 */
export function deploymentTarget(environment: Environment, source: Source, token?: string): DeploymentTarget | string {
  if (isOnGithub(environment)) return runTargetOf(token === undefined ? environment : { ...environment, GITHUB_TOKEN: token }, source)
  const { repository, commit } = source
  if (token === undefined) return 'the run is not on GitHub, and no token for it is given'
  if (repository === undefined) return 'it is not known which repository the source is of'
  if (commit === undefined || !/^[0-9a-f]{40,64}$/i.test(commit)) return 'it is not known which commit the source is at'
  try {
    const { kind, api, project } = forgeOf(parseAddress(repository))
    // The address is the checkout’s to say; whoever made it must not choose where a token goes.
    if (kind === 'github' && !isKnown(api, environment)) return `${api} is not known to be yours: set GITHUB_API_URL to it`
    return kind === 'github'
      ? { api, repository: project, token, commit }
      : `the source is on ${kind}, which has no deployments of this kind`
  } catch {
    return `the source ${repository} is not on GitHub`
  }
}

function isKnown(api: string, { GITHUB_API_URL: named }: Environment): boolean {
  return api === named?.replace(/\/+$/, '') || /^https:\/\/api\.(?:github\.com|[\w-]+\.ghe\.com)$/.test(api)
}
