import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals'
import { type FaultServer, faultServer } from './fixtures/fault-server.ts'
import { proxyTo, type RunningProxy } from './fixtures/proxy.ts'
import { lookupTable, testTransport } from './fixtures/transport.ts'
import { piecesOf } from './pieces.ts'

const pem = (name: string): string => readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url), 'utf8')
let plain: FaultServer
let secure: FaultServer
let toPlain: RunningProxy
let toSecure: RunningProxy
const opened: { close(): void }[] = []
beforeAll(async () => {
  plain = await faultServer()
  secure = await faultServer({ tls: { key: pem('server.key'), cert: pem('server.pem') } })
  toPlain = await proxyTo(plain.port)
  toSecure = await proxyTo(secure.port)
})
afterEach(() => {
  for (const http of opened.splice(0)) http.close()
  for (const { seen } of [plain, secure, toPlain, toSecure]) seen.splice(0)
  toPlain.refuseWith = undefined
  toSecure.refuseWith = undefined
})
afterAll(() => Promise.all([plain, secure, toPlain, toSecure].map((server) => server.close())))

/** Nothing is resolved but the proxies' own name: behind a proxy, names are the proxy's affair. */
function setUp(proxyEnv: Record<string, string | undefined>, options: Parameters<typeof testTransport>[0] = {}) {
  const lookup = lookupTable({ localhost: ['127.0.0.1'], 'direct.test': ['127.0.0.1'] })
  const made = testTransport({
    proxyEnv,
    ca: pem('ca.pem'),
    lookup,
    insecureHosts: ['registry.test', 'direct.test', 'other.test'],
    ...options,
  })
  opened.push(made.http)
  return { ...made, lookup }
}

describe('through a proxy', () => {
  test.each(['HTTP_PROXY', 'http_proxy'])('http, by %s', async (name) => {
    const { http, lookup } = setUp({ [name]: toPlain.url })
    expect(await (await http.request({ method: 'PUT', url: 'http://registry.test:5000/v2/?a=b', body: 'content' })).text()).toBe('done')
    expect(toPlain.seen).toEqual(['PUT http://registry.test:5000/v2/?a=b'])
    expect(plain.seen[0]).toMatchObject({ url: '/v2/?a=b', body: 'content', headers: { host: 'registry.test:5000' } })
    expect(lookup.asked).toEqual([])
  })

  test.each(['HTTPS_PROXY', 'https_proxy'])('https, by %s and CONNECT', async (name) => {
    const { http } = setUp({ [name]: toSecure.url })
    for (const path of ['/one', '/two'])
      expect(await (await http.request({ method: 'GET', url: `https://registry.test${path}` })).text()).toBe('done')
    expect(toSecure.seen).toEqual(['CONNECT registry.test:443'])
    expect(secure.seen.map(({ url }) => url)).toEqual(['/one', '/two'])
  })

  it('an upload goes over the connection that began it', async () => {
    const { http } = setUp({ HTTPS_PROXY: toSecure.url })
    const upload = { idempotent: false, onStale: () => undefined, body: { size: 3, open: () => Readable.from([Buffer.from('abc')]) } }
    for (const how of [
      { method: 'POST', idempotent: true },
      { method: 'PUT', ...upload },
    ] as const)
      expect(await (await http.request({ url: 'https://registry.test/', ...how })).text()).toBe('done')
    expect(toSecure.seen).toEqual(['CONNECT registry.test:443'])
    expect(secure.seen[1]?.body).toBe('abc')
  })

  it('whose own name is private, and without its scheme', async () => {
    const { http } = setUp({ HTTPS_PROXY: `localhost:${toSecure.port}`, HTTP_PROXY: `localhost:${toPlain.port}` })
    const home = 'https://another.test'
    expect(await (await http.request({ method: 'GET', url: 'https://registry.test/', home })).text()).toBe('done')
    expect(await (await http.request({ method: 'GET', url: 'http://registry.test/', home })).text()).toBe('done')
  })

  it('with a user name and a password, which the server never sees', async () => {
    const { http } = setUp({ HTTPS_PROXY: toSecure.url.replace('//', '//user:p%40ss@') })
    await (await http.request({ method: 'GET', url: 'https://registry.test/' })).discard()
    expect(toSecure.seen).toEqual([`CONNECT registry.test:443 Basic ${btoa('user:p@ss')}`])
    expect(secure.seen[0]?.headers['proxy-authorization']).toBeUndefined()
  })

  it('addresses by their letters are still refused', async () => {
    const { http } = setUp({ HTTPS_PROXY: toSecure.url })
    await expect(http.request({ method: 'GET', url: 'https://169.254.169.254/', home: 'https://registry.test' })).rejects.toMatchObject({
      code: 'SW-HTTP-REFUSED-URL',
    })
    expect(toSecure.seen).toEqual([])
  })
})

describe('past a proxy', () => {
  test.each(['direct.test', '.test', '*', 'other.example, direct.test', 'direct.test:PORT'])('by NO_PROXY=%s', async (exempt) => {
    const { http } = setUp({ HTTP_PROXY: toPlain.url, NO_PROXY: exempt.replace('PORT', String(plain.port)) })
    expect(await (await http.request({ method: 'GET', url: `http://direct.test:${plain.port}/` })).text()).toBe('done')
    expect(toPlain.seen).toEqual([])
  })

  it('by no_proxy, which wins over NO_PROXY', async () => {
    const { http } = setUp({ HTTP_PROXY: toPlain.url, NO_PROXY: 'direct.test', no_proxy: 'nothing.test' })
    await (await http.request({ method: 'GET', url: 'http://direct.test/' })).discard()
    expect(toPlain.seen).toEqual(['GET http://direct.test/'])
  })

  it('always to this machine', async () => {
    const { http } = setUp({ HTTP_PROXY: toPlain.url })
    await (await http.request({ method: 'GET', url: plain.url })).discard()
    await (await http.request({ method: 'GET', url: plain.url.replace('127.0.0.1', 'direct.test') })).discard()
    expect(toPlain.seen).toEqual([`GET http://direct.test:${plain.port}/`])
  })

  it('always to a metadata service, which knows a machine by its address', async () => {
    const { http } = setUp({ HTTP_PROXY: toPlain.url }, { lookup: lookupTable({ 'metadata.google.internal': ['127.0.0.1'] }) })
    const url = `http://metadata.google.internal:${plain.port}/`
    expect(await (await http.request({ method: 'GET', url, home: url })).text()).toBe('done')
    expect(toPlain.seen).toEqual([])
  })

  it('when the setting is blank', async () => {
    const { http } = setUp({ HTTP_PROXY: '', http_proxy: undefined })
    expect(await (await http.request({ method: 'GET', url: `http://direct.test:${plain.port}/` })).text()).toBe('done')
  })
})

describe('a proxy that refuses', () => {
  test.each([
    [407, /user:password/],
    [403, /NO_PROXY/],
  ])('%i is told at once', async (status, hint) => {
    toSecure.refuseWith = status
    const { http, clock } = setUp({ HTTPS_PROXY: toSecure.url.replace('//', '//user:hunter22@') })
    const request = http.request({ method: 'GET', url: 'https://registry.test/' })
    await expect(request).rejects.toMatchObject({
      code: 'SW-HTTP-PROXY',
      message: expect.stringContaining(`(${status})`),
      hint: expect.stringMatching(hint),
    })
    await expect(request).rejects.not.toMatchObject({ message: expect.stringContaining('hunter22') })
    expect(clock.slept).toEqual([])
  })

  it('for a moment is asked again', async () => {
    toSecure.refuseWith = 503
    const { http, log } = setUp({ HTTPS_PROXY: toSecure.url })
    await expect(http.request({ method: 'POST', url: 'https://registry.test/' })).rejects.toMatchObject({ code: 'SW-HTTP-PROXY' })
    expect(log.lines[0]).toContain('seen=proxy 503')
    expect(toSecure.seen).toHaveLength(5)
  })

  it('that is down is named', async () => {
    const { http } = setUp({ HTTPS_PROXY: 'http://127.0.0.1:9' })
    const request = http.request({ method: 'GET', url: 'https://registry.test/' })
    await expect(request).rejects.toMatchObject({
      code: 'SW-HTTP-UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:9 takes no connection'),
      hint: expect.stringContaining('HTTPS_PROXY'),
    })
  })

  test.each(['not a url', 'ftp://proxy.test', 'socks5://proxy.test:1080'])('settings that make no sense: %s', async (value) => {
    const { http } = setUp({ HTTPS_PROXY: value })
    await expect(http.request({ method: 'GET', url: 'https://registry.test/' })).rejects.toMatchObject({
      code: 'SW-HTTP-PROXY',
      message: expect.stringContaining('HTTPS_PROXY cannot be used'),
    })
  })
})

describe('a proxy that never answers', () => {
  /** Takes connections and says nothing; a body that tells when it is closed. */
  async function silence(options: Parameters<typeof testTransport>[0] = {}) {
    const connections: Socket[] = []
    const server = createServer((socket) => void connections.push(socket.on('error', () => undefined).resume()))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const open = { bodies: 0 }
    async function* body(): AsyncGenerator<Buffer> {
      open.bodies += 1
      try {
        for (let index = 0; index < 3; index += 1) yield Buffer.alloc(100)
      } finally {
        open.bodies -= 1
      }
    }
    const made = setUp({ HTTPS_PROXY: `http://127.0.0.1:${port}` }, options)
    const request = { method: 'PUT', url: 'https://registry.test/', body: { size: 300, open: () => piecesOf(body()) } } as const
    return { ...made, request, open, connections, server, [Symbol.asyncDispose]: async () => void server.close() }
  }

  it('is given up, and the body closed', async () => {
    await using proxy = await silence()
    await expect(proxy.http.request({ ...proxy.request, idleTimeout: 100, idempotent: false })).rejects.toMatchObject({
      code: 'SW-HTTP-TIMEOUT',
      message: expect.stringContaining('no connection within 0.1 s'),
    })
    expect([proxy.open.bodies, proxy.connections.length > 1]).toEqual([0, true])
    const closed = Promise.all(proxy.connections.map((socket) => once(socket, 'close')))
    proxy.http.close()
    await closed
  })

  it('keeps nobody from ending the run', async () => {
    await using proxy = await silence()
    const request = proxy.http.request(proxy.request)
    await once(proxy.server, 'connection')
    proxy.abort.abort(new Error('enough'))
    await expect(request).rejects.toThrow('enough')
    expect(proxy.open.bodies).toBe(0)
    proxy.http.close()
  })
})
