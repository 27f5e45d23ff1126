import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import type { HttpResponse } from '../spec/ports.ts'
import { answer, answerEarly, answerInParts, cut, type FaultServer, faultServer, redirect } from './fixtures/fault-server.ts'
import { testTransport } from './fixtures/transport.ts'

let server: FaultServer
const { http } = testTransport()
beforeEach(async () => {
  server = await faultServer()
})
afterEach(() => server.close())
afterAll(() => http.close())

const get = (path = '/', more = {}) => http.request({ method: 'GET', url: server.url + path, ...more })

describe('an answer', () => {
  it('gives status, URL, headers and body', async () => {
    server.next(answer(201, '{"a":1}', { 'content-type': 'application/json', 'X-Request-Id': '7' }))
    const response = await get('/v2/?n=1')
    expect([response.status, response.url, response.header('x-request-id'), response.header('none')]).toEqual([
      201,
      `${server.url}/v2/?n=1`,
      '7',
      undefined,
    ])
    expect(await response.json()).toEqual({ a: 1 })
  })

  it('keeps values of a header that comes twice apart, and joined', async () => {
    server.next((_, response) => void response.writeHead(401, { 'www-authenticate': ['Basic realm="a"', 'Bearer realm="b"'] }).end())
    const response = await get()
    expect(response.headers('www-authenticate')).toEqual(['Basic realm="a"', 'Bearer realm="b"'])
    expect(response.header('www-authenticate')).toBe('Basic realm="a", Bearer realm="b"')
    expect(response.headers('link')).toEqual([])
  })

  it('may be read as a stream', async () => {
    server.next(answer(200, 'x'.repeat(300_000)))
    expect((await buffer((await get()).body)).length).toBe(300_000)
  })

  it('gives pieces that stay what they are while others come', async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 2 ** 21 }, (_, at) => at).buffer)
    server.at('/large', (_, response) => void response.end(bytes))
    const answers = await Promise.all([get('/large'), get('/large')])
    const bodies = await Promise.all(answers.map(async ({ body }) => Buffer.concat(await body.toArray())))
    expect(bodies.map((body) => body.equals(bytes))).toEqual([true, true])
  })

  const bodiless = [
    ['HEAD', 200, { 'content-length': '99' }],
    ['GET', 204, {}],
    ['GET', 304, {}],
    ['POST', 202, { 'content-length': '0' }],
  ] as const
  const waysToRead: Readonly<Record<string, (response: HttpResponse) => Promise<unknown>>> = {
    whole: (response) => response.bytes(),
    'as text': (response) => response.text(),
    'as a stream': (response) => buffer(response.body),
    'in pieces': async (response) => Buffer.concat(await Readable.from(response.pieces()).toArray()),
    'not at all': async (response) => void (await response.discard()),
  }

  test.each(bodiless.flatMap(([method, status, headers]) => Object.keys(waysToRead).map((how) => [method, status, how, headers] as const)))(
    '%s %i has no body, read %s, and its connection is used again',
    async (method, status, how, headers) => {
      server.next(answer(status, '', headers))
      const response = await http.request({ method, url: server.url, idempotent: true })
      const read = await waysToRead[how]?.(response)
      expect([response.status, String(read ?? '')]).toEqual([status, ''])
      await (await get()).discard()
      expect(server.seen[0]?.from).toBe(server.seen[1]?.from)
    },
  )

  it('without a body that nobody reads holds no place', async () => {
    const { http: narrow } = testTransport({ maxPerHost: 1 })
    for (let index = 0; index < 3; index += 1) await narrow.request({ method: 'HEAD', url: server.url })
    narrow.close()
    expect(server.seen.length).toBe(3)
  })

  test.each([
    ['not JSON', '<html>Log in</html>', /answered 200, but not with JSON: it begins: <html>Log in<\/html>/],
    ['cut JSON, which may hold a token', '{"value":"eyJh', /JSON: it breaks off, or is wrong, within 14 characters\.$/],
    ['nothing', '', /JSON: nothing came/],
    ['commands to the runner', '\n::error::x', /it begins: ␊\u200b?:/],
  ])('that is %s', async (_, body, message) => {
    server.next(answer(200, body))
    await expect((await get('/api?token=abc')).json()).rejects.toMatchObject({
      code: 'SW-HTTP-MALFORMED',
      message: expect.stringMatching(message),
    })
  })

  test.each([
    ['announced', answer(200, 'x'.repeat(101), { 'content-length': '101' })],
    ['not announced', answerInParts('x'.repeat(50), 'x'.repeat(51))],
  ] as const)('larger than the limit, %s', async (_, step) => {
    server.next(step)
    await expect((await get()).bytes(100)).rejects.toMatchObject({
      code: 'SW-HTTP-TOO-LARGE',
      message: expect.stringContaining('expected at most 100 B'),
    })
  })

  it('whose headers are too large', async () => {
    server.next(answer(200, '', { large: 'x'.repeat(70_000) }))
    await expect(get()).rejects.toMatchObject({ code: 'SW-HTTP-TOO-LARGE' })
  })

  it('that nobody reads does not end the process', async () => {
    server.next(cut(100, 'some', 'reset'))
    await get()
    await (await get()).discard()
  })
})

describe('a request', () => {
  it('says who asks, and wants the bytes as they are', async () => {
    await (await get()).discard()
    expect(server.seen[0]?.headers).toMatchObject({ 'user-agent': 'slipway/test', 'accept-encoding': 'identity' })
  })

  test.each([
    ['text', 'héllo', 'héllo'],
    ['bytes', Buffer.from('bytes'), 'bytes'],
    ['a source', { size: 6, open: () => Readable.from(['sou', 'rce']) }, 'source'],
    ['an empty source', { size: 0, open: () => Readable.from([]) }, ''],
  ])('sends %s with its length', async (_, body, expected) => {
    await (await http.request({ method: 'PUT', url: server.url, body })).discard()
    expect(server.seen[0]).toMatchObject({ body: expected, headers: { 'content-length': String(Buffer.byteLength(expected)) } })
    expect(server.seen[0]?.headers['transfer-encoding']).toBeUndefined()
  })

  it('without body announces none, where one is usual', async () => {
    await (await http.request({ method: 'POST', url: server.url })).discard()
    expect(server.seen[0]?.headers['content-length']).toBe('0')
  })

  test.each([
    ['shorter', ['123'], /gave 3 bytes while it was sent, expected 5/],
    ['longer', ['123', '456'], /gave 6 bytes or more while it was sent, expected 5/],
  ])('whose body is %s than announced fails at once', async (_, pieces, message) => {
    const request = http.request({ method: 'PUT', url: server.url, body: { size: 5, open: () => Readable.from(pieces) } })
    await expect(request).rejects.toMatchObject({ code: 'SW-FILE-CHANGED', message: expect.stringMatching(message) })
  })

  it('whose body cannot be read fails with that error', async () => {
    const open = (): Readable =>
      Readable.from(
        (async function* () {
          yield 'x'
          throw Object.assign(new Error('disk'), { code: 'EIO' })
        })(),
      )
    await expect(http.request({ method: 'PUT', url: server.url, body: { size: 5, open } })).rejects.toMatchObject({
      cause: { code: 'EIO' },
    })
  })

  it('whose body cannot even be opened fails with that error', async () => {
    const open = (): Readable => {
      throw new Error('no such layer')
    }
    await expect(http.request({ method: 'PUT', url: server.url, body: { size: 5, open } })).rejects.toMatchObject({
      cause: { message: 'no such layer' },
    })
  })

  it('gets an answer that comes before the body is through, and stops sending', async () => {
    // By path: a request that failed in a test before may reach the server only now.
    server.at('/early', answerEarly(401, 'who are you'))
    let sent = 0
    const open = (): Readable =>
      Readable.from(
        (async function* () {
          for (; sent < 1000; sent += 1) {
            yield Buffer.alloc(100_000)
            await new Promise(setImmediate)
          }
        })(),
      )
    const response = await http.request({ method: 'PUT', url: `${server.url}/early`, body: { size: 100_000_000, open } })
    expect([response.status, await response.text()]).toEqual([401, 'who are you'])
    expect(sent).toBeLessThan(1000)
  })

  it('cannot smuggle a header', async () => {
    const request = get('/', { headers: { authorization: 'Bearer a\r\nx-evil: 1' } })
    await expect(request).rejects.toMatchObject({ code: 'SW-HTTP-HEADER', message: expect.not.stringContaining('Bearer') })
    expect(server.seen).toEqual([])
  })
})

describe('which statuses are answers', () => {
  test.each([200, 204, 302, 304, 401, 403, 404, 405, 409, 412, 416])('%i usually is', async (status) => {
    server.next(answer(status))
    expect((await get()).status).toBe(status)
  })

  test.each([400, 402, 406, 418, 422, 501])('%i usually is not, and is not asked again', async (status) => {
    server.next(answer(status, '{"errors":[{"code":"BAD"}]}', { 'x-request-id': 'r-1' }))
    await expect(get('/x?sig=secret')).rejects.toMatchObject({
      code: 'SW-HTTP-STATUS',
      message: `GET ${server.url}/x?sig=… answered ${status} (request r-1): {"errors":[{"code":"BAD"}]}`,
      retryable: false,
    })
    expect(server.seen).toHaveLength(1)
  })

  it('the caller may say', async () => {
    server.next(answer(503), answer(200))
    expect((await get('/', { expect: [200, 503] })).status).toBe(503)
    await expect(get('/', { expect: [201] })).rejects.toMatchObject({
      code: 'SW-HTTP-STATUS',
      message: expect.stringContaining('answered 200'),
    })
  })

  it('a redirect that leads nowhere is none', async () => {
    server.next(answer(302))
    await expect(get('/', { expect: [200] })).rejects.toThrow('answered 302')
  })

  it('a redirect is one when asked for', async () => {
    server.next(redirect(307, '/elsewhere'))
    const response = await get('/', { redirect: 'manual', expect: [200] })
    expect([response.status, response.header('location')]).toEqual([307, '/elsewhere'])
  })
})

describe('connections', () => {
  it('are kept', async () => {
    for (let index = 0; index < 5; index += 1) await (await get()).text()
    expect(new Set(server.seen.map(({ from }) => from)).size).toBe(1)
  })

  it('are given up rather than drained of much', async () => {
    server.next(answer(200, 'x'.repeat(10_000_000)))
    await (await get()).discard()
    await (await get()).text()
    expect(server.seen[0]?.from).not.toBe(server.seen[1]?.from)
  })
})
