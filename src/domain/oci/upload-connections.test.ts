import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { afterEach, expect, test } from '@jest/globals'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { sha256 } from '../../base/digest.ts'
import { lookupTable } from '../../io/fixtures/transport.ts'
import { piecesOf } from '../../io/pieces.ts'
import { type IncomingMessage, type Listening, listen, type ServerResponse } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import type { BlobSource } from './blobs.ts'
import { connectRegistry, type Repository } from './registry.ts'
import { pushBlob } from './upload.ts'

const pem = (name: string): string => readFileSync(new URL(`../../io/fixtures/tls/${name}`, import.meta.url), 'utf8')
const names = { 'registry.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] }
const size = 300_000

interface Scene {
  readonly repository: Repository
  readonly client: TestClient
  readonly server: Listening
  /** `METHOD host`, and the port that it came from. */
  readonly seen: { readonly what: string; readonly from: number | undefined; readonly headers: IncomingMessage['headers'] }[]
}

interface Behaviour {
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean
  readonly to?: string
  readonly credential?: { readonly username: string; readonly password: string }
}

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A registry over TLS, in whose place `instead` answers where it says that it has; uploads go to `to`, where one is given. */
async function secured({ instead = () => false, to, credential }: Behaviour = {}): Promise<Scene> {
  const [seen, stored]: [Scene['seen'], Set<string>] = [[], new Set()]
  const server = await listen(
    async (request, response) => {
      const { method = '', headers, url = '' } = request
      seen.push({ what: `${method} ${headers.host?.split(':')[0]}`, from: request.socket.remotePort, headers })
      if (instead(request, response)) return
      await buffer(request)
      const place = `${to === undefined ? '' : `https://${to}:${server.port}`}/v2/team/app/blobs/uploads/1`
      if (method === 'PUT') stored.add(decodeURIComponent(url.split('digest=')[1] ?? ''))
      const status = { HEAD: stored.has(url.split('/').at(-1) ?? '') ? 200 : 404, POST: 202, PUT: 201 }[method] ?? 200
      response.writeHead(status, { location: place, 'content-length': 0 }).end()
    },
    { tls: { key: pem('server.key'), cert: pem('server.pem') } },
  )
  const client = testClient()
  const { clock, log } = client.ports
  const { signal } = new AbortController()
  const network = { ca: pem('ca.pem'), lookup: lookupTable(names), allowPrivate: ['other.test'] }
  const http = createTransport({ userAgent: 'test', clock, log, signal, ...network })
  ends.push(
    () => server.close(),
    () => http.close(),
    () => client[Symbol.dispose](),
  )
  const registry = connectRegistry(`registry.test:${server.port}`, { ...client.ports, http }, { credential })
  return { repository: registry.repository('team/app'), client, server, seen }
}

function blob(content: string): BlobSource {
  const bytes = Buffer.alloc(size, content)
  return { digest: sha256(bytes), size, open: () => piecesOf(oneByOne(bytes)) }
}

async function* oneByOne(...pieces: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

const connections = ({ seen }: Scene): number => new Set(seen.map(({ from }) => from)).size
const asked = ({ seen }: Scene): string[] => seen.map(({ what }) => what.replace(' registry.test', ''))

test('blobs go over the connections that began their uploads: one for one after the other, one for each at a time', async () => {
  const scene = await secured()
  for (const content of ['a', 'b', 'c']) await pushBlob(scene.repository, blob(content))
  expect(asked(scene)).toEqual(Array(3).fill(['HEAD', 'POST', 'PUT', 'HEAD']).flat())
  expect(connections(scene)).toBe(1)
  await Promise.all(Array.from('defghijklm', (content) => pushBlob(scene.repository, blob(content))))
  // Six requests at once in each direction.
  expect(connections(scene)).toBeLessThanOrEqual(12)
})

test('a connection that the server closed behind the POST costs a POST, and no wait', async () => {
  let isClosed = false
  const scene = await secured({
    instead: ({ method, socket }) => {
      if (method !== 'PUT' || isClosed) return false
      isClosed = true
      socket.destroy()
      return true
    },
  })
  expect(await pushBlob(scene.repository, blob('a'))).toBe('uploaded')
  expect(asked(scene)).toEqual(['HEAD', 'POST', 'PUT', 'POST', 'PUT', 'HEAD'])
  expect(scene.client.clock.slept).toEqual([])
  const [first, again] = scene.seen.filter(({ what }) => what.startsWith('PUT'))
  expect(again?.from).not.toBe(first?.from)
})

test('nor does a server that ends every connection behind its answer, without a word', async () => {
  const scene = await secured({
    instead: ({ method, socket }, response) => {
      if (method === 'POST') response.once('finish', () => socket.end())
      return false
    },
  })
  for (let round = 0; round < 30; round += 1) expect(await pushBlob(scene.repository, blob(`round ${round}`))).toBe('uploaded')
  expect(scene.client.clock.slept).toEqual([])
})

test('a server that cuts every connection is waited for as ever', async () => {
  const scene = await secured({
    instead: ({ method, socket }) => {
      if (method === 'PUT') socket.destroy()
      return method === 'PUT'
    },
  })
  await expect(pushBlob(scene.repository, blob('a'))).rejects.toMatchObject({ code: 'SW-REGISTRY-UNREACHABLE', retryable: true })
  expect(asked(scene).filter((what) => what === 'PUT')).toHaveLength(5)
  expect(scene.client.clock.slept).toHaveLength(3)
})

test('an upload that goes to another host has its own connection, and no credential', async () => {
  const scene = await secured({
    ...{ to: 'other.test', credential: { username: 'robot', password: 'secret' } },
    instead: ({ headers, method }, response) => {
      if (headers.authorization !== undefined || method === 'PUT') return false
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'content-length': 0 }).end()
      return true
    },
  })
  for (const content of ['a', 'b']) expect(await pushBlob(scene.repository, blob(content))).toBe('uploaded')
  const puts = scene.seen.filter(({ what }) => what === 'PUT other.test')
  expect(puts.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
  const others = scene.seen.filter(({ what }) => what !== 'PUT other.test')
  expect(new Set(puts.map(({ from }) => from)).size).toBe(1)
  expect(others.some(({ from }) => from === puts[0]?.from)).toBe(false)
})
