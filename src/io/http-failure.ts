import type { IncomingMessage } from 'node:http'
import { systemCode, TaskError } from '../base/errors.ts'
import { excerpt, neutraliseLine } from '../base/untrusted.ts'
import { httpStatus, httpTruncated } from './errors.ts'
import type { Hop } from './exchange.ts'
import { explainNetworkError, type NetworkCause } from './http-causes.ts'
import { isTransientStatus, retryAfter } from './retry.ts'
import { showUrl } from './url-policy.ts'

/** What went wrong with one attempt, and what that means for the next. */
export interface Failure extends Pick<NetworkCause, 'retry' | 'sent'> {
  /** For the line that tells of the wait: `503`, `connection cut`. */
  readonly seen: string
  /** Milliseconds the server asks to wait. */
  readonly after?: number | undefined
  /** Whether all requests to this host must wait. */
  readonly busy?: boolean
  /** The error, when this was the last attempt; `tried` says how often and how long. */
  readonly error: (tried: string) => TaskError
}

/** The failure behind an error of Node's HTTP client, or behind one of ours (a refused address, a body that changed). */
export function networkFailure(error: unknown, hop: Hop): Failure {
  if (error instanceof TaskError) {
    const seen = error.code === httpTruncated.code ? 'connection cut' : error.code
    return { seen, retry: error.retryable ? 'yes' : 'no', sent: true, error: () => error }
  }
  const { kind, what, hint, retry, sent, seen, lasting = retry === 'no' } = explainNetworkError(error, hop.url)
  return {
    seen: seen ?? systemCode(error) ?? 'error',
    retry,
    sent,
    error: (tried) => kind(`${hop.method} ${showUrl(hop.url)} ${what}${tried}.`, { cause: error, retryable: !lasting, hint }),
  }
}

/** The failure of an answer with a status that nobody expects; `excerpt` is the beginning of its body. */
export function statusFailure(message: IncomingMessage, excerpt: string, { hop, now }: { hop: Hop; now: number }): Failure {
  const status = message.statusCode ?? 0
  const transient = isTransientStatus(status)
  const said = excerpt.trim() === '' ? '.' : `: ${neutraliseLine(excerpt.trim())}`
  const answered = `${hop.method} ${showUrl(hop.url)} answered ${status}${requestId(message)}`
  return {
    seen: String(status),
    retry: transient ? 'yes' : 'no',
    // 429 says that the request was not even looked at.
    sent: status !== 429,
    busy: status === 429 || status === 503,
    after: transient ? retryAfter(message.headers['retry-after'], now) : undefined,
    error: (tried) => httpStatus(`${answered}${tried}${said}`, { retryable: transient, hint: statusHint(status, hop.url.host) }),
  }
}

/** What the operator of the service finds the request by in the logs. */
function requestId(message: IncomingMessage): string {
  const id = message.headers['x-request-id']
  return typeof id === 'string' ? ` (request ${neutraliseLine(excerpt(id, 100))})` : ''
}

function statusHint(status: number, host: string): string | undefined {
  if (status === 429) return `${host} limits the rate: log in to raise the limit, or use a mirror.`
  if (status === 413) return `${host}, or a proxy in front of it, limits the size of uploads: raise the limit.`
  if (status === 407) return 'Put the user name and password into HTTPS_PROXY=http://user:password@host:port'
  return undefined
}
