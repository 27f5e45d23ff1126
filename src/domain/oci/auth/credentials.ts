import type { Log, Processes } from '../../../spec/ports.ts'
import type { Environment } from '../../cloud/environment.ts'
import type { Credential } from './credential.ts'
import { type ConfigSource, configSources, dockerHubKey, entryOf, keysOf } from './docker-config.ts'
import { askHelper } from './helper.ts'

export interface CredentialPorts {
  readonly process: Processes
  readonly log: Log
  /** DOCKER_AUTH_CONFIG, DOCKER_CONFIG, HOME, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR. */
  readonly environment: Environment
}

/**
 * Looks where `docker login`, `podman login` and CI systems leave a credential for a repository; undefined when there is none.
 * Order: DOCKER_AUTH_CONFIG, Docker's config.json, containers' auth.json; within each the helper or entry of the most
 * specific key, then the store for all. Throws SW-CREDENTIAL-FILE, SW-CREDENTIAL-HELPER.
 */
export async function findCredential(registry: string, repository: string, ports: CredentialPorts): Promise<Credential | undefined> {
  for await (const source of configSources(ports.environment)) {
    const found = await findIn(source, { registry, repository }, ports)
    if (found !== undefined) return found
  }
  return undefined
}

async function findIn(
  source: ConfigSource,
  where: { registry: string; repository: string },
  ports: CredentialPorts,
): Promise<Credential | undefined> {
  const { config, name } = source
  const server = where.registry === 'docker.io' ? dockerHubKey : where.registry
  for (const key of keysOf(where.registry, where.repository)) {
    const helper = Object.hasOwn(config.credHelpers, key) ? config.credHelpers[key] : undefined
    const found = helper === undefined ? entryOf(source, key) : await askHelper(helper, server, { process: ports.process, source: name })
    if (found !== undefined) return found
  }
  return config.credsStore === undefined ? undefined : askStore(config.credsStore, server, { name, ports })
}

/** A store for all registries is often left over from another machine (`desktop`): without its program, public images must still pull. */
async function askStore(
  helper: string,
  server: string,
  { name, ports }: { name: string; ports: CredentialPorts },
): Promise<Credential | undefined> {
  const program = `docker-credential-${helper}`
  if ((await ports.process.find(program)) !== undefined) return askHelper(helper, server, { process: ports.process, source: name })
  ports.log.warn('a credential store is configured but not installed, going on without it', { program, file: name })
  return undefined
}
