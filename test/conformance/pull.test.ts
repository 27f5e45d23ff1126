/** Distribution-spec 1.1, category pull. */
import { beforeAll, describe, expect } from '@jest/globals'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { codesOf, type Descriptor, digestOf, newRepository, type Pushed, pushBlob, pushImage, requirement, send } from './target.ts'

const repository = newRepository()
const absent = digestOf('never pushed')
let blob: Descriptor
let image: Pushed
beforeAll(async () => {
  blob = await pushBlob(repository, '0123456789')
  image = await pushImage(repository, 'v1')
})
const blobPath = (digest = blob.digest): string => `/v2/${repository}/blobs/${digest}`
const manifestPath = (reference: string): string => `/v2/${repository}/manifests/${reference}`

describe('end-1: the API', () => {
  requirement('end-1 GET /v2/ is 200: the specification is spoken', async () => {
    expect((await send('GET', '/v2/')).status).toBe(200)
  })
})

describe('end-2: a blob', () => {
  requirement('end-2 GET gives the bytes with their length and digest', async () => {
    const response = await send('GET', blobPath())
    expect([response.status, response.headers.get('content-length'), response.headers.get('docker-content-digest')]).toEqual([
      200,
      '10',
      blob.digest,
    ])
    expect(await response.text()).toBe('0123456789')
  })

  requirement('end-2 HEAD gives length and digest, and no body', async () => {
    const response = await send('HEAD', blobPath())
    expect([response.status, response.headers.get('content-length'), response.headers.get('docker-content-digest')]).toEqual([
      200,
      '10',
      blob.digest,
    ])
    expect(await response.text()).toBe('')
  })

  requirement('end-2 GET of a blob that is not there is 404 BLOB_UNKNOWN', async () => {
    const response = await send('GET', blobPath(absent))
    expect([response.status, await codesOf(response)]).toEqual([404, ['BLOB_UNKNOWN']])
  })

  requirement('end-2 HEAD of a blob that is not there is 404', async () => {
    expect((await send('HEAD', blobPath(absent))).status).toBe(404)
  })

  requirement('end-2 a blob of one repository is not in another', async () => {
    expect((await send('HEAD', `/v2/${newRepository()}/blobs/${blob.digest}`)).status).toBe(404)
  })

  requirement('end-2 a digest that is none is refused by 400 or 404', async () => {
    expect([400, 404]).toContain((await send('GET', blobPath('sha256:abc'))).status)
  })

  requirement('end-2 GET of a range is 206 with those bytes (RFC 9110)', async () => {
    const response = await send('GET', blobPath(), { headers: { range: 'bytes=2-4' } })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, 'bytes 2-4/10', '234'])
  })

  requirement('end-2 GET of the rest is 206: a pull can be resumed', async () => {
    const response = await send('GET', blobPath(), { headers: { range: 'bytes=7-' } })
    expect([response.status, await response.text()]).toEqual([206, '789'])
  })

  requirement('end-2 GET of the last bytes is 206', async () => {
    const response = await send('GET', blobPath(), { headers: { range: 'bytes=-3' } })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, 'bytes 7-9/10', '789'])
  })

  requirement('end-2 GET of a range that ends beyond the end is 206 with what there is', async () => {
    const response = await send('GET', blobPath(), { headers: { range: 'bytes=8-50' } })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([206, 'bytes 8-9/10', '89'])
  })

  requirement('end-2 GET of a range beyond the end, or that ends before it begins, is 416', async () => {
    for (const range of ['bytes=10-', 'bytes=50-60', 'bytes=5-0'])
      expect((await send('GET', blobPath(), { headers: { range } })).status).toBe(416)
  })

  requirement('end-2 an empty blob is one', async () => {
    const { digest } = await pushBlob(repository, '')
    const response = await send('GET', blobPath(digest))
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', ''])
  })

  requirement('end-2 a blob with a sha512 digest is pulled by it', async () => {
    const { digest } = await pushBlob(repository, 'by sha512', 'sha512')
    const response = await send('GET', blobPath(digest))
    expect([response.status, await response.text()]).toEqual([200, 'by sha512'])
  })
})

describe('end-3: a manifest', () => {
  const accept = { accept: mediaTypes.manifest }

  requirement('end-3 GET by tag gives the very bytes that were pushed, their type and digest', async () => {
    const response = await send('GET', manifestPath('v1'), { headers: accept })
    expect([response.status, response.headers.get('content-type'), response.headers.get('docker-content-digest')]).toEqual([
      200,
      mediaTypes.manifest,
      image.digest,
    ])
    expect(Buffer.from(await response.arrayBuffer()).equals(image.bytes)).toBe(true)
  })

  requirement('end-3 GET by digest gives the very bytes that were pushed', async () => {
    const response = await send('GET', manifestPath(image.digest), { headers: accept })
    expect([response.status, response.headers.get('docker-content-digest')]).toEqual([200, image.digest])
    expect(Buffer.from(await response.arrayBuffer()).equals(image.bytes)).toBe(true)
  })

  requirement('end-3 HEAD by tag and by digest gives type, length and digest, and no body', async () => {
    for (const reference of ['v1', image.digest]) {
      const response = await send('HEAD', manifestPath(reference), { headers: accept })
      const { headers } = response
      expect([response.status, headers.get('content-length'), headers.get('content-type'), headers.get('docker-content-digest')]).toEqual([
        200,
        String(image.size),
        mediaTypes.manifest,
        image.digest,
      ])
    }
  })

  requirement('end-3 GET of a tag that is not there is 404 MANIFEST_UNKNOWN', async () => {
    const response = await send('GET', manifestPath('absent'))
    expect([response.status, await codesOf(response)]).toEqual([404, ['MANIFEST_UNKNOWN']])
  })

  requirement('end-3 GET of a digest that is not there is 404 MANIFEST_UNKNOWN', async () => {
    const response = await send('GET', manifestPath(absent))
    expect([response.status, await codesOf(response)]).toEqual([404, ['MANIFEST_UNKNOWN']])
  })

  requirement('end-3 HEAD of a tag and a digest that are not there is 404', async () => {
    expect((await send('HEAD', manifestPath('absent'))).status).toBe(404)
    expect((await send('HEAD', manifestPath(absent))).status).toBe(404)
  })

  requirement('end-3 GET in a repository that is not there is 404', async () => {
    expect((await send('GET', `/v2/${newRepository()}/manifests/v1`)).status).toBe(404)
  })

  requirement('end-3 what the client does not accept is not converted: the digest stays', async () => {
    const response = await send('GET', manifestPath(image.digest), { headers: { accept: '*/*' } })
    expect(digestOf(Buffer.from(await response.arrayBuffer()))).toBe(image.digest)
  })
})
