/** Distribution-spec 1.1, category content management. */
import { describe, expect } from '@jest/globals'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { codesOf, digestOf, imageFor, newRepository, pushBlob, pushImage, putManifest, requirement, send } from './target.ts'

const repository = newRepository()
const accept = { headers: { accept: mediaTypes.manifest } }
const statusOf = async (method: string, path: string): Promise<number> => (await send(method, path, accept)).status
const manifestPath = (reference: string): string => `/v2/${repository}/manifests/${reference}`

describe('end-9: deleting a tag', () => {
  requirement('end-9 DELETE of a tag is 202, or 400 or 405 where tags are not deleted', async () => {
    await pushImage(repository, 'maybe')
    expect([202, 400, 405]).toContain(await statusOf('DELETE', manifestPath('maybe')))
  })

  requirement('end-9 DELETE of a tag takes the tag, and leaves the manifest', async () => {
    const { digest } = await pushImage(repository, 'going')
    expect(await statusOf('DELETE', manifestPath('going'))).toBe(202)
    expect([await statusOf('GET', manifestPath('going')), await statusOf('GET', manifestPath(digest))]).toEqual([404, 200])
    const { tags } = (await (await send('GET', `/v2/${repository}/tags/list`)).json()) as { tags: string[] | null }
    expect(tags ?? []).not.toContain('going')
  })

  requirement('end-9 DELETE of a tag that is not there is 404', async () => {
    expect(await statusOf('DELETE', manifestPath('absent'))).toBe(404)
  })
})

describe('end-9: deleting a manifest', () => {
  requirement('end-9 DELETE by digest is 202, and takes the manifest and its tags', async () => {
    const { digest } = await pushImage(repository, 'gone', { annotations: { a: 'gone' } })
    await pushImage(repository, 'gone-too', { annotations: { a: 'gone' } })
    expect(await statusOf('DELETE', manifestPath(digest))).toBe(202)
    expect([
      await statusOf('GET', manifestPath(digest)),
      await statusOf('GET', manifestPath('gone')),
      await statusOf('GET', manifestPath('gone-too')),
    ]).toEqual([404, 404, 404])
  })

  requirement('end-9 DELETE by a digest that is not there is 404 MANIFEST_UNKNOWN', async () => {
    const response = await send('DELETE', manifestPath(digestOf('absent')))
    expect([response.status, await codesOf(response)]).toEqual([404, ['MANIFEST_UNKNOWN']])
  })

  requirement('end-9 DELETE of what refers takes it from the list of referrers', async () => {
    const { mediaType, digest, size } = await pushImage(repository, 'referred')
    const referrer = await putManifest(repository, await imageFor(repository, { subject: { mediaType, digest, size } }))
    expect(await statusOf('DELETE', manifestPath(referrer.digest))).toBe(202)
    const { manifests } = (await (await send('GET', `/v2/${repository}/referrers/${digest}`)).json()) as { manifests: unknown[] }
    expect(manifests).toEqual([])
  })

  requirement('end-9 a manifest that was deleted can be pushed again', async () => {
    const { digest } = await pushImage(repository, 'back', { annotations: { a: 'back' } })
    await send('DELETE', manifestPath(digest))
    await pushImage(repository, 'back', { annotations: { a: 'back' } })
    expect(await statusOf('GET', manifestPath('back'))).toBe(200)
  })
})

describe('end-10: deleting a blob', () => {
  const blobPath = (digest: string, name = repository): string => `/v2/${name}/blobs/${digest}`

  requirement('end-10 DELETE is 202, then the blob is 404 to all', async () => {
    const { digest } = await pushBlob(repository, 'to be deleted')
    expect(await statusOf('DELETE', blobPath(digest))).toBe(202)
    expect([
      await statusOf('GET', blobPath(digest)),
      await statusOf('HEAD', blobPath(digest)),
      await statusOf('DELETE', blobPath(digest)),
    ]).toEqual([404, 404, 404])
  })

  requirement('end-10 DELETE of a blob that is not there is 404 BLOB_UNKNOWN', async () => {
    const response = await send('DELETE', blobPath(digestOf('absent')))
    expect([response.status, await codesOf(response)]).toEqual([404, ['BLOB_UNKNOWN']])
  })

  requirement('end-10 DELETE in one repository leaves the blob of another', async () => {
    const other = newRepository()
    const { digest } = await pushBlob(repository, 'in two places')
    await pushBlob(other, 'in two places')
    await send('DELETE', blobPath(digest))
    expect(await statusOf('GET', blobPath(digest, other))).toBe(200)
  })

  requirement('end-10 a blob that was deleted can be pushed again', async () => {
    const { digest } = await pushBlob(repository, 'comes back')
    await send('DELETE', blobPath(digest))
    await pushBlob(repository, 'comes back')
    expect(await statusOf('GET', blobPath(digest))).toBe(200)
  })
})
