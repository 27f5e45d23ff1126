import { join } from 'node:path'
import type { Ports } from '../../../spec/ports.ts'
import { signingConfigInvalid } from '../services/errors.ts'
import { chooseServices, type Services } from '../services/signing-config.ts'
import { fetchTargets } from '../trust/tuf/client.ts'
import { tufRefused, tufUnavailable } from '../trust/tuf/errors.ts'
import type { Instance } from './instance.ts'

export interface InstancePorts extends Pick<Ports, 'http' | 'clock' | 'log' | 'environment'> {
  /** No socket is opened for what the instance says of itself. */
  readonly offline: boolean
}

/** Variables that say where the cache of TUF metadata is. */
export const instanceEnvironment = ['HOME', 'XDG_CACHE_HOME'] as const

const trustedRoot = 'trusted_root.json'
const signingConfigs = { 1: 'signing_config.v0.2.json', 2: 'signing_config_rekor_v2.v0.2.json' } as const

/**
 * The trusted root of an instance, from its TUF repository. Offline it is what was kept, else what is built in, and a warning says of
 * when. Throws SW-TUF-….
 */
export async function readTrustedRoot({ name, repository, builtIn }: Instance, ports: InstancePorts): Promise<Buffer> {
  try {
    const found = (await fetchTargets(repository, [trustedRoot], { ...ports, folder: cacheFolder(ports) })).get(trustedRoot)
    if (found !== undefined) return found
  } catch (error) {
    if (!ports.offline || builtIn === undefined || !tufUnavailable.is(error)) throw error
    ports.log.warn('the trusted root is the one that is built in, of this day', { instance: name, taken: builtIn.taken })
    return builtIn.trustedRoot
  }
  throw tufRefused(`${repository.url} has no target ${trustedRoot}.`, { hint: 'trusted-root: trusted_root.json' })
}

/** Where an instance signs, with a log of that version, by the signing config of its repository. Throws SW-SIGNING-CONFIG, SW-TUF-…. */
export async function readServices(instance: Instance, version: 1 | 2, ports: InstancePorts): Promise<Services> {
  const { name, repository, services } = instance
  const path = signingConfigs[version]
  const config = await readConfig(instance, version, ports)
  if (config !== undefined) return chooseServices(config.toString(), { where: `${repository.url}: ${path}`, now: ports.clock.now() })
  if (services !== undefined && version === 1) return services
  throw signingConfigInvalid(`The instance ${name} has no ${path}, so nothing says where to sign.`, {
    hint: 'signing-config: signing_config.json',
    safe: 'nothing was sent',
  })
}

async function readConfig({ repository, services }: Instance, version: 1 | 2, ports: InstancePorts): Promise<Buffer | undefined> {
  const path = signingConfigs[version]
  try {
    return (await fetchTargets(repository, [path], { ...ports, folder: cacheFolder(ports) })).get(path)
  } catch (error) {
    // What is built in has no log of version 2.
    if (services === undefined || version === 2 || !tufUnavailable.is(error)) throw error
    ports.log.warn('the services to sign with are those that are built in', { repository: repository.url, because: error.message })
    return undefined
  }
}

/** XDG base directory specification; undefined where there is no home. */
function cacheFolder({ environment }: Pick<InstancePorts, 'environment'>): string | undefined {
  const { HOME: home, XDG_CACHE_HOME: cache } = environment
  const base = cache ?? (home === undefined ? undefined : join(home, '.cache'))
  return base?.startsWith('/') === true ? join(base, 'slipway', 'tuf') : undefined
}
