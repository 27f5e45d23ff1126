import type * as v from 'valibot'
import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
import type { Clock, Http, Log } from '../../spec/ports.ts'
import { type ArgoAnswer, answerOf, parseAnswer, strangeAnswer } from './answer.ts'
import { type ArgoPlace, askArgo } from './ask.ts'
import type { ArgoTokens } from './auth/tokens.ts'
import { argocdLogin } from './errors.ts'
import { refusalError, saidIn } from './refusals.ts'
import type { ArgoServer } from './server.ts'

export interface ArgoPorts {
  readonly http: Http
  readonly clock: Clock
  readonly log: Log
}

export interface ArgoOptions extends ArgoPlace {
  readonly tokens: ArgoTokens
}

export interface ArgoCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1`, or from the root when it begins with `/api/`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** For messages, after "does not": `show the application web`. */
  readonly doing: string
  /** The right that an account needs for it: `applications, sync`. */
  readonly needs?: string
  /** Whether the project goes with it. */
  readonly hasProject?: boolean
  /** Statuses besides 200 to 299 that the caller understands. */
  readonly expect?: readonly number[]
  /** Whether it may be sent again after a failure; default as for the method. */
  readonly idempotent?: boolean
  /** Whether the answer is waited for, or lasts, for as long as there is no news. */
  readonly holdsNoPlace?: boolean
  /** Milliseconds with all attempts. Default 60 000. */
  readonly timeout?: number
  /** Bytes of the answer. Default 32 MiB. */
  readonly limit?: number
}

/** A connection to an Argo CD. Throws SW-ARGOCD-LOGIN, the errors of refusals, and those of HTTP. */
export interface Argo {
  readonly server: ArgoServer
  send(call: ArgoCall): Promise<ArgoAnswer>
  /** The body of an answer, by its schema. Throws SW-ARGOCD-ANSWER as well. */
  read<S extends v.GenericSchema>(call: ArgoCall, schema: S): Promise<v.InferOutput<S>>
  /** Opens a stream: its body is the caller’s to read and to destroy. */
  open(call: ArgoCall, accept: string): ReturnType<Http['request']>
}

const [usualTimeout, usualLimit] = [60_000, 32 * 1024 * 1024]
/** Milliseconds before a 500 is asked about again, for what may be repeated. */
const pauses = [500, 2000]

/** A client of one Argo CD over REST. It follows no redirect: the token is for this server only. */
export function connectArgo(options: ArgoOptions, { http, clock, log }: ArgoPorts): Argo {
  const { server, tokens } = options
  return { server, send, open, read: async (call, schema) => parseAnswer(await send(call), { schema, server }) }

  async function send(call: ArgoCall): Promise<ArgoAnswer> {
    const end = clock.now() + (call.timeout ?? usualTimeout)
    for (let attempt = 0; ; attempt += 1) {
      const response = await authorised(call, { accept: 'application/json', timeout: Math.max(end - clock.now(), 1) })
      const answer = await answerOf(response, call.limit ?? usualLimit)
      const pause = pauses[attempt]
      const isWorthAnother = answer.status === 500 && call.expect?.includes(500) !== true && isRepeatable(call)
      if (!isWorthAnother || pause === undefined || clock.now() + pause >= end) return understood(answer, call)
      log.debug('Argo CD failed, asking again', { doing: call.doing, said: saidIn(answer.text).message })
      await clock.sleep(pause)
    }
  }

  async function open(call: ArgoCall, accept: string): ReturnType<Http['request']> {
    const response = await authorised(call, { accept, timeout: call.timeout ?? usualTimeout })
    if (response.status === 200) return response
    understood(await answerOf(response, usualLimit), { ...call, expect: [] })
    throw strangeAnswer({ status: response.status, text: '', header: () => undefined }, { server, what: 'is no stream' })
  }

  /** A token may have expired, or its file may hold another one by now: a 401 is asked about once more. */
  async function authorised(call: ArgoCall, how: { accept: string; timeout: number }): ReturnType<Http['request']> {
    const token = await tokens.current()
    const first = await once(call, { ...how, token })
    if (first.status !== 401 || call.expect?.includes(401) === true) return first
    const said = saidIn(await first.text(usualLimit)).message
    const next = token === undefined ? undefined : await tokens.renewed(token)
    if (next === undefined) throw loginError(call, said)
    log.debug('Argo CD refused the token, another one is used', { source: tokens.source })
    const second = await once(call, { ...how, token: next })
    if (second.status !== 401) return second
    throw loginError(call, saidIn(await second.text(usualLimit)).message)
  }

  function once(call: ArgoCall, { accept, timeout, token }: { accept: string; timeout: number; token: string | undefined }) {
    const { method, path, query, body, idempotent, holdsNoPlace } = call
    return askArgo(http, options, {
      ...{ method, path: path.startsWith('/api/') ? path : `/api/v1${path}`, query, timeout, idempotent, holdsNoPlace },
      headers: { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  }

  function understood(answer: ArgoAnswer, call: ArgoCall): ArgoAnswer {
    const { status, text } = answer
    if ((status >= 200 && status < 300) || call.expect?.includes(status) === true) return answer
    if (status >= 300 && status < 400)
      throw strangeAnswer(answer, { server, what: `is a redirect to ${placeOf(answer.header('location'))}` })
    const said = saidIn(text)
    // Argo CD’s own refusals are JSON with a code; a path that is not there is plain text.
    if (said.code === undefined && status !== 403 && status < 500) throw strangeAnswer(answer, { server, what: `says: ${said.message}` })
    throw refusalError({ status, said, doing: call.doing, needs: call.needs, hasProject: call.hasProject ?? false })
  }

  function loginError({ doing }: ArgoCall, said: string): Error {
    return argocdLogin(`Argo CD at ${server.base} answered 401 and does not ${doing}: it does not take ${tokens.source} (${said}).`)
  }
}

/** Without its query, which is where a login page is told its secrets. */
function placeOf(location = 'nowhere'): string {
  return neutraliseLine(excerpt(location.replace(/[?#].*$/s, ''), 200))
}

function isRepeatable({ method, idempotent }: ArgoCall): boolean {
  return idempotent ?? method !== 'POST'
}
