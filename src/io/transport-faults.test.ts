import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import type { HttpRequest } from '../spec/ports.ts'
import { answer, cut, type FaultServer, faultServer, raw, reset, type Step, stall, stallInBody } from './fixtures/fault-server.ts'
import { closedTransports, lookupTable } from './fixtures/transport.ts'

let server: FaultServer
const setUp = closedTransports()
beforeEach(async () => {
  server = await faultServer()
})
afterEach(() => server.close())

const whole = (request: Partial<HttpRequest>, { http } = setUp()): Promise<string> =>
  http.request({ method: 'GET', url: server.url, ...request }).then((response) => response.text())

/** Silence is real time, so there is less of it, where it is meant only: a busy machine is silent as well. */
const hasteIn = (fault: string): Partial<HttpRequest> => (fault.startsWith('silence') ? { idleTimeout: 1000 } : {})

describe('one fault, then success', () => {
  const faults: readonly (readonly [string, Step])[] = [
    ...[408, 425, 429, 499, 500, 502, 503, 504, 522].map((status) => [String(status), answer(status, 'no')] as const),
    ['reset before the answer', reset],
    ['closed before the answer', raw('')],
    ['closed within the headers', raw('HTTP/1.1 200 OK\r\ncontent-le')],
    ['silence before the answer', stall],
  ]
  const faultsInBody: readonly (readonly [string, Step])[] = [
    ['reset within the body', cut(1000, 'some', 'reset')],
    ['closed within the body', cut(1000, 'some')],
    ['closed within a chunked body', raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel')],
    ['silence within the body', stallInBody],
  ]

  test.each([...faults, ...faultsInBody])('GET: %s', async (name, fault) => {
    server.next(fault, answer(200, 'well'))
    expect(await whole(hasteIn(name))).toBe('well')
    expect(server.seen).toHaveLength(2)
  })

  test.each(faults)('PUT, its body opened again: %s', async (name, fault) => {
    server.next(fault, answer(201, 'stored'))
    let opens = 0
    const open = (): Readable => {
      opens += 1
      return Readable.from([Buffer.alloc(200_000, 'x')])
    }
    expect(await whole({ method: 'PUT', body: { size: 200_000, open }, ...hasteIn(name) })).toBe('stored')
    expect(server.seen.map(({ body }) => body.length)).toEqual([200_000, 200_000])
    expect(opens).toBe(2)
  })

  test.each(faults)('POST is sent again only after 429: %s', async (name, fault) => {
    server.next(fault, answer(202, 'accepted'))
    if (name === '429') expect(await whole({ method: 'POST' })).toBe('accepted')
    else await expect(whole({ method: 'POST', ...hasteIn(name) })).rejects.toMatchObject({ code: expect.stringMatching(/^SW-HTTP-/) })
    if (name !== '429') expect(await whole({})).toBe('accepted')
  })

  test.each(faults)('POST that the caller calls idempotent: %s', async (name, fault) => {
    server.next(fault, answer(202, 'accepted'))
    expect(await whole({ method: 'POST', idempotent: true, ...hasteIn(name) })).toBe('accepted')
  })

  test.each(faultsInBody)('a stream that was begun is the caller’s: %s', async (name, fault) => {
    server.next(fault)
    const { http } = setUp()
    const { body } = await http.request({ method: 'GET', url: server.url, ...hasteIn(name) })
    await expect(buffer(body)).rejects.toMatchObject({ code: expect.stringMatching(/^SW-HTTP-T(?:RUNCATED|IMEOUT)$/), retryable: true })
    expect(server.seen).toHaveLength(1)
  })

  it('says how much of the body came', async () => {
    server.next(cut(1000, 'some'))
    const { http } = setUp()
    const { body } = await http.request({ method: 'GET', url: `${server.url}/blob` })
    await expect(buffer(body)).rejects.toThrow(`GET ${server.url}/blob answered 200, but the connection ended after 4 of 1000 bytes.`)
  })
})

describe('a server that refuses a large upload while it comes', () => {
  // The connection is reset before the refusal can be read, unless the client asks first.
  it('is understood at the second attempt, which waits for its consent', async () => {
    const attempts: string[] = []
    const strict = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', (head) => {
        const asks = head.toString().includes('expect: 100-continue')
        attempts.push(asks ? 'asks' : 'sends')
        const refusal = 'HTTP/1.1 413 Too Large\r\ncontent-length: 9\r\n\r\ntoo large'
        if (asks) socket.end(refusal)
        else socket.resetAndDestroy()
      })
    }).listen(0, '127.0.0.1')
    await once(strict, 'listening')
    const { port } = strict.address() as AddressInfo
    const body = { size: 50_000_000, open: () => Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(1_000_000))) }
    const request = setUp().http.request({ method: 'PUT', url: `http://127.0.0.1:${port}/blob`, body })
    await expect(request).rejects.toMatchObject({
      code: 'SW-HTTP-STATUS',
      message: expect.stringContaining('answered 413'),
      hint: expect.stringContaining('size of uploads'),
    })
    expect(attempts).toEqual(['sends', 'asks'])
    strict.close()
  })

  it('is sent to all the same when it never consents', async () => {
    let uploads = 0
    const silent = createServer((socket) => {
      let received = 0
      socket.on('error', () => undefined)
      socket.on('data', (data) => {
        const before = received
        received += data.length
        if (before >= 100_000 || received < 100_000) return
        uploads += 1
        if (uploads === 1) socket.resetAndDestroy()
        else socket.end('HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n')
      })
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const body = { size: 200_000, open: () => Readable.from([Buffer.alloc(200_000)]) }
    const response = await setUp().http.request({ method: 'PUT', url: `http://127.0.0.1:${port}/blob`, body })
    expect(response.status).toBe(201)
    await response.discard()
    silent.close()
    expect(uploads).toBe(2)
  })
})

describe('giving up', () => {
  test.each([
    ['503', () => answer(503, 'overloaded'), 'SW-HTTP-STATUS', /answered 503 after \d+ attempts in 4 min \d+ s: overloaded/],
    ['resets', () => reset, 'SW-HTTP-TRUNCATED', /connection was cut \(ECONNRESET\) after \d+ attempts/],
  ])('after the deadline: %s', async (_, step, code, message) => {
    const { http, clock } = setUp()
    server.at('/bad', step())
    const request = http.request({ method: 'GET', url: `${server.url}/bad` })
    await expect(request).rejects.toMatchObject({ code, message: expect.stringMatching(message), retryable: true, exit: 6 })
    const slept = clock.slept.reduce((sum, time) => sum + time, 0)
    expect(slept).toBeGreaterThan(240_000)
    expect(slept).toBeLessThan(300_000)
  })

  it('never asks more often than the backoff allows', async () => {
    const { http, clock } = setUp()
    server.at('/bad', answer(500))
    await expect(http.request({ method: 'GET', url: `${server.url}/bad`, deadline: 100_000 })).rejects.toMatchObject({
      code: 'SW-HTTP-STATUS',
    })
    expect(clock.slept).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  it('with jitter over the whole range', async () => {
    const randoms = [0.5, 0, 0.25]
    const { http, clock } = setUp({ random: () => randoms.shift() ?? 1 })
    server.next(answer(500), answer(500), answer(500))
    await (await http.request({ method: 'GET', url: server.url })).discard()
    expect(clock.slept).toEqual([250, 0, 500])
  })

  it('at once, when the server wants a longer wait than there is time', async () => {
    const { http, clock } = setUp()
    server.next(answer(429, '', { 'retry-after': '3600' }))
    const request = http.request({ method: 'GET', url: server.url })
    await expect(request).rejects.toMatchObject({
      code: 'SW-HTTP-STATUS',
      message: expect.stringContaining('answered 429, the server asks to wait 1 h 0 min'),
      hint: expect.stringContaining('limits the rate'),
    })
    expect(clock.slept).toEqual([])
  })

  it('at once, when the server wants a longer wait than anyone grants, however much time there is', async () => {
    const { http, clock } = setUp({ longestWait: 60_000 })
    server.next(answer(503, '', { 'retry-after': '61' }))
    const request = http.request({ method: 'GET', url: server.url, deadline: 86_400_000 })
    await expect(request).rejects.toMatchObject({ code: 'SW-HTTP-STATUS', message: expect.stringContaining('asks to wait 1 min 1 s') })
    expect(clock.slept).toEqual([])
  })

  test.each([
    ['a closed port, which may open', 'http://127.0.0.1:9', /127\.0\.0\.1:9 takes no connection \(ECONNREFUSED\) after 5 attempts/, 6],
    ['an unknown name, which stays so', 'https://registry.test', /the name registry\.test is not known \(ENOTFOUND\) after 5 attempts/, 4],
  ])('soon, for %s', async (_, url, message, exit) => {
    const { http } = setUp({ lookup: lookupTable({}) })
    await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({
      code: 'SW-HTTP-UNREACHABLE',
      message: expect.stringMatching(message),
      exit,
      retryable: exit === 6,
    })
  })

  test.each([
    ['what is not HTTP', raw('SSH-2.0-OpenSSH_9.2\r\n'), 'SW-HTTP-MALFORMED', /not HTTP/],
    ['two lengths', raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'), 'SW-HTTP-MALFORMED', /not HTTP/],
  ])('at once, for %s', async (_, step, code, message) => {
    server.next(step)
    await expect(whole({})).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(server.seen).toHaveLength(1)
  })
})

it('a body that is given up while nothing comes ends at once', async () => {
  server.next(stallInBody)
  const { http } = setUp()
  const { body } = await http.request({ method: 'GET', url: server.url })
  const reading = (async () => {
    for await (const _ of body);
  })()
  await new Promise((resolve) => setImmediate(resolve))
  body.destroy()
  await expect(reading).rejects.toThrow()
})
