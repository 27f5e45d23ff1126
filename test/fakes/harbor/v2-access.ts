import type { Asked, Reply } from '../../../src/domain/registry/exchange.ts'
import { json, notFound, pageSize, Refused } from './answers.ts'
import type { Logins } from './login.ts'
import { findProject, isAdmin, mayIn } from './rights.ts'
import type { State } from './state.ts'
import type { Granted, Tokens } from './tokens.ts'

interface Target {
  readonly name: string
  readonly project: string
}

/** Who may do what below `/v2`: Basic or Bearer, and never a 403. */
export interface V2Access {
  base(asked: Asked): Promise<Reply>
  catalog(asked: Asked): Promise<Reply>
  /** Refuses whoever may not; says whether policies of the project are passed over for this caller. */
  require(asked: Asked, target: Target): Promise<boolean>
  /** `http://host:port` as the caller knows it. */
  origin(asked: Asked): string
}

interface Needed extends Target {
  readonly action: 'pull' | 'push' | 'delete'
}

export function createV2Access(state: State, { logins, tokens }: { logins: Logins; tokens: Tokens }): V2Access {
  return { base, catalog, require, origin }

  function bearerOf({ headers: { authorization = '' } }: Asked): readonly Granted[] | undefined {
    return authorization.startsWith('Bearer ') ? tokens.grantedBy(authorization.slice('Bearer '.length)) : undefined
  }

  async function base(asked: Asked): Promise<Reply> {
    const isKnown = bearerOf(asked) !== undefined || (await logins.whoIs(asked)).kind !== 'anonymous'
    if (isKnown) return json({}, { 'content-type': 'application/json; charset=utf-8' })
    throw unauthorized(asked, [], 'unauthorized: unauthorized')
  }

  async function catalog(asked: Asked): Promise<Reply> {
    if (!isAdmin(await logins.whoIs(asked))) {
      const message = 'unauthorized to list catalog: unauthorized to list catalog'
      throw new Refused(401, 'UNAUTHORIZED', message, { 'www-authenticate': 'Basic realm="harbor"' })
    }
    const all = state.repositories.filter(({ artifacts }) => artifacts.size > 0).map(({ name }) => name)
    const names = all.toSorted().filter((name) => name > (asked.query.get('last') ?? ''))
    const count = pageSize(asked.query) ?? names.length
    const repositories = names.slice(0, count)
    const next = `</v2/_catalog?last=${encodeURIComponent(repositories.at(-1) ?? '')}&n=${count}>; rel="next"`
    return json({ repositories }, count > 0 && repositories.length < names.length ? { link: next } : {})
  }

  async function require(asked: Asked, target: Target): Promise<boolean> {
    const { method, query, headers } = asked
    const needed: Needed[] = [
      {
        ...target,
        action:
          method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' && !asked.path.includes('/uploads/') ? 'delete' : 'push',
      },
    ]
    const from = query.get('mount') === null ? null : query.get('from')
    if (from !== null) needed.push({ name: from, project: from.split('/')[0] ?? '', action: 'pull' })
    if (headers.authorization === undefined) {
      const isPull = needed[0]?.action === 'pull'
      const say = 'authorize header needed to send HEAD to repository'
      throw unauthorized(asked, needed, isPull ? `${say}: ${say}` : refusal(needed[0] ?? { ...target, action: 'push' }))
    }
    const granted = bearerOf(asked)
    const who = granted === undefined ? await logins.whoIs(asked) : undefined
    for (const one of needed) {
      const project = findProject(state, one.project, true)
      if (project === undefined) throw missing(asked, { one, first: needed[0] ?? one })
      const isPublic = project.metadata.get('public') === 'true' && one.action === 'pull' && granted === undefined
      const right = one.action === 'delete' ? 'artifact:delete' : `repository:${one.action}`
      const may =
        who === undefined
          ? granted?.some(({ name, actions }) => name.split('/')[0] === one.project && actions.includes(one.action))
          : mayIn(project, who, right)
      if (may !== true && !isPublic) throw unauthorized(asked, needed, refusal(one))
    }
    const pushes = granted?.some(({ name, actions }) => name.split('/')[0] === target.project && actions.includes('push')) ?? false
    return pushes && /cosign|notation/.test(headers['user-agent'] ?? '')
  }

  function missing(asked: Asked, { one, first }: { one: Needed; first: Needed }): Refused {
    if (one !== first) return unauthorized(asked, [], refusal(first))
    const message = notFound(`project ${one.project} not found`).message
    return new Refused(401, 'UNAUTHORIZED', `${message}: ${message}`, { 'www-authenticate': '' })
  }

  /** Bearer is offered to who comes without anything, Basic to everyone else. */
  function unauthorized(asked: Asked, needed: readonly Needed[], message: string): Refused {
    const actions = { pull: 'pull', push: 'pull,push', delete: 'delete' } as const
    const scopes = needed.map(({ name, action }) => `repository:${name}:${actions[action]}`).join(' ')
    const bearer = `Bearer realm="${origin(asked)}/service/token",service="harbor-registry"${scopes === '' ? '' : `,scope="${scopes}"`}`
    const challenge = asked.headers.authorization === undefined ? bearer : 'Basic realm="harbor"'
    return new Refused(401, 'UNAUTHORIZED', message, { 'www-authenticate': challenge })
  }

  function origin({ headers: { host = 'localhost', 'x-forwarded-proto': scheme = 'http' } }: Asked): string {
    return `${String(scheme)}://${host}`
  }
}

function refusal({ name, action }: Needed): string {
  const message = `unauthorized to access repository: ${name}, action: ${action}`
  return `${message}: ${message}`
}
