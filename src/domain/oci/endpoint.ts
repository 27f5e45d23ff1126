import { isLoopback } from '../../base/loopback.ts'
import { httpStatus, httpTimeout, httpUnreachable } from '../../io/errors.ts'
import type { Http } from '../../spec/ports.ts'
import { type Known, knownOf } from './known.ts'

/**
 * Whether to speak HTTP without TLS. `auto`: only to a registry that answers so, on loopback or among the hosts that the user
 * allows it for. `always`: the user says that this registry is insecure.
 */
export type PlainHttp = 'never' | 'auto' | 'always'

/** The origin of a registry's API: `https://registry-1.docker.io` for docker.io. */
export async function originOf(registry: string, plainHttp: PlainHttp, http: Http): Promise<string> {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  if (plainHttp === 'always') return `http://${host}`
  const isAllowed = isLoopback(host) || http.insecureHosts?.some((allowed) => allowed === host || allowed === host.replace(/:\d+$/, ''))
  if (plainHttp !== 'auto' || !isAllowed) return `https://${host}`
  return (await speaksHttp(`http://${host}`, knownOf(http, registry), http)) ? `http://${host}` : `https://${host}`
}

/**
 * Asks without any credential. When nothing listens, or a busy machine is late, the real request may say so: it is as plain as
 * this one. Only an answer, or a connection that ends, tells of TLS; and only an answer is remembered, as a forwarded port ends
 * connections while nobody listens behind it yet.
 */
async function speaksHttp(origin: string, known: Known, http: Http): Promise<boolean> {
  if (known.speaksHttp !== undefined) return known.speaksHttp
  try {
    const answer = await http.request({
      method: 'GET',
      url: `${origin}/v2/`,
      redirect: 'manual',
      expect: [200, 401, 403, 404],
      deadline: 5000,
    })
    await answer.discard()
    known.speaksHttp = true
  } catch (error) {
    if (!httpStatus.is(error)) return httpUnreachable.is(error) || httpTimeout.is(error)
    // A server that is down for a while has answered; one that wants TLS says 400.
    known.speaksHttp = error.retryable
  }
  return known.speaksHttp
}
