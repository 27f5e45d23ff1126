import * as v from 'valibot'
import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
import type { Http, HttpRequest, HttpResponse } from '../../spec/ports.ts'
import { forgeDenied, forgeLimited, forgeMissing, forgeRefused, forgeStrange } from './errors.ts'

export interface ForgeCall {
  readonly method: HttpRequest['method']
  /** Below the address of the API, with a slash before it; its parts are encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** For messages, after "does not": `open a pull request`. */
  readonly doing: string
  /** Refusals that the caller understands. */
  readonly expect?: (answer: ForgeAnswer) => boolean
  /** Whether it may be sent again after a failure; default as for the method. */
  readonly idempotent?: boolean
}

/** What a forge answered, read whole. */
export interface ForgeAnswer {
  readonly status: number
  readonly text: string
  /** What it says of a refusal, as one line. */
  readonly said: string
}

/** The REST API of a forge. @throws SW-FORGE-… and the errors of HTTP */
export interface ForgeClient {
  /** `https://api.github.com`, without a final slash. */
  readonly api: string
  send(call: ForgeCall): Promise<ForgeAnswer>
  /** The body of an answer, by its schema. */
  read<S extends v.GenericSchema>(call: ForgeCall, schema: S): Promise<v.InferOutput<S>>
  /** The body of an answer that is there already, by its schema. */
  parse<S extends v.GenericSchema>(answer: ForgeAnswer, schema: S): v.InferOutput<S>
}

export interface ForgeOptions {
  /** For messages: `GitHub`. */
  readonly name: string
  readonly api: string
  /** Those that say who asks among them. */
  readonly headers: Readonly<Record<string, string>>
}

/** Statuses that are the forge's word rather than trouble on the way. */
const refusals = [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423]
const redirects = [301, 302, 303, 304, 307, 308]
const refusal = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))

/** A client of one forge; it follows no redirect, since its headers hold a token. */
export function connectForge(options: ForgeOptions, http: Http): ForgeClient {
  const { api, headers } = options
  const parse: ForgeClient['parse'] = (answer, schema) => parsed(answer, schema, options)
  return { api, send, parse, read: async (call, schema) => parse(await send(call), schema) }

  async function send({ method, path, query = {}, body, doing, expect, idempotent }: ForgeCall): Promise<ForgeAnswer> {
    const search = new URLSearchParams(query).toString()
    const response = await http.request({
      ...{ method, url: `${api}${path}${search === '' ? '' : `?${search}`}`, home: new URL(api).origin, redirect: 'manual' },
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      expect: [200, 201, 202, 204, ...redirects, ...refusals],
      ...(idempotent === undefined ? {} : { idempotent }),
    })
    const text = await response.text()
    const answer = { status: response.status, text, said: saidIn(text) }
    if (answer.status < 300 || expect?.(answer) === true) return answer
    throw refusedBy(answer, { doing, isLimited: isLimited(response, answer), options })
  }
}

/** What a forge says of a refusal: GitHub and Gitea under `message`, GitLab under `message`, `error` or both, as text or by field. */
export function saidIn(text: string): string {
  const body = v.safeParse(refusal, text)
  const { message, error, error_description: more, errors } = body.success ? body.output : {}
  const words = [message, error, more, errors].flatMap((one) => (one === undefined || one === null ? [] : [wordsOf(one)]))
  return neutraliseLine(excerpt((body.success ? words.join('; ') : text).trim(), 400))
}

function wordsOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** GitHub has 403 for this too (docs.github.com, rate limits). */
function isLimited(response: HttpResponse, { status, said }: ForgeAnswer): boolean {
  return status === 403 && (response.header('x-ratelimit-remaining') === '0' || /rate limit/i.test(said))
}

function refusedBy(
  { status, said }: ForgeAnswer,
  { doing, isLimited: limited, options }: { readonly doing: string; readonly isLimited: boolean; readonly options: ForgeOptions },
): Error {
  const { name, api } = options
  const message = `${name} at ${api} does not ${doing}: ${status}${said === '' ? '' : `, ${said}`}.`
  if (status < 400) return forgeStrange(message)
  if (limited) return forgeLimited(message, { retryable: true })
  if (status === 401 || status === 403) return forgeDenied(message)
  return status === 404 ? forgeMissing(message) : forgeRefused(message)
}

function parsed<S extends v.GenericSchema>({ status, text }: ForgeAnswer, schema: S, { name, api }: ForgeOptions): v.InferOutput<S> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text)
  if (result.success) return result.output
  const [issue] = result.issues
  const where = (issue === undefined ? undefined : v.getDotPath(issue)) ?? 'its root'
  const looks = /^\s*</.test(text) ? ', and is a page of HTML' : ''
  throw forgeStrange(`The answer ${status} of ${name} at ${api} has at ${where}: ${issue?.message}${looks}.`)
}
