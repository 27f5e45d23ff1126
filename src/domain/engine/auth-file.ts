import { join } from 'node:path'
import { ensureFolder, factsOrNothing, readBytes, readJson, removeTree, walk, writeAtomic } from '../../io/files.ts'
import type { Ports } from '../../spec/ports.ts'
import type { Environment } from '../cloud/environment.ts'
import { configSources } from '../oci/auth/docker-config.ts'
import type { EngineLogin } from './logins.ts'

export type AuthPorts = Pick<Ports, 'files'> & { readonly environment: Environment }

/** Files with logins for an engine, there until they are disposed. */
export interface AuthFiles {
  /** The file or folder to name to the engine. */
  readonly path: string
  dispose(): Promise<void>
}

/** containers-auth.json(5), for `--authfile`: what buildah would have found in places of its own, and over it our logins. */
export async function writeAuthFile(logins: readonly EngineLogin[], { files, environment }: AuthPorts): Promise<AuthFiles> {
  const found = []
  for await (const { config } of configSources(environment)) found.unshift(config)
  const auths = Object.assign({}, ...found.map((config) => config.auths))
  const credHelpers = Object.assign({}, ...found.map((config) => config.credHelpers))
  for (const { registry } of logins) delete credHelpers[registry]
  const folder = await files.temporary('logins')
  const path = join(folder, 'auth.json')
  await writeAtomic(path, JSON.stringify({ auths: { ...auths, ...entriesOf(logins) }, credHelpers }), { mode: 0o600 })
  return { path, dispose: () => removeTree(folder) }
}

/**
 * A folder for DOCKER_CONFIG: the user's own configuration with our logins in it, and what Docker looks for beside it. An empty
 * helper is how Docker is told to read the file where there is a store for all registries (docker/cli, configfile.GetCredentialsStore).
 */
export async function writeDockerConfig(logins: readonly EngineLogin[], { files, environment }: AuthPorts): Promise<AuthFiles> {
  const own = dockerFolder(environment)
  const config = await configOf(own)
  const folder = await files.temporary('logins')
  const helpers = Object.fromEntries(logins.map(({ registry }) => [registry, '']))
  const plugins = own === undefined ? [] : [join(own, 'cli-plugins')]
  const settings = {
    ...config,
    auths: { ...Object(config['auths']), ...entriesOf(logins) },
    credHelpers: { ...Object(config['credHelpers']), ...helpers },
    cliPluginsExtraDirs: [...listOf(config['cliPluginsExtraDirs']), ...plugins],
  }
  await writeAtomic(join(folder, 'config.json'), JSON.stringify(settings), { mode: 0o600 })
  if (own !== undefined) await copyContexts(join(own, 'contexts'), join(folder, 'contexts'))
  return { path: folder, dispose: () => removeTree(folder) }
}

/** Where Docker's configuration is; undefined when nothing says so. */
export function dockerFolder(environment: Environment): string | undefined {
  const home = environment['HOME']
  return environment['DOCKER_CONFIG'] ?? (home === undefined ? undefined : join(home, '.docker'))
}

/** docker/cli, types.AuthConfig: an identity token comes with a pair that has no password. */
function entriesOf(logins: readonly EngineLogin[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    logins.map(({ registry, credential }) => [
      registry,
      credential.kind === 'password'
        ? { auth: pair(credential.username, credential.password) }
        : { auth: pair(tokenUser, ''), identitytoken: credential.token },
    ]),
  )
}

/** Whom Azure's registries expect beside an identity token; others do not look at it. */
const tokenUser = '00000000-0000-0000-0000-000000000000'

function pair(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

async function configOf(folder: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  const path = folder === undefined ? undefined : join(folder, 'config.json')
  if (path === undefined || (await factsOrNothing(path)) === undefined) return {}
  const value = await readJson(path)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** With the keys of contexts, which are as secret as logins. */
async function copyContexts(from: string, to: string): Promise<void> {
  if ((await factsOrNothing(from))?.kind !== 'directory') return
  await ensureFolder(to, 0o700)
  for await (const { path, kind } of walk(from)) {
    if (kind === 'directory') await ensureFolder(join(to, path), 0o700)
    if (kind === 'file') await writeAtomic(join(to, path), await readBytes(join(from, path)), { mode: 0o600 })
  }
}
