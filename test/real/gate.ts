import { listen } from '../../src/io/server.ts'

export interface Gate extends AsyncDisposable {
  readonly url: string
  /** Whether requests come through; else each is answered 503. */
  isOpen: boolean
}

/** A server in front of another one that can be shut. */
export async function startGate(target: string): Promise<Gate> {
  const server = await listen(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    if (!gate.isOpen) {
      response.writeHead(503).end('scheduled maintenance')
      return
    }
    const method = request.method ?? 'GET'
    const headers = { 'content-type': request.headers['content-type'] ?? 'application/json', accept: request.headers.accept ?? '*/*' }
    const body = pieces.length === 0 ? {} : { body: Buffer.concat(pieces) }
    const answer = await fetch(target + (request.url ?? ''), { method, headers, ...body })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  const gate: Gate = { url: server.url, isOpen: true, [Symbol.asyncDispose]: () => server.close() }
  return gate
}
