import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openRead } from '../../io/files.ts'
import type { Handler, IncomingMessage, ServerResponse } from '../../io/server.ts'
import type { Log } from '../../spec/ports.ts'
import { type Asked, type FilePart, lengthOf, type Registry, type Reply } from './exchange.ts'

/** A registry for `listen`. A client that goes away in the middle needs no answer, and is no fault of ours. */
export function serve(registry: Registry, log: Log): Handler {
  return async (request, response) => {
    const asked = askedOf(request)
    try {
      await send(await registry(asked), request, response)
    } catch (error) {
      if (!request.socket.destroyed) throw error
      log.debug('the client went away', { method: asked.method, path: asked.path })
    }
  }
}

/** A request; when reading its body stops early the connection stays, so that the reason can still be answered. */
export function askedOf(request: IncomingMessage): Asked {
  const target = request.url ?? ''
  const [path = '', query = ''] = target.split('?', 2)
  return {
    method: request.method ?? '',
    target,
    path,
    query: new URLSearchParams(query),
    headers: request.headers,
    body: request.iterator({ destroyOnReturn: false }),
  }
}

/** Everything before the body. */
export function sendHead(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('docker-distribution-api-version', 'registry/2.0')
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, typeof value === 'object' ? [...value] : value)
  if (reply.status !== 204 && !response.hasHeader('content-length')) response.setHeader('content-length', lengthOf(reply))
  // A large body that nobody reads would keep the connection busy.
  const isUnread = !request.complete && Number(request.headers['content-length'] ?? 0) > 0
  if (reply.status >= 400 && isUnread) response.setHeader('connection', 'close')
  response.writeHead(reply.status)
}

/** The bytes of a body; none for HEAD, whose answer only has their length. */
export function bytesOf(reply: Reply, { method }: { readonly method?: string | undefined }): AsyncIterable<Buffer> | Iterable<Buffer> {
  const { body } = reply
  if (body === undefined || method === 'HEAD' || lengthOf(reply) === 0) return []
  return Buffer.isBuffer(body) ? [body] : partOf(body)
}

function partOf({ path, start, end, padding = 0 }: FilePart): AsyncIterable<Buffer> {
  const part: AsyncIterable<Buffer> = end > start ? openRead(path, { start, end: end - 1 }) : Readable.from([])
  return padding === 0 ? part : followed(part, Buffer.alloc(padding))
}

async function* followed(source: AsyncIterable<Buffer>, last: Buffer): AsyncGenerator<Buffer> {
  yield* source
  yield last
}

async function send(reply: Reply, request: IncomingMessage, response: ServerResponse): Promise<void> {
  sendHead(reply, request, response)
  if (Buffer.isBuffer(reply.body)) response.end(request.method === 'HEAD' ? undefined : reply.body)
  else await pipeline(bytesOf(reply, request), response)
}
