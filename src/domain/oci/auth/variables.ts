import { type Environment, setting } from '../../cloud/environment.ts'
import type { PasswordCredential } from './credential.ts'

/** A login that a CI system puts into the environment of its jobs, for a registry that it names itself. */
interface Login {
  readonly source: string
  readonly host: (environment: Environment) => string | undefined
  readonly user: (environment: Environment) => string | undefined
}

/** By the variable that holds the password, the first that fits. A token goes to the registry of the server that gave it, and nowhere else. */
const logins: readonly Login[] = [
  { source: 'CI_REGISTRY_PASSWORD', host: at('CI_REGISTRY'), user: at('CI_REGISTRY_USER') },
  { source: 'CI_JOB_TOKEN', host: at('CI_REGISTRY'), user: () => 'gitlab-ci-token' },
  {
    source: 'GITHUB_TOKEN',
    host: (environment) => registryOf(setting(environment, 'GITHUB_SERVER_URL') ?? 'https://github.com'),
    user: (environment) => setting(environment, 'GITHUB_ACTOR') ?? 'x-access-token',
  },
]

/** The login that the CI system gives this job for a registry. */
export function jobLogin(registry: string, environment: Environment): PasswordCredential | undefined {
  for (const { source, host, user } of logins) {
    const username = user(environment)
    const password = setting(environment, source)
    if (username !== undefined && password !== undefined && host(environment) === registry)
      return { kind: 'password', username, password, source }
  }
  return undefined
}

/** GitHub’s is a host of its own; Forgejo and Gitea, whose jobs have the same variables, serve packages where they serve everything. */
function registryOf(server: string): string | undefined {
  const host = URL.parse(server)?.host
  if (host === 'github.com') return 'ghcr.io'
  return host?.endsWith('.ghe.com') === true ? `containers.${host}` : host
}

function at(name: string): (environment: Environment) => string | undefined {
  return (environment) => setting(environment, name)
}
