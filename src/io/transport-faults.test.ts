import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals'
import type { HttpRequest } from '../spec/ports.ts'
import { systemClock } from './clock.ts'
import { answer, cut, type FaultServer, faultServer, raw, reset, type Step, stall, stallInBody } from './fixtures/fault-server.ts'
import { quickClock, recordingLog, steppedClock } from './fixtures/ports.ts'
import { lookupTable, testTransport } from './fixtures/transport.ts'

let server: FaultServer
const opened: { close(): void }[] = []
beforeAll(async () => {
  server = await faultServer()
})
afterEach(() => {
  server.seen.splice(0)
  for (const http of opened.splice(0)) http.close()
})
afterAll(() => server.close())

function setUp(options: Parameters<typeof testTransport>[0] = {}) {
  const made = testTransport(options)
  opened.push(made.http)
  return made
}

const whole = (request: Partial<HttpRequest>, { http } = setUp()): Promise<string> =>
  http.request({ method: 'GET', url: server.url, idleTimeout: 150, ...request }).then((response) => response.text())

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

  test.each([...faults, ...faultsInBody])('GET: %s', async (_, fault) => {
    server.next(fault, answer(200, 'well'))
    expect(await whole({})).toBe('well')
    expect(server.seen).toHaveLength(2)
  })

  test.each(faults)('PUT, its body opened again: %s', async (_, fault) => {
    server.next(fault, answer(201, 'stored'))
    let opens = 0
    const open = (): Readable => {
      opens += 1
      return Readable.from([Buffer.alloc(200_000, 'x')])
    }
    expect(await whole({ method: 'PUT', body: { size: 200_000, open } })).toBe('stored')
    expect(server.seen.map(({ body }) => body.length)).toEqual([200_000, 200_000])
    expect(opens).toBe(2)
  })

  test.each(faults)('POST is sent again only after 429: %s', async (name, fault) => {
    server.next(fault, answer(202, 'accepted'))
    if (name === '429') expect(await whole({ method: 'POST' })).toBe('accepted')
    else await expect(whole({ method: 'POST' })).rejects.toMatchObject({ code: expect.stringMatching(/^SW-HTTP-/) })
    if (name !== '429') expect(await whole({})).toBe('accepted')
  })

  test.each(faults)('POST that the caller calls idempotent: %s', async (_, fault) => {
    server.next(fault, answer(202, 'accepted'))
    expect(await whole({ method: 'POST', idempotent: true })).toBe('accepted')
  })

  test.each(faultsInBody)('a stream that was begun is the caller’s: %s', async (_, fault) => {
    server.next(fault)
    const { http } = setUp()
    const { body } = await http.request({ method: 'GET', url: server.url, idleTimeout: 150 })
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

  test.each([
    ['a closed port', 'http://127.0.0.1:9', 'SW-HTTP-UNREACHABLE', /127\.0\.0\.1:9 takes no connection \(ECONNREFUSED\) after 4 attempts/],
    [
      'an unknown name',
      'https://registry.test',
      'SW-HTTP-UNREACHABLE',
      /the name registry\.test is not known \(ENOTFOUND\) after 4 attempts/,
    ],
  ])('soon, for %s', async (_, url, code, message) => {
    const { http } = setUp({ lookup: lookupTable({}) })
    await expect(http.request({ method: 'GET', url })).rejects.toMatchObject({ code, message: expect.stringMatching(message), exit: 4 })
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

describe('timeouts', () => {
  it('count silence, not the whole time', async () => {
    server.next(async (_, response) => {
      response.writeHead(200, { 'content-length': '12' })
      for (let index = 0; index < 12; index += 1) {
        response.write('x')
        await delay(40)
      }
    })
    expect(await whole({ idleTimeout: 200 })).toBe('x'.repeat(12))
    expect(server.seen).toHaveLength(1)
  })

  it('are not blamed on the server when the reader is slow', async () => {
    server.next(answer(200, 'x'.repeat(8_000_000)))
    const { http } = setUp()
    const { body } = await http.request({ method: 'GET', url: server.url, idleTimeout: 100 })
    await delay(500)
    expect((await buffer(body)).length).toBe(8_000_000)
  })

  it('do not end an upload that moves, though the deadline is over', async () => {
    const open = (): Readable =>
      Readable.from(
        (async function* () {
          for (let index = 0; index < 10; index += 1) {
            yield 'x'
            await delay(40)
          }
        })(),
      )
    const { http } = setUp({ clock: systemClock() })
    const response = await http.request({ method: 'PUT', url: server.url, body: { size: 10, open }, idleTimeout: 200, deadline: 100 })
    expect([response.status, server.seen.length]).toEqual([200, 1])
    await response.discard()
  })

  it('end an answer that never begins, at the deadline', async () => {
    const { http } = setUp({ clock: systemClock() })
    server.at('/silent', stall)
    const request = http.request({ method: 'GET', url: `${server.url}/silent`, deadline: 200 })
    await expect(request).rejects.toMatchObject({ code: 'SW-HTTP-TIMEOUT', message: expect.stringContaining('no answer within the time') })
  })
})

describe('waiting', () => {
  it('is told, with reason, attempt, wait and time left', async () => {
    const { http, log, progress } = setUp()
    const { host } = new URL(server.url)
    server.next(answer(503, '', { 'retry-after': '12' }), reset)
    await (await http.request({ method: 'GET', url: `${server.url}/v2/?token=secret`, deadline: 420_000 })).discard()
    expect(progress.shown).toEqual([
      `${host} 503, attempt 1, next in 12.0 s, 7 min 0 s left`,
      `${host} connection cut, attempt 2, next in 1.0 s, 6 min 48 s left`,
    ])
    expect(log.lines).toEqual([
      `warn waiting before the next attempt host=${host} seen=503 attempt=1 next=12.0 s left=7 min 0 s`,
      `warn waiting before the next attempt host=${host} seen=connection cut attempt=2 next=1.0 s left=6 min 48 s`,
    ])
  })

  test.each([
    ['seconds', '20'],
    ['a date', new Date(quickClock().now() + 20_000).toUTCString()],
  ])('as long as Retry-After says, in %s', async (_, value) => {
    const { http, clock } = setUp()
    server.next(answer(503, '', { 'retry-after': value }))
    await (await http.request({ method: 'GET', url: server.url })).discard()
    expect(clock.slept).toEqual([20_000])
  })

  it('ends at once when the run is aborted', async () => {
    const abort = new AbortController()
    const { http, log } = setUp({ signal: abort.signal, clock: systemClock(abort.signal) })
    server.next(answer(429, '', { 'retry-after': '100' }))
    const request = http.request({ method: 'GET', url: server.url })
    while (log.lines.length === 0) await delay(5)
    abort.abort(new Error('SIGTERM'))
    await expect(request).rejects.toThrow('SIGTERM')
  })
})

describe('an abort', () => {
  test.each([
    ['before the answer', stall],
    ['within the body', stallInBody],
  ])('%s ends the request with its reason', async (_, step) => {
    const { http, abort } = setUp()
    server.at('/slow', step)
    const reading = http.request({ method: 'GET', url: `${server.url}/slow` }).then((response) => response.bytes())
    while (server.seen.length === 0) await delay(5)
    await delay(20)
    abort.abort(new Error('SIGINT'))
    await expect(reading).rejects.toThrow('SIGINT')
  })

  it('before the request sends nothing', async () => {
    const { http, abort } = setUp()
    abort.abort(new Error('SIGINT'))
    await expect(http.request({ method: 'GET', url: server.url })).rejects.toThrow('SIGINT')
    expect(server.seen).toEqual([])
  })
})

describe('what requests to one host share', () => {
  it('is the pause that one of them was told to make', async () => {
    const clock = steppedClock()
    const log = recordingLog()
    const { http } = setUp({ clock, log })
    server.next(answer(429, '', { 'retry-after': '30' }))
    const first = whole({ idleTimeout: 60_000 }, { ...setUp(), http })
    while (log.lines.length === 0) await delay(5)
    const second = whole({ idleTimeout: 60_000 }, { ...setUp(), http })
    while (clock.sleepers() < 2) await delay(5)
    expect(server.seen).toHaveLength(1)
    clock.advance(29_999)
    await delay(50)
    expect(server.seen).toHaveLength(1)
    clock.advance(1)
    expect(await Promise.all([first, second])).toEqual(['done', 'done'])
  })

  it('is nothing to another host', async () => {
    const other = await faultServer()
    const clock = steppedClock()
    const log = recordingLog()
    const { http } = setUp({ clock, log })
    server.next(answer(429, '', { 'retry-after': '30' }))
    const first = http.request({ method: 'GET', url: server.url })
    while (log.lines.length === 0) await delay(5)
    expect(await (await http.request({ method: 'GET', url: other.url })).text()).toBe('done')
    clock.advance(30_000)
    await (await first).discard()
    await other.close()
  })

  it('grows with each refusal in a row, whoever gets it, until one succeeds', async () => {
    const { http, clock } = setUp({ maxPerHost: 1 })
    server.next(answer(503), answer(503), answer(503))
    await (await http.request({ method: 'GET', url: server.url })).discard()
    server.next(answer(503))
    await (await http.request({ method: 'GET', url: server.url })).discard()
    expect(clock.slept).toEqual([500, 1000, 2000, 500])
  })

  it('is a number of places, in which metadata overtakes blobs', async () => {
    const { http } = setUp({ maxPerHost: 1 })
    const order: string[] = []
    server.at('/blob-1', async (_, response) => {
      await delay(100)
      response.end()
    })
    const ask = async (name: string, priority: 'blob' | 'metadata'): Promise<void> => {
      const response = await http.request({ method: 'GET', url: `${server.url}/${name}`, priority })
      order.push(name)
      await response.discard()
    }
    await Promise.all([ask('blob-1', 'blob'), ask('blob-2', 'blob'), ask('tags', 'metadata'), ask('manifest', 'metadata')])
    expect(order).toEqual(['blob-1', 'tags', 'manifest', 'blob-2'])
  })

  it('is never more than so many requests at once', async () => {
    let now = 0
    let most = 0
    server.at('/count', async (_, response) => {
      now += 1
      most = Math.max(most, now)
      await delay(10)
      now -= 1
      response.end()
    })
    const { http } = setUp({ maxPerHost: 3 })
    await Promise.all(Array.from({ length: 20 }, async () => (await http.request({ method: 'GET', url: `${server.url}/count` })).discard()))
    expect(most).toBe(3)
  })

  it('does not lock up when uploads read from downloads', async () => {
    const { http } = setUp({ maxPerHost: 2 })
    server.at('/from', answer(200, 'x'.repeat(100_000), { 'content-length': '100000' }))
    const copy = async (index: number): Promise<number> => {
      const from = await http.request({ method: 'GET', url: `${server.url}/from`, priority: 'blob' })
      const to = await http.request({
        method: 'PUT',
        url: `${server.url}/to-${index}`,
        priority: 'blob',
        body: { size: 100_000, open: () => from.body },
      })
      await to.discard()
      return to.status
    }
    expect(await Promise.all([1, 2, 3, 4, 5, 6].map(copy))).toEqual([200, 200, 200, 200, 200, 200])
  })
})
