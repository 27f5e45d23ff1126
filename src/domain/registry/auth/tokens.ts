import { randomBytes } from 'node:crypto'
import { isBasic } from '../access.ts'
import { type Asked, jsonReply, type Reply } from '../exchange.ts'
import { errorReply } from '../refusal.ts'
import type { AuthOptions, TokenQuestion } from './dialect.ts'
import { formatScope, parseScope, type Scope } from './scopes.ts'

/** A token service (distribution, docs/spec/auth/token.md and oauth.md). Tokens are random and mean nothing to anybody else. */
export interface TokenService {
  answer(asked: Asked): Promise<Reply>
  /** What a token grants; undefined when it is not known or over. */
  grantedBy(token: string): readonly Scope[] | undefined
  /** Ends every token. */
  expire(): void
}

interface Token {
  readonly scopes: readonly Scope[]
  readonly expires: number
}

const limits = { tokens: 10_000, scopes: 100, body: 64 * 1024 }

export function createTokenService(options: AuthOptions): TokenService {
  const { life = 300, now = Date.now, methods = ['GET', 'POST'], firstScopeOnly = false } = options
  const tokens = new Map<string, Token>()
  return { answer, grantedBy, expire: () => tokens.clear() }

  async function answer(asked: Asked): Promise<Reply> {
    const question = await questionOf(asked)
    options.onQuestion?.(question)
    if (!methods.includes(asked.method))
      return errorReply({
        ...{ status: 405, code: 'UNSUPPORTED', message: `the token service takes ${methods.join(' and ')}` },
        headers: { allow: methods.join(', ') },
      })
    const user = userOf(question, options)
    if (user === 'wrong') return errorReply({ status: 401, code: 'UNAUTHORIZED', message: 'the credentials are wrong' })
    const { parameters } = question
    const wanted = asked.method === 'POST' ? (parameters.get('scope') ?? '').split(' ') : parameters.getAll('scope')
    const token = randomBytes(24).toString('base64url')
    remember(token, {
      scopes: wanted.slice(0, firstScopeOnly ? 1 : limits.scopes).map((scope) => grantedTo(user, scope, options)),
      expires: now() + life * 1000,
    })
    // OAuth2 has one name for it (distribution, oauth.md), and clients that POST know no other.
    const named = asked.method === 'POST' ? { access_token: token } : { token }
    return jsonReply({ ...(options.answer?.(token) ?? named), expires_in: life })
  }

  function grantedBy(token: string): readonly Scope[] | undefined {
    const known = tokens.get(token)
    return known === undefined || known.expires <= now() ? undefined : known.scopes
  }

  function remember(name: string, token: Token): void {
    const [oldest] = tokens.keys()
    if (tokens.size >= limits.tokens && oldest !== undefined) tokens.delete(oldest)
    tokens.set(name, token)
  }
}

/** What of a scope is granted: to the account, or to those without one. */
export function grantedTo(user: string | undefined, text: string, { grant, anonymous = [] }: AuthOptions): Scope {
  const { resource, actions } = parseScope(text)
  const given = grant?.(formatScope({ resource, actions }), user) ?? (user === undefined ? anonymous : actions)
  return { resource, actions: actions.filter((action) => given.includes(action)) }
}

async function questionOf(asked: Asked): Promise<TokenQuestion> {
  const { method, headers, query } = asked
  const parameters = method === 'POST' ? new URLSearchParams(await formOf(asked)) : query
  return { method, authorization: headers.authorization, parameters }
}

async function formOf({ body }: Asked): Promise<string> {
  let text = ''
  for await (const piece of body) {
    text += piece.toString('utf8')
    if (text.length > limits.body) return ''
  }
  return text
}

/** `wrong` for credentials that are not the account's, undefined without any. */
function userOf(
  { method, authorization, parameters }: TokenQuestion,
  { username, password, refreshToken }: AuthOptions,
): string | undefined {
  if (method === 'POST') {
    const isRefresh =
      parameters.get('grant_type') === 'refresh_token' && refreshToken !== undefined && parameters.get('refresh_token') === refreshToken
    const isLogin = parameters.get('username') === username && parameters.get('password') === password
    return isRefresh || isLogin ? username : 'wrong'
  }
  if (authorization === undefined) return undefined
  return isBasic(authorization, { username, password }) ? username : 'wrong'
}
