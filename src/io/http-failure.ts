import type { IncomingMessage } from 'node:http'
import { type ErrorKind, TaskError } from '../base/errors.ts'
import { neutraliseLine } from '../base/untrusted.ts'
import {
  httpHeader,
  httpMalformed,
  httpProxy,
  httpStatus,
  httpTimeout,
  httpTls,
  httpTooLarge,
  httpTruncated,
  httpUnreachable,
} from './errors.ts'
import { type Hop, Stalled } from './exchange.ts'
import { isTransientStatus, retryAfter } from './retry.ts'
import { codeOf } from './system-errors.ts'
import { showUrl } from './url-policy.ts'

/** What went wrong with one attempt, and what that means for the next. */
export interface Failure {
  /** For the line that tells of the wait: `503`, `ECONNRESET`. */
  readonly seen: string
  /** `few`: a misspelt name or a closed port rarely heals, so that waiting minutes for it would only annoy. */
  readonly retry: 'no' | 'few' | 'yes'
  /** Whether the server may have acted on the request. */
  readonly sent: boolean
  /** Milliseconds the server asks to wait. */
  readonly after?: number | undefined
  /** Whether all requests to this host must wait. */
  readonly busy?: boolean
  /** The error, when this was the last attempt; `tried` says how often and how long. */
  readonly error: (tried: string) => Error
}

const notResolved = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']
const notConnected = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EHOSTDOWN', 'ENETDOWN']
const cut = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED', 'ERR_STREAM_DESTROYED']
const cutWords = 'connection cut'
const tls =
  /^(?:EPROTO|ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_|DEPTH_|SELF_SIGNED|ERROR_IN_CERT|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE)/

/** The failure behind an error of Node's HTTP client. */
export function networkFailure(error: unknown, hop: Hop): Failure {
  if (error instanceof TaskError)
    return {
      seen: error.code === httpTruncated.code ? cutWords : error.code,
      retry: error.retryable ? 'yes' : 'no',
      sent: true,
      error: () => error,
    }
  const code = codeOf(error) ?? ''
  const failed = (
    kind: ErrorKind,
    what: string,
    options: { retry: Failure['retry']; sent?: boolean; hint?: string; seen?: string },
  ): Failure => ({
    seen: options.seen ?? code,
    retry: options.retry,
    sent: options.sent ?? true,
    error: (tried) =>
      kind(`${hop.method} ${showUrl(hop.url)} ${what}${tried}.`, { cause: error, retryable: options.retry === 'yes', hint: options.hint }),
  })
  const { host, hostname } = hop.url
  if (error instanceof Stalled)
    return failed(httpTimeout, `timed out: ${error.message}`, {
      retry: 'yes',
      seen: error.message,
      hint: `Check that a firewall lets this machine reach ${host}.`,
    })
  if (notResolved.includes(code))
    return failed(httpUnreachable, `failed: the name ${property(error, 'hostname') ?? hostname} is not known (${code})`, {
      retry: 'few',
      sent: false,
      hint: `Check the spelling, and the DNS of this machine: getent hosts ${hostname}`,
    })
  if (notConnected.includes(code))
    return failed(httpUnreachable, `failed: ${peerOf(error) ?? host} takes no connection (${code})`, {
      retry: 'few',
      sent: false,
      hint: `Check the port, and whether a proxy is needed (HTTPS_PROXY) or in the way (NO_PROXY=${hostname}).`,
    })
  if (code.startsWith('ERR_PROXY')) return proxyFailure(error, failed)
  if (tls.test(code))
    return failed(httpTls, `failed: no secure connection (${code})`, { retry: 'no', sent: false, hint: tlsHint(code, host) })
  if (cut.includes(code)) return failed(httpTruncated, `failed: the connection was cut (${code})`, { retry: 'yes', seen: cutWords })
  if (code === 'HPE_HEADER_OVERFLOW')
    return failed(httpTooLarge, 'failed: the headers of the answer are larger than 64 KiB', { retry: 'no' })
  if (code.startsWith('HPE_'))
    return failed(httpMalformed, `failed: the answer is not HTTP (${code})`, {
      retry: 'no',
      hint: `Check that ${host} speaks ${hop.url.protocol.slice(0, -1)}.`,
    })
  if (code === 'ERR_INVALID_CHAR')
    return failed(httpHeader, 'was not sent: a header contains a line feed or a control character', { retry: 'no', sent: false })
  return failed(httpUnreachable, `failed (${code === '' ? 'unknown error' : code})`, { retry: 'no' })
}

/** The failure of an answer with a status that nobody expects; `excerpt` is the beginning of its body. */
export function statusFailure(message: IncomingMessage, excerpt: string, { hop, now }: { hop: Hop; now: number }): Failure {
  const status = message.statusCode ?? 0
  const transient = isTransientStatus(status)
  const said = excerpt.trim() === '' ? '' : `: ${neutraliseLine(excerpt.trim())}`
  const id = message.headers['x-request-id']
  const request = typeof id === 'string' ? ` (request ${neutraliseLine(id.slice(0, 100))})` : ''
  return {
    seen: String(status),
    retry: transient ? 'yes' : 'no',
    // 429 says that the request was not even looked at.
    sent: status !== 429,
    busy: status === 429 || status === 503,
    after: transient ? retryAfter(message.headers['retry-after'], now) : undefined,
    error: (tried) =>
      httpStatus(`${hop.method} ${showUrl(hop.url)} answered ${status}${request}${tried}${said}`, {
        retryable: transient,
        hint: statusHint(status, hop.url.host),
      }),
  }
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

function proxyFailure(
  error: unknown,
  failed: (kind: ErrorKind, what: string, options: { retry: Failure['retry']; sent: boolean; hint: string; seen: string }) => Failure,
): Failure {
  const status = Number(property(error, 'statusCode') ?? 0)
  const hint =
    status === 407
      ? 'Put the user name and password into HTTPS_PROXY=http://user:password@host:port'
      : 'Ask for the host to be allowed, or exempt it: NO_PROXY=HOST'
  return failed(httpProxy, `failed: the proxy refuses the connection${status === 0 ? '' : ` (${status})`}`, {
    retry: isTransientStatus(status) ? 'few' : 'no',
    sent: false,
    hint,
    seen: `proxy ${status}`,
  })
}

function tlsHint(code: string, host: string): string {
  if (/WRONG_VERSION|EPROTO|HTTP_REQUEST/.test(code))
    return `${host} may speak plain http: try http://${host}, listed among the insecure hosts.`
  if (/EXPIRED|NOT_YET/.test(code)) return `Renew the certificate of ${host}, and check the clock of this machine.`
  if (/ALTNAME|HOSTNAME/.test(code))
    return `The certificate is for another name; see: openssl s_client -connect ${host} </dev/null | openssl x509 -noout -ext subjectAltName`
  return 'Give the certificate of the authority that signed it: NODE_EXTRA_CA_CERTS=/path/ca.pem'
}

function statusHint(status: number, host: string): string | undefined {
  if (status === 429) return `${host} limits the rate: log in to raise the limit, or use a mirror.`
  if (status === 413) return `${host}, or a proxy in front of it, limits the size of uploads: raise the limit.`
  if (status === 407) return 'Put the user name and password into HTTPS_PROXY=http://user:password@host:port'
  return undefined
}
