import { join } from 'node:path'
import * as v from 'valibot'
import { factsOrNothing, readText } from '../../../io/files.ts'
import { type Environment, setting } from '../../cloud/environment.ts'
import { credentialFile } from '../errors.ts'
import { type Credential, passwordOrToken } from './credential.ts'
import { AuthEntry, DockerConfig } from './schema.ts'

/** A configuration and where it is from. */
export interface ConfigSource {
  /** A variable's name or a file's path. */
  readonly name: string
  readonly config: DockerConfig
}

/** The configurations that exist, in the order in which they are asked; each is read only when the ones before had no answer. */
export async function* configSources(environment: Environment): AsyncGenerator<ConfigSource> {
  const inline = setting(environment, 'DOCKER_AUTH_CONFIG')
  if (inline !== undefined) yield { name: 'DOCKER_AUTH_CONFIG', config: parseConfig(inline, 'DOCKER_AUTH_CONFIG') }
  for (const path of configFiles(environment)) {
    if ((await factsOrNothing(path)) !== undefined) yield { name: path, config: parseConfig(await readText(path), path) }
  }
}

/**
 * The names under which a repository's credential may be kept, the most specific first: `host/ns/repo`, `host/ns`, `host`
 * (containers-auth.json). A host is only ever itself: no other port, no parent domain, no prefix.
 */
export function keysOf(registry: string, repository: string): readonly string[] {
  const parts = repository.split('/')
  const paths = parts.map((_, at) => `${registry}/${parts.slice(0, parts.length - at).join('/')}`)
  return registry === 'docker.io' ? [...paths, 'docker.io', dockerHubKey, 'index.docker.io'] : [...paths, registry]
}

/** The name that Docker and its helpers know Docker Hub by. */
export const dockerHubKey = 'https://index.docker.io/v1/'

/** The credential that `auths` holds under a key; a URL as the key counts as its host. Throws SW-CREDENTIAL-FILE. */
export function entryOf({ name, config }: ConfigSource, key: string): Credential | undefined {
  const found = Object.entries(config.auths).find(([written]) => written === key || hostOf(written) === key)
  if (found === undefined) return undefined
  const parsed = v.safeParse(AuthEntry, found[1])
  if (!parsed.success) throw credentialFile(`${name}: the entry of ${found[0]} under "auths" is not one of Docker’s.`)
  return credentialOf(parsed.output, `${name}`, found[0])
}

function credentialOf(entry: AuthEntry, source: string, key: string): Credential | undefined {
  if (entry.identitytoken) return { kind: 'refresh', token: entry.identitytoken, source }
  if (entry.registrytoken) return { kind: 'bearer', token: entry.registrytoken, source }
  if (entry.auth) {
    const pair = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '')
    const colon = pair.indexOf(':')
    if (colon < 1) throw credentialFile(`${source}: "auth" of ${key} is not base64 of user:password.`)
    return passwordOrToken(pair.slice(0, colon), pair.slice(colon + 1), source)
  }
  return entry.username && entry.password ? passwordOrToken(entry.username, entry.password, source) : undefined
}

/** `https://host/v1/` and `https://host` are the host, as `docker login` wrote them once; Docker Hub's key stays what it is. */
function hostOf(key: string): string | undefined {
  if (key === dockerHubKey) return undefined
  return /^https?:\/\/([^/]+)(?:\/v[12])?\/?$/.exec(key)?.[1]
}

function configFiles(environment: Environment): string[] {
  const docker = setting(environment, 'DOCKER_CONFIG')
  const home = setting(environment, 'HOME')
  const containers = setting(environment, 'REGISTRY_AUTH_FILE')
  const runtime = setting(environment, 'XDG_RUNTIME_DIR')
  return [
    ...(docker !== undefined ? [join(docker, 'config.json')] : home !== undefined ? [join(home, '.docker', 'config.json')] : []),
    ...(containers !== undefined ? [containers] : []),
    ...(runtime !== undefined ? [join(runtime, 'containers', 'auth.json')] : []),
  ]
}

function parseConfig(text: string, name: string): DockerConfig {
  let value: unknown
  try {
    // Null is absent, as Go's writers mean it.
    value = JSON.parse(text, (_, item: unknown) => item ?? undefined)
  } catch {
    // The parser's own message would quote the text, and with it a secret.
    throw credentialFile(`${name} is not JSON.`)
  }
  const parsed = v.safeParse(DockerConfig, value)
  if (parsed.success) return parsed.output
  throw credentialFile(
    `${name} is not a configuration of Docker: ${v.getDotPath(parsed.issues[0]) ?? 'the document'} is of the wrong type.`,
  )
}
