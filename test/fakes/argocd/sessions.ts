import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { denied, type Refused, unauthenticated } from './answers.ts'
import type { StageClock } from './clock.ts'
import { timeText } from './clock.ts'
import type { Project } from './types.ts'

/** Who asks, as its token says. */
export interface Subject {
  /** `admin`, `ci`, `proj:NAME:ROLE` */
  readonly name: string
  readonly issuedAt: number
}

export interface Sessions {
  /** A signed token; `seconds` until it expires, 0 for never. */
  issue(subject: string, seconds?: number): string
  /** Throws what Argo CD answers to no token, a wrong one, an expired one. */
  enter(authorization: string | undefined): Subject
  login(body: Record<string, unknown>): string
}

/** Accounts with a password or a token: `admin` and `ci`. */
export function createSessions(clock: StageClock, password: string): Sessions {
  const key = randomBytes(32)
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url')
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return { issue, enter, login }

  function issue(subject: string, seconds = 0): string {
    const iat = Math.floor(clock.now() / 1000)
    const claims = { iss: 'argocd', sub: subject, nbf: iat, iat, jti: randomUUID(), ...(seconds === 0 ? {} : { exp: iat + seconds }) }
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
    return `${text}.${sign(text)}`
  }

  function enter(authorization: string | undefined): Subject {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? ''
    const [head = '', body = '', signature] = token.split('.')
    if (signature === undefined) throw unauthenticated('no session information')
    if (sign(`${head}.${body}`) !== signature) throw unauthenticated('invalid session: token signature is invalid: signature is invalid')
    const { sub, exp, iat } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
    if (typeof exp === 'number' && exp * 1000 <= clock.now())
      throw unauthenticated('invalid session: token has invalid claims: token is expired')
    return { name: String(sub).replace(/:(?:login|apiKey)$/, ''), issuedAt: Number(iat) * 1000 }
  }

  function login({ username, password: given }: Record<string, unknown>): string {
    if (username !== 'admin' || given !== password) throw unauthenticated('Invalid username or password')
    return issue('admin:login', 86_400)
  }
}

const ofCi = new Set(['applications get', 'applications sync', 'applications action', 'projects get'])

/** Whether somebody may do something; the lab's rights of `ci`, and the policies of project roles. */
export function may(
  { name }: Subject,
  right: string,
  { project, app, projects }: { project: string; app: string; projects: ReadonlyMap<string, Project> },
): boolean {
  if (name === 'admin') return true
  if (name === 'ci') return ofCi.has(right)
  const [, owner = '', role = ''] = name.split(':')
  const policies = projects.get(owner)?.spec.roles?.find((one) => one.name === role)?.policies ?? []
  return policies.some((policy) => {
    const [, , resource, action, object = '', effect] = policy.split(',').map((text) => text.trim())
    const fits = new RegExp(`^${object.replaceAll('*', '.*')}$`).test(`${project}/${app}`)
    return fits && effect === 'allow' && (`${resource} ${action}` === right || (action === '*' && right.startsWith(`${resource} `)))
  })
}

/** The long form, for what is there and not allowed. */
export function forbidden(subject: Subject, right: string, object: string): Refused {
  const [resource, action] = right.split(' ')
  return denied(`: ${resource}, ${action}, ${object}, sub: ${subject.name}, iat: ${timeText(subject.issuedAt)}`)
}
