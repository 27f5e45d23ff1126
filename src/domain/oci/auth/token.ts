import * as v from 'valibot'
import { httpRefusedUrl } from '../../../io/errors.ts'
import type { Clock, Http, HttpResponse } from '../../../spec/ports.ts'
import { authRealmRefused, registryDenied, registryRefused, registryUnauthenticated } from '../errors.ts'
import { parseDiagnostics } from '../schema.ts'
import { unreachable } from '../unreachable.ts'
import type { Credential } from './credential.ts'
import { TokenAnswer } from './schema.ts'
import { type Scope, scopeKey } from './scope.ts'

/** Where and for what a token is asked, from a Bearer challenge. */
export interface TokenService {
  readonly realm: string
  readonly service: string | undefined
}

export interface TokenPorts {
  readonly http: Http
  readonly clock: Clock
  /** Hides a token from all output. */
  mask(token: string): void
}

interface Token {
  readonly value: string
  /** Milliseconds since 1970: from then on it is renewed before it is used. */
  readonly renew: number
}

/** Gets tokens from the token services that one registry names, and keeps them; equal requests at one time are one request. */
export class Tokens {
  readonly #registry: string
  readonly #origin: string
  readonly #ports: TokenPorts
  readonly #kept = new Map<string, Token>()
  readonly #underway = new Map<string, Promise<Token>>()

  /** `registry` as users write it, `origin` where its API is. */
  constructor(registry: string, origin: string, ports: TokenPorts) {
    this.#registry = registry
    this.#origin = origin
    this.#ports = ports
  }

  /** A token and whether it was made for this call; `not` is one that was refused and must not come again. */
  async get(
    service: TokenService,
    scopes: readonly Scope[],
    { credential, not }: { credential: Credential | undefined; not?: string | undefined },
  ): Promise<{ value: string; fresh: boolean }> {
    const key = JSON.stringify([service.realm, service.service, scopeKey(scopes), whoOf(credential)])
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.value !== not && this.#ports.clock.now() < kept.renew) return { value: kept.value, fresh: false }
    const underway = this.#underway.get(key) ?? this.#fetch(service, scopes, credential)
    this.#underway.set(key, underway)
    try {
      const token = await underway
      this.#kept.set(key, token)
      return { value: token.value, fresh: true }
    } finally {
      this.#underway.delete(key)
    }
  }

  async #fetch(service: TokenService, scopes: readonly Scope[], credential: Credential | undefined): Promise<Token> {
    const url = this.#checkedRealm(service.realm)
    const order = credential?.kind === 'refresh' ? (['post', 'get'] as const) : (['get', 'post'] as const)
    for (const method of order) {
      const response = await this.#ask(method, { url, service: service.service, scopes, credential })
      // 404 and 405: the service speaks the other dialect only.
      if (response === undefined || response.status === 404 || response.status === 405) continue
      if (response.status === 200) return await this.#tokenOf(response)
      const refusal = await this.#refusal(response, credential)
      if (!registryDenied.is(refusal) || credential?.implied !== true || !scopes.every((scope) => scope.endsWith(':pull'))) throw refusal
      return await this.#fetch(service, scopes, undefined)
    }
    throw registryRefused(`The token service of ${this.#registry} at ${url.origin}${url.pathname} takes neither GET nor POST.`)
  }

  /** The credential goes to this address: https, or the registry's own origin when that is plain http. */
  #checkedRealm(realm: string): URL {
    const url = URL.parse(realm)
    const said = `${this.#registry} sends clients for a token to ${JSON.stringify(realm.slice(0, 200))}`
    if (url === null) throw authRealmRefused(`${said}, which is no URL.`)
    const plain = url.protocol === 'http:' && this.#origin.startsWith('http:')
    if (url.protocol !== 'https:' && !plain) throw authRealmRefused(`${said}, expected https.`)
    if (url.username !== '' || url.password !== '')
      throw authRealmRefused(`${this.#registry} sends clients for a token to a URL with a user name in it.`)
    return url
  }

  async #ask(
    method: 'get' | 'post',
    asked: { url: URL; service: string | undefined; scopes: readonly Scope[]; credential: Credential | undefined },
  ): Promise<HttpResponse | undefined> {
    const request = method === 'get' ? getRequest(asked) : postRequest(asked)
    if (request === undefined) return undefined
    try {
      return await this.#ports.http.request({ ...request, home: this.#origin, expect: answers, deadline: 60_000 })
    } catch (cause) {
      if (!httpRefusedUrl.is(cause)) throw unreachable(cause, `Could not get a token for ${this.#registry}`)
      throw authRealmRefused(`${this.#registry} sends clients for a token to ${asked.url.origin}, which is refused: ${cause.message}`, {
        cause,
      })
    }
  }

  async #tokenOf(response: HttpResponse): Promise<Token> {
    const answer = answerOf(await this.#read(response))
    const value = answer?.token || answer?.access_token
    if (value === undefined || value === '') throw registryRefused(`The token service of ${this.#registry} answered without a token.`)
    this.#ports.mask(value)
    // The specification's default and least life is 60 s; renewed at 80 % of it, so that no request starts with a dying token.
    const life = Math.max(60, answer?.expires_in ?? 60) * 1000
    return { value, renew: this.#ports.clock.now() + life * 0.8 }
  }

  async #read(response: HttpResponse): Promise<Buffer> {
    try {
      return await response.bytes(1024 * 1024)
    } catch (cause) {
      throw unreachable(cause, `Could not get a token for ${this.#registry}`)
    }
  }

  async #refusal(response: HttpResponse, credential: Credential | undefined): Promise<Error> {
    const said = parseDiagnostics(await this.#read(response)).map(({ code, message }) => `${code} ${message}`.trim())
    const words = said.length === 0 ? `status ${response.status}` : `status ${response.status}, ${said.join('; ')}`
    if (response.status !== 401 && response.status !== 403)
      return registryRefused(`The token service of ${this.#registry} refuses: ${words}.`)
    if (credential === undefined)
      return registryUnauthenticated(`The token service of ${this.#registry} gives nothing to anonymous clients: ${words}.`)
    return registryDenied(`The token service of ${this.#registry} refuses the credential from ${credential.source}: ${words}.`)
  }
}

/** One file may hold several accounts at a registry. */
function whoOf(credential: Credential | undefined): readonly (string | undefined)[] {
  return [credential?.source, credential?.kind === 'password' ? credential.username : undefined]
}

/** No message quotes what came: a cut answer may hold the beginning of a token. */
function answerOf(bytes: Buffer): TokenAnswer | undefined {
  try {
    const parsed = v.safeParse(
      TokenAnswer,
      JSON.parse(bytes.toString('utf8'), (_, value: unknown) => value ?? undefined),
    )
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}

const client = 'slipway'
const answers = [200, 400, 401, 403, 404, 405]

interface Asked {
  readonly url: URL
  readonly service: string | undefined
  readonly scopes: readonly Scope[]
  readonly credential: Credential | undefined
}

function getRequest({
  url,
  service,
  scopes,
  credential,
}: Asked): { method: 'GET'; url: string; headers: Record<string, string> } | undefined {
  if (credential?.kind === 'refresh') return undefined
  const asked = new URL(url)
  if (service !== undefined) asked.searchParams.set('service', service)
  for (const scope of scopes) asked.searchParams.append('scope', scope)
  asked.searchParams.set('client_id', client)
  return { method: 'GET', url: asked.href, headers: credential?.kind === 'password' ? { authorization: basicOf(credential) } : {} }
}

function postRequest({ url, service, scopes, credential }: Asked) {
  if (credential === undefined || credential.kind === 'bearer') return undefined
  const grant =
    credential.kind === 'refresh'
      ? { grant_type: 'refresh_token', refresh_token: credential.token }
      : { grant_type: 'password', username: credential.username, password: credential.password }
  const form = new URLSearchParams({ ...grant, client_id: client, scope: scopes.join(' '), ...(service === undefined ? {} : { service }) })
  return {
    method: 'POST',
    url: url.href,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    // Asking twice for a token harms nobody; the secret in the body follows no redirect.
    idempotent: true,
    redirect: 'manual',
  } as const
}

/** The value of `Authorization` for a user and password. */
export function basicOf({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
