import { randomUUID } from 'node:crypto'
import type * as v from 'valibot'
import { httpStatus } from '../../io/errors.ts'
import type { Clock, Http, Log } from '../../spec/ports.ts'
import type { PasswordCredential } from '../oci/auth/credential.ts'
import { basicOf } from '../oci/auth/token.ts'
import { answerOf, type HarborAnswer, parseAnswer, strangeAnswer } from './answer.ts'
import { harborLogin } from './errors.ts'
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
  /** Milliseconds since 1970: no request goes on after it. Default: each has the time of any other. */
  readonly until?: number | undefined
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

/** A Harbor and our account there. Throws SW-HARBOR-LOGIN, the errors of refusals, and those of HTTP. */
export interface Harbor {
  readonly origin: string
  /** Of our account; undefined for nobody. */
  readonly username: string | undefined
  send(call: HarborCall): Promise<HarborAnswer>
  /** The body of an answer, by its schema. Throws SW-HARBOR-ANSWER as well. */
  read<S extends v.GenericSchema>(call: HarborCall, schema: S): Promise<v.InferOutput<S>>
  /** The body of an answer that is known already, by its schema. Throws SW-HARBOR-ANSWER. */
  parse<S extends v.GenericSchema>(answer: HarborAnswer, schema: S): v.InferOutput<S>
}

/** Statuses that say something, and are not the transport's to wait for. */
const answers = [200, 201, 202, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422]
/** Harbor holds a wrong password for 1.5 s, and meanwhile refuses the right one, whoever brings it. */
const lockTime = 2000

/** A client of one Harbor. It keeps no cookies: with one sent back, Harbor would ask for a CSRF token at each change. */
export function connectHarbor(options: HarborOptions, { http, clock, log }: HarborPorts): Harbor {
  const { origin, credential, until } = options
  return {
    ...{ origin, username: credential?.username, send },
    parse: (answer, schema) => parseAnswer(answer, { schema, origin }),
    read: async (call, schema) => parseAnswer(await send(call), { schema, origin }),
  }

  async function send(call: HarborCall): Promise<HarborAnswer> {
    const first = await once(call)
    if (first.status !== 401 || call.expect?.includes(401) === true) return understood(first, call)
    // Only a lock goes away by itself; a second 401 is the answer.
    if (credential !== undefined) await clock.sleep(lockTime)
    const answer = credential === undefined ? first : await once(call)
    if (answer.status === 401) throw unauthenticated(answer, call, options)
    return understood(answer, call)
  }

  async function once({ method, path, query = {}, headers, body, expect = [], idempotent, limit }: HarborCall): Promise<HarborAnswer> {
    const search = new URLSearchParams(query).toString()
    const root = path.startsWith('/service/') ? '' : '/api/v2.0'
    const requestId = randomUUID()
    const request = http.request({
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
      ...(until === undefined ? {} : { deadline: Math.max(until - clock.now(), 1) }),
    })
    const response = await request.catch((error: unknown) => Promise.reject(withRequest(error, requestId)))
    return answerOf(response, { requestId, limit })
  }

  function understood(answer: HarborAnswer, { doing, needs, expect = [] }: HarborCall): HarborAnswer {
    const { status, text, requestId } = answer
    if (expect.includes(status) || (status >= 200 && status < 300)) return answer
    log.debug('Harbor refused', { doing, status, request: requestId })
    if (status >= 300 && status < 400)
      throw strangeAnswer(answer, { origin, what: `is redirected to ${answer.header('location') ?? 'nowhere'}` })
    throw refusalError({ status, text, doing, needs, requestId })
  }
}

/** All attempts of a call have one id; what a proxy answers in Harbor’s place, core may still have in its log. */
function withRequest(error: unknown, requestId: string): unknown {
  if (!httpStatus.is(error)) return error
  const { message, hint, retryable, cause } = error
  return httpStatus(`${message.replace(/\.$/, '')} (request ${requestId}).`, { hint, retryable, cause })
}

/** Two answers 401, 2 s apart: no lock, but what is wrong Harbor does not say. */
function unauthenticated({ text, requestId }: HarborAnswer, { doing }: HarborCall, { origin, credential }: HarborOptions): Error {
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

function hintFor(username: string): string | undefined {
  if (!username.includes('$') && username.includes('+'))
    return `Did a shell take the "$"? A robot is called 'robot$${username.replace(/^robot/, '')}'.`
  return undefined
}
