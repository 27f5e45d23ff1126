import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import { httpTooLarge } from '../../../io/errors.ts'
import type { HttpRequest } from '../../../spec/ports.ts'
import { largestRecord } from '../archive.ts'
import { serviceRefused } from '../errors.ts'
import type { RemotePorts } from './ports.ts'

/** In bytes: an answer to a thousand questions. */
const largestAnswer = 32 * 2 ** 20
/** Milliseconds for one request with all its attempts. */
const patience = 120_000

/** A service with the API of OSV. */
export interface Service {
  readonly base: string
  readonly ports: RemotePorts
}

/**
 * Asks the service. No redirect is followed: what an image is made of is told to whom the user named, and to nobody else.
 * @throws SW-ADVISORIES-SERVICE, SW-HTTP-…
 */
export async function send(request: HttpRequest, { base, ports }: Service): Promise<Buffer> {
  try {
    const response = await ports.http.request({
      ...request,
      redirect: 'manual',
      expect: [200, 301, 302, 303, 307, 308, 400, 404],
      deadline: patience,
    })
    const { status } = response
    if (status === 200) return await response.bytes(request.method === 'GET' ? largestRecord : largestAnswer)
    const said = await response.text(64 * 1024).catch(() => '')
    throw serviceRefused(`${request.method} ${request.url} answers ${status}: ${neutraliseLine(excerpt(said.trim(), 200))}`, {
      hint: 'database: https://api.osv.dev',
    })
  } catch (cause) {
    throw httpTooLarge.is(cause) ? serviceRefused(`${base} answers with more than is read: ${cause.message}`, { cause }) : cause
  }
}

/** What a service said, as JSON. @throws SW-ADVISORIES-SERVICE */
export function jsonOf(bytes: Buffer, url: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw serviceRefused(`${url} answers with something else than JSON: ${neutraliseLine(excerpt(bytes.toString('utf8').trim(), 200))}`, {
      cause,
    })
  }
}
