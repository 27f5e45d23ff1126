import { authRealmRefused } from '../errors.ts'
import type { Challenge } from './challenge.ts'
import type { Credential } from './credential.ts'
import { isSameScope, type Scope, scopeKey, unionOf } from './scope.ts'
import { basicOf, type TokenService, type Tokens } from './token.ts'

/** A value for `Authorization`, and whether nothing newer can be had for the same question. */
export interface Authorization {
  readonly header: string
  readonly fresh: boolean
  readonly scopes: readonly Scope[]
}

export interface AuthorizerLogin {
  credential(): Promise<Credential | undefined>
  /** Sent as it is before the registry asks. */
  readonly upFront: Credential | undefined
}

type Scheme = { readonly kind: 'basic' } | { readonly kind: 'bearer'; readonly service: TokenService }

/** Learns from a registry's challenges how it wants to be spoken to, and keeps that for the requests that follow. */
export class Authorizer {
  readonly #registry: string
  readonly #tokens: Tokens
  readonly #login: AuthorizerLogin
  readonly #learned = new Map<string, readonly Scope[]>()
  #scheme: Scheme | undefined
  #challenges: readonly Challenge[] = []
  #used: Credential | undefined

  constructor(registry: string, tokens: Tokens, login: AuthorizerLogin) {
    this.#registry = registry
    this.#tokens = tokens
    this.#login = login
    if (login.upFront !== undefined) this.#scheme = { kind: 'basic' }
  }

  /** What the registry asked for last. */
  get challenges(): readonly Challenge[] {
    return this.#challenges
  }

  /** What was used last. */
  get credential(): Credential | undefined {
    return this.#used
  }

  /** What to send before any challenge: what the last one taught, nothing at first. */
  async known(scopes: readonly Scope[]): Promise<Authorization | undefined> {
    return this.#scheme === undefined ? undefined : this.#make(this.#learned.get(scopeKey(scopes)) ?? scopes)
  }

  /** What to send after a 401, or undefined when all that can be tried was. */
  async challenged(
    challenges: readonly Challenge[],
    scopes: readonly Scope[],
    used: Authorization | undefined,
  ): Promise<Authorization | undefined> {
    this.#challenges = challenges
    const before = this.#scheme
    const scheme = schemeOf(challenges, this.#registry)
    // Harbor answers a token that it does not like with a Basic challenge: the Bearer one seen before still holds.
    if (scheme?.kind === 'bearer' || this.#scheme === undefined) this.#scheme = scheme
    if (this.#scheme === undefined) return undefined
    const wanted = unionOf(scopesOf(challenges), this.#learned.get(scopeKey(scopes)) ?? scopes)
    this.#learned.set(scopeKey(scopes), wanted)
    const isSame = before?.kind === this.#scheme.kind && used !== undefined && isSameScope(used.scopes, wanted)
    if (used?.fresh === true && isSame) return undefined
    return this.#make(wanted, used?.header)
  }

  /** The same once more, with a token that is new. */
  async renewed(scopes: readonly Scope[]): Promise<Authorization | undefined> {
    const wanted = this.#learned.get(scopeKey(scopes)) ?? scopes
    const last = this.#scheme === undefined ? undefined : await this.#make(wanted)
    return last === undefined ? undefined : this.#make(wanted, last.header)
  }

  async #make(scopes: readonly Scope[], refused?: string): Promise<Authorization | undefined> {
    const credential = await this.#login.credential()
    this.#used = credential
    if (credential?.kind === 'bearer') return { header: `Bearer ${credential.token}`, fresh: true, scopes }
    if (this.#scheme?.kind === 'bearer') {
      const token = await this.#tokens.get(this.#scheme.service, scopes, { credential, not: refused?.replace(/^Bearer /, '') })
      return { header: `Bearer ${token.value}`, fresh: token.fresh, scopes }
    }
    return credential?.kind === 'password' ? { header: basicOf(credential), fresh: true, scopes } : undefined
  }
}

/** Bearer before Basic: the password then goes to the token service only. */
function schemeOf(challenges: readonly Challenge[], registry: string): Scheme | undefined {
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  const basic = challenges.some(({ scheme }) => scheme === 'basic')
  const realm = bearer?.parameters.get('realm')
  if (realm !== undefined && (URL.canParse(realm) || !basic))
    return { kind: 'bearer', service: { realm, service: bearer?.parameters.get('service') } }
  if (basic) return { kind: 'basic' }
  if (bearer !== undefined) throw authRealmRefused(`${registry} asks for a token and does not say where to get one.`)
  return undefined
}

function scopesOf(challenges: readonly Challenge[]): readonly Scope[] {
  const scope = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters.get('scope') ?? ''
  return scope.split(/\s+/).filter((part) => part !== '')
}
