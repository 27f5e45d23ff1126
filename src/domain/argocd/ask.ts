import type { Http, HttpRequest, HttpResponse } from '../../spec/ports.ts'
import type { ArgoServer } from './server.ts'

/** A server, and what goes with every request to it. */
export interface ArgoPlace {
  readonly server: ArgoServer
  /** For proxies that ask for them; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Authorities and a client certificate of its own. */
  readonly tls?: HttpRequest['tls'] | undefined
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From the root that Argo CD is served under: `/api/…`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly idempotent?: boolean | undefined
  /** Whether the answer is waited for, or lasts, for as long as there is no news. */
  readonly holdsNoPlace?: boolean | undefined
  /** Milliseconds with all attempts. */
  readonly timeout: number
}

/** Statuses that say something, and are not the transport’s to wait for: 500 is what Argo CD says for "unknown", mostly for good. */
const answers = [200, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 500, 501]
const longestSilence = 60_000

/** One request to an Argo CD; no redirect is followed, since what goes with it is for this server only. */
export function askArgo(http: Http, { server, headers, tls }: ArgoPlace, question: Question): Promise<HttpResponse> {
  const { method, path, query, body, idempotent, holdsNoPlace = false, timeout } = question
  return http.request({
    ...{ method, url: urlOf(server, path, query), home: server.origin, redirect: 'manual', expect: answers, holdsNoPlace },
    ...{ deadline: timeout, idleTimeout: Math.min(timeout, longestSilence), ...(idempotent === undefined ? {} : { idempotent }) },
    // Without a type every request that changes something is answered by 415, a DELETE without a body as well.
    headers: { ...(method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers, ...question.headers },
    ...(tls === undefined ? {} : { tls }),
    ...(body === undefined ? {} : { body }),
  })
}

function urlOf({ base }: ArgoServer, path: string, query: Question['query'] = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) search.append(name, each)
  }
  const text = search.toString()
  return `${base}${path}${text === '' ? '' : `?${text}`}`
}
