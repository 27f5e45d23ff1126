import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { fileFailed } from './errors.ts'
import { readPiecesSync } from './file-read.ts'
import { fill, temporaryFolder } from './fixtures/folder.ts'
import { closedTransports } from './fixtures/transport.ts'
import { piecesOf } from './pieces.ts'
import { type Listening, listen } from './server.ts'

const folder = temporaryFolder()
const file = `${folder}/body`
const content = randomBytes(6_000_001)
fill(folder, { body: content })
const setUp = closedTransports()

/** A file as a body, read into the same two pieces of memory in turn; counts how often it is open. */
function fileBody(size = content.length, fault?: () => void) {
  const count = { open: 0, opened: 0 }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    count.open += 1
    count.opened += 1
    try {
      let given = 0
      for (const piece of readPiecesSync(file, [Buffer.alloc(500_000), Buffer.alloc(500_000)])) {
        if (given++ === 3) fault?.()
        yield piece
      }
    } finally {
      count.open -= 1
    }
  }
  return { size, open: () => piecesOf(pieces()), count }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

async function serving(handler: Handler): Promise<Listening & AsyncDisposable> {
  const server = await listen(async (request, response) => void (await handler(request, response)))
  return { ...server, [Symbol.asyncDispose]: () => server.close() }
}

/** Reads so slowly that everything on the way is full. */
async function readSlowly(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) if (parts.push(part) % 8 === 0) await delay(1)
  return Buffer.concat(parts)
}

describe('a body whose memory is used again', () => {
  it.each([
    ['at once', {}],
    ['with the server’s consent', { expect: '100-continue' }],
  ])('arrives as it is, %s, however slowly it is read', async (_, headers) => {
    await using server = await serving(async (request, response) => {
      const isSame = (await readSlowly(request)).equals(content)
      response.end(String(isSame))
    })
    const { http } = setUp()
    const bodies = [fileBody(), fileBody(), fileBody()]
    const sent = bodies.map(async (body) => (await http.request({ method: 'PUT', url: server.url, headers, body })).text())
    expect(await Promise.all(sent)).toEqual(['true', 'true', 'true'])
    expect(bodies.map(({ count }) => count)).toEqual(bodies.map(() => ({ open: 0, opened: 1 })))
  })

  it('is read from its beginning again after a cut', async () => {
    let requests = 0
    await using server = await serving(async (request, response) => {
      requests += 1
      if (requests === 1) return once(request, 'data').then(() => request.socket.resetAndDestroy())
      return response.end(String((await buffer(request)).equals(content)))
    })
    const body = fileBody()
    expect(await (await setUp().http.request({ method: 'PUT', url: server.url, body })).text()).toBe('true')
    expect(body.count).toEqual({ open: 0, opened: 2 })
  })
})

describe('a body is closed', () => {
  const cut: Handler = (request) => once(request, 'data').then(() => request.socket.resetAndDestroy())
  const early =
    (status: number): Handler =>
    async (request, response) => {
      await once(request, 'data')
      response.writeHead(status).end('early')
    }
  const failing = (): never => {
    throw fileFailed('the disk broke')
  }

  it.each<[string, Handler, ReturnType<typeof fileBody>, object]>([
    ['when it is refused before it is through', early(413), fileBody(), { status: 413 }],
    ['when it is accepted before it is through', early(201), fileBody(), { status: 201 }],
    ['when the connection is cut', cut, fileBody(), { code: 'SW-HTTP-TRUNCATED' }],
    ['when nobody answers', () => undefined, fileBody(), { code: 'SW-HTTP-TIMEOUT' }],
    ['when it is longer than promised', readSlowly, fileBody(content.length - 1), { code: 'SW-FILE-CHANGED' }],
    ['when it is shorter than promised', readSlowly, fileBody(content.length + 1), { code: 'SW-FILE-CHANGED' }],
    ['when it cannot be read', readSlowly, fileBody(content.length, failing), { message: 'the disk broke' }],
  ])('%s', async (name, handler, body, expected) => {
    await using server = await serving(handler)
    const { http } = setUp()
    const idleTimeout = name === 'when nobody answers' ? 300 : 60_000
    const request = { method: 'PUT', url: server.url, body, idempotent: false, idleTimeout, expect: [201, 413] } as const
    const result = await http.request(request).then(
      async (response) => response.discard().then(() => ({ status: response.status })),
      (error: Error) => error,
    )
    expect(result).toMatchObject(expected)
    while (body.count.open > 0) await delay(1)
    expect(body.count.opened).toBeGreaterThan(0)
  })
})
