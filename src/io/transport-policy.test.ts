import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from '@jest/globals'
import type { HttpRequest } from '../spec/ports.ts'
import { answer, type FaultServer, faultServer, redirect } from './fixtures/fault-server.ts'
import { lookupTable, testTransport } from './fixtures/transport.ts'

/** `registry` is what the caller set out to talk to; `other` is another server, here on the same host at another port. */
let registry: FaultServer
let other: FaultServer
const opened: { close(): void }[] = []
beforeAll(async () => {
  registry = await faultServer()
  other = await faultServer()
})
afterEach(() => {
  registry.seen.splice(0)
  other.seen.splice(0)
  for (const http of opened.splice(0)) http.close()
})
afterAll(() => Promise.all([registry.close(), other.close()]))

function setUp(options: Parameters<typeof testTransport>[0] = {}) {
  const { http } = testTransport(options)
  opened.push(http)
  return http
}

const credentials = {
  authorization: 'Bearer secret',
  cookie: 'sid=secret',
  'proxy-authorization': 'Basic secret',
  'x-api-key': 'secret',
  'private-token': 'secret',
  'x-harbor-csrf-token': 'secret',
}
const refused = { code: 'SW-HTTP-REFUSED-URL', fault: 'policy', exit: 3 }

describe('a URL that a server gave (realm, Location, Link, foreign layer)', () => {
  const ask = (url: string, more: Partial<HttpRequest> = {}) =>
    setUp({ lookup: lookupTable({}) }).request({ method: 'GET', url, home: 'https://registry.example.com', ...more })

  // go-containerregistry: TestValidateRealmURLUnspecified, TestNextLocationSSRFProtection, TestValidateForeignURL; dotnet/sdk#54225.
  test.each([
    ...[
      'http://127.0.0.1:8080/token',
      'https://127.0.0.1/token',
      'https://0.0.0.0/token',
      'https://[::]/token',
      'https://[::1]:5000/v2/',
      'https://localhost/token',
    ],
    ...[
      'https://10.0.0.5/x',
      'https://172.16.3.4/x',
      'https://192.168.0.1/x',
      'https://169.254.169.254/latest/meta-data/',
      'https://[fe80::1]/x',
      'https://224.0.0.1/x',
    ],
    ...[
      'https://[::ffff:169.254.169.254]/x',
      'https://2852039166/x',
      'https://0xa9fea9fe/x',
      'https://0251.0376.0251.0376/x',
      'https://169。254。169。254/x',
    ],
    ...['https://registry.example.com.localhost/x', 'https://metadata.google.internal/computeMetadata/v1/'],
  ])('%s is refused', async (url) => {
    await expect(ask(url)).rejects.toMatchObject(refused)
  })

  test.each([
    ['another scheme', 'file:///etc/passwd', /scheme is file:/],
    ['no URL', '/v2/', /not a URL/],
    ['no URL, with a secret', 'https://', /not a URL/],
    ['credentials', 'https://user:secret@registry.example.com/', /user name or a password/],
    ['plain http', 'http://auth.example.com/token', /plain http/],
    ['plain http of the registry’s own name', 'http://registry.example.com/token', /plain http/],
  ])('%s is refused', async (_, url, message) => {
    await expect(ask(url)).rejects.toMatchObject({ ...refused, message: expect.stringMatching(message) })
    await expect(ask(url)).rejects.not.toMatchObject({ message: expect.stringContaining('secret') })
  })

  // TestValidateRealmURLSameHost
  it('may be private when it has the origin that was asked for', async () => {
    expect((await ask(`${registry.url}/token`, { home: registry.url })).status).toBe(200)
  })

  it('may not be private at another port of the same host', async () => {
    await expect(ask(`${other.url}/token`, { home: registry.url })).rejects.toMatchObject({
      ...refused,
      hint: expect.stringContaining(other.address),
    })
    expect(other.seen).toEqual([])
  })

  it('may be private when its host is allowed by name', async () => {
    const http = setUp({ allowPrivate: [other.address] })
    expect((await http.request({ method: 'GET', url: `${other.url}/token`, home: registry.url })).status).toBe(200)
  })

  it('may be plain http at the origin that the caller itself named so, and nowhere else', async () => {
    const home = 'http://registry.example.com:5000'
    await expect(ask(`${home}/v2/`, { home })).rejects.toMatchObject({ code: 'SW-HTTP-UNREACHABLE' })
    await expect(ask('http://registry.example.com:5001/v2/', { home })).rejects.toMatchObject(refused)
  })

  // TestBearerTokenExchangedOnCrossHostChallenge: Docker Hub's token server has another name than its registry.
  it('may be of another public host', async () => {
    await expect(ask('https://auth.example.com/token')).rejects.toMatchObject({
      code: 'SW-HTTP-UNREACHABLE',
      message: expect.stringContaining('ENOTFOUND'),
    })
  })
})

describe('a name that leads to a private address', () => {
  const port = (): string => registry.url.split(':').at(-1) ?? ''
  const names = {
    'rebind.test': ['127.0.0.1'],
    'both.test': ['93.184.216.34', '10.0.0.1'],
    'six.test': ['fd00:ec2::254'],
    'mapped.test': ['::ffff:169.254.169.254'],
    'registry.test': ['127.0.0.1'],
  }
  const insecureHosts = Object.keys(names)

  test.each(['rebind.test', 'both.test', 'six.test', 'mapped.test'])('%s is refused when it is resolved', async (name) => {
    const http = setUp({ lookup: lookupTable(names), insecureHosts })
    const request = http.request({ method: 'GET', url: `http://${name}:${port()}/`, home: 'https://registry.example.com' })
    await expect(request).rejects.toMatchObject({ ...refused, message: expect.stringContaining('leads to the private address') })
    expect(registry.seen).toEqual([])
  })

  it('is what a company’s registry is, when that is asked for', async () => {
    const http = setUp({ lookup: lookupTable(names), insecureHosts })
    expect((await http.request({ method: 'GET', url: `http://registry.test:${port()}/` })).status).toBe(200)
  })

  it('is refused even though a connection to it is open', async () => {
    const http = setUp({ lookup: lookupTable(names), insecureHosts })
    await (await http.request({ method: 'GET', url: `http://registry.test:${port()}/` })).discard()
    const again = http.request({ method: 'GET', url: `http://registry.test:${port()}/steal`, home: 'https://registry.example.com' })
    await expect(again).rejects.toMatchObject(refused)
    expect(registry.seen.map(({ url }) => url)).toEqual(['/'])
  })
})

describe('a redirect', () => {
  // TestTokenServerRedirectSSRF, TestCheckRedirectSSRF
  test.each([301, 302, 303, 307, 308])('%i to a private address is refused', async (status) => {
    registry.next(redirect(status, `${other.url}/latest/meta-data/`))
    await expect(setUp().request({ method: 'GET', url: registry.url, headers: credentials })).rejects.toMatchObject(refused)
    expect(other.seen).toEqual([])
  })

  // TestPullingForeignLayerSSRFViaRedirect
  it('is judged at every hop', async () => {
    const lookup = lookupTable({ 'foreign.test': ['127.0.0.1'] })
    const foreign = `http://foreign.test:${other.url.split(':').at(-1)}`
    other.next(redirect(302, '/two'), redirect(302, `${registry.url}/admin`))
    const http = setUp({ lookup, insecureHosts: ['foreign.test'], allowPrivate: ['foreign.test'] })
    await expect(http.request({ method: 'GET', url: `${foreign}/one`, home: 'https://registry.example.com' })).rejects.toMatchObject(
      refused,
    )
    expect(other.seen.map(({ url }) => url)).toEqual(['/one', '/two'])
    expect(registry.seen).toEqual([])
  })

  // TestBearerTokenNotLeakedOnCrossHostChallenge; the stock clients compare host names only, or know only some headers.
  it('to another port of the same host carries no credential', async () => {
    registry.next(redirect(307, `${other.url}/blob?signature=1`))
    const http = setUp({ allowPrivate: [other.address] })
    const response = await http.request({ method: 'GET', url: registry.url, headers: { ...credentials, accept: 'a/b', range: 'bytes=0-' } })
    expect([response.status, response.url]).toEqual([200, `${other.url}/blob?signature=1`])
    expect(registry.seen[0]?.headers).toMatchObject(credentials)
    expect(Object.keys(other.seen[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'range',
      'user-agent',
    ])
  })

  it('back to the first server does not bring the credentials back', async () => {
    registry.next(redirect(307, `${other.url}/`))
    other.next(redirect(307, `${registry.url}/admin`))
    const http = setUp({ allowPrivate: [other.address] })
    await (await http.request({ method: 'GET', url: registry.url, headers: credentials })).discard()
    expect(registry.seen.map(({ headers }) => headers['authorization'])).toEqual(['Bearer secret', undefined])
  })

  it('within the origin keeps them, also relative', async () => {
    registry.next(redirect(307, '../two'))
    await (await setUp().request({ method: 'GET', url: `${registry.url}/one/`, headers: credentials })).discard()
    expect(registry.seen[1]).toMatchObject({ url: '/two', headers: { authorization: 'Bearer secret' } })
  })

  test.each([
    ['PUT', 307],
    ['PUT', 301],
    ['POST', 308],
    ['PATCH', 302],
  ] as const)('of a %s with %i does not carry the body to another server', async (method, status) => {
    registry.next(redirect(status, `${other.url}/blob`))
    const http = setUp({ allowPrivate: [other.address] })
    const request = http.request({ method, url: registry.url, body: 'secret content' })
    await expect(request).rejects.toMatchObject({ ...refused, message: expect.stringContaining('would carry the body to another server') })
    expect(other.seen).toEqual([])
  })

  it('within the origin sends the body again', async () => {
    registry.next(redirect(307, '/two'))
    let opens = 0
    const open = (): Readable => {
      opens += 1
      return Readable.from(['content'])
    }
    await (await setUp().request({ method: 'PUT', url: `${registry.url}/one`, body: { size: 7, open } })).discard()
    expect([registry.seen[1], opens]).toMatchObject([{ method: 'PUT', url: '/two', body: 'content' }, 2])
  })

  test.each([
    ['POST', 301, 'GET'],
    ['POST', 302, 'GET'],
    ['POST', 303, 'GET'],
    ['PUT', 303, 'GET'],
    ['DELETE', 303, 'GET'],
    ['HEAD', 303, 'HEAD'],
    ['HEAD', 302, 'HEAD'],
    ['GET', 308, 'GET'],
    ['DELETE', 307, 'DELETE'],
  ] as const)('of a %s with %i becomes %s', async (method, status, expected) => {
    registry.next(redirect(status, '/two'))
    const body = method === 'POST' || method === 'PUT' ? { body: 'x', headers: { 'content-type': 'a/b' } } : {}
    await (await setUp().request({ method, url: registry.url, ...body })).discard()
    expect(registry.seen[1]).toMatchObject({ method: expected, url: '/two', body: '' })
    if (expected === 'GET') expect(registry.seen[1]?.headers['content-type']).toBeUndefined()
  })

  it('is followed ten times, not eleven', async () => {
    const http = setUp()
    registry.next(...Array.from({ length: 10 }, () => redirect(302, '/again')))
    expect((await http.request({ method: 'GET', url: registry.url })).status).toBe(200)
    registry.next(...Array.from({ length: 11 }, () => redirect(302, '/again')))
    await expect(http.request({ method: 'GET', url: registry.url })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('more than 10 times'),
    })
  })

  test.each([
    ['without Location', answer(302)],
    ['304', answer(304)],
    ['300', answer(300)],
  ])('that is none is given to the caller: %s', async (_, step) => {
    registry.next(step)
    const response = await setUp().request({ method: 'GET', url: registry.url })
    expect(response.status).toBeGreaterThanOrEqual(300)
  })

  test.each(['http://[', 'file:///etc/passwd', 'javascript:alert(1)', `http://user:secret@127.0.0.1`])(
    'to %s is refused',
    async (location) => {
      registry.next(redirect(302, location))
      await expect(setUp().request({ method: 'GET', url: registry.url })).rejects.toMatchObject(refused)
    },
  )
})
