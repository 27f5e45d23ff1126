import { TaskError } from '../../../base/errors.ts'
import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import type { Http, HttpResponse } from '../../../spec/ports.ts'
import { serviceUnavailable } from './errors.ts'

/** What the services are asked through. */
export interface ServicePorts {
  readonly http: Http
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds that each request may take with all its attempts. */
  readonly patience: number
}

export interface Question {
  /** For messages: `Fulcio`. */
  readonly service: string
  readonly url: string
  readonly body: unknown
  /** Media type of the answer. Default JSON. */
  readonly accept?: string
}

/** In bytes: an entry with its body and proof has a few kB, one of a large statement some MB. */
export const mostBytes = 32 * 2 ** 20
/** Statuses that are answers, for the caller to refuse. */
const refusals = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422]

/**
 * Posts JSON to a service of the user's choice, again and again until its time is over: all of these can be asked twice. No redirect is
 * followed, since the body holds a token. Throws SW-SIGSTORE-UNAVAILABLE.
 */
export async function ask(
  { http, patience }: ServicePorts,
  { service, url, body, accept = 'application/json' }: Question,
): Promise<HttpResponse> {
  try {
    return await http.request({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(body),
      idempotent: true,
      redirect: 'manual',
      home: new URL(url).origin,
      expect: [200, 201, ...refusals],
      deadline: patience,
    })
  } catch (cause) {
    throw unavailable(service, cause)
  }
}

/** As {@link ask} for an entry that is there already. */
export async function get({ http, patience }: ServicePorts, { service, url }: Pick<Question, 'service' | 'url'>): Promise<HttpResponse> {
  try {
    return await http.request({
      method: 'GET',
      url,
      redirect: 'manual',
      home: new URL(url).origin,
      expect: [200, ...refusals],
      deadline: patience,
    })
  } catch (cause) {
    throw unavailable(service, cause)
  }
}

/** The beginning of what a service said, as one line. */
export async function saying(response: HttpResponse): Promise<string> {
  const text = await response.text(64 * 1024).catch(() => '')
  return `${response.status}${text.trim() === '' ? '' : `: ${neutraliseLine(excerpt(text.trim(), 300))}`}`
}

function unavailable(service: string, cause: unknown): unknown {
  if (!(cause instanceof TaskError) || !cause.retryable) return cause
  return serviceUnavailable(`${service} did not answer: ${cause.message}`, {
    cause,
    retryable: true,
    hint: 'slipway resume',
    safe: 'the image is at the registry as it was pushed, no tag was moved, nothing half-signed is attached to it',
  })
}
