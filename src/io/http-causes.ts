import type { ErrorKind } from '../base/errors.ts'
import { systemCode } from '../base/errors.ts'
import { httpHeader, httpMalformed, httpProxy, httpTimeout, httpTls, httpTooLarge, httpTruncated, httpUnreachable } from './errors.ts'
import { NeverConnected, Stalled } from './exchange.ts'

/** What an error of Node's HTTP client means. */
export interface NetworkCause {
  readonly kind: ErrorKind
  /** Goes on after `GET https://…`: `failed: …`. */
  readonly what: string
  /** `few`: a misspelt name or a closed port rarely heals, so that waiting minutes for it would only annoy. */
  readonly retry: 'no' | 'few' | 'yes'
  /** Whether the server may have acted on the request. */
  readonly sent: boolean
  /** Whether it will be the same later, until a person changes something. */
  readonly lasting?: boolean
  readonly hint?: string
  /** For the line that tells of the wait; default the code. */
  readonly seen?: string
}

const notResolved = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']
const notConnected = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN', 'ENETDOWN']
const cut = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED', 'ERR_STREAM_DESTROYED']
const notSecure =
  /^(?:EPROTO|ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_|DEPTH_|SELF_SIGNED|ERROR_IN_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/

/** Explains an error that came while asking a URL. */
export function explainNetworkError(error: unknown, url: URL): NetworkCause {
  const code = systemCode(error) ?? 'unknown error'
  if (error instanceof Stalled) return stalled(error, url)
  if (cut.includes(code))
    return { kind: httpTruncated, what: `failed: the connection was cut (${code})`, retry: 'yes', sent: true, seen: 'connection cut' }
  if (notResolved.includes(code)) return unknownName(error, url)
  if (notConnected.includes(code)) return closedPort(error, url)
  if (code.startsWith('ERR_PROXY')) return refusedByProxy(error, url)
  if (notSecure.test(code))
    return { kind: httpTls, what: `failed: no secure connection (${code})`, retry: 'no', sent: false, hint: tlsHint(code, url.host) }
  if (code === 'HPE_HEADER_OVERFLOW')
    return { kind: httpTooLarge, what: 'failed: the headers of the answer are larger than 64 KiB', retry: 'no', sent: true }
  if (code.startsWith('HPE_')) return notHttp(code, url)
  if (code === 'ERR_INVALID_CHAR')
    return { kind: httpHeader, what: 'was not sent: a header contains a line feed or a control character', retry: 'no', sent: false }
  return { kind: httpUnreachable, what: `failed (${code})`, retry: 'no', sent: true }
}

function stalled(error: Stalled, { host }: URL): NetworkCause {
  const hint = `Check that a firewall lets this machine reach ${host}.`
  const sent = !(error instanceof NeverConnected)
  return { kind: httpTimeout, what: `timed out: ${error.message}`, retry: 'yes', sent, hint, seen: error.message }
}

/** The name is that of the proxy, where there is one. */
function unknownName(error: unknown, { hostname }: URL): NetworkCause {
  const name = property(error, 'hostname') ?? hostname
  const hint = `Check the spelling, and the DNS of this machine: getent hosts ${name}`
  const code = systemCode(error)
  // EAI_AGAIN: the name server did not answer, so nobody knows about the name.
  return {
    kind: httpUnreachable,
    what: `failed: the name ${name} is not known (${code})`,
    retry: 'few',
    sent: false,
    lasting: code !== 'EAI_AGAIN',
    hint,
  }
}

function closedPort(error: unknown, { host, hostname }: URL): NetworkCause {
  const hint = `Check the port, and whether a proxy is needed (HTTPS_PROXY) or in the way (NO_PROXY=${hostname}).`
  return {
    kind: httpUnreachable,
    what: `failed: ${peerOf(error) ?? host} takes no connection (${systemCode(error)})`,
    retry: 'few',
    sent: false,
    hint,
  }
}

function refusedByProxy(error: unknown, { hostname }: URL): NetworkCause {
  const status = Number(property(error, 'statusCode') ?? 0)
  const what = `failed: the proxy refuses the connection${status === 0 ? '' : ` (${status})`}`
  const hint =
    status === 407
      ? 'Put the user name and password into HTTPS_PROXY=http://user:password@host:port'
      : `Ask for the host to be allowed, or exempt it: NO_PROXY=${hostname}`
  return { kind: httpProxy, what, retry: status >= 500 ? 'few' : 'no', sent: false, hint, seen: `proxy ${status}` }
}

function notHttp(code: string, { host, protocol }: URL): NetworkCause {
  const hint = `Check that ${host} speaks ${protocol.slice(0, -1)}.`
  return { kind: httpMalformed, what: `failed: the answer is not HTTP (${code})`, retry: 'no', sent: true, hint }
}

function tlsHint(code: string, host: string): string {
  if (/WRONG_VERSION|EPROTO|HTTP_REQUEST/.test(code))
    return `${host} may speak plain http: then use http:// and set SLIPWAY_INSECURE_HOSTS=${host}`
  if (/ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA)/.test(code))
    return `${host} asks for a certificate of the client, or does not take it.`
  if (/EXPIRED|NOT_YET/.test(code)) return `Renew the certificate of ${host}, and check the clock of this machine.`
  if (/ALTNAME|HOSTNAME/.test(code))
    return `See for which names it is: openssl s_client -connect ${host} </dev/null | openssl x509 -noout -ext subjectAltName`
  return 'Give the certificate of the authority that signed it: NODE_EXTRA_CA_CERTS=/path/ca.pem'
}

/** Where the connection was tried: with a proxy, or with several addresses, not what the URL says. */
function peerOf(error: unknown): string | undefined {
  const inner = error instanceof AggregateError ? error.errors[0] : error
  const [address, port] = [property(inner, 'address'), property(inner, 'port')]
  return address === undefined || port === undefined ? undefined : `${address.includes(':') ? `[${address}]` : address}:${port}`
}

function property(error: unknown, name: string): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
