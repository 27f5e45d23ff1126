import type { IncomingMessage } from '../../io/server.ts'

/** A request, as the registry sees it: a function of these can be put in front of another. */
export interface Asked {
  readonly method: string
  /** The path with its query, as they came. */
  readonly target: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  /** Read once at most, and not always to its end. */
  readonly body: AsyncIterable<Buffer>
}

export type Headers = Readonly<Record<string, string | number | readonly string[]>>

/** The bytes of a file from `start` to before `end`. */
export interface FilePart {
  readonly path: string
  readonly start: number
  readonly end: number
  /** So many zero bytes more. */
  readonly padding?: number
}

export interface Reply {
  readonly status: number
  /** Names in lower case; the length of the body is not among them. */
  readonly headers: Headers
  /** Default: none. For HEAD only its length is sent. */
  readonly body?: Buffer | FilePart
}

/** What answers requests. Throws only what is no answer: a client that went away, or a mistake of ours. */
export type Registry = (asked: Asked) => Promise<Reply>

export function lengthOf({ body }: Reply): number {
  if (body === undefined) return 0
  return Buffer.isBuffer(body) ? body.length : body.end - body.start + (body.padding ?? 0)
}

/** An answer of JSON, by default 200. */
export function jsonReply(value: unknown, headers: Headers = {}, status = 200): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(JSON.stringify(value)) }
}
