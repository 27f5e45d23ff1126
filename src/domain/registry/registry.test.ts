import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { servedRegistry, silent } from '../../../test/fakes/served-registry.ts'
import { sha256 } from '../../base/digest.ts'
import { listen } from '../../io/server.ts'
import { createRegistry } from './registry.ts'

const registry = servedRegistry()
const { send, put, manifestFor } = registry

test('the base says what it is', async () => {
  const response = await send('GET', '/v2/')
  expect([response.status, response.headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0'])
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
    expect(await readdir(registry.root())).toEqual(['slipway-registry.json'])
  })

  /** `fetch` would normalise the path before anyone sees it. */
  function rawly(method: string, path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const socket = connect(registry.port(), '127.0.0.1', () =>
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
    await registry.restart({ credentials: { username: 'bob', password: 'pässword' } })
    const basic = (pair: string) => ({ headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } })
    const refused = await send('GET', '/v2/')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="slipway registry", charset="UTF-8"'])
    expect((await send('GET', '/v2/', basic('bob:wrong'))).status).toBe(401)
    expect((await send('GET', '/v2/', basic('bob:pässword'))).status).toBe(200)
  })

  it('is every write when it is read-only', async () => {
    const body = await manifestFor('a')
    await put('a', 'v1', body)
    await registry.restart({ readOnly: true })
    expect((await send('GET', '/v2/a/manifests/v1')).status).toBe(200)
    expect((await put('a', 'v2', body)).status).toBe(405)
    expect((await send('POST', '/v2/a/blobs/uploads/')).status).toBe(405)
    expect((await send('DELETE', '/v2/a/manifests/v1')).status).toBe(405)
  })
})

test('a folder that holds something else is left alone', async () => {
  const other = await mkdtemp(join(tmpdir(), 'slipway-registry-'))
  await writeFile(join(other, 'uploads'), 'holiday pictures')
  await expect(createRegistry({ root: other, log: silent })).rejects.toMatchObject({
    code: 'SW-REGISTRY-FOLDER',
    message: expect.stringContaining('"uploads"'),
  })
  expect(await readdir(other)).toEqual(['uploads'])
  await rm(other, { recursive: true })
})

test('what goes wrong at the registry itself is a 500, and told', async () => {
  const told: unknown[] = []
  const broken = await listen(await createRegistry({ root: registry.root(), log: silent }), { onError: (error) => void told.push(error) })
  await writeFile(join(registry.root(), 'content'), 'a file where a folder should be')
  const response = await fetch(`${broken.url}/v2/a/blobs/uploads/?digest=${sha256('x')}`, { method: 'POST', body: 'x' })
  expect(response.status).toBe(500)
  expect(told).toEqual([expect.objectContaining({ code: 'SW-FILE-KIND' })])
  await broken.close()
})
