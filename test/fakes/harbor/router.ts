import type { Asked, Reply } from '../../../src/domain/registry/exchange.ts'
import { notFound, Refused, unprocessable } from './answers.ts'
import type { Who } from './rights.ts'
import type { Scans } from './scans.ts'
import type { State } from './state.ts'

/** One call of the API, taken apart. */
export interface Call {
  readonly state: State
  readonly scans: Scans
  readonly who: Who
  /** Parts of the path by name, decoded once as Harbor does for routing. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** As it came, without its query. */
  readonly path: string
  readonly headers: Asked['headers']
  /** Names in paths are names even when they are all digits. */
  readonly isName: boolean
  readonly text: string
  /** The body as an object; refuses everything else as Harbor does. */
  body(named?: string): Record<string, unknown>
  /** Reads and writes below `/v2`, as Harbor itself does. */
  readonly registry: (asked: Asked) => Promise<Reply>
}

export type Handler = (call: Call) => Reply | Promise<Reply>
/** `METHOD /path/:parameter` and what answers it. */
export type Routes = Readonly<Record<string, Handler>>

export const base = '/api/v2.0'

/** The handler of a request and the parts of its path. Throws 404 and 405. */
export function route(
  routes: Routes,
  { method, path }: { method: string; path: string },
): { handler: Handler; params: Record<string, string> } {
  const decoded = decodeURIComponent(path).replace(/\/{2,}/g, '/')
  const short = decoded.slice(base.length).replace(/(?<=.)\/$/, '')
  const matches = Object.entries(routes).flatMap(([key, handler]) => {
    const [verb = '', pattern = ''] = key.split(' ')
    const params = match(pattern, short)
    return params === undefined ? [] : [{ verb, handler, params }]
  })
  const found = matches.find(({ verb }) => verb === method)
  if (found !== undefined) return found
  if (matches.length === 0) throw notFound(`path ${decoded} was not found`)
  const verbs = matches.map(({ verb }) => verb).join(',')
  throw new Refused(405, 'METHOD_NOT_ALLOWED', `method ${method} is not allowed, but [${verbs}] are`)
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = value
    else if (part !== value) return undefined
  }
  return params
}

/** The JSON object of a request; the texts are those of Go's decoder. */
export function objectOf(text: string, { type, named }: { type: string | undefined; named: string }): Record<string, unknown> {
  if (text === '') throw unprocessable(`${named} in body is required`)
  if (type !== undefined && !type.startsWith('application/json')) {
    throw unprocessable(`unsupported media type ${JSON.stringify(type)}, only [application/json] are allowed`)
  }
  const value = parsed(text, named)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const model = named === 'project' ? 'ProjectReq' : named
    throw unprocessable(`parsing ${named} body from "" failed, because json: cannot unmarshal array into Go value of type models.${model}`)
  }
  return Object.fromEntries(Object.entries(value))
}

function parsed(text: string, named: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unprocessable(`parsing ${named} body from "" failed, because unexpected EOF`)
  }
}
