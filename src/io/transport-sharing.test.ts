import { once } from 'node:events'
import { get } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { urlToHttpOptions } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Http } from '../spec/ports.ts'
import { Agents } from './agents.ts'
import { answer, type FaultServer, faultServer, reset, stall } from './fixtures/fault-server.ts'
import { recordingLog, steppedClock } from './fixtures/ports.ts'
import { closedTransports } from './fixtures/transport.ts'

let server: FaultServer
const setUp = closedTransports()
beforeEach(async () => {
  server = await faultServer()
})
afterEach(() => server.close())

const text = (http: Http): Promise<string> => http.request({ method: 'GET', url: server.url }).then((response) => response.text())

describe('what requests to one host share', () => {
  it('is the pause that one of them was told to make', async () => {
    const clock = steppedClock()
    const log = recordingLog()
    const { http } = setUp({ clock, log })
    server.next(answer(429, '', { 'retry-after': '30' }))
    const first = text(http)
    while (log.lines.length === 0) await delay(5)
    const second = text(http)
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

  it('grows with each refusal, whoever gets it, and shrinks by one step with every five answers', async () => {
    const { http, clock } = setUp({ maxPerHost: 1 })
    const ask = async (times: number): Promise<void> => {
      for (let index = 0; index < times; index += 1) await text(http)
    }
    server.next(answer(503), answer(503), answer(503))
    await ask(1)
    server.next(answer(503))
    await ask(1)
    expect(clock.slept).toEqual([500, 1000, 2000, 4000])
    await ask(15)
    server.next(answer(503))
    await ask(1)
    expect(clock.slept.at(-1)).toBe(1000)
    await ask(100)
    server.next(answer(503))
    await ask(1)
    expect(clock.slept.at(-1)).toBe(500)
  })

  it('grows once when several that were underway are refused at the same time', async () => {
    const { http, clock } = setUp({ maxPerHost: 4 })
    server.next(answer(429), answer(429), answer(429), answer(429))
    await Promise.all(Array.from({ length: 4 }, () => text(http)))
    expect(clock.slept.filter((wait) => wait > 500)).toEqual([])
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

  it.each([
    ['no more requests at once than it has places', { maxPerHost: 3 }, 'metadata', 3],
    ['six places where nothing is said', {}, 'metadata', 6],
    ['of which blobs leave one', {}, 'blob', 5],
  ] as const)('is %s', async (_, options, priority, expected) => {
    let [now, most] = [0, 0]
    server.at('/count', async (_request, response) => {
      now += 1
      most = Math.max(most, now)
      await delay(10)
      now -= 1
      response.end()
    })
    const { http } = setUp(options)
    const ask = async (): Promise<void> => (await http.request({ method: 'GET', url: `${server.url}/count`, priority })).discard()
    await Promise.all(Array.from({ length: 20 }, ask))
    expect(most).toBe(expected)
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

describe('connections', () => {
  it('are not shared with a request that cannot be repeated: a kept one may have been closed meanwhile', async () => {
    const { http } = setUp()
    for (const method of ['GET', 'POST', 'GET', 'PATCH', 'PUT'] as const) await (await http.request({ method, url: server.url })).text()
    const [first, post, second, patch, put] = server.seen.map(({ from }) => from)
    expect([second, put]).toEqual([first, first])
    expect(new Set([first, post, patch]).size).toBe(3)
  })

  it('that the server closed just when they were used again are no failure: the request goes over a new one, at once', async () => {
    const { http, clock, log } = setUp()
    expect(await text(http)).toBe('done')
    server.next(reset)
    expect(await text(http)).toBe('done')
    expect([server.seen.length, clock.slept, log.lines]).toEqual([3, [], []])
    expect(server.seen[1]?.from).toBe(server.seen[0]?.from)
  })

  it('are one new one at most: a server that cuts that as well is waited for', async () => {
    const { http, clock } = setUp()
    expect(await text(http)).toBe('done')
    server.next(reset, reset)
    expect(await text(http)).toBe('done')
    expect([server.seen.length, clock.slept]).toEqual([4, [500]])
  })

  describe('are shared with a request whose caller can begin anew', () => {
    let told = 0
    const upload = () => ({
      method: 'PUT' as const,
      url: server.url,
      idempotent: false,
      body: { size: 200_000, open: () => Readable.from([Buffer.alloc(200_000)]) },
      onStale: () => {
        told += 1
      },
    })
    beforeEach(() => {
      told = 0
    })
    const ports = (): (number | undefined)[] => server.seen.map(({ from }) => from)

    it('and kept behind it', async () => {
      const { http } = setUp()
      await text(http)
      for (const _ of [1, 2]) await (await http.request(upload())).text()
      await text(http)
      expect(new Set(ports()).size).toBe(1)
      expect(told).toBe(0)
    })

    it('who is told when it was closed, and the request fails at once, sent no second time', async () => {
      const { http, clock, log } = setUp()
      await text(http)
      server.next(reset)
      await expect(http.request(upload())).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED', retryable: true })
      expect([told, server.seen.length, clock.slept, log.lines]).toEqual([1, 2, [], []])
      expect(await text(http)).toBe('done')
    })

    it.each([
      ['a new one that is cut', true, reset, 'SW-HTTP-TRUNCATED'],
      ['a kept one on which nothing moves', false, stall, 'SW-HTTP-TIMEOUT'],
      ['a kept one on which the server fails', false, answer(503), 'SW-HTTP-STATUS'],
    ])('who is not told of %s: that is the server’s', async (_, isNew, step, code) => {
      const { http } = setUp()
      if (!isNew) await text(http)
      server.next(step)
      await expect(http.request({ ...upload(), idleTimeout: 1000 })).rejects.toMatchObject({ code })
      expect(told).toBe(0)
    })
  })

  it('are closed after four seconds without a request', async () => {
    const agents = new Agents({})
    const url = new URL(server.url)
    const agent = agents.agentFor({ method: 'GET', url, guarded: false, headers: {} }, true)
    const idle = once(agent, 'free')
    get({ agent, ...urlToHttpOptions(url) }, (message) => message.resume())
    const [socket] = await idle
    expect(socket.timeout).toBe(4000)
    socket.emit('timeout')
    expect(socket.destroyed).toBe(true)
    agents.close()
  })

  it('that we closed are not made anew for what nobody has answered yet', async () => {
    const { http } = setUp()
    expect(await text(http)).toBe('done')
    const asked = Promise.withResolvers<void>()
    server.next(() => asked.resolve())
    const late = http.request({ method: 'GET', url: server.url, attempts: 1 })
    await asked.promise
    http.close()
    await expect(late).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED' })
    expect(server.seen).toHaveLength(2)
    expect(server.seen[1]?.from).toBe(server.seen[0]?.from)
  })

  it('are given up when a redirect comes with an endless body', async () => {
    let ended = false
    server.at('/endless', async (_, response) => {
      response.writeHead(302, { location: '/' })
      while (!response.destroyed) {
        response.write(Buffer.alloc(10_000))
        await delay(1)
      }
      ended = true
    })
    const { http } = setUp()
    expect(await (await http.request({ method: 'GET', url: `${server.url}/endless` })).text()).toBe('done')
    while (!ended) await delay(5)
  })
})
