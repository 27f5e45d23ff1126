import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { Clock, Http, HttpResponse, Log } from '../../spec/ports.ts'
import type { PasswordCredential } from '../oci/auth/credential.ts'
import { basicOf } from '../oci/auth/token.ts'
import { harborLogin, harborStrange } from './errors.ts'
import { refusalError, saidIn } from './refusals.ts'

export interface HarborPorts {
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
}

export interface HarborOptions {
  /** `https://harbor.example.com`, without a final slash. */
  readonly origin: string
  /** Default: nobody, who may read public projects. */
  readonly credential?: PasswordCredential | undefined
}

export interface HarborCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v2.0`, or from the root when it begins with `/service/`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** For messages, after "does not": `scan team/app`. */
  readonly doing: string
  /** The permission that a robot needs for it: `scan:create`. */
  readonly needs?: string
  /** Statuses besides 200 to 299 that the caller understands. */
  readonly expect?: readonly number[]
  /** Whether it may be sent again after a failure; default as for the method. */
  readonly idempotent?: boolean
  /** Bytes of the answer. Default 4 MiB. */
  readonly limit?: number
}

export interface HarborAnswer {
  readonly status: number
  readonly text: string
  readonly requestId: string
  header(name: string): string | undefined
}

/** A Harbor and our account there. Throws SW-HARBOR-LOGIN, the errors of refusals, and those of HTTP. */
export interface Harbor {
  readonly origin: string
  send(call: HarborCall): Promise<HarborAnswer>
  /** The body of an answer, by its schema. Throws SW-HARBOR-ANSWER as well. */
  read<S extends v.GenericSchema>(call: HarborCall, schema: S): Promise<v.InferOutput<S>>
  /** The body of an answer that is known already, by its schema. Throws SW-HARBOR-ANSWER. */
  parse<S extends v.GenericSchema>(answer: HarborAnswer, schema: S): v.InferOutput<S>
  /** A list to its end, by pages of 100 up to `X-Total-Count`. */
  all<S extends v.GenericSchema>(call: HarborCall, item: S): Promise<readonly v.InferOutput<S>[]>
}

/** Statuses that say something, and are not the transport's to wait for. */
const answers = [200, 201, 202, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422]
/** Harbor holds a wrong password for 1.5 s, and meanwhile refuses the right one, whoever brings it. */
const lockTime = 2000
const perPage = 100
const mostPages = 1000

/** A client of one Harbor. It keeps no cookies: with one sent back, Harbor would ask for a CSRF token at each change. */
export function connectHarbor({ origin, credential }: HarborOptions, { http, clock, log }: HarborPorts): Harbor {
  return { origin, send, read, parse: parsed, all }

  async function send(call: HarborCall): Promise<HarborAnswer> {
    const first = await once(call)
    if (first.status !== 401 || call.expect?.includes(401) === true) return understood(first, call)
    // Only a lock goes away by itself; a second 401 is the answer.
    if (credential !== undefined) await clock.sleep(lockTime)
    const answer = credential === undefined ? first : await once(call)
    if (answer.status === 401) throw unauthenticated(answer, call)
    return understood(answer, call)
  }

  async function once({ method, path, query = {}, headers, body, expect = [], idempotent, limit }: HarborCall): Promise<HarborAnswer> {
    const search = new URLSearchParams(query).toString()
    const root = path.startsWith('/service/') ? '' : '/api/v2.0'
    const requestId = randomUUID()
    const response = await http.request({
      ...{ method, url: `${origin}${root}${path}${search === '' ? '' : `?${search}`}`, home: origin, redirect: 'manual' },
      headers: {
        ...{ accept: 'application/json', 'x-request-id': requestId, 'x-is-resource-name': 'true' },
        ...(credential === undefined ? {} : { authorization: basicOf(credential) }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      expect: [...answers, ...expect],
      ...(idempotent === undefined ? {} : { idempotent }),
    })
    return answerOf(response, { requestId, limit })
  }

  function understood(answer: HarborAnswer, { doing, needs, expect = [] }: HarborCall): HarborAnswer {
    const { status, text, requestId } = answer
    if (expect.includes(status) || (status >= 200 && status < 300)) return answer
    log.debug('Harbor refused', { doing, status, request: requestId })
    if (status >= 300 && status < 400) throw strange(`is redirected to ${answer.header('location') ?? 'nowhere'}`, answer)
    throw refusalError({ status, text, doing, needs, requestId })
  }

  function unauthenticated({ text, requestId }: HarborAnswer, { doing }: HarborCall): Error {
    const words = saidIn(text).message
    const said = words === '' ? '' : ` (${words})`
    if (credential === undefined) {
      const message = `Harbor at ${origin} answered 401 and does not ${doing} for nobody${said}, request ${requestId}.`
      return harborLogin(message, { hint: 'Give username and password.' })
    }
    const { username, source } = credential
    const message = `Harbor at ${origin} does not take the credentials of ${username} from ${source}: 401 twice, 2 s apart${said}, request ${requestId}.`
    return harborLogin(message, { hint: hintFor(username) })
  }

  async function read<S extends v.GenericSchema>(call: HarborCall, schema: S): Promise<v.InferOutput<S>> {
    const answer = await send(call)
    return parsed(answer, schema)
  }

  function parsed<S extends v.GenericSchema>(answer: HarborAnswer, schema: S): v.InferOutput<S> {
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text)
    if (result.success) return result.output
    const [issue] = result.issues
    throw strange(`has at ${issue === undefined ? 'its root' : (v.getDotPath(issue) ?? 'its root')}: ${issue?.message}`, answer)
  }

  function strange(what: string, { status, text, requestId }: HarborAnswer): Error {
    const looks = /^\s*</.test(text) ? ', and is a page of HTML' : ''
    return harborStrange(`The answer ${status} of ${origin} ${what}${looks} (request ${requestId}).`)
  }

  async function all<S extends v.GenericSchema>(call: HarborCall, item: S): Promise<readonly v.InferOutput<S>[]> {
    const items: v.InferOutput<S>[] = []
    for (let page = 1; page <= mostPages; page += 1) {
      const answer = await send({ ...call, query: { ...call.query, page: String(page), page_size: String(perPage) } })
      const some = parsed(answer, v.nullish(v.array(item), []))
      items.push(...(some ?? []))
      const total = Number(answer.header('x-total-count') ?? Number.NaN)
      if (some === null || some.length === 0 || (Number.isNaN(total) ? some.length < perPage : items.length >= total)) return items
    }
    throw harborStrange(`Harbor at ${origin} has more than ${mostPages * perPage} items to ${call.doing}.`)
  }
}

async function answerOf(
  response: HttpResponse,
  { requestId, limit }: { requestId: string; limit: number | undefined },
): Promise<HarborAnswer> {
  return {
    status: response.status,
    text: await response.text(limit),
    requestId: response.header('x-request-id') ?? requestId,
    header: (name) => response.header(name),
  }
}

function hintFor(username: string): string | undefined {
  if (!username.includes('$') && username.includes('+'))
    return `Did a shell take the "$"? A robot is called 'robot$${username.replace(/^robot/, '')}'.`
  return undefined
}
