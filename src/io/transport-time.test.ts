import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import { systemClock } from './clock.ts'
import { answer, type FaultServer, faultServer, reset, type Step, stall, stallInBody } from './fixtures/fault-server.ts'
import { quickClock } from './fixtures/ports.ts'
import { closedTransports } from './fixtures/transport.ts'

let server: FaultServer
const setUp = closedTransports()
beforeEach(async () => {
  server = await faultServer()
})
afterEach(() => server.close())

describe('timeouts', () => {
  it('count silence, not the whole time', async () => {
    server.next(async (_, response) => {
      response.writeHead(200, { 'content-length': '30' })
      for (let index = 0; index < 30; index += 1) {
        response.write('x')
        await delay(100)
      }
    })
    const response = await setUp().http.request({ method: 'GET', url: server.url, idleTimeout: 2500 })
    expect(await response.text()).toBe('x'.repeat(30))
    expect(server.seen).toHaveLength(1)
  })

  it('are not blamed on the server when the reader is slow', async () => {
    server.next(answer(200, 'x'.repeat(8_000_000)))
    const { http } = setUp()
    const { body } = await http.request({ method: 'GET', url: server.url, idleTimeout: 1000 })
    await delay(2500)
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
    const response = await http.request({ method: 'PUT', url: server.url, body: { size: 10, open }, idleTimeout: 2000, deadline: 100 })
    expect([response.status, server.seen.length]).toEqual([200, 1])
    await response.discard()
  })

  it('may be put off by who asks, for as long as he says', async () => {
    server.next(async (_, response) => void setTimeout(() => response.end('late'), 700))
    const asked: number[] = []
    const moreIdle = (): number => asked.push(0) && 300
    const response = await setUp().http.request({ method: 'GET', url: server.url, idleTimeout: 200, moreIdle })
    expect([await response.text(), asked.length]).toEqual(['late', 2])
    server.next(stall)
    const request = setUp().http.request({
      method: 'POST',
      url: server.url,
      idleTimeout: 200,
      moreIdle: () => (asked.pop() === 0 ? 100 : 0),
    })
    await expect(request).rejects.toMatchObject({ code: 'SW-HTTP-TIMEOUT' })
    expect(asked).toEqual([])
  })

  it('count the whole time for an answer that is read whole, however it trickles', async () => {
    server.at('/trickle', trickle)
    const { http } = setUp({ clock: systemClock() })
    const response = await http.request({ method: 'GET', url: `${server.url}/trickle`, deadline: 1500 })
    await expect(response.text()).rejects.toMatchObject({ code: 'SW-HTTP-TIMEOUT', message: expect.stringContaining('no whole answer') })
  })

  it('count the whole time for an answer that is thrown away, too', async () => {
    let ended = false
    server.at('/trickle', async (request, response) => {
      await trickle(request, response)
      ended = true
    })
    const { http } = setUp({ clock: systemClock() })
    const response = await http.request({ method: 'POST', url: `${server.url}/trickle`, deadline: 1500 })
    await response.discard()
    while (!ended) await delay(5)
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
    server.next(answer(503, '', { 'retry-after': '12', connection: 'close' }), reset)
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

  it.each([429, 503])('is not for who asks once, told or not: %i', async (status) => {
    const { http, log, clock } = setUp()
    server.next(answer(status, '', { 'retry-after': '20' }))
    await expect(http.request({ method: 'GET', url: server.url, attempts: 1 })).rejects.toMatchObject({ code: 'SW-HTTP-STATUS' })
    expect([log.lines, clock.slept, server.seen.length]).toEqual([[], [], 1])
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
  it('waits no longer for its next attempt, nor for a host that is busy, when its own signal ends it', async () => {
    server.next(answer(503, '', { 'retry-after': '300' }))
    const { http, log } = setUp({ clock: systemClock() })
    const stops = [new AbortController(), new AbortController()]
    const [again, behind] = stops.map(
      ({ signal }) =>
        async () =>
          http.request({ method: 'GET', url: server.url, signal, deadline: 600_000 }),
    )
    const first = again?.().catch(String)
    while (log.lines.length === 0) await delay(1)
    const second = behind?.().catch(String)
    await delay(1)
    for (const stop of stops) stop.abort(new Error('given up'))
    expect([await first, await second, server.seen.length]).toEqual(['Error: given up', 'Error: given up', 1])
  })

  it('of one request ends that alone', async () => {
    const { http } = setUp()
    const stop = new AbortController()
    server.next(stall, async (_, response) => void setTimeout(() => response.end('done'), 200))
    const [one, other] = [stop.signal, undefined].map((signal) =>
      http.request({ method: 'GET', url: server.url, ...(signal === undefined ? {} : { signal }) }),
    )
    while (server.seen.length < 2) await delay(5)
    stop.abort(new Error('enough'))
    await expect(one).rejects.toThrow(/^enough$/)
    expect(await (await other)?.text()).toBe('done')
    expect(server.seen).toHaveLength(2)
  })

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
    await expect(reading).rejects.toThrow(/^SIGINT$/)
  })

  it('ends a stream with its reason', async () => {
    const { http, abort } = setUp()
    server.at('/slow', stallInBody)
    const { body } = await http.request({ method: 'GET', url: `${server.url}/slow` })
    const reading = buffer(body)
    abort.abort(new Error('SIGINT'))
    await expect(reading).rejects.toThrow(/^SIGINT$/)
  })

  it('before the request sends nothing', async () => {
    const { http, abort } = setUp()
    abort.abort(new Error('SIGINT'))
    await expect(http.request({ method: 'GET', url: server.url })).rejects.toThrow(/^SIGINT$/)
    expect(server.seen).toEqual([])
  })

  it('lets through what others must hear of it, once', async () => {
    const { http, abort } = setUp({ clock: systemClock(AbortSignal.abort(new Error('SIGINT'))) })
    server.next(answer(200, 'heard'), answer(503))
    abort.abort(new Error('SIGINT'))
    const last = { method: 'PUT', url: server.url, evenStopped: true } as const
    expect(await (await http.request(last)).text()).toBe('heard')
    await expect(http.request(last)).rejects.toThrow(/^SIGINT$/)
    expect(server.seen).toHaveLength(2)
  })
})

/** A byte now and then, without end. */
const trickle: Step = async (_, response) => {
  response.writeHead(200)
  while (!response.destroyed) {
    response.write('x')
    await delay(20)
  }
}
