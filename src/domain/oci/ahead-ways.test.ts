import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { request as forward, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type FakeRegistry, type FakeRegistryOptions, type Fault, type Reply, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { sha256 } from '../../base/digest.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { proxyTo } from '../../io/fixtures/proxy.ts'
import { lookupTable } from '../../io/fixtures/transport.ts'
import { listen } from '../../io/server.ts'
import { createTransport, type TransportOptions } from '../../io/transport.ts'
import { connectRegistry, type RegistryOptions } from './registry.ts'
import { pushBlob } from './upload.ts'
import { beginAhead, endAhead, sendAheadTo } from './upload-ahead.ts'

const folder = temporaryFolder()
function layerOf(size: number) {
  const bytes = randomBytes(size)
  const path = join(folder, `layer-${size}`)
  writeFileSync(path, bytes)
  return { digest: sha256(bytes), size, path }
}
const layer = layerOf(9 * 2 ** 20)
/** More than kernels take on the way to somebody who does not read. */
const large = layerOf(24 * 2 ** 20)
const pem = (name: string): string => readFileSync(new URL(`../../io/fixtures/tls/${name}`, import.meta.url), 'utf8')
const tls = { key: pem('server.key'), cert: pem('server.pem') }

const stack: (() => unknown)[] = []
afterEach(async () => {
  for (const close of stack.splice(0).reverse()) await close()
})

async function start(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const registry = await startFakeRegistry(options)
  stack.push(() => registry[Symbol.asyncDispose]())
  return registry
}

interface Way {
  readonly transport?: Partial<TransportOptions>
  readonly options?: RegistryOptions
}

/** Connects as a run does; `lines` are what it told. */
function connect(address: string, { transport = {}, options = {} }: Way = {}) {
  const client = testClient()
  const { clock, log } = client.ports
  const { signal } = new AbortController()
  const http = createTransport({ userAgent: 'test', clock, log, signal, ...transport })
  stack.push(() => http.close())
  const repository = connectRegistry(address, { ...client.ports, http }, options).repository('team/app')
  sendAheadTo(http, repository)
  return { http, repository, lines: client.lines }
}

/** Sends a layer as a road does: in part while it is written, then the push, then the end of the run. */
async function travel({ http, repository }: ReturnType<typeof connect>, { path, ...blob } = layer): Promise<void> {
  const ahead = beginAhead(http, blob.size, () => true)
  ahead?.grew(path, blob.size / 2)
  ahead?.grew(path, blob.size)
  ahead?.whole(blob)
  expect(await pushBlob(repository, { ...blob, open: () => createReadStream(path) })).toBe('uploaded')
  await endAhead(http)
}

/** Whether the blob is there, byte by byte. */
async function arrived({ inner }: FakeRegistry, { digest } = layer): Promise<boolean> {
  const answer = await fetch(`${inner}/v2/team/app/blobs/${digest}`)
  return answer.status === 200 && sha256(Buffer.from(await answer.arrayBuffer())) === digest
}

const methods = ({ asked }: FakeRegistry): string[] =>
  asked.filter(({ path: asked }) => asked.includes('/uploads/')).map(({ method }) => method)
/** The lengths that bodies of a method have announced. */
const lengths = ({ asked }: FakeRegistry, method: string): (string | undefined)[] =>
  asked.filter((one) => one.method === method).map(({ headers }) => headers['content-length'])
/** Sent once and committed. */
const ahead = ['POST', 'PATCH', 'PUT']
/** Given up, and sent as if it had not been before. */
const anew = ['POST', 'PATCH', 'DELETE', 'PUT']
/** What is told to whoever looks at the run. */
const told = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('debug '))

describe('a layer that is sent while it is packed goes', () => {
  it('through a proxy for plain http', async () => {
    const registry = await start()
    const proxy = await proxyTo(Number(registry.address.split(':')[1]))
    stack.push(() => proxy.close())
    const transport = { proxyEnv: { HTTP_PROXY: proxy.url } }
    await travel(connect('registry.test:5000', { transport, options: { plainHttp: 'always' } }))
    expect([methods(registry), await arrived(registry)]).toEqual([ahead, true])
    expect(proxy.seen.filter((line) => line.startsWith('PATCH http://registry.test:5000/'))).toHaveLength(1)
  })

  it('through a tunnel of a proxy, to a registry with an authority of its own', async () => {
    const registry = await start({ tls })
    const proxy = await proxyTo(Number(registry.address.split(':')[1]))
    stack.push(() => proxy.close())
    const way = connect('registry.test', { transport: { proxyEnv: { HTTPS_PROXY: proxy.url }, ca: pem('ca.pem') } })
    await travel(way)
    expect([methods(registry), await arrived(registry), told(way.lines)]).toEqual([ahead, true, []])
    expect(new Set(proxy.seen)).toEqual(new Set(['CONNECT registry.test:443']))
  })

  it('over TLS, to a registry with an authority of its own', async () => {
    const registry = await start({ tls })
    const lookup = lookupTable({ 'registry.test': ['127.0.0.1'] })
    await travel(connect(`registry.test:${registry.address.split(':')[1]}`, { transport: { ca: pem('ca.pem'), lookup } }))
    expect([methods(registry), await arrived(registry)]).toEqual([ahead, true])
  })

  it('where the answer to its PATCH says, each time elsewhere', async () => {
    let count = 0
    const moved = (reply: { readonly headers: object }): string => {
      count += 1
      return `${Reflect.get(reply.headers, 'location')}?_state=${count}`
    }
    const registry = await start({
      faults: [
        { on: /^(?:POST|PATCH) .*uploads/, after: (reply) => ({ ...reply, headers: { ...reply.headers, location: moved(reply) } }) },
      ],
    })
    await travel(connect(registry.address))
    expect([methods(registry), await arrived(registry)]).toEqual([ahead, true])
    const [patch, put] = ['PATCH', 'PUT'].map((method) => registry.asked.find((one) => one.method === method)?.path)
    expect([patch, put]).toEqual([expect.stringContaining('_state=1'), expect.stringContaining('_state=2&digest=')])
  })

  it('at the pace of a registry that is slow to read', async () => {
    const registry = await start({
      faults: [{ name: 'slow', on: { method: 'PATCH' }, action: 'slow', phase: 'body', rate: 3.5 * 2 ** 20 }],
    })
    await travel(connect(registry.address), large)
    expect([methods(registry), await arrived(registry, large)]).toEqual([ahead, true])
  }, 30_000)

  it.each([
    ['says by a GET alone what it has', faults.noHeader(/^PATCH /, 'range'), ['POST', 'PATCH', 'GET', 'PUT']],
    [
      'sends clients to another path',
      { name: 'to', on: { method: 'POST' }, times: 1, action: 'redirect', status: 307, to: '{path}?again' },
      ['POST', ...ahead],
    ],
    [
      'sends clients to another path, now and then',
      { name: 'to', on: { method: 'PATCH' }, times: 1, action: 'redirect', status: 308, to: '{path}?again' },
      ['POST', 'PATCH', 'PATCH', 'PUT'],
    ],
  ] satisfies [string, Fault, string[]][])('to a registry that %s', async (_, fault, expected) => {
    const registry = await start({ faults: [fault] })
    await travel(connect(registry.address))
    expect([methods(registry), await arrived(registry)]).toEqual([expected, true])
  })
})

describe('a token that ends', () => {
  const account = { username: 'robot', password: 'canary' }

  it.each([
    ['before', {}],
    ['in the middle of', { phase: 'body', at: layer.size / 2 }],
    ['behind', { phase: 'after' }],
  ] as const)('%s the PATCH is asked for again', async (when, phase) => {
    const registry = await start({ auth: { mode: 'bearer', ...account } })
    const headers = {
      'www-authenticate': `Bearer realm="${registry.url}/token",service="fake",scope="repository:team/app:pull,push",error="invalid_token"`,
    }
    registry.fail({
      name: 'over',
      on: { method: 'PATCH' },
      times: 1,
      ...phase,
      action: 'status',
      status: 401,
      code: 'UNAUTHORIZED',
      headers,
    })
    const way = connect(registry.address, { options: { credential: account } })
    await travel(way)
    expect([await arrived(registry), told(way.lines)]).toEqual([true, []])
    const [first, second] = registry.asked.filter(({ method }) => method === 'PATCH').map(({ headers: { authorization } }) => authorization)
    expect(first).toMatch(/^Bearer /)
    expect([second?.startsWith('Bearer '), second === first]).toEqual([true, false])
    // Behind it the registry has taken the bytes, and takes them again: no blob is made of both.
    expect(methods(registry).includes('DELETE')).toBe(when === 'behind')
    expect(registry.log.filter((line) => /^PUT .* 201$/.test(line))).toHaveLength(1)
  })
})

/** Another server, which asks the registry itself and remembers what it was asked. */
async function other({ inner }: FakeRegistry) {
  const seen: { readonly method: string; readonly headers: IncomingHttpHeaders }[] = []
  const server = await listen(
    async (request, response) => {
      const { method = '', url = '', headers } = request
      seen.push({ method, headers })
      const onward = forward(new URL(url, inner), { method, headers })
      request.pipe(onward)
      const [answer] = (await once(onward, 'response')) as [IncomingMessage]
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      await pipeline(answer, response)
    },
    { tls },
  )
  stack.push(() => server.close())
  return { url: `https://other.test:${server.port}`, seen }
}

describe('another server', () => {
  const account = { username: 'robot', password: 'canary' }
  const lookup = lookupTable({ 'registry.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] })
  const way: Way = { transport: { ca: pem('ca.pem'), lookup, allowPrivate: ['other.test'] }, options: { credential: account } }
  const setUp = async () => {
    const registry = await start({ auth: { mode: 'basic', ...account }, tls })
    return { registry, ...connect(`registry.test:${registry.address.split(':')[1]}`, way), ...(await other(registry)) }
  }

  it('that the registry begins uploads at gets the bytes, and no credential', async () => {
    const { registry, url, seen, ...connected } = await setUp()
    const there = (reply: Reply): string => `${url}${Reflect.get(reply.headers, 'location')}`
    registry.fail({ on: /^POST .*uploads/, after: (reply) => ({ ...reply, headers: { ...reply.headers, location: there(reply) } }) })
    await travel(connected)
    expect(seen.map(({ method }) => method)).toEqual(['PATCH', 'PUT'])
    expect(seen.flatMap(({ headers }) => Object.keys(headers))).not.toContain('authorization')
    expect([new Set(methods(registry)), await arrived(registry)]).toEqual([new Set(['POST']), true])
  })

  it.each([307, 308] as const)('that a %i points to gets neither bytes nor credential', async (status) => {
    const { registry, url, seen, ...connected } = await setUp()
    registry.fail({ name: 'to', on: { method: 'PATCH' }, times: 1, action: 'redirect', status, to: `${url}{path}` })
    await travel(connected)
    expect([new Set(methods(registry)), await arrived(registry), told(connected.lines), seen]).toEqual([new Set(anew), true, [], []])
  })
})

describe('it is sent anew by its push, and the registry told, where the registry', () => {
  const close = { connection: 'close' }
  const early = (status: number, headers: Record<string, string> = close): Fault => faults.status(/^PATCH /, status, { times: 1, headers })

  it.each([
    ['says at once that it is too large', early(413)],
    ['says at once that it is wrong', early(400)],
    ['says at once that it is not allowed', early(401)],
    ['says at once that it is busy', early(503)],
    ['says at once when to come again', early(429, { ...close, 'retry-after': '30' })],
    ['says so in the middle', { ...faults.status(/^PATCH /, 503, { times: 1 }), phase: 'body', at: layer.size / 2 }],
    ['cuts the connection', faults.cut(/^PATCH /, 1)],
    ['keeps a part', faults.header(/^PATCH /, 'range', '0-99')],
    ['says that it keeps more than there is', faults.header(/^PATCH /, 'range', '0-99999999999')],
    ['says what it keeps in other words', [faults.header(/^PATCH /, 'range', 'all'), faults.status(/^GET .*uploads/, 405)]],
    ['never says what it keeps', [faults.noHeader(/^PATCH /, 'range'), faults.status(/^GET .*uploads/, 404)]],
    ['does not make a blob of it', faults.status(/^PUT .*uploads/, 400, { times: 1 })],
  ] satisfies [string, Fault | Fault[]][])(
    '%s',
    async (_, fault) => {
      const registry = await start({ faults: [fault].flat() })
      const way = connect(registry.address)
      await travel(way)
      expect([await arrived(registry), told(way.lines)]).toEqual([true, []])
      expect(methods(registry)).toEqual(expect.arrayContaining(anew))
      expect(lengths(registry, 'PUT').at(-1)).toBe(`${layer.size}`)
    },
    30_000,
  )

  it('soon after nothing moves any more: it reads nothing, stops in the middle, or never answers', async () => {
    const phases = [{}, { phase: 'body', at: large.size / 2 }, { phase: 'after' }] as const
    const stalls = phases.map(async (phase): Promise<readonly unknown[]> => {
      const registry = await start({ faults: [{ name: 'stall', on: { method: 'PATCH' }, times: 1, ...phase, action: 'stall' }] })
      const way = connect(registry.address)
      await travel(way, large)
      return [await arrived(registry, large), told(way.lines), methods(registry)]
    })
    expect(await Promise.all(stalls)).toEqual(stalls.map(() => [true, [], expect.arrayContaining(anew)]))
  }, 40_000)

  it('even where it does not hear of that', async () => {
    const registry = await start({ faults: [faults.cut(/^PATCH /, 1), { ...faults.cut(/^DELETE /), action: 'stall' }] })
    await travel(connect(registry.address))
    expect(await arrived(registry)).toBe(true)
  })
})
