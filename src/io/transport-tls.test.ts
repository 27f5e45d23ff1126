import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals'
import { answer, type FaultServer, faultServer, redirect } from './fixtures/fault-server.ts'
import { lookupTable, testTransport } from './fixtures/transport.ts'

const pem = (name: string): string => readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url), 'utf8')
const ca = pem('ca.pem')
const lookup = lookupTable({ 'registry.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'], 'wrong.test': ['127.0.0.1'] })
let secure: FaultServer
let plain: FaultServer
const opened: { close(): void }[] = []
beforeAll(async () => {
  secure = await faultServer({ tls: { key: pem('server.key'), cert: pem('server.pem') } })
  plain = await faultServer()
})
afterEach(() => {
  for (const http of opened.splice(0)) http.close()
})
afterAll(() => Promise.all([secure.close(), plain.close()]))

function setUp(options: Parameters<typeof testTransport>[0] = {}) {
  const made = testTransport({ ca, lookup, ...options })
  opened.push(made.http)
  return made
}
const at = (host: string): string => `https://${host}:${secure.port}`

describe('a secure connection', () => {
  it('is made with an authority of one’s own', async () => {
    expect(await (await setUp().http.request({ method: 'GET', url: at('registry.test') })).text()).toBe('done')
  })

  test.each([
    ['an unknown authority', {}, '127.0.0.1', /UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY/],
    ['another name', { ca }, 'wrong.test', /ERR_TLS_CERT_ALTNAME_INVALID/],
  ])('is refused for %s, at once', async (_, options, host, message) => {
    const { http, clock } = testTransport({ lookup, ...options })
    opened.push(http)
    const request = http.request({ method: 'GET', url: at(host) })
    await expect(request).rejects.toMatchObject({ code: 'SW-HTTP-TLS', message: expect.stringMatching(message), hint: expect.any(String) })
    expect(clock.slept).toEqual([])
  })

  it('to a plain port says what is wrong', async () => {
    const request = setUp().http.request({ method: 'GET', url: plain.url.replace('http', 'https') })
    await expect(request).rejects.toMatchObject({ code: 'SW-HTTP-TLS', hint: expect.stringContaining('may speak plain http') })
  })

  it('that a plain request meets says what is wrong', async () => {
    const request = setUp().http.request({ method: 'GET', url: secure.url.replace('https', 'http') })
    await expect(request).rejects.toMatchObject({ code: expect.stringMatching(/^SW-HTTP-(?:MALFORMED|STATUS|TRUNCATED)$/) })
  })
})

describe('a redirect', () => {
  test.each([
    ['', 'plain http'],
    ['listed', 'https to http'],
  ])('from https to http is refused, even to a host %s as insecure', async (listed, message) => {
    secure.next(redirect(302, `http://other.test:${plain.port}/`))
    const { http } = setUp({ allowPrivate: ['other.test'], insecureHosts: listed === '' ? [] : ['other.test'] })
    await expect(http.request({ method: 'GET', url: at('registry.test') })).rejects.toMatchObject({
      code: 'SW-HTTP-REFUSED-URL',
      message: expect.stringContaining(message),
    })
    expect(plain.seen).toEqual([])
  })

  it('to another host of the same server carries no credential', async () => {
    secure.seen.splice(0)
    secure.next(redirect(302, `${at('other.test')}/blob`), answer(200, 'blob'))
    const { http } = setUp({ allowPrivate: ['other.test'] })
    const response = await http.request({ method: 'GET', url: at('registry.test'), headers: { authorization: 'Basic secret' } })
    expect(await response.text()).toBe('blob')
    expect(secure.seen.map(({ headers }) => headers['authorization'])).toEqual(['Basic secret', undefined])
  })
})

describe('a certificate of the client', () => {
  const client = { ca, cert: pem('client.pem'), key: pem('client.key') }
  const names: unknown[] = []
  let strict: Server
  beforeEach(() => void names.splice(0))
  beforeAll(async () => {
    const authorities = { requestCert: true, rejectUnauthorized: true, ca: [client.cert] }
    strict = createServer({ key: pem('server.key'), cert: pem('server.pem'), ...authorities }, (request, response) => {
      names.push(nameOf(request.socket))
      if (request.url === '/elsewhere') response.writeHead(302, { location: url('/', 'other.test') }).end()
      else response.end('known')
    })
    await new Promise<void>((resolve) => void strict.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    strict.closeAllConnections()
    strict.close()
  })
  const url = (path = '/', host = 'registry.test') => `https://${host}:${(strict.address() as AddressInfo).port}${path}`

  it('is shown to a server that asks for one, which is trusted by the authority that comes with it', async () => {
    const { http } = testTransport({ lookup })
    opened.push(http)
    expect(await (await http.request({ method: 'GET', url: url(), tls: client })).text()).toBe('known')
    expect(names).toEqual(['client'])
  })

  it('is not shown by other requests, not even over a kept connection', async () => {
    const { http } = setUp()
    await (await http.request({ method: 'GET', url: url(), tls: client })).text()
    await expect(http.request({ method: 'GET', url: url(), deadline: 10_000 })).rejects.toMatchObject({
      ...{ code: 'SW-HTTP-TLS', hint: expect.stringContaining('asks for a certificate of the client') },
    })
  })

  it('does not go along a redirect to another server', async () => {
    const { http } = setUp({ allowPrivate: ['other.test'] })
    await expect(http.request({ method: 'GET', url: url('/elsewhere'), tls: client, deadline: 10_000 })).rejects.toMatchObject({
      code: expect.stringMatching(/^SW-HTTP-/),
      message: expect.stringContaining('other.test'),
    })
    expect(names).toEqual(['client'])
  })
})

function nameOf(socket: Socket): unknown {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : undefined
}
