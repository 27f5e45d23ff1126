import { isLoopback } from '../../../base/loopback.ts'
import { credentialKeyless } from '../errors.ts'
import { checkedEndpoint } from '../exchange.ts'

/**
 * An address out of a credential file that tokens are sent to: one of Google’s APIs, or this machine. A file that somebody else wrote
 * could else send them anywhere (Google Cloud, “validate credential configurations from external sources”).
 */
export function googleEndpoint(text: string, field: string): URL {
  const url = checkedEndpoint(text, `${field} of GOOGLE_APPLICATION_CREDENTIALS`)
  if (isLoopback(url.host) || /^[a-z0-9.-]+\.googleapis\.com$/.test(url.host)) return url
  throw credentialKeyless(`${field} of GOOGLE_APPLICATION_CREDENTIALS leads to ${url.host}, expected a host below googleapis.com.`)
}
