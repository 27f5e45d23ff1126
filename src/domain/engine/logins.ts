import { TaskError } from '../../base/errors.ts'
import type { Reference } from '../../base/reference.ts'
import type { Credential } from '../oci/auth/credential.ts'
import { loginTo } from '../oci/auth/login.ts'
import { findManifest } from '../oci/manifests.ts'
import { connectRegistry, type RegistryPorts } from '../oci/registry.ts'

/** What an engine is to know of one registry. */
export interface EngineLogin {
  /** Its host, with the port where there is one: the login goes nowhere else. */
  readonly registry: string
  readonly credential: Exclude<Credential, { kind: 'bearer' }>
}

/**
 * The logins that this run makes for itself at the registries of some images, where nobody has stored one. Each is tried first on
 * the images themselves: what a registry refuses must not be in the way of images that it gives to everyone.
 */
export async function keylessLogins(images: readonly Reference[], ports: RegistryPorts): Promise<readonly EngineLogin[]> {
  const logins = new Map<string, EngineLogin | undefined>()
  for (const image of images) {
    const { registry, repository } = image
    if (logins.has(registry) && logins.get(registry) === undefined) continue
    const credential = await loginTo(registry, ports).credential(repository)
    // What is stored the engine finds by itself.
    if (credential?.implied !== true || credential.kind === 'bearer') continue
    logins.set(registry, (await accepts(image, credential, ports)) ? { registry, credential } : undefined)
  }
  const good = [...logins.values()].filter((login) => login !== undefined)
  for (const { registry, credential } of good)
    ports.log.info('the engine gets a login for a registry', { registry, source: credential.source })
  return good
}

async function accepts(image: Reference, credential: EngineLogin['credential'], ports: RegistryPorts): Promise<boolean> {
  const { registry, repository, tag = 'latest', digest } = image
  const { source } = credential
  const given = credential.kind === 'password' ? { ...credential, source } : { username: '<token>', password: credential.token, source }
  try {
    // Whether it is there is for the engine to say.
    await findManifest(connectRegistry(registry, ports, { credential: given }).repository(repository), digest ?? tag)
    return true
  } catch (cause) {
    if (!(cause instanceof TaskError)) throw cause
    ports.log.warn('the engine gets no login for a registry, which does not take it', { registry, source, reason: cause.message })
    return false
  }
}
