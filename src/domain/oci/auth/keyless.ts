import { messageOf, TaskError } from '../../../base/errors.ts'
import type { Log } from '../../../spec/ports.ts'
import { credentialKeyless } from '../../cloud/errors.ts'
import { kept } from '../../cloud/kept.ts'
import type { KeylessPorts } from '../../cloud/keyless-ports.ts'
import { type Credential, secretOf } from './credential.ts'
import { familyOf } from './families.ts'
import { quayLogin } from './quay/federation.ts'
import { jobLogin } from './variables.ts'

/** A login that this run makes for itself at one registry. */
export interface Keyless {
  /** Undefined when nothing identifies this run there, and when what does was refused: public images must pull all the same. */
  credential(): Promise<Credential | undefined>
  /** Why the last login gave nothing although one was tried. */
  failure(): Error | undefined
}

/** Milliseconds until a login that could not be renewed is tried again. */
const patience = 60_000

/** Logs in by what the CI system or the cloud gives this run; once for all who ask, and anew at 80 % of a login’s life. */
export function keyless(registry: string, ports: KeylessPorts & { readonly log: Log }): Keyless {
  let failure: Error | undefined
  let last: Credential | undefined
  const credential = kept(attempt, { clock: ports.clock, renewal: (found) => found?.renew })
  return { credential, failure: () => failure }

  async function attempt(): Promise<Credential | undefined> {
    try {
      const found = await login(registry, ports)
      if (found === undefined) return undefined
      ports.secrets.mask(secretOf(found))
      failure = undefined
      last = { ...found, implied: true }
      return last
    } catch (cause) {
      failure = credentialKeyless.is(cause) ? cause : credentialKeyless(`${registry}: ${messageOf(cause)}`, detailsOf(cause))
      ports.log.warn('keyless login failed, going on without it', { registry, reason: failure.message })
      // What is to be renewed is still good for a fifth of its life.
      return last === undefined ? undefined : { ...last, renew: ports.clock.now() + patience }
    }
  }
}

async function login(registry: string, ports: KeylessPorts): Promise<Credential | undefined> {
  return jobLogin(registry, ports.environment) ?? (await quayLogin(registry, ports)) ?? familyOf(registry)?.login?.(registry, ports)
}

function detailsOf(cause: unknown) {
  return cause instanceof TaskError ? { cause, hint: cause.hint, retryable: cause.retryable } : { cause }
}
