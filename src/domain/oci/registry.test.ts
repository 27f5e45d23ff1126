import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { isLoopback } from '../../base/loopback.ts'
import { httpTimeout, httpTruncated } from '../../io/errors.ts'
import { originOf } from './endpoint.ts'
import { findManifest } from './manifests.ts'
import { listTags } from './tags.ts'

let registry: FakeRegistry
let client: TestClient
beforeEach(async () => {
  registry = await startFakeRegistry()
  client = testClient()
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

const warnings = (): string[] => client.lines.filter((line) => line.includes('the registry warns'))

describe('the origin of a registry', () => {
  it.each([
    ['harbor.example.com', 'auto', 'https://harbor.example.com'],
    ['harbor.example.com:8443', 'never', 'https://harbor.example.com:8443'],
    ['harbor.example.com', 'always', 'http://harbor.example.com'],
    ['docker.io', 'auto', 'https://registry-1.docker.io'],
    ['127.0.0.1:1', 'never', 'https://127.0.0.1:1'],
  ] as const)('%s, plain http %s, is %s, and nothing is asked', async (name, plainHttp, origin) => {
    const http = { request: () => Promise.reject(new Error('asked')) }
    expect(await originOf(name, plainHttp, http)).toBe(origin)
  })

  it('on loopback is found out once in a run, without a credential', async () => {
    expect(await originOf(registry.address, 'auto', client.ports.http)).toBe(registry.url)
    expect(await originOf(registry.address, 'auto', client.ports.http)).toBe(registry.url)
    expect(registry.asked.map(({ method, path, headers }) => [method, path, headers['authorization']])).toEqual([
      ['GET', '/v2/', undefined],
    ])
  })

  it.each([
    ['harbor.test:8080', ['harbor.test:8080'], 'http://harbor.test:8080'],
    ['harbor.test:8080', ['harbor.test'], 'http://harbor.test:8080'],
    ['harbor.test:8080', ['harbor.test:80', 'test', 'xharbor.test'], 'https://harbor.test:8080'],
  ])('%s, where plain http is allowed for %j and answered, is %s', async (name, insecureHosts, origin) => {
    const { http } = client.ports
    const request: typeof http.request = (asked) => http.request({ ...asked, url: asked.url.replace('harbor.test:8080', registry.address) })
    expect(await originOf(name, 'auto', { request, insecureHosts })).toBe(origin)
  })

  it('on loopback is https, where plain http is answered like by a TLS server', async () => {
    registry.fail(faults.status(/\/v2\//, 400))
    expect(await originOf(registry.address, 'auto', client.ports.http)).toBe(`https://${registry.address}`)
  })

  it('on loopback that is late to answer is http: a server that speaks TLS answers plain http at once', async () => {
    let asked = 0
    const http = {
      request() {
        asked += 1
        return Promise.reject(httpTimeout('late'))
      },
    }
    expect(await originOf(registry.address, 'auto', http)).toBe(registry.url)
    expect(await originOf(registry.address, 'auto', http)).toBe(registry.url)
    // Nothing was learned.
    expect(asked).toBe(2)
  })

  it('on loopback that ends connections is https for now only: it may be a forwarded port with nobody behind it yet', async () => {
    const { http } = client.ports
    let isUp = false
    const request: typeof http.request = (asked) => (isUp ? http.request(asked) : Promise.reject(httpTruncated('reset')))
    const ports = { request }
    expect(await originOf(registry.address, 'auto', ports)).toBe(`https://${registry.address}`)
    isUp = true
    expect(await originOf(registry.address, 'auto', ports)).toBe(registry.url)
  })

  it('on loopback where nothing listens is http, so that the error speaks of the right thing', async () => {
    expect(await originOf('127.0.0.1:1', 'auto', client.ports.http)).toBe('http://127.0.0.1:1')
  })

  it.each([
    ['localhost', true],
    ['localhost:5000', true],
    ['127.1.2.3:80', true],
    ['[::1]:5000', true],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com:5000', false],
    ['10.0.0.1', false],
    ['[::2]', false],
  ])('%s is loopback: %s', (host, is) => expect(isLoopback(host)).toBe(is))
})

describe('a registry', () => {
  it('that does not answer is an error that says how to look', async () => {
    const repository = client.connect('127.0.0.1:1').repository('team/app')
    await expect(listTags(repository)).rejects.toMatchObject({
      code: 'SW-REGISTRY-UNREACHABLE',
      message: expect.stringMatching(/^Could not list the tags of 127\.0\.0\.1:1\/team\/app: /),
      hint: expect.any(String),
    })
  })

  it('that fails for good is one that may be tried again', async () => {
    registry.fail(faults.status(/tags/, 503))
    await expect(listTags(client.connect(registry.address).repository('a'))).rejects.toMatchObject({
      code: 'SW-REGISTRY-UNREACHABLE',
      retryable: true,
      exit: 6,
    })
  })

  it('that warns is heard once', async () => {
    registry.fail(faults.header(/tags/, 'warning', '299 - "pulls end on Friday", 299 - "really \\"Friday\\""'))
    const connection = client.connect(registry.address)
    await listTags(connection.repository('a'))
    await listTags(connection.repository('b'))
    await listTags(client.connect(registry.address).repository('a'))
    expect(warnings()).toEqual([
      `warn the registry warns ${JSON.stringify({ registry: registry.address, warning: 'pulls end on Friday' })}`,
      `warn the registry warns ${JSON.stringify({ registry: registry.address, warning: 'really "Friday"' })}`,
    ])
  })

  it('that warns as another does is heard as well', async () => {
    await using other = await startFakeRegistry()
    for (const one of [registry, other]) one.fail(faults.header(/tags/, 'warning', '299 - "pulls end on Friday"'))
    for (const { address } of [registry, other]) await listTags(client.connect(address).repository('a'))
    expect(warnings()).toHaveLength(2)
  })

  it('that always finds new words is heard twenty times', async () => {
    let count = 0
    registry.fail({ on: /tags/, after: (reply) => ({ ...reply, headers: { ...reply.headers, warning: `299 - "warning ${count++}"` } }) })
    for (let index = 0; index < 30; index += 1) await listTags(client.connect(registry.address).repository('a'))
    expect(warnings()).toHaveLength(20)
  })

  it('that is not one shows what answered', async () => {
    registry.fail(
      faults.swap(/manifests/, { status: 418, headers: { 'content-type': 'text/html' }, body: Buffer.from('<h1>Sign in to Café</h1>') }),
    )
    await expect(findManifest(client.connect(registry.address).repository('a'), 'v1')).rejects.toMatchObject({
      code: 'SW-REGISTRY-REFUSED',
      message: expect.stringContaining('status 418, Sign in to Café'),
    })
  })

  it('is never asked for a path that is no repository', () => {
    expect(() => client.connect(registry.address).repository('../x')).toThrow('no repository path')
  })
})
