import { httpRefusedUrl } from './errors.ts'
import type { Hop } from './exchange.ts'
import { checkUrl, showUrl, type UrlPolicy } from './url-policy.ts'

/** What may follow a redirect to another origin. Not a list of what may not: any other header may carry a credential. */
const harmlessHeaders = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'if-modified-since',
  'if-none-match',
  'range',
  'user-agent',
])

/** The request that a 3xx answer asks for (RFC 9110 §15.4), judged; undefined when the answer is no redirect. */
export function redirected(
  hop: Hop,
  answer: { readonly status: number; readonly location: string | undefined },
  rules: { readonly home: string; readonly policy: UrlPolicy },
): Hop | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status) || answer.location === undefined) return undefined
  const from = hop.url
  const target = URL.parse(answer.location, from.href)?.href ?? answer.location
  const { url, guarded } = checkUrl(target, rules.home, rules.policy)
  if (from.protocol === 'https:' && url.protocol === 'http:') throw refusal(from, url, 'it leads from https to http')
  const next = withMethod(hop, answer.status)
  if (url.origin === from.origin) return { ...next, url, guarded }
  if (next.body !== undefined) throw refusal(from, url, 'it would carry the body to another server')
  const headers = Object.fromEntries(Object.entries(next.headers).filter(([name]) => harmlessHeaders.has(name)))
  const { tls: _, ...rest } = next
  return { ...rest, url, guarded, headers }
}

function withMethod(hop: Hop, status: number): Hop {
  const becomesGet = (status === 303 && hop.method !== 'HEAD') || (status < 303 && hop.method === 'POST')
  if (!becomesGet) return hop
  const { body: _, headers, ...rest } = hop
  return { ...rest, method: 'GET', headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-'))) }
}

function refusal(from: URL, to: URL, why: string): Error {
  return httpRefusedUrl(`Refused the redirect from ${showUrl(from)} to ${showUrl(to)}: ${why}.`, {
    hint: `Check what stands at ${from.origin}; a proxy in front of it may answer in its place.`,
  })
}
