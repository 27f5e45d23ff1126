import type { EnginePorts } from './request.ts'

/** Variables that tell an engine where it is, what it builds with and what it keeps. */
export const engineEnvironment = [
  ...['DOCKER_HOST', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH', 'BUILDX_BUILDER', 'BUILDX_CONFIG'],
  ...['BUILDAH_ISOLATION', 'STORAGE_DRIVER', 'STORAGE_OPTS', 'CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF', 'CONTAINERS_REGISTRIES_CONF'],
] as const

/** Where credentials for base images are; of these the task knows already. */
const credentials = ['DOCKER_AUTH_CONFIG', 'DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'HOME'] as const

/** What an engine gets of the environment, on top of what every program gets. */
export function environmentOf({ environment }: Pick<EnginePorts, 'environment'>): Readonly<Record<string, string>> {
  const given = [...engineEnvironment, ...credentials].map((name): [string, string | undefined] => [name, environment[name]])
  return Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''))
}
