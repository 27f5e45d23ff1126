import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { errorReply, type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { sha256 } from '../../base/digest.ts'
import { type Listening, listen } from '../../io/server.ts'
import { type BlobSource, pullBlob } from './blobs.ts'
import type { Repository } from './registry.ts'
import { pushBlob } from './upload.ts'

const mebibyte = 2 ** 20
let registry: FakeRegistry
let client: TestClient
let repository: Repository

beforeEach(async () => {
  registry = await startFakeRegistry()
  client = testClient()
  repository = client.connect(registry.address, { chunkSize: 100 }).repository('team/app')
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

/** Bytes of which no two hundred are alike. */
function blob(size: number): BlobSource & { readonly opened: () => number } {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8)) & 0xff
  let opened = 0
  const open = (): Readable => {
    opened += 1
    return Readable.from([bytes.subarray(0, 70), bytes.subarray(70)], { objectMode: false })
  }
  return { digest: sha256(bytes), size, open, opened: () => opened }
}

/** The `content-range` of each PATCH. */
const ranges = (): (string | undefined)[] =>
  registry.asked.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['content-range'])
const stored = async (source: BlobSource): Promise<number> =>
  (await pullBlob(repository, source).toArray()).reduce((sum, part) => sum + part.length, 0)

describe('an upload in chunks', () => {
  it('is PATCHes that follow on each other, and an empty PUT', async () => {
    const large = blob(250)
    expect(await pushBlob(repository, large)).toBe('uploaded')
    expect(ranges()).toEqual(['0-99', '100-199', '200-249'])
    expect(registry.asked.find(({ method }) => method === 'PUT')?.headers['content-length']).toBe('0')
    expect([await stored(large), large.opened()]).toEqual([250, 1])
  })

  it.each([0, 1, 100])('is none for a blob of %i bytes, which fits into one', async (size) => {
    expect(await pushBlob(repository, blob(size))).toBe('uploaded')
    expect(ranges()).toEqual([])
  })

  it('has chunks as large as the registry wants them', async () => {
    registry.fail(faults.header(/^POST/, 'oci-chunk-min-length', '180'))
    expect(await pushBlob(repository, blob(400))).toBe('uploaded')
    expect(ranges()).toEqual(['0-179', '180-359', '360-399'])
  })

  it('goes to where each answer says', async () => {
    registry.fail({
      on: /^(POST|PATCH)/,
      after: (reply, { headers }) => ({
        ...reply,
        headers: { ...reply.headers, location: `${reply.headers['location']}?_state=${headers['content-length']}` },
      }),
    })
    await pushBlob(repository, blob(250))
    const states = registry.asked
      .filter(({ method }) => ['PATCH', 'PUT'].includes(method))
      .map(({ path }) => /_state=(\d+)/.exec(path)?.[1])
    expect(states).toEqual(['0', '100', '100', '50'])
  })

  it.each<[string, Parameters<FakeRegistry['fail']>[0], readonly string[]]>([
    ['a chunk was cut', faults.cut(/^PATCH/, 1), ['0-99', '0-99', '100-199', '200-249']],
    ['the answer to a chunk was lost', { on: /^PATCH/, times: 1, after: () => errorReply(502, 'UNKNOWN') }, ['0-99', '100-199', '200-249']],
    ['the registry has another count', faults.status(/^PATCH/, 416, { times: 1 }), ['0-99', '0-99', '100-199', '200-249']],
    ['the upload is lost', faults.status(/^PATCH/, 404, { times: 1 }), ['0-99', '0-99', '100-199', '200-249']],
  ])('goes on when %s', async (_, fault, expected) => {
    registry.fail(fault)
    const large = blob(250)
    expect(await pushBlob(repository, large)).toBe('uploaded')
    expect(ranges()).toEqual(expected)
    expect(await stored(large)).toBe(250)
  })

  it('ends with what the registry said when it goes on failing', async () => {
    registry.fail(faults.status(/^PATCH/, 416))
    await expect(pushBlob(repository, blob(250))).rejects.toMatchObject({
      code: 'SW-REGISTRY-REFUSED',
      message: expect.stringContaining('bytes 0-99: status 416'),
    })
    expect(ranges()).toHaveLength(4)
  })

  // aws/containers-roadmap#2831: the answers are 201, and only the first chunk is kept.
  it('is an error at the first chunk that the registry drops, however it answers', async () => {
    registry.fail({ on: /^PATCH/, after: (reply) => ({ ...reply, status: 201, headers: { ...reply.headers, range: '0-99' } }) })
    await expect(pushBlob(repository, blob(250))).rejects.toMatchObject({
      code: 'SW-REGISTRY-CHUNKS',
      message: expect.stringContaining('took bytes 100-199 of blob sha256:'),
    })
    expect(registry.asked.some(({ method }) => method === 'PUT')).toBe(false)
  })

  it('asks how far it is where the answer does not say', async () => {
    registry.fail(faults.noHeader(/^PATCH/, 'range'))
    expect(await pushBlob(repository, blob(250))).toBe('uploaded')
  })

  it.each([
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
    '123456789012.dkr-ecr.eu-west-1.on.aws',
    'public.ecr.aws',
  ])('is refused for %s before anything is sent', (host) => {
    expect(() => client.connect(host, { chunkSize: 100 })).toThrow(expect.objectContaining({ code: 'SW-REGISTRY-CHUNKS', exit: 2 }))
    expect(() => client.connect(host)).not.toThrow()
  })
})

/** Closed at the end of the block, also after a failure. */
async function closing(...given: Parameters<typeof listen>): Promise<Listening & AsyncDisposable> {
  const server = await listen(...given)
  return { ...server, [Symbol.asyncDispose]: () => server.close() }
}

describe('a large upload in one request that was cut', () => {
  /** A registry that keeps what came before the cut (or says so), unlike most. */
  async function keeping(
    kept: number,
    said: (size: number) => Record<string, string>,
  ): Promise<{ server: Listening; log: string[]; taken: () => Buffer }> {
    const log: string[] = []
    let taken = Buffer.alloc(0)
    let cut = false
    const server = await listen(async (request, response) => {
      const { method = '', headers } = request
      log.push([method, headers['content-range']].filter((part) => part !== undefined).join(' '))
      if (method === 'PUT' && !cut) {
        cut = true
        const pieces: Buffer[] = []
        for await (const piece of request as AsyncIterable<Buffer>) {
          pieces.push(piece)
          if (pieces.reduce((sum, { length }) => sum + length, 0) < kept) continue
          taken = Buffer.concat(pieces).subarray(0, kept)
          return void request.socket.destroy()
        }
      }
      const body = await buffer(request)
      if (method === 'POST') taken = Buffer.alloc(0)
      if (method === 'PATCH' || method === 'PUT') taken = Buffer.concat([taken, body])
      const location = { location: '/v2/team/app/blobs/uploads/one' }
      const status = { HEAD: log.filter((line) => line === 'PUT').length > 1 ? 200 : 404, POST: 202, PATCH: 202, PUT: 201 }[method] ?? 204
      response.writeHead(method === 'GET' && request.url === '/v2/' ? 200 : status, { ...location, ...said(taken.length) }).end()
    })
    return { server, log, taken: () => taken }
  }

  const large = blob(9 * mebibyte)
  const upload = async (address: string): Promise<string> => pushBlob(client.connect(address).repository('team/app'), large)

  it('goes on where the registry says that it stands', async () => {
    const { server, log, taken } = await keeping(3 * mebibyte, (size) => ({ range: `0-${size - 1}` }))
    expect(await upload(server.address)).toBe('uploaded')
    expect(log.slice(2)).toEqual(['POST', 'PUT', 'GET', `PATCH ${3 * mebibyte}-${9 * mebibyte - 1}`, 'PUT', 'HEAD'])
    expect(sha256(taken())).toBe(large.digest)
    await server.close()
  })

  it.each([
    ['says nothing', () => ({})],
    ['has nothing', () => ({ range: '0-0' })],
    ['claims more than there is', () => ({ range: `0-${10 * mebibyte}` })],
    ['talks of another range', () => ({ range: 'bytes=5-9' })],
  ])('begins anew when the registry %s', async (_, said) => {
    const { server, log, taken } = await keeping(3 * mebibyte, said as () => Record<string, string>)
    expect(await upload(server.address)).toBe('uploaded')
    expect(log.slice(2)).toEqual(['POST', 'PUT', 'GET', 'POST', 'PUT', 'HEAD'])
    expect(sha256(taken())).toBe(large.digest)
    await server.close()
  })

  it('ends when the registry forgets each time what it has kept', async () => {
    let puts = 0
    await using server = await closing(async (request, response) => {
      const { method = '', url } = request
      if (method === 'PUT') {
        puts += 1
        if (puts < 20) for await (const _ of request) return void request.socket.destroy()
      }
      await buffer(request)
      const headers = { location: '/v2/team/app/blobs/uploads/one', range: `0-${3 * mebibyte - 1}` }
      response.writeHead({ HEAD: 404, POST: 202, PATCH: 404, PUT: 400 }[method] ?? (url === '/v2/' ? 200 : 204), headers).end()
    })
    await expect(upload(server.address)).rejects.toMatchObject({ code: 'SW-REGISTRY-UNREACHABLE' })
    expect(puts).toBe(3)
  })
})
