import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import type { HttpResponse } from '../spec/ports.ts'
import { answer, type FaultServer, faultServer, type Step } from './fixtures/fault-server.ts'
import { closedTransports } from './fixtures/transport.ts'

const block = Buffer.from(Array.from({ length: 2 ** 20 }, (_, at) => (at * 31) % 251))
const blocks = 12
const size = blocks * block.length
const digest = sha256(Array.from({ length: blocks }, () => block))

let server: FaultServer
const setUp = closedTransports()
beforeEach(async () => {
  server = await faultServer()
})
afterEach(() => server.close())

function sha256(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

/** So many blocks of an answer that announces all of them; then what `after` does. */
function long(count: number, after: (response: ServerResponse) => void, headers: Readonly<Record<string, string>> = {}): Step {
  return async (_, response) => {
    response.writeHead(200, { ...(headers['transfer-encoding'] === undefined ? { 'content-length': String(size) } : {}), ...headers })
    for (let at = 0; at < count && !response.destroyed; at += 1) await new Promise((resolve) => response.write(block, resolve))
    after(response)
  }
}

const all = long(blocks, (response) => response.end())

async function ask(steps: readonly Step[] = [all], { idleTimeout = 60_000, http = setUp().http } = {}): Promise<HttpResponse> {
  server.next(...steps)
  return http.request({ method: 'GET', url: server.url, idleTimeout })
}

describe('a long body piece by piece', () => {
  it('is whole, and ends without waiting for the server', async () => {
    const hash = createHash('sha256')
    for await (const piece of (await ask()).pieces()) hash.update(piece)
    expect(hash.digest('hex')).toBe(digest)
  })

  it('leaves a piece as it is until the next but one is asked for', async () => {
    const hash = createHash('sha256')
    let before: Uint8Array = Buffer.alloc(0)
    for await (const piece of (await ask()).pieces()) {
      // The server is fast: whatever could be read over it has been by now.
      await delay(2)
      hash.update(before)
      before = piece
    }
    expect(hash.update(before).digest('hex')).toBe(digest)
  })

  it('waits for its reader for longer than the server may be silent', async () => {
    const response = await ask([all], { idleTimeout: 1000 })
    const seen: Uint8Array[] = []
    for await (const piece of response.pieces()) {
      if (seen.length < 2) await delay(1500)
      seen.push(Buffer.from(piece))
    }
    expect(sha256(seen)).toBe(digest)
  })

  it('is that of each answer when several come at once', async () => {
    const { http } = setUp()
    server.next(all, all, all)
    const answers = await Promise.all([1, 2, 3].map(() => http.request({ method: 'GET', url: server.url })))
    const hashes = await Promise.all(
      answers.map(async (each) => {
        const hash = createHash('sha256')
        for await (const piece of each.pieces()) hash.update(piece)
        return hash.digest('hex')
      }),
    )
    expect(hashes).toEqual([digest, digest, digest])
  })

  it('has no byte more than was announced', async () => {
    const more: Step = (_, { socket }) => void socket?.end(Buffer.concat([head, ...Array.from({ length: blocks + 1 }, () => block)]))
    const head = Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`)
    let length = 0
    for await (const piece of (await ask([more])).pieces()) length += piece.length
    expect(length).toBe(size)
  })

  it('leaves the connections of shorter answers alone', async () => {
    const { http } = setUp()
    for (const step of [answer(200, 'short'), all, answer(200, 'short'), answer(200, 'short')]) {
      const response = await ask([step], { http })
      for await (const _ of response.pieces());
    }
    const ports = server.seen.map(({ from }) => from)
    expect(ports[1]).toBe(ports[0])
    expect(ports[2]).not.toBe(ports[1])
    expect(ports[3]).toBe(ports[2])
  })
})

describe('a long body that does not come whole', () => {
  describe.each<[string, Step]>([
    ['was closed', long(5, (response) => response.socket?.end())],
    ['was reset', long(5, (response) => response.socket?.resetAndDestroy())],
    ['fell silent', long(5, () => undefined)],
  ])('as the connection %s', (what, step) => {
    // The same to whoever reads the message through Node's parser.
    test.each(['pieces', 'body'] as const)('by its %s', async (way) => {
      server.at('/', step)
      const response = await ask([], what === 'fell silent' ? { idleTimeout: 1000 } : {})
      const read = async (): Promise<void> => {
        for await (const _ of way === 'body' ? response.body : response.pieces());
      }
      await expect(read()).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED', retryable: true })
    })
  })

  // The first silence is that of the reader; the second is not.
  test.each(['pieces', 'body'] as const)(
    'as the connection fell silent while its reader waited for longer than that, by its %s',
    async (way) => {
      const response = await ask([long(5, () => undefined)], { idleTimeout: 1000 })
      await delay(2500)
      const read = async (): Promise<void> => {
        for await (const _ of way === 'body' ? response.body : response.pieces());
      }
      await expect(read()).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED', retryable: true })
    },
  )

  it('as its reader leaves off: the place at the host is free again', async () => {
    const { http } = setUp({ maxPerHost: 1 })
    for (const leave of ['break', 'destroy'] as const) {
      const pieces = (await ask([all], { http })).pieces()
      for await (const _ of pieces) {
        if (leave === 'destroy') pieces.destroy()
        break
      }
    }
    expect(await (await ask([answer(200, 'next')], { http })).text()).toBe('next')
  })

  it('as nobody has begun to read it', async () => {
    const { http } = setUp({ maxPerHost: 1 })
    ;(await ask([all], { http })).pieces().destroy()
    await (await ask([all], { http })).discard()
    expect(await (await ask([answer(200, 'next')], { http })).text()).toBe('next')
  })

  it('as the run is aborted', async () => {
    const { http, abort } = setUp()
    const response = await ask([long(5, () => undefined)], { http })
    const read = async (): Promise<void> => {
      for await (const _ of response.pieces()) abort.abort(new Error('stop'))
    }
    await expect(read()).rejects.toThrow('stop')
  })
})

describe('a long body by other ways', () => {
  test.each<[string, Step, (response: HttpResponse) => Promise<Uint8Array>]>([
    ['as a stream', all, async ({ body }) => Buffer.concat(await body.toArray())],
    ['whole', all, (response) => response.bytes(size)],
    [
      'in chunks',
      long(blocks, (response) => response.end(), { 'transfer-encoding': 'chunked' }),
      async (response) => {
        const pieces: Uint8Array[] = []
        for await (const piece of response.pieces()) pieces.push(Buffer.from(piece))
        return Buffer.concat(pieces)
      },
    ],
  ])('%s', async (_, step, read) => {
    expect(sha256([await read(await ask([step]))])).toBe(digest)
  })
})
