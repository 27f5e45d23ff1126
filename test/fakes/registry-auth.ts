import type { Asked, Reply } from './registry.ts'
import { errorReply } from './registry.ts'

/**
 * How the registry asks for authorisation.
 * `bearer` distribution's token flow · `harbor` the same, but passwords do as well, and what does not do is answered by a Basic challenge ·
 * `forgejo` Bearer and Basic in one header · `basic` as ECR.
 */
export interface AuthOptions {
  readonly mode: 'bearer' | 'harbor' | 'forgejo' | 'basic'
  readonly username: string
  readonly password: string
  /** An identity token that is traded by POST. */
  readonly refreshToken?: string
  /** Seconds that a token lives; counted by `now`. */
  readonly life?: number
  readonly now?: () => number
  /** Which of the actions asked for a scope are given. Default: all to the user, none to anonymous. */
  readonly grant?: (scope: string, user: string | undefined) => readonly string[]
  /** Where the challenge sends clients; default the fake's own `/token`. */
  readonly realm?: string
  /** Which methods the token service takes; others are 405. Default both. */
  readonly methods?: readonly string[]
  /** Only the first scope of a question counts. */
  readonly firstScopeOnly?: boolean
  /** Fields of the token answer beside `expires_in`; default `{token}`. */
  readonly answer?: (token: string) => object
}

export interface AuthService {
  readonly asked: { method: string; authorization: string | undefined; parameters: URLSearchParams }[]
  /** The refusal, or the token service's answer; undefined when the request may pass. */
  answer(asked: Asked, origin: string): Reply | undefined
}

interface Token {
  readonly scopes: readonly string[]
  readonly expires: number
}

export function authService(options: AuthOptions): AuthService {
  const asked: AuthService['asked'] = []
  const { now = () => 0, life = 300 } = options
  return { asked, answer: (request, origin) => (request.path.startsWith('/token') ? tokenAnswer(request) : refusal(request, origin)) }

  function tokenAnswer(request: Asked): Reply {
    const parameters = new URLSearchParams(request.method === 'POST' ? request.body.toString() : request.path.split('?')[1])
    asked.push({ method: request.method, authorization: request.headers['authorization'], parameters })
    if (options.methods?.includes(request.method) === false) return errorReply(405, 'UNSUPPORTED')
    const user = userOf(request, parameters)
    if (user === 'wrong') return errorReply(401, 'UNAUTHORIZED')
    const wanted = request.method === 'POST' ? (parameters.get('scope') ?? '').split(' ') : parameters.getAll('scope')
    const scopes = (options.firstScopeOnly === true ? wanted.slice(0, 1) : wanted).map((scope) => granted(scope, user))
    const token = Buffer.from(JSON.stringify({ scopes, expires: now() + life * 1000, salt: asked.length })).toString('base64url')
    const body = { ...(options.answer?.(token) ?? { token }), expires_in: life }
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) }
  }

  function granted(scope: string, user: string | undefined): string {
    const colon = scope.lastIndexOf(':')
    const actions = scope.slice(colon + 1).split(',')
    const given = options.grant?.(scope, user) ?? (user === undefined ? [] : actions)
    return `${scope.slice(0, colon)}:${actions.filter((action) => given.includes(action)).join(',')}`
  }

  function userOf(request: Asked, parameters: URLSearchParams): string | undefined {
    const authorization = request.headers['authorization']
    if (request.method === 'POST') {
      const known =
        (parameters.get('grant_type') === 'refresh_token' &&
          options.refreshToken !== undefined &&
          parameters.get('refresh_token') === options.refreshToken) ||
        (parameters.get('username') === options.username && parameters.get('password') === options.password)
      return known ? options.username : 'wrong'
    }
    if (authorization === undefined) return undefined
    return isBasic(authorization) ? options.username : 'wrong'
  }

  function refusal(request: Asked, origin: string): Reply | undefined {
    const authorization = request.headers['authorization'] ?? ''
    const needed = neededScopes(request)
    if (options.mode === 'basic')
      return isBasic(authorization) ? undefined : errorReply(401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="not a URL"' })
    if (isGood(tokenOf(authorization), needed)) return undefined
    if (
      options.mode === 'harbor' &&
      isBasic(authorization) &&
      isGood({ scopes: needed.map((scope) => granted(scope, options.username)), expires: Number.POSITIVE_INFINITY }, needed)
    )
      return undefined
    const bearer = `Bearer realm="${options.realm ?? `${origin}/token`}",service="fake",scope="${needed.join(' ')}"`
    const basic = `Basic realm="${options.mode === 'harbor' ? 'harbor' : 'fake'}"`
    const challenge =
      options.mode === 'forgejo' ? `${bearer}, ${basic}` : options.mode === 'harbor' && authorization !== '' ? basic : bearer
    return errorReply(401, 'UNAUTHORIZED', { 'www-authenticate': challenge })
  }

  function isGood(token: Token | undefined, needed: readonly string[]): boolean {
    if (token === undefined || token.expires <= now()) return false
    return needed.every((scope) =>
      scope
        .slice(scope.lastIndexOf(':') + 1)
        .split(',')
        .every((action) => allows(token, scope, action)),
    )
  }

  function isBasic(authorization: string): boolean {
    return authorization === `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`
  }
}

function allows({ scopes }: Token, scope: string, action: string): boolean {
  const resource = scope.slice(0, scope.lastIndexOf(':') + 1)
  return scopes.some((given) => given.startsWith(resource) && given.slice(resource.length).split(',').includes(action))
}

function tokenOf(authorization: string): Token | undefined {
  if (!authorization.startsWith('Bearer ')) return undefined
  try {
    return JSON.parse(Buffer.from(authorization.slice(7), 'base64url').toString()) as Token
  } catch {
    return undefined
  }
}

/** As distribution's: reads need pull, writes pull and push, deletes delete, a mount also pull of its source. */
function neededScopes({ method, path }: Asked): readonly string[] {
  const name = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(path)?.[1]
  if (name === undefined) return []
  const actions = method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' ? 'delete' : 'pull,push'
  const from = new URLSearchParams(path.split('?')[1]).get('from')
  return [`repository:${name}:${actions}`, ...(from === null ? [] : [`repository:${from}:pull`])]
}
