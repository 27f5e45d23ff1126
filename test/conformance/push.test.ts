/** Distribution-spec 1.1, category push; what is of the development version says so. */
import { describe, expect } from '@jest/globals'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import {
  codesOf,
  digestOf,
  imageFor,
  locationOf,
  newRepository,
  octets,
  pushBlob,
  pushImage,
  putManifest,
  requirement,
  send,
  withParameter,
} from './target.ts'

const repository = newRepository()
const begin = (query = ''): Promise<Response> => send('POST', `/v2/${repository}/blobs/uploads/${query}`)
const accept = { headers: { accept: `${mediaTypes.manifest}, ${mediaTypes.index}` } }
const has = async (digest: string, name = repository): Promise<boolean> => (await send('HEAD', `/v2/${name}/blobs/${digest}`)).ok
const chunk = (place: URL, body: string, range?: string): Promise<Response> =>
  send('PATCH', place, { body, headers: { ...octets, ...(range === undefined ? {} : { 'content-range': range }) } })

describe('end-4a, end-6: a blob by POST and PUT', () => {
  requirement('end-4a POST is 202 with a location', async () => {
    const response = await begin()
    expect(response.status).toBe(202)
    expect(locationOf(response).pathname).toContain('/v2/')
  })

  requirement('end-6 PUT of the whole blob is 201, and its location has the blob', async () => {
    const response = await send('PUT', withParameter(locationOf(await begin()), 'digest', digestOf('whole')), {
      body: 'whole',
      headers: octets,
    })
    expect(response.status).toBe(201)
    expect(await (await send('GET', locationOf(response))).text()).toBe('whole')
  })

  requirement('end-6 PUT with a digest that the bytes do not have is 400 DIGEST_INVALID, and leaves no blob', async () => {
    const response = await send('PUT', withParameter(locationOf(await begin()), 'digest', digestOf('these')), {
      body: 'those',
      headers: octets,
    })
    expect([response.status, await codesOf(response)]).toEqual([400, ['DIGEST_INVALID']])
    expect([await has(digestOf('these')), await has(digestOf('those'))]).toEqual([false, false])
  })

  requirement('end-6 PUT without a digest is 400', async () => {
    expect((await send('PUT', locationOf(await begin()), { body: 'x', headers: octets })).status).toBe(400)
  })

  requirement('end-6 PUT to an upload that has ended is 404', async () => {
    const place = withParameter(locationOf(await begin()), 'digest', digestOf('once'))
    expect((await send('PUT', place, { body: 'once', headers: octets })).status).toBe(201)
    expect((await send('PUT', place, { body: 'once', headers: octets })).status).toBe(404)
  })

  requirement('end-6 a blob that is there is taken again', async () => {
    await pushBlob(repository, 'again')
    expect((await pushBlob(repository, 'again')).digest).toBe(digestOf('again'))
  })

  requirement('end-6 a digest of sha512 is verified', async () => {
    await pushBlob(repository, 'long digest', 'sha512')
    const wrong = withParameter(locationOf(await begin()), 'digest', digestOf('other', 'sha512'))
    expect((await send('PUT', wrong, { body: 'bytes', headers: octets })).status).toBe(400)
  })
})

describe('end-4b: a blob by one POST', () => {
  requirement('end-4b POST with digest and body is 201, or 202 with a location to upload to', async () => {
    const digest = digestOf('in one')
    const response = await send('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: 'in one', headers: octets })
    expect([201, 202]).toContain(response.status)
    if (response.status === 202) expect(locationOf(response).pathname).toContain('/v2/')
    else expect(await has(digest)).toBe(true)
  })

  requirement('end-4b POST with digest and body is done at once', async () => {
    const digest = digestOf('at once')
    const response = await send('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: 'at once', headers: octets })
    expect([response.status, await has(digest)]).toEqual([201, true])
  })
})

describe('end-5, end-13: a blob in chunks', () => {
  requirement('end-5 PATCH is 202 with location and range, and an empty PUT ends it', async () => {
    const first = await chunk(locationOf(await begin()), 'hello', '0-4')
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-4'])
    const second = await chunk(locationOf(first), ' world', '5-10')
    expect([second.status, second.headers.get('range')]).toEqual([202, '0-10'])
    const last = await send('PUT', withParameter(locationOf(second), 'digest', digestOf('hello world')))
    expect(last.status).toBe(201)
    expect(await (await send('GET', locationOf(last))).text()).toBe('hello world')
  })

  requirement('end-6 PUT may bring the last chunk', async () => {
    const first = await chunk(locationOf(await begin()), 'abc', '0-2')
    const place = withParameter(locationOf(first), 'digest', digestOf('abcdef'))
    const last = await send('PUT', place, { body: 'def', headers: { ...octets, 'content-range': '3-5' } })
    expect([last.status, await has(digestOf('abcdef'))]).toEqual([201, true])
  })

  requirement('end-5 PATCH without content-range takes the blob as a stream', async () => {
    const streamed = await chunk(locationOf(await begin()), 'streamed')
    expect(streamed.status).toBe(202)
    expect((await send('PUT', withParameter(locationOf(streamed), 'digest', digestOf('streamed')))).status).toBe(201)
  })

  requirement('end-5 PATCH out of order is 416', async () => {
    const first = await chunk(locationOf(await begin()), 'abc', '0-2')
    expect((await chunk(locationOf(first), 'ghi', '6-8')).status).toBe(416)
  })

  requirement('end-5 PATCH of a chunk that was taken already is 416, and the upload goes on after it', async () => {
    const first = await chunk(locationOf(await begin()), 'abc', '0-2')
    expect((await chunk(locationOf(first), 'abc', '0-2')).status).toBe(416)
    const state = await send('GET', locationOf(first))
    const second = await chunk(locationOf(state), 'def', '3-5')
    expect(second.status).toBe(202)
    expect((await send('PUT', withParameter(locationOf(second), 'digest', digestOf('abcdef')))).status).toBe(201)
  })

  requirement('end-5 PATCH that does not begin at 0 is 416', async () => {
    expect((await chunk(locationOf(await begin()), 'abc', '3-5')).status).toBe(416)
  })

  requirement('end-13 GET is 204 with location and range', async () => {
    const first = await chunk(locationOf(await begin()), 'abc', '0-2')
    const state = await send('GET', locationOf(first))
    expect([state.status, state.headers.get('range')]).toEqual([204, '0-2'])
    expect(locationOf(state).pathname).toContain('/v2/')
  })

  requirement('end-13 GET of an upload that is not there is 404', async () => {
    const path = `/v2/${repository}/blobs/uploads/00000000-0000-4000-8000-000000000000`
    expect((await send('GET', path)).status).toBe(404)
  })

  requirement('end-14 DELETE gives an upload up: 204, then 404 (development version)', async () => {
    const place = locationOf(await begin())
    expect((await send('DELETE', place)).status).toBe(204)
    expect((await send('GET', place)).status).toBe(404)
  })
})

describe('end-11: a blob from another repository', () => {
  requirement('end-11 POST with mount and from is 201 with the blob’s location, and the blob is there', async () => {
    const { digest } = await pushBlob(repository, 'shared')
    const target = newRepository()
    const response = await send('POST', `/v2/${target}/blobs/uploads/?mount=${digest}&from=${repository}`)
    expect(response.status).toBe(201)
    expect(await (await send('GET', locationOf(response))).text()).toBe('shared')
    expect(await has(digest, target)).toBe(true)
  })

  requirement('end-11 POST with a mount that cannot be is 202 with a location to upload to', async () => {
    const response = await begin(`?mount=${digestOf('nowhere')}&from=${newRepository()}`)
    expect(response.status).toBe(202)
    expect(locationOf(response).pathname).toContain('/v2/')
  })

  requirement('end-11 POST with mount and no from is 201, or 202 with a location to upload to', async () => {
    const { digest } = await pushBlob(repository, 'anonymous')
    const target = newRepository()
    const response = await send('POST', `/v2/${target}/blobs/uploads/?mount=${digest}`)
    expect([201, 202]).toContain(response.status)
    const place = locationOf(response)
    if (response.status === 202) await send('PUT', withParameter(place, 'digest', digest), { body: 'anonymous', headers: octets })
    expect(await has(digest, target)).toBe(true)
  })
})

describe('end-7: a manifest', () => {
  requirement('end-7 PUT by tag is 201 with location and digest, and both have it', async () => {
    const pushed = await pushImage(repository, 'v1')
    expect(pushed.response.headers.get('docker-content-digest')).toBe(pushed.digest)
    expect((await send('GET', locationOf(pushed.response), accept)).status).toBe(200)
    expect((await send('GET', `/v2/${repository}/manifests/${pushed.digest}`, accept)).status).toBe(200)
  })

  requirement('end-7 PUT by digest is 201 with a location, and makes no tag', async () => {
    const name = newRepository()
    const { response, digest } = await putManifest(name, await imageFor(name))
    expect([response.status, response.headers.get('docker-content-digest')]).toEqual([201, digest])
    expect((await send('GET', locationOf(response), accept)).status).toBe(200)
  })

  requirement('end-7 PUT keeps the bytes as they are', async () => {
    const bytes = Buffer.from(`\n${JSON.stringify(await imageFor(repository), null, 7)}\n\n`)
    const { response } = await putManifest(repository, bytes, { tag: 'odd' })
    expect(response.status).toBe(201)
    const read = await send('GET', `/v2/${repository}/manifests/odd`, { headers: { accept: mediaTypes.manifest } })
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true)
  })

  requirement('end-7 PUT moves a tag', async () => {
    await pushImage(repository, 'moving')
    const { digest } = await pushImage(repository, 'moving', { annotations: { a: 'later' } })
    expect(
      (await send('HEAD', `/v2/${repository}/manifests/moving`, { headers: { accept: mediaTypes.manifest } })).headers.get(
        'docker-content-digest',
      ),
    ).toBe(digest)
  })

  requirement('end-7 PUT by a digest that the bytes do not have is 400', async () => {
    const body = JSON.stringify(await imageFor(repository))
    const response = await send('PUT', `/v2/${repository}/manifests/${digestOf('other')}`, {
      body,
      headers: { 'content-type': mediaTypes.manifest },
    })
    expect(response.status).toBe(400)
  })

  requirement('end-7 PUT by sha512 is 201, and it is read by it (development version)', async () => {
    const { response, digest } = await putManifest(repository, await imageFor(repository), { algorithm: 'sha512' })
    expect(response.status).toBe(201)
    expect((await send('GET', `/v2/${repository}/manifests/${digest}`, { headers: { accept: mediaTypes.manifest } })).status).toBe(200)
  })

  requirement('end-7 PUT under a digest that is none is 400, and GET of it 400 or 404', async () => {
    const path = `/v2/${repository}/manifests/sha256:no-digest`
    const body = JSON.stringify(await imageFor(repository))
    expect((await send('PUT', path, { body, headers: { 'content-type': mediaTypes.manifest } })).status).toBe(400)
    expect([400, 404]).toContain((await send('GET', path, accept)).status)
  })

  requirement('end-7 PUT of what is no manifest is 400 MANIFEST_INVALID', async () => {
    const response = await send('PUT', `/v2/${repository}/manifests/bad`, {
      body: '{"schemaVersion":',
      headers: { 'content-type': mediaTypes.manifest },
    })
    expect([response.status, await codesOf(response)]).toEqual([400, ['MANIFEST_INVALID']])
  })

  requirement('end-7 PUT of a manifest whose blobs are not there is 400 or 404', async () => {
    const missing = { mediaType: mediaTypes.layer, digest: digestOf('missing'), size: 7 }
    const { response } = await putManifest(repository, { ...(await imageFor(repository)), layers: [missing] }, { tag: 'missing' })
    expect([400, 404]).toContain(response.status)
    expect((await send('HEAD', `/v2/${repository}/manifests/missing`)).status).toBe(404)
  })

  requirement('end-7 PUT under a name that is no tag is 400 or 404', async () => {
    const { response } = await putManifest(repository, await imageFor(repository), { tag: '-no-tag' })
    expect([400, 404]).toContain(response.status)
  })

  requirement('end-7 PUT of an index whose manifests are there is 201, and is read with its type', async () => {
    const { mediaType, digest, size } = await pushImage(repository, 'child')
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [{ mediaType, digest, size }] }
    expect((await putManifest(repository, index, { tag: 'index' })).response.status).toBe(201)
    const read = await send('GET', `/v2/${repository}/manifests/index`, { headers: { accept: mediaTypes.index } })
    expect([read.status, read.headers.get('content-type')]).toEqual([200, mediaTypes.index])
  })

  requirement('end-7 PUT of a manifest of 4 MiB is 201', async () => {
    const manifest = await imageFor(repository, { annotations: { padding: '' } })
    const padding = 'x'.repeat(4 * 2 ** 20 - JSON.stringify(manifest).length)
    expect((await putManifest(repository, { ...manifest, annotations: { padding } }, { tag: 'large' })).response.status).toBe(201)
  })

  requirement('end-7 PUT of a manifest beyond the limit is 413', async () => {
    const manifest = await imageFor(repository, { annotations: { padding: 'x'.repeat(6 * 2 ** 20) } })
    const refused = await putManifest(repository, manifest, { tag: 'too-large' }).then(
      ({ response }) => response.status,
      // The connection may be closed while the client still sends.
      () => 413,
    )
    expect(refused).toBe(413)
    expect((await send('HEAD', `/v2/${repository}/manifests/too-large`)).status).toBe(404)
  })
})

describe('end-7: a manifest with a subject', () => {
  requirement('end-7 PUT names the subject in OCI-Subject', async () => {
    const { mediaType, digest, size } = await pushImage(repository, 'subject')
    const { response } = await putManifest(repository, await imageFor(repository, { subject: { mediaType, digest, size } }))
    expect([response.status, response.headers.get('oci-subject')]).toEqual([201, digest])
  })

  requirement('end-7 PUT is taken before its subject', async () => {
    const subject = { mediaType: mediaTypes.manifest, digest: digestOf('comes later'), size: 11 }
    expect((await putManifest(repository, await imageFor(repository, { subject }))).response.status).toBe(201)
  })
})
