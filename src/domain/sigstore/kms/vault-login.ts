import { join } from 'node:path'
import { isLoopback } from '../../../base/loopback.ts'
import { excerpt } from '../../../base/untrusted.ts'
import { factsOrNothing, readText } from '../../../io/files.ts'
import type { Http } from '../../../spec/ports.ts'
import { type Environment, setting } from '../../cloud/environment.ts'
import { ask, readAnswer } from '../../cloud/exchange.ts'
import { readToken } from '../../cloud/token-file.ts'
import { kmsUnset } from './errors.ts'
import type { KmsPorts } from './ports.ts'
import { VaultLogin } from './schema.ts'

/** A Vault, or an OpenBao: where it is, and what each request to it says. */
export interface Vault {
  /** Ends in `/v1/`. */
  readonly api: string
  readonly headers: Readonly<Record<string, string>>
}

/** Milliseconds. */
const mostToLeave = 5000

const path = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

/** The Vault of VAULT_ADDR: https, this machine, or a host that plain http is allowed for. Throws SW-KMS-UNSET. */
export function vaultOf(environment: Environment, http: Http): Vault {
  const address = setting(environment, 'VAULT_ADDR')
  if (address === undefined) throw kmsUnset('VAULT_ADDR is not set.', { hint: 'VAULT_ADDR=https://vault.example.com:8200' })
  const url = checkedAddress(address, http)
  const namespace = setting(environment, 'VAULT_NAMESPACE')
  const api = `${url.origin}${url.pathname.replace(/\/+$/, '')}/v1/`
  return { api, headers: { 'x-vault-request': 'true', ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }) } }
}

/** The path of a mount that a variable names. Throws SW-KMS-UNSET. */
export function mountOf(environment: Environment, variable: string, usual: string): string {
  const mount = (setting(environment, variable) ?? usual).replace(/^\/+|\/+$/g, '')
  if (path.test(mount)) return mount
  throw kmsUnset(`${variable} is ${JSON.stringify(mount)}, expected the path of a mount, such as ${usual}.`)
}

/** What a request shows, and whether it is of a login of ours, which is ours to end. */
export interface VaultToken {
  readonly token: string
  readonly isOurs: boolean
}

/** The token that goes to VAULT_ADDR: VAULT_TOKEN, a login by a token of this run (VAULT_AUTH_ROLE), or ~/.vault-token; masked. */
export async function vaultToken(vault: Vault, ports: KmsPorts): Promise<VaultToken> {
  const given = setting(ports.environment, 'VAULT_TOKEN')
  const own = given === undefined ? await loggedIn(vault, ports) : undefined
  const token = given ?? own ?? (await leftToken(ports.environment))
  if (token === undefined) {
    throw kmsUnset('Nothing identifies this run to Vault: VAULT_TOKEN and VAULT_AUTH_ROLE are not set, and there is no ~/.vault-token.', {
      hint: 'Set VAULT_AUTH_ROLE to a role of auth/jwt that is bound to this run; or VAULT_TOKEN.',
      safe: 'nothing was sent',
    })
  }
  ports.secrets.mask(token)
  return { token, isOurs: own !== undefined }
}

/** Ends the token of a login of ours before its time. One attempt: what keeps it from ending, its own end will mend. */
export async function revokeToken({ api, headers }: Vault, token: string, http: Http): Promise<void> {
  try {
    const response = await http.request({
      ...{ method: 'POST', url: `${api}auth/token/revoke-self`, home: new URL(api).origin, redirect: 'manual' },
      ...{ headers: { ...headers, 'x-vault-token': token }, deadline: mostToLeave, evenStopped: true },
    })
    await response.bytes()
  } catch {
    // A batch token cannot be ended; and a Vault that is gone by now fails no signature.
  }
}

/** JWT auth method, `login`; the Kubernetes one takes the same fields. */
async function loggedIn({ api, headers }: Vault, ports: KmsPorts): Promise<string | undefined> {
  const { environment, identity, secrets, http } = ports
  const role = setting(environment, 'VAULT_AUTH_ROLE')
  if (role === undefined) return undefined
  const mount = mountOf(environment, 'VAULT_AUTH_PATH', 'jwt')
  const file = setting(environment, 'VAULT_AUTH_TOKEN_FILE')
  // For the server itself by default, so that nobody else can take the token.
  const audience = setting(environment, 'VAULT_AUTH_AUDIENCE') ?? new URL(api).origin
  const jwt = file === undefined ? await identity.token(audience) : await readToken(file, 'VAULT_AUTH_TOKEN_FILE')
  secrets.mask(jwt)
  const service = `Vault (login at auth/${mount} as ${role})`
  const refused = `vault read auth/${mount}/role/${role}: bound audiences, subject and claims must be those of this run${file === undefined ? `, whose audience is ${audience}` : ''}`
  const request = {
    url: `${api}auth/${mount}/login`,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ role, jwt }),
  }
  return readAnswer((await ask(http, { service, refused, ...request })) ?? '', VaultLogin, service).auth.client_token
}

/** What `vault login` left. */
async function leftToken(environment: Environment): Promise<string | undefined> {
  const home = setting(environment, 'HOME')
  const file = home === undefined ? undefined : join(home, '.vault-token')
  if (file === undefined || (await factsOrNothing(file)) === undefined) return undefined
  const text = (await readText(file, 64 * 1024)).trim()
  return text === '' ? undefined : text
}

/** Plain http would show the token to the network: only by the variable that allows it for that host by name. */
function checkedAddress(address: string, { insecureHosts = [] }: Http): URL {
  const url = URL.parse(address)
  const mayBePlain = url !== null && (isLoopback(url.host) || insecureHosts.some((host) => host === url.host || host === url.hostname))
  const isTrusted = url?.protocol === 'https:' || (url?.protocol === 'http:' && mayBePlain)
  if (isTrusted && [url.username, url.password, url.search, url.hash].every((part) => part === '')) return url
  const hint =
    url?.protocol === 'http:' ? `SLIPWAY_INSECURE_HOSTS=${url.host}, if the token may cross that network in the clear` : undefined
  const shown = JSON.stringify(excerpt(address.replace(/\/\/[^/@]*@/, '//…@'), 200))
  throw kmsUnset(`VAULT_ADDR is ${shown}, expected an https URL with at most a path.`, { hint, safe: 'nothing was sent' })
}
