import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { type Listening, listen } from '../../io/server.ts'
import type { Log } from '../../spec/ports.ts'
import { mediaTypes } from '../oci/types.ts'
import { createRegistry, type RegistryOptions } from './registry.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, untrusted() {} }
let root: string
let server: Listening

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-registry-'))
  server = await start()
})
afterEach(async () => {
  await server.close()
  await rm(root, { recursive: true })
})

async function start(options: Partial<RegistryOptions> = {}): Promise<Listening> {
  return listen(await createRegistry({ root, log, ...options }))
}

async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, server.url), { method, redirect: 'manual', ...init })
}

async function push(name: string, content: string): Promise<{ digest: string; size: number }> {
  const digest = sha256(content)
  expect((await send('POST', `/v2/${name}/blobs/uploads/?digest=${digest}`, { body: content })).status).toBe(201)
  return { digest, size: Buffer.byteLength(content) }
}

async function manifestFor(name: string, extra: object = {}): Promise<string> {
  const config = { mediaType: mediaTypes.config, ...(await push(name, '{}')) }
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers: [{ mediaType: mediaTypes.layer, ...(await push(name, 'layer')) }],
    ...extra,
  })
}

function put(name: string, reference: string, body: string, type: string = mediaTypes.manifest): Promise<Response> {
  return send('PUT', `/v2/${name}/manifests/${reference}`, { body, headers: { 'content-type': type } })
}

async function codeOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { code: string }[] }
  return errors[0]?.code ?? ''
}

test('the base says what it is', async () => {
  const response = await send('GET', '/v2/')
  expect([response.status, response.headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0'])
})

describe('a blob', () => {
  it('is pushed by POST and PUT, and pulled', async () => {
    const begun = await send('POST', '/v2/team/app/blobs/uploads/')
    expect(begun.status).toBe(202)
    const location = begun.headers.get('location') ?? ''
    const done = await send('PUT', `${location}?digest=${sha256('hello')}`, { body: 'hello' })
    expect([done.status, done.headers.get('location')]).toEqual([201, `/v2/team/app/blobs/${sha256('hello')}`])

    const got = await send('GET', `/v2/team/app/blobs/${sha256('hello')}`)
    expect([got.status, await got.text(), got.headers.get('docker-content-digest')]).toEqual([200, 'hello', sha256('hello')])
    const head = await send('HEAD', `/v2/team/app/blobs/${sha256('hello')}`)
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
    expect((await send('GET', location)).status).toBe(404)
  })

  it('is pushed in chunks, in order only', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    const first = await send('PATCH', location, { body: 'hel', headers: { 'content-range': '0-2' } })
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-2'])
    expect((await send('PATCH', location, { body: 'x', headers: { 'content-range': '7-7' } })).status).toBe(416)
    expect((await send('PATCH', location, { body: 'l', headers: { 'content-range': '3-5' } })).status).toBe(400)
    const state = await send('GET', location)
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-2'])
    expect((await send('PATCH', location, { body: 'lo' })).status).toBe(202)
    expect((await send('PUT', `${location}?digest=${sha256('hello world')}`, { body: ' world' })).status).toBe(201)
    expect(await (await send('GET', `/v2/a/blobs/${sha256('hello world')}`)).text()).toBe('hello world')
  })

  it('with a sha512 digest is one as well', async () => {
    const digest = `sha512:${createHash('sha512').update('hello').digest('hex')}`
    expect((await send('POST', `/v2/a/blobs/uploads/?digest=${digest}`, { body: 'hello' })).status).toBe(201)
    expect(await (await send('GET', `/v2/a/blobs/${digest}`)).text()).toBe('hello')
  })

  it('with other bytes than its digest is refused and leaves nothing', async () => {
    const response = await send('POST', `/v2/a/blobs/uploads/?digest=${sha256('hello')}`, { body: 'hellO' })
    expect([response.status, await codeOf(response)]).toEqual([400, 'DIGEST_INVALID'])
    expect((await send('HEAD', `/v2/a/blobs/${sha256('hello')}`)).status).toBe(404)
  })

  it('is mounted from a repository that has it, and only from one', async () => {
    const { digest } = await push('base', 'shared')
    expect((await send('POST', `/v2/app/blobs/uploads/?mount=${digest}&from=other`)).status).toBe(202)
    expect((await send('POST', `/v2/app/blobs/uploads/?mount=${digest}`)).status).toBe(202)
    expect((await send('HEAD', `/v2/app/blobs/${digest}`)).status).toBe(404)
    expect((await send('POST', `/v2/app/blobs/uploads/?mount=${digest}&from=base`)).status).toBe(201)
    expect((await send('HEAD', `/v2/app/blobs/${digest}`)).status).toBe(200)
  })

  it('is deleted from one repository and stays in the others', async () => {
    const { digest } = await push('a', 'x')
    await push('b', 'x')
    expect((await send('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(202)
    expect((await send('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(404)
    expect((await send('GET', `/v2/a/blobs/${digest}`)).status).toBe(404)
    expect((await send('GET', `/v2/b/blobs/${digest}`)).status).toBe(200)
  })

  it.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['lines=1-2', 200, '0123456789', null],
    ['bytes=0-1,4-5', 200, '0123456789', null],
  ])('gives the range %s', async (range, status, text, content) => {
    const { digest } = await push('a', '0123456789')
    const response = await send('GET', `/v2/a/blobs/${digest}`, { headers: { range } })
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([status, text, content])
  })

  it('has no range beyond its end', async () => {
    const { digest } = await push('a', '0123')
    expect((await send('GET', `/v2/a/blobs/${digest}`, { headers: { range: 'bytes=4-' } })).status).toBe(416)
  })

  it('may be empty', async () => {
    const { digest } = await push('a', '')
    const response = await send('GET', `/v2/a/blobs/${digest}`)
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', ''])
  })
})

describe('an upload', () => {
  it('belongs to its repository', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    expect((await send('GET', location.replace('/v2/a/', '/v2/b/'))).status).toBe(404)
  })

  it('can be given up', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    expect((await send('DELETE', location)).status).toBe(204)
    expect((await send('PATCH', location, { body: 'x' })).status).toBe(404)
  })

  it('whose connection is cut takes the body again', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(`PUT ${location}?digest=${sha256('hello')} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhe`, () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
    expect((await send('PUT', `${location}?digest=${sha256('hello')}`, { body: 'hello' })).status).toBe(201)
  })

  it('that a former run left is dropped when the registry starts', async () => {
    const location = (await send('POST', '/v2/a/blobs/uploads/')).headers.get('location') ?? ''
    await server.close()
    server = await start()
    expect((await send('GET', location)).status).toBe(404)
  })

  it.each(['x', '..%2f..%2fcontent', '00000000-0000-0000-0000-000000000000'])('that does not exist, %s, is 404', async (id) => {
    expect((await send('GET', `/v2/a/blobs/uploads/${id}`)).status).toBe(404)
  })
})

describe('a manifest', () => {
  it('is pushed by tag and pulled by tag and digest, byte for byte', async () => {
    const body = await manifestFor('team/app')
    const pushed = await put('team/app', 'v1', body)
    expect([pushed.status, pushed.headers.get('docker-content-digest'), pushed.headers.get('location')]).toEqual([
      201,
      sha256(body),
      `/v2/team/app/manifests/${sha256(body)}`,
    ])
    for (const reference of ['v1', sha256(body)]) {
      const response = await send('GET', `/v2/team/app/manifests/${reference}`)
      expect([await response.text(), response.headers.get('content-type'), response.headers.get('docker-content-digest')]).toEqual([
        body,
        mediaTypes.manifest,
        sha256(body),
      ])
      const head = await send('HEAD', `/v2/team/app/manifests/${reference}`)
      expect([head.status, head.headers.get('content-length'), head.headers.get('docker-content-digest')]).toEqual([
        200,
        String(body.length),
        sha256(body),
      ])
    }
  })

  it('may name its type only in itself', async () => {
    const body = Buffer.from(await manifestFor('a'))
    expect((await send('PUT', '/v2/a/manifests/v1', { body })).status).toBe(201)
    expect((await send('HEAD', '/v2/a/manifests/v1')).headers.get('content-type')).toBe(mediaTypes.manifest)
  })

  it('takes several tags with its digest, and says which it took', async () => {
    const body = await manifestFor('a')
    const response = await send('PUT', `/v2/a/manifests/${sha256(body)}?tag=1.0&tag=latest`, {
      body,
      headers: { 'content-type': mediaTypes.manifest },
    })
    expect([response.status, response.headers.get('oci-tag')]).toEqual([201, '1.0, latest'])
    expect((await send('HEAD', '/v2/a/manifests/latest')).headers.get('docker-content-digest')).toBe(sha256(body))
    expect(
      (await send('PUT', `/v2/a/manifests/${sha256(body)}?tag=-x`, { body, headers: { 'content-type': mediaTypes.manifest } })).status,
    ).toBe(400)
  })

  it('must be whole: its blobs, or its children, are in the repository', async () => {
    const body = await manifestFor('a')
    const elsewhere = await put('b', 'v1', body)
    expect([elsewhere.status, await codeOf(elsewhere)]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN'])
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [{ mediaType: mediaTypes.manifest, digest: sha256(body), size: body.length }],
    })
    expect(await codeOf(await put('a', 'v1', index, mediaTypes.index))).toBe('MANIFEST_BLOB_UNKNOWN')
    expect((await put('a', sha256(body), body)).status).toBe(201)
    expect((await put('a', 'v1', index, mediaTypes.index)).status).toBe(201)
  })

  it('under another digest than its own is refused', async () => {
    const response = await put('a', sha256('other'), await manifestFor('a'))
    expect([response.status, await codeOf(response)]).toEqual([400, 'DIGEST_INVALID'])
  })

  it.each([
    ['no JSON', 'x', mediaTypes.manifest, 400],
    ['no manifest', '{"schemaVersion":2}', mediaTypes.manifest, 400],
    ['an unknown type', '{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+json', 400],
    ['too large', `"${'x'.repeat(4 * 2 ** 20)}"`, mediaTypes.manifest, 413],
  ])('that is %s is refused', async (_, body, type, status) => expect((await put('a', 'v1', body, type)).status).toBe(status))

  it('is deleted by tag, which leaves it, or by digest, with all tags', async () => {
    const body = await manifestFor('a')
    await put('a', 'v1', body)
    await put('a', 'v2', body)
    expect((await send('DELETE', '/v2/a/manifests/v1')).status).toBe(202)
    expect((await send('HEAD', '/v2/a/manifests/v1')).status).toBe(404)
    expect((await send('HEAD', `/v2/a/manifests/${sha256(body)}`)).status).toBe(200)
    expect((await send('DELETE', `/v2/a/manifests/${sha256(body)}`)).status).toBe(202)
    expect((await send('HEAD', '/v2/a/manifests/v2')).status).toBe(404)
    expect((await send('DELETE', `/v2/a/manifests/${sha256(body)}`)).status).toBe(404)
    expect((await send('DELETE', '/v2/a/manifests/v1')).status).toBe(404)
  })

  it('keeps one whole content when many push it at once', async () => {
    const body = await manifestFor('a')
    const pushed = await Promise.all(Array.from({ length: 20 }, (_, at) => put('a', `t${at}`, body)))
    expect(pushed.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(await (await send('GET', '/v2/a/manifests/t7')).text()).toBe(body)
  })
})

describe('tags', () => {
  it('are listed in byte order, by pages', async () => {
    const body = await manifestFor('a')
    for (const tag of ['b', 'a', 'C', '10', '9']) await put('a', tag, body)
    expect(await (await send('GET', '/v2/a/tags/list')).json()).toEqual({ name: 'a', tags: ['10', '9', 'C', 'a', 'b'] })
    const first = await send('GET', '/v2/a/tags/list?n=2')
    expect([await first.json(), first.headers.get('link')]).toEqual([
      { name: 'a', tags: ['10', '9'] },
      '</v2/a/tags/list?n=2&last=9>; rel="next"',
    ])
    const last = await send('GET', '/v2/a/tags/list?n=3&last=9')
    expect([await last.json(), last.headers.get('link')]).toEqual([{ name: 'a', tags: ['C', 'a', 'b'] }, null])
    expect(await (await send('GET', '/v2/a/tags/list?n=0')).json()).toEqual({ name: 'a', tags: [] })
    expect((await send('GET', '/v2/a/tags/list?n=x')).status).toBe(400)
    expect((await send('GET', '/v2/unknown/tags/list')).status).toBe(404)
  })

  it('and repositories have a catalog', async () => {
    for (const name of ['z', 'team/app', 'team/app/deep']) await put(name, 'v1', await manifestFor(name))
    expect(await (await send('GET', '/v2/_catalog')).json()).toEqual({ repositories: ['team/app', 'team/app/deep', 'z'] })
  })
})

describe('referrers', () => {
  const subject = { mediaType: mediaTypes.manifest, digest: sha256('not there yet'), size: 1 }

  it('are listed, of one type when asked, and go with what they are', async () => {
    const signature = await manifestFor('a', { subject, artifactType: 'x/sig', annotations: { a: 'b' } })
    const sbom = await manifestFor('a', { subject })
    const pushed = await put('a', sha256(signature), signature)
    expect(pushed.headers.get('oci-subject')).toBe(subject.digest)
    await put('a', 'sbom', sbom)

    const all = await send('GET', `/v2/a/referrers/${subject.digest}`)
    expect([all.status, all.headers.get('content-type'), all.headers.get('oci-filters-applied')]).toEqual([200, mediaTypes.index, null])
    const { manifests } = (await all.json()) as { manifests: { artifactType: string }[] }
    expect(manifests.map(({ artifactType }) => artifactType).sort()).toEqual([mediaTypes.config, 'x/sig'])

    const some = await send('GET', `/v2/a/referrers/${subject.digest}?artifactType=x/sig`)
    expect(some.headers.get('oci-filters-applied')).toBe('artifactType')
    expect(await some.json()).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [
        {
          mediaType: mediaTypes.manifest,
          digest: sha256(signature),
          size: signature.length,
          artifactType: 'x/sig',
          annotations: { a: 'b' },
        },
      ],
    })

    await send('DELETE', `/v2/a/manifests/${sha256(signature)}`)
    expect(await (await send('GET', `/v2/a/referrers/${subject.digest}?artifactType=x/sig`)).json()).toMatchObject({ manifests: [] })
  })

  it('of what nobody knows are none, and of what is no digest an error', async () => {
    expect(await (await send('GET', `/v2/unknown/referrers/${sha256('x')}`)).json()).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [],
    })
    expect((await send('GET', '/v2/a/referrers/v1')).status).toBe(400)
  })

  it('come by pages', async () => {
    for (let at = 0; at < 3; at += 1) {
      const body = await manifestFor('a', { subject, annotations: { at: String(at) } })
      await put('a', sha256(body), body)
    }
    const first = await send('GET', `/v2/a/referrers/${subject.digest}?n=2`)
    const second = await send('GET', first.headers.get('link')?.slice(1).split('>')[0] ?? '')
    const count = async (response: Response): Promise<number> => ((await response.json()) as { manifests: unknown[] }).manifests.length
    expect([await count(first), await count(second), second.headers.get('link')]).toEqual([2, 1, null])
  })
})

describe('what is not allowed', () => {
  it.each([
    ['GET', '/v2/A/tags/list', 400],
    ['GET', '/v2/a..b/tags/list', 400],
    ['GET', '/v2/%2e%2e/tags/list', 400],
    ['GET', `/v2/a/blobs/sha256:${'0'.repeat(63)}`, 400],
    ['GET', '/v2/a/blobs/sha256:..%2f..%2f..%2fetc%2fpasswd', 404],
    ['GET', '/v2/a/manifests/..%2f..%2f_tags', 404],
    ['GET', '/v2/a/manifests/.hidden', 400],
    ['GET', '/v2/_uploads/tags/list', 400],
    ['GET', '/v2/%ff/tags/list', 400],
    ['GET', '/v2/a', 404],
    ['GET', '/', 404],
    ['POST', '/v2/a/tags/list', 405],
    ['PATCH', '/v2/a/manifests/v1', 405],
    ['PUT', `/v2/a/blobs/${sha256('x')}`, 405],
  ])('%s %s is %i, and writes nothing', async (method, path, status) => {
    const response = await rawly(method, path)
    expect(response).toBe(status)
    expect(await readdir(root)).toEqual(['slipway-registry.json'])
  })

  /** `fetch` would normalise the path before anyone sees it. */
  function rawly(method: string, path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
      )
      let text = ''
      socket.on('data', (data) => {
        text += data
      })
      socket.on('end', () => resolve(Number(text.split(' ')[1]))).on('error', reject)
    })
  }

  it('is everything without the credentials, when there are any', async () => {
    await server.close()
    server = await start({ credentials: { username: 'bob', password: 'pässword' } })
    const basic = (pair: string) => ({ headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } })
    const refused = await send('GET', '/v2/')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="slipway registry", charset="UTF-8"'])
    expect((await send('GET', '/v2/', basic('bob:wrong'))).status).toBe(401)
    expect((await send('GET', '/v2/', basic('bob:pässword'))).status).toBe(200)
  })

  it('is every write when it is read-only', async () => {
    const body = await manifestFor('a')
    await put('a', 'v1', body)
    await server.close()
    server = await start({ readOnly: true })
    expect((await send('GET', '/v2/a/manifests/v1')).status).toBe(200)
    expect((await put('a', 'v2', body)).status).toBe(405)
    expect((await send('POST', '/v2/a/blobs/uploads/')).status).toBe(405)
    expect((await send('DELETE', '/v2/a/manifests/v1')).status).toBe(405)
  })
})

test('a folder that holds something else is left alone', async () => {
  const other = await mkdtemp(join(tmpdir(), 'slipway-registry-'))
  await writeFile(join(other, 'uploads'), 'holiday pictures')
  await expect(createRegistry({ root: other, log })).rejects.toMatchObject({
    code: 'SW-REGISTRY-FOLDER',
    message: expect.stringContaining('"uploads"'),
  })
  expect(await readdir(other)).toEqual(['uploads'])
  await rm(other, { recursive: true })
})

test('what goes wrong at the registry itself is a 500, and told', async () => {
  const told: unknown[] = []
  const broken = await listen(await createRegistry({ root, log }), { onError: (error) => void told.push(error) })
  await writeFile(join(root, 'content'), 'a file where a folder should be')
  const response = await fetch(`${broken.url}/v2/a/blobs/uploads/?digest=${sha256('x')}`, { method: 'POST', body: 'x' })
  expect(response.status).toBe(500)
  expect(told).toEqual([expect.objectContaining({ code: 'SW-FILE-KIND' })])
  await broken.close()
})
