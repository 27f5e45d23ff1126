import type { Headers, Reply } from '../../../src/domain/registry/exchange.ts'

/** A request whose answer is known before its handler ends. */
export class Answered extends Error {
  readonly reply: Reply

  constructor(reply: Reply, message = `answered ${reply.status}`) {
    super(message)
    this.reply = reply
  }
}

/** A request that Harbor answers with its error body. */
export class Refused extends Answered {
  constructor(status: number, code: string, message: string, headers: Headers = {}) {
    super(errors(status, [{ code, message }], headers), message)
  }
}

export interface ErrorEntry {
  readonly code: string
  readonly message: string
  readonly detail?: unknown
}

/** Errors with what the registry knows of them. */
export function errors(status: number, entries: readonly ErrorEntry[], headers: Headers = {}): Reply {
  const body = Buffer.from(`${JSON.stringify({ errors: entries })}\n`)
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body }
}

export const badRequest = (message: string): Refused => new Refused(400, 'BAD_REQUEST', message)
export const unauthorized = (message = 'unauthorized'): Refused => new Refused(401, 'UNAUTHORIZED', message)
export const forbidden = (message = 'forbidden'): Refused => new Refused(403, 'FORBIDDEN', message)
export const denied = (message: string): Refused => new Refused(403, 'DENIED', message)
export const notFound = (message: string): Refused => new Refused(404, 'NOT_FOUND', message)
export const conflict = (message: string): Refused => new Refused(409, 'CONFLICT', message)
export const precondition = (message: string): Refused => new Refused(412, 'PRECONDITION', message)
export const unprocessable = (message: string): Refused => new Refused(422, 'UNPROCESSABLE_ENTITY', `validation failure list:\n${message}`)
/** What Harbor says of every fault of its own. */
export const internal = (): Refused => new Refused(500, 'UNKNOWN', 'internal server error')

export function json(value: unknown, headers: Headers = {}): Reply {
  return { status: 200, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(`${JSON.stringify(value)}\n`) }
}

export function text(value: string, { status = 200, type = 'text/plain' } = {}): Reply {
  return { status, headers: { 'content-type': type }, body: Buffer.from(value) }
}

/** 200 without a body, as most writes are answered. */
export function done(status = 200, headers: Headers = {}): Reply {
  return { status, headers }
}

export const created = (location: string, headers: Headers = {}): Reply => done(201, { location, ...headers })

interface Asked {
  readonly path: string
  readonly query: URLSearchParams
}

/** One page of a list with `X-Total-Count` and `Link`; 0 and -1 give everything, and -1 a next page without end. */
export function page<T>(all: readonly T[], { path, query }: Asked, { shown = (one: T): unknown => one, total = all.length } = {}): Reply {
  const number = wholeNumber(query, 'page', 1)
  const size = wholeNumber(query, 'page_size', 10)
  if (size > 100) throw unprocessable('page_size in query should be less than or equal to 100')
  const begin = size > 0 ? (Math.max(number, 1) - 1) * size : 0
  const items = size > 0 ? all.slice(begin, begin + size) : all
  const rels = [
    ...(number > 1 && (number - 1) * size < total ? [`<${linkTo(path, query, { page: number - 1, size })}>; rel="prev"`] : []),
    ...(size !== 0 && number * size < total ? [`<${linkTo(path, query, { page: number + 1, size })}>; rel="next"`] : []),
  ]
  return json(items.map(shown), { 'x-total-count': String(total), ...(rels.length === 0 ? {} : { link: rels.join(' , ') }) })
}

function wholeNumber(query: URLSearchParams, name: string, usual: number): number {
  const written = query.get(name)
  if (written === null) return usual
  if (!/^-?\d+$/.test(written)) throw unprocessable(`${name} in query must be of type int64: ${JSON.stringify(written)}`)
  return Number(written)
}

/** Harbor decodes what it was asked and sorts it by name. */
function linkTo(path: string, query: URLSearchParams, { page: number, size }: { page: number; size: number }): string {
  const all = new Map([...query, ['page', String(number)], ['page_size', String(size)]])
  return `${path}?${[...all]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')}`
}

/** `n` of the registry's lists. */
export function pageSize(query: URLSearchParams): number | undefined {
  const written = query.get('n')
  if (written === null) return undefined
  if (!/^\d+$/.test(written)) throw badRequest('the N must be a positive int type')
  return Number(written)
}
