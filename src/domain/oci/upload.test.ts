import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { sha256 } from '../../base/digest.ts'
import { type BlobSource, headBlob, pullBlob } from './blobs.ts'
import type { Repository } from './registry.ts'
import { pushBlob } from './upload.ts'

let registry: FakeRegistry
let client: TestClient
let repository: Repository

beforeEach(async () => {
  registry = await startFakeRegistry()
  client = testClient()
  repository = client.connect(registry.address).repository('team/app')
  await headBlob(repository, sha256('the first request finds out about http'))
  registry.log.length = 0
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

function blob(content: string | Buffer): BlobSource & { readonly opened: () => number } {
  const bytes = Buffer.from(content)
  let opened = 0
  const open = (): Readable => {
    opened += 1
    return Readable.from([bytes], { objectMode: false })
  }
  return { digest: sha256(bytes), size: bytes.length, open, opened: () => opened }
}

const short = (digest: string): string => digest.slice(0, 11)

describe('a push of a blob', () => {
  it('that is there is one question', async () => {
    const hello = blob('hello')
    await pushBlob(repository, hello)
    using later = testClient()
    registry.log.length = 0
    expect(await pushBlob(later.connect(registry.address).repository('team/app'), hello)).toBe('present')
    expect(registry.log.filter((line) => !line.startsWith('GET /v2/ '))).toEqual([`HEAD /v2/team/app/blobs/${short(hello.digest)} 200`])
  })

  it('that this run has sent or seen is none, whoever connected', async () => {
    const hello = blob('hello')
    await pushBlob(repository, hello)
    registry.log.length = 0
    expect(await pushBlob(client.connect(registry.address).repository('team/app'), hello)).toBe('present')
    expect(registry.log.filter((line) => !line.startsWith('GET /v2/ '))).toEqual([])
  })

  it('that is on its way already waits for it, and is sent once', async () => {
    const hello = blob('hello')
    expect(await Promise.all([1, 2, 3].map(() => pushBlob(repository, hello)))).toEqual(['uploaded', 'present', 'present'])
    expect(registry.log.filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  it('of many repositories at once is one upload, and mounts', async () => {
    const layers = ['one', 'two', 'three'].map((content) => blob(content))
    const pushes = ['a', 'b', 'c', 'd'].flatMap((path) =>
      layers.map((layer) => pushBlob(client.connect(registry.address).repository(path), layer)),
    )
    const outcomes = await Promise.all(pushes)
    expect(outcomes.filter((outcome) => outcome === 'uploaded')).toHaveLength(3)
    expect(outcomes.filter((outcome) => outcome === 'mounted')).toHaveLength(9)
  })

  it('that the registry lost after all is sent again, and not mounted from where it is said to be', async () => {
    const hello = blob('hello')
    await pushBlob(client.connect(registry.address).repository('base'), hello)
    await pushBlob(repository, hello)
    registry.log.length = 0
    expect(await pushBlob(repository, hello, { absent: true, from: 'base' })).toBe('uploaded')
    expect(registry.log[0]).toBe('POST /v2/team/app/blobs/uploads/ 202')
  })

  it('that is not there is HEAD, POST, one PUT, and a look', async () => {
    const hello = blob('hello')
    expect(await pushBlob(repository, hello)).toBe('uploaded')
    expect(registry.log).toEqual([
      `HEAD /v2/team/app/blobs/${short(hello.digest)} 404`,
      'POST /v2/team/app/blobs/uploads/ 202',
      `PUT /v2/team/app/blobs/uploads/SESSION?digest=${short(hello.digest)} 201`,
      `HEAD /v2/team/app/blobs/${short(hello.digest)} 200`,
    ])
  })

  it('that another repository is known to have is a mount', async () => {
    const hello = blob('hello')
    await pushBlob(client.connect(registry.address).repository('base'), hello)
    registry.log.length = 0
    expect(await pushBlob(repository, hello, { from: 'base' })).toBe('mounted')
    expect(registry.log).toEqual([
      `HEAD /v2/team/app/blobs/${short(hello.digest)} 404`,
      `POST /v2/team/app/blobs/uploads/?mount=${short(hello.digest)}&from=base 201`,
    ])
  })

  it('remembers within a connection where a blob was', async () => {
    const hello = blob('hello')
    const connection = client.connect(registry.address)
    await pushBlob(connection.repository('base'), hello)
    expect(await pushBlob(connection.repository('other'), hello)).toBe('mounted')
  })

  it('uploads where a refused mount says, without a second POST', async () => {
    const hello = blob('hello')
    expect(await pushBlob(repository, hello, { from: 'base' })).toBe('uploaded')
    expect(registry.log.filter((line) => line.startsWith('POST'))).toEqual([
      `POST /v2/team/app/blobs/uploads/?mount=${short(hello.digest)}&from=base 202`,
    ])
  })

  it.each([401, 403, 404, 405, 500])('begins a plain upload after the mount was answered by %i', async (status) => {
    registry.fail(faults.status(/^POST .*mount=/, status))
    const hello = blob('hello')
    expect(await pushBlob(repository, hello, { from: 'base' })).toBe('uploaded')
    expect(registry.log.slice(1)).toEqual([
      `POST /v2/team/app/blobs/uploads/?mount=${short(hello.digest)}&from=base ${status}`,
      'POST /v2/team/app/blobs/uploads/ 202',
      `PUT /v2/team/app/blobs/uploads/SESSION?digest=${short(hello.digest)} 201`,
      `HEAD /v2/team/app/blobs/${short(hello.digest)} 200`,
    ])
  })

  it.each<[string, Parameters<FakeRegistry['fail']>[0]]>([
    ['the connection is cut in the middle', faults.cutBody(/^PUT/, 1, 2)],
    ['the connection is cut before the answer', faults.cut(/^PUT/, 2)],
    ['the registry fails', faults.status(/^PUT/, 503, { times: 2 })],
    ['the session is lost', faults.status(/^PUT/, 404, { times: 2, code: 'BLOB_UPLOAD_UNKNOWN' })],
    ['the session is broken', faults.status(/^PUT/, 400, { times: 2, code: 'BLOB_UPLOAD_INVALID' })],
  ])('begins anew when %s', async (_, fault) => {
    registry.fail(fault)
    const large = blob(Buffer.alloc(300_000, 'x'))
    expect(await pushBlob(repository, large)).toBe('uploaded')
    expect(registry.log.filter((line) => line.startsWith('POST'))).toHaveLength(3)
    expect(large.opened()).toBe(3)
    expect(Buffer.concat(await pullBlob(repository, large).toArray())).toHaveLength(300_000)
  })

  it('gives up when every attempt is cut', async () => {
    registry.fail(faults.cutBody(/^PUT/, 1))
    await expect(pushBlob(repository, blob(Buffer.alloc(300_000)))).rejects.toMatchObject({
      code: 'SW-REGISTRY-UNREACHABLE',
      retryable: true,
      exit: 6,
    })
    // The first over a kept connection, which might have been closed.
    expect(registry.log.filter((line) => line.startsWith('PUT'))).toHaveLength(5)
  })

  it('waits out 429 and 503 on its questions', async () => {
    registry.fail(faults.status(/^HEAD/, 429, { times: 2, headers: { 'retry-after': '7' } }), faults.status(/^POST/, 503, { times: 2 }))
    expect(await pushBlob(repository, blob('hello'))).toBe('uploaded')
    expect(client.clock.slept.filter((wait) => wait >= 7000)).toHaveLength(2)
  })

  it('shows the registry’s own words for a refusal, and does not try again', async () => {
    registry.fail(faults.status(/^PUT/, 413, { code: 'TOO_LARGE' }))
    await expect(pushBlob(repository, blob('hello'))).rejects.toMatchObject({
      code: 'SW-REGISTRY-REFUSED',
      message: expect.stringMatching(/push blob sha256:2cf24d….*team\/app: status 413, TOO_LARGE TOO_LARGE by the fake/),
    })
    expect(registry.log.filter((line) => line.startsWith('PUT'))).toHaveLength(1)
  })

  it('says so when the bytes arrive changed', async () => {
    registry.fail(faults.status(/^PUT/, 400, { code: 'DIGEST_INVALID' }))
    await expect(pushBlob(repository, blob('hello'))).rejects.toMatchObject({ code: 'SW-DIGEST-MISMATCH' })
  })

  it('says so when the registry takes the blob and keeps nothing', async () => {
    registry.fail(faults.storeNothing(/^PUT/))
    await expect(pushBlob(repository, blob('hello'))).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
  })

  it('has patience with a registry that knows its blobs a little late', async () => {
    const hello = blob('hello')
    registry.fail({ on: /^HEAD/, times: 3, instead: () => ({ status: 404, headers: {}, body: Buffer.alloc(0) }) })
    expect(await pushBlob(repository, hello)).toBe('uploaded')
  })
})

it('a refusal that comes while a large body is sent is understood at the second attempt, which asks first', async () => {
  const uploads: string[] = []
  const strict = createServer((request, response) => {
    if (request.method !== 'PUT') {
      return void response
        .writeHead({ HEAD: 404, POST: 202 }[request.method ?? ''] ?? 200, { location: '/v2/team/app/blobs/uploads/1' })
        .end()
    }
    uploads.push('sends')
    request.socket.resetAndDestroy()
  })
  strict.on('checkContinue', (_, response) => {
    uploads.push('asks')
    response.writeHead(413, { connection: 'close' }).end()
  })
  await once(strict.listen(0, '127.0.0.1'), 'listening')
  const { port } = strict.address() as AddressInfo
  await expect(pushBlob(client.connect(`127.0.0.1:${port}`).repository('team/app'), blob(Buffer.alloc(3_000_000)))).rejects.toMatchObject({
    code: 'SW-REGISTRY-REFUSED',
    message: expect.stringContaining('status 413'),
    hint: expect.stringContaining('chunk-size: 50MiB'),
  })
  expect(uploads).toEqual(['sends', 'asks'])
  strict.close()
})

describe('the place to upload to', () => {
  const located = (location: string) => faults.header(/^POST/, 'location', location)

  it('keeps its state as the registry wrote it', async () => {
    registry.fail({
      on: /^POST/,
      after: (reply) => ({ ...reply, headers: { ...reply.headers, location: `${reply.headers['location']}?_state=a%2Bb%3D%3D&x=%20y#z` } }),
    })
    await pushBlob(repository, blob('hello'))
    expect(registry.log.find((line) => line.startsWith('PUT'))).toContain('SESSION?_state=a%2Bb%3D%3D&x=%20y&digest=sha256')
  })

  it('may be absolute', async () => {
    registry.fail({
      on: /^POST/,
      after: (reply) => ({ ...reply, headers: { ...reply.headers, location: registry.url + reply.headers['location'] } }),
    })
    expect(await pushBlob(repository, blob('hello'))).toBe('uploaded')
  })

  it('at another server never sees the credential, nor a private address the body', async () => {
    await using other = await startFakeRegistry()
    registry.fail(located(`${other.url}/v2/team/app/blobs/uploads/x`))
    await expect(pushBlob(repository, blob('hello'))).rejects.toMatchObject({ code: 'SW-REGISTRY-REFUSED' })
    expect(other.asked).toEqual([])
  })

  it('must be said', async () => {
    registry.fail(faults.noHeader(/^POST/, 'location'))
    await expect(pushBlob(repository, blob('hello'))).rejects.toMatchObject({ code: 'SW-REGISTRY-REFUSED' })
  })
})

describe('a pull of a blob', () => {
  it.each([
    ['a flipped bit', faults.flipByte(/^GET/), 'SW-DIGEST-MISMATCH'],
    ['too few bytes', faults.truncate(/^GET/), 'SW-DIGEST-MISMATCH'],
    ['too many bytes', faults.overSend(/^GET/), 'SW-DIGEST-MISMATCH'],
    ['a cut connection', faults.cutContent(/^GET/), 'SW-REGISTRY-UNREACHABLE'],
    ['no such blob', faults.status(/^GET/, 404), 'SW-BLOB-MISSING'],
  ])('notices %s', async (_, fault, code) => {
    const hello = blob('hello')
    await pushBlob(repository, hello)
    registry.fail(fault)
    await expect(pullBlob(repository, hello).toArray()).rejects.toMatchObject({ code })
  })
})
