import type { Http, Log, Processes } from '../../../spec/ports.ts'
import type { KeylessPorts } from '../../cloud/keyless-ports.ts'
import { cloudOfMachine } from '../../cloud/machine.ts'
import { type Credential, passwordOrToken, secretOf } from './credential.ts'
import { findCredential } from './credentials.ts'
import { type Keyless, keyless } from './keyless.ts'

/** What the user gave for a registry. */
export interface GivenCredential {
  readonly username: string
  readonly password: string
  /** Default: the inputs username and password. */
  readonly source?: string
}

export interface LoginPorts extends Omit<KeylessPorts, 'machine'> {
  readonly process: Processes
  readonly log: Log
}

/** Who we are to one registry. */
export interface Login {
  /** For a repository by its path: what was given, else what `docker login` and its like left, else keyless; undefined is anonymous. */
  credential(path: string): Promise<Credential | undefined>
  /** Why a keyless login that was tried gave nothing. */
  failure(): Error | undefined
  /** What may be sent before the registry asks, which costs it a challenge and us a round trip less. */
  readonly upFront: Credential | undefined
}

/** Finds out who we are to a registry, each repository once; every secret is masked before anybody has it. */
export function loginTo(registry: string, ports: LoginPorts, given?: GivenCredential): Login {
  const explicit =
    given === undefined ? undefined : passwordOrToken(given.username, given.password, given.source ?? 'the inputs username and password')
  const own = keylessOf(registry, ports)
  const found = new Map<string, Promise<Credential | undefined>>()
  return { credential, failure: own.failure, upFront: isRobot(explicit) ? explicit : undefined }

  async function credential(path: string): Promise<Credential | undefined> {
    return (await (found.get(path) ?? look(path))) ?? own.credential()
  }

  /** A failure is not kept. */
  function look(path: string): Promise<Credential | undefined> {
    const looking = stored(path)
    found.set(path, looking)
    looking.catch(() => found.delete(path))
    return looking
  }

  async function stored(path: string): Promise<Credential | undefined> {
    const credential = explicit ?? (await findCredential(registry, path, ports))
    if (credential !== undefined) ports.secrets.mask(secretOf(credential))
    return credential
  }
}

/** Harbor takes its robots’ passwords on every request, without a token (Harbor, middleware/security/robot). */
function isRobot(credential: Credential | undefined): boolean {
  return credential?.kind === 'password' && credential.username.startsWith('robot$')
}

/** Logins of a run, which is what shares one client. */
const logins = new WeakMap<Http, Map<string, Keyless>>()

function keylessOf(registry: string, ports: LoginPorts): Keyless {
  const ofRun = logins.get(ports.http) ?? new Map<string, Keyless>()
  logins.set(ports.http, ofRun)
  const made = ofRun.get(registry) ?? keyless(registry, { ...ports, machine: () => cloudOfMachine() })
  ofRun.set(registry, made)
  return made
}
