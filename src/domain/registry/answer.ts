import { pipeline } from 'node:stream/promises'
import { openRead } from '../../io/files.ts'
import type { IncomingMessage, ServerResponse } from '../../io/server.ts'
import { Refusal } from './refusal.ts'

/** One request with its parsed query, and where the answer goes. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

type Headers = Readonly<Record<string, string | number | readonly string[]>>

/** The body of a request; when reading it stops early the connection stays, so that the reason can still be answered. */
export function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false })
}

/** Answers with headers and no body, or with a text. */
export function answer({ request, response }: Exchange, status: number, headers: Headers, body = ''): void {
  const bytes = Buffer.from(body)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, typeof value === 'object' ? [...value] : value)
  if (status !== 204) response.setHeader('content-length', bytes.length)
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : bytes)
}

/** Answers with JSON. */
export function answerJson(exchange: Exchange, value: unknown, headers: Headers = {}): void {
  answer(exchange, 200, { 'content-type': 'application/json', ...headers }, JSON.stringify(value))
}

/** Answers with a file, or with the part of it that a `Range` header asks for (RFC 9110 §14). */
export async function answerFile(
  { request, response }: Exchange,
  { path, size, headers }: { path: string; size: number; headers: Headers },
): Promise<void> {
  const range = rangeOf(request.headers.range, size)
  for (const [name, value] of Object.entries({ ...headers, 'accept-ranges': 'bytes' }))
    response.setHeader(name, typeof value === 'object' ? [...value] : value)
  if (range !== undefined) response.setHeader('content-range', `bytes ${range.start}-${range.end}/${size}`)
  response.setHeader('content-length', range === undefined ? size : range.end - range.start + 1)
  response.writeHead(range === undefined ? 200 : 206)
  if (request.method === 'HEAD' || size === 0) response.end()
  else await pipeline(openRead(path, range ?? {}), response)
}

/** One range; several, or a unit that is not bytes, are ignored as the RFC allows. Throws 416. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (start <= end) return { start, end }
  throw new Refusal(416, 'SIZE_INVALID', `the content has ${size} bytes`, { 'content-range': `bytes */${size}` })
}
