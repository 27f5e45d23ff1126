import { describe, expect, it } from '@jest/globals'
import { codeOf, servedRegistry } from '../../../test/fakes/served-registry.ts'
import { sha256 } from '../../base/digest.ts'
import { mediaTypes } from '../oci/types.ts'

const { send, put, manifestFor } = servedRegistry()

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
