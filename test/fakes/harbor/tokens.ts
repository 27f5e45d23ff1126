import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Asked, Reply } from '../../../src/domain/registry/exchange.ts'
import { done, text } from './answers.ts'
import type { Logins } from './login.ts'
import { findProject, isAdmin, mayIn, nameOf, type Who } from './rights.ts'
import type { State } from './state.ts'

/** What a token lets its bearer do with one repository. */
export interface Granted {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

export interface Tokens {
  /** `/service/token`: what it refuses it answers by a token without actions. */
  answer(asked: Asked): Promise<Reply>
  /** A token for tests. */
  issue(access: readonly Granted[], subject?: string): string
  /** What a token grants; undefined when it is none of ours, or over for more than a minute. */
  grantedBy(token: string): readonly Granted[] | undefined
}

const leeway = 60
const service = 'harbor-registry'

export function createTokens(state: State, logins: Logins): Tokens {
  const key = randomUUID()
  const life = (): number => Number(state.settings.get('token_expiration') ?? 30) * 60
  return { answer, issue, grantedBy }

  async function answer(asked: Asked): Promise<Reply> {
    if (asked.method !== 'GET') return text('Method Not Allowed\n', { status: 405, type: 'text/plain; charset=utf-8' })
    const wanted = asked.query.get('service') ?? ''
    if (wanted !== service) return text(`Unable to handle service: ${wanted}`, { status: 400, type: 'text/plain; charset=utf-8' })
    const who = await logins.whoIs(asked)
    const scopes = asked.query.getAll('scope').flatMap((scope) => scope.split(' '))
    if (scopes.length === 0 && who.kind === 'anonymous') return done(401)
    const access = scopes.flatMap((scope) => granted(state, who, scope))
    const issued = new Date(Math.floor(state.now() / 1000) * 1000).toISOString().replace('.000Z', 'Z')
    const body = { token: issue(access, nameOf(who)), access_token: '', expires_in: life(), issued_at: issued }
    return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: Buffer.from(JSON.stringify(body)) }
  }

  function issue(access: readonly Granted[], subject = ''): string {
    const now = Math.floor(state.now() / 1000)
    const claims = {
      iss: 'harbor-token-issuer',
      ...(subject === '' ? {} : { sub: subject }),
      aud: service,
      exp: now + life(),
      nbf: now,
      iat: now,
    }
    const unsigned = [
      { alg: 'HS256', typ: 'JWT' },
      { ...claims, jti: randomUUID(), access },
    ]
      .map(encoded)
      .join('.')
    return `${unsigned}.${signatureOf(unsigned)}`
  }

  function grantedBy(token: string): readonly Granted[] | undefined {
    const dot = token.lastIndexOf('.')
    const [unsigned, signature] = [token.slice(0, Math.max(0, dot)), token.slice(dot + 1)]
    const expected = signatureOf(unsigned)
    if (signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined
    const claims: { exp: number; access: Granted[] } = JSON.parse(Buffer.from(unsigned.split('.')[1] ?? '', 'base64url').toString('utf8'))
    return claims.exp + leeway < state.now() / 1000 ? undefined : claims.access
  }

  function signatureOf(unsigned: string): string {
    return createHmac('sha256', key).update(unsigned).digest('base64url')
  }
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** All that the account may do there, whatever was asked; nothing when it may not what was asked. */
function granted(state: State, who: Who, scope: string): readonly Granted[] {
  const [, type = '', name = ''] = /^([a-z]+):(.+):([^:]*)$/.exec(scope) ?? []
  if (type === 'registry') return [{ type, name, actions: isAdmin(who) ? ['*'] : [] }]
  if (type !== 'repository') return []
  const short = name.slice(name.indexOf('/') + 1)
  const project = name.includes('/') ? findProject(state, name.slice(0, -short.length - 1), true) : undefined
  if (project === undefined || !name.includes('/')) return [{ type, name, actions: [] }]
  const actions = [
    ...(mayIn(project, who, 'repository:pull') ? ['pull'] : []),
    ...(mayIn(project, who, 'repository:push') ? ['push'] : []),
    ...(mayIn(project, who, 'artifact:delete') ? ['delete'] : []),
  ]
  return [{ type, name, actions }]
}
