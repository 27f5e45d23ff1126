import * as v from 'valibot'
import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import type { Http } from '../../../spec/ports.ts'
import { secretStoreDenied, secretStoreMissing, secretStoreRefused } from '../errors.ts'
import { status } from './schema.ts'

/** An API server, and who we are to it. */
export interface KubernetesAccess {
  /** `https://10.0.0.1:443`, without a final slash. */
  readonly server: string
  /** Read anew for each request: that of a pod is replaced every hour. */
  readonly token: () => Promise<string>
  /** PEM of the authority that signed the server's certificate. Default: the authorities of this machine. */
  readonly ca?: string | undefined
}

export interface KubernetesCall {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly body?: unknown
  /** For messages, after "does not". */
  readonly doing: string
  /** Refusals that the caller understands. */
  readonly expect?: readonly number[]
}

export interface KubernetesAnswer {
  readonly status: number
  readonly text: string
}

/** Asks an API server once; PATCH is a merge patch (RFC 7386). Throws SW-SECRET-STORE-… and the errors of HTTP. */
export async function askKubernetes(
  { server, token, ca }: KubernetesAccess,
  { method, path, body, doing, expect = [] }: KubernetesCall,
  http: Http,
): Promise<KubernetesAnswer> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const response = await http.request({
    ...{ method, url: `${server}${path}`, home: new URL(server).origin, redirect: 'manual' },
    headers: {
      ...{ accept: 'application/json', authorization: `Bearer ${await token()}` },
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    // With its resourceVersion a patch that came through already is refused the second time.
    idempotent: method !== 'POST',
    expect: [200, 201, 301, 302, 307, 308, 400, 401, 403, 404, 405, 409, 413, 415, 422],
  })
  const answer = { status: response.status, text: await response.text() }
  if (answer.status < 300 || expect.includes(answer.status)) return answer
  throw refusalOf(answer, `Kubernetes at ${server} does not ${doing}`)
}

function refusalOf({ status: code, text }: KubernetesAnswer, what: string): Error {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), status), text)
  const said = neutraliseLine(excerpt(parsed.success ? parsed.output.message : '', 400))
  const message = `${what}: ${code}${said === '' ? '' : `, ${said}`}.`
  if (code === 401 || code === 403) return secretStoreDenied(message)
  return code === 404 ? secretStoreMissing(message) : secretStoreRefused(message)
}
