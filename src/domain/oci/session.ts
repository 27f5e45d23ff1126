import { excerpt } from '../../base/untrusted.ts'
import { isTransientStatus } from '../../io/retry.ts'
import type { Clock, Http, HttpRequest, HttpResponse, Log } from '../../spec/ports.ts'
import { type Authorization, Authorizer } from './auth/authorizer.ts'
import { type Challenge, parseChallenges } from './auth/challenge.ts'
import { explained } from './auth/explain.ts'
import { familyOf } from './auth/families.ts'
import type { Login } from './auth/login.ts'
import type { Scope } from './auth/scope.ts'
import type { Tokens } from './auth/token.ts'
import { registryDenied, registryRefused, registryUnauthenticated } from './errors.ts'
import { heldBy } from './held-by.ts'
import { type Diagnostic, parseDiagnostics } from './schema.ts'
import { unreachable } from './unreachable.ts'

/** A request to a registry, before anyone knows how it wants to be authorised. */
export interface RegistryRequest extends Omit<HttpRequest, 'url' | 'home' | 'tls' | 'expect'> {
  /** A path from `/v2/`, or an absolute URL that the registry gave; it gets the credential only at the registry's own origin. */
  readonly url: string
  readonly scopes: readonly Scope[]
  /** What is being done, for messages: `pull manifest 1.4 from`. */
  readonly doing: string
  /** Statuses that the caller understands; any other is an error, 401 and 403 after authorisation was tried. */
  readonly expect: readonly number[]
}

export interface SessionOptions {
  /** As users write it. */
  readonly registry: string
  readonly origin: string
  readonly repository: string
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
  readonly tokens: Tokens
  /** Asked at the first challenge. */
  readonly login: Login
  /** Warnings shown so far. */
  readonly warned: Set<string>
}

/** Two at most: one with what we have or can get, one more when that was an old token or the registry asked for another scope. */
const authRounds = 2
const lockTime = 2000
/** Texts that one registry may show in a run. */
const mostWarnings = 20

/** Requests to one repository with authorisation, refusals turned into errors that name who must act. */
export class Session {
  readonly #options: SessionOptions
  readonly #authorizer: Authorizer
  #hasWaited = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#authorizer = new Authorizer(options.registry, options.tokens, {
      credential: () => options.login.credential(options.repository),
      upFront: options.login.upFront,
    })
  }

  get origin(): string {
    return this.#options.origin
  }

  async send(request: RegistryRequest): Promise<HttpResponse> {
    try {
      return await this.#send(request)
    } catch (error) {
      const { login, registry, repository } = this.#options
      const { challenges, credential } = this.#authorizer
      throw explained(error, { registry, repository, challenges, credential, failure: login.failure() })
    }
  }

  async #send(request: RegistryRequest): Promise<HttpResponse> {
    const url = new URL(request.url, this.#options.origin)
    const ours = url.origin === this.#options.origin
    let authorization = ours ? await this.#authorizer.known(request.scopes) : undefined
    for (let round = 0; ; round += 1) {
      const response = await this.#once(request, url, authorization)
      if (request.expect.includes(response.status)) return response
      // Read to its end before a token is asked for: an answer that is held open keeps its place at the host.
      const said = await diagnosticsOf(response)
      // A challenge from where a redirect led is another's: what it is answered with would be ours.
      const challenged = response.status === 401 && ours && this.#isOwn(response) && round < authRounds
      authorization = challenged ? await this.#authorizer.challenged(challengesOf(response), request.scopes, authorization) : undefined
      if (authorization === undefined && response.status === 401 && ours) {
        authorization = await this.#afterLock(request.scopes)
        round = authRounds
      }
      if (authorization === undefined) throw await this.#refusal(request, response, said)
    }
  }

  async #once(
    { scopes: _, doing, expect: __, ...request }: RegistryRequest,
    url: URL,
    authorization: Authorization | undefined,
  ): Promise<HttpResponse> {
    const { http, origin } = this.#options
    const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization: authorization.header }) }
    try {
      const response = await http.request({ ...request, url: url.href, headers, home: origin, expect: answers })
      this.#warn(response)
      return response
    } catch (cause) {
      throw unreachable(cause, `Could not ${doing} ${this.#name}`)
    }
  }

  /**
   * Harbor holds a wrong password for 1.5 s, and meanwhile refuses the right one of the same user, whoever brings it: once it is worth
   * the wait. Robots are not locked (Harbor, core/auth/lock.go).
   */
  async #afterLock(scopes: readonly Scope[]): Promise<Authorization | undefined> {
    const { registry, clock } = this.#options
    const { challenges, credential } = this.#authorizer
    if (this.#hasWaited || credential?.kind !== 'password' || credential.username.startsWith('robot$')) return undefined
    if (familyOf(registry, challenges)?.name !== 'Harbor') return undefined
    this.#hasWaited = true
    await clock.sleep(lockTime)
    return this.#authorizer.renewed(scopes)
  }

  #isOwn(response: HttpResponse): boolean {
    return URL.parse(response.url)?.origin === this.#options.origin
  }

  async #refusal(request: RegistryRequest, response: HttpResponse, said: readonly Diagnostic[]): Promise<Error> {
    const { registry } = this.#options
    const { status } = response
    const words = wordsOf(status, said)
    if (!this.#isOwn(response)) {
      const other = URL.parse(response.url)?.host
      return registryRefused(`${other}, where ${registry} sends clients, refuses to ${request.doing} ${this.#name}: ${words}.`)
    }
    const held = heldBy(status, { said, method: request.method })
    if (held !== undefined) return held(`${registry} refuses to ${request.doing} ${this.#name}: ${words}.`)
    if (status !== 401 && status !== 403) return registryRefused(`${registry} refuses to ${request.doing} ${this.#name}: ${words}.`)
    const { login, repository } = this.#options
    const source = (await login.credential(repository))?.source
    if (source !== undefined)
      return registryDenied(`${registry} denies the credential from ${source} to ${request.doing} ${this.#name}: ${words}.`)
    return registryUnauthenticated(
      `${registry} wants a login to ${request.doing} ${this.#name}, and no credential for ${registry} was found: ${words}.`,
    )
  }

  /** distribution-spec §Warnings: show once, never act on them. */
  #warn(response: HttpResponse): void {
    const { warned, log, registry } = this.#options
    for (const [, quoted = ''] of response.headers('warning').flatMap((header) => [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)])) {
      const warning = excerpt(quoted.replace(/\\(.)/g, '$1'), 500)
      if (warned.has(warning) || warned.size >= mostWarnings) continue
      warned.add(warning)
      log.warn('the registry warns', { registry, warning })
    }
  }

  get #name(): string {
    return `${this.#options.registry}/${this.#options.repository}`
  }
}

/** Every status that says something final; the others are the transport's to retry. */
const answers = [...range(200, 208), ...range(300, 308), ...range(400, 499)].filter((status) => !isTransientStatus(status))

function challengesOf(response: HttpResponse): readonly Challenge[] {
  return parseChallenges(response.headers('www-authenticate'))
}

/** What the registry said of a refusal; nothing when that cannot be read. */
export async function diagnosticsOf(response: HttpResponse): Promise<readonly Diagnostic[]> {
  try {
    const bytes = await response.bytes(256 * 1024)
    return bytes.length === 0 ? [] : parseDiagnostics(bytes)
  } catch {
    return []
  }
}

/** The status and the registry's own words, for the end of a message. */
export function wordsOf(status: number, diagnostics: readonly Diagnostic[]): string {
  const said = diagnostics.map(({ code, message }) => excerpt([code, message].filter((part) => part !== '').join(' '), 500))
  return [`status ${status}`, ...said.filter((part) => part !== '').slice(0, 5)].join(', ')
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}
