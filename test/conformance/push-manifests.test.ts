/** Distribution-spec 1.1, category push: manifests of every shape that the image specification has, and what is new in the development version. */
import { describe, expect } from '@jest/globals'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { type Descriptor, digestOf, imageFor, locationOf, newRepository, pushBlob, putManifest, requirement, send } from './target.ts'

const accept = { headers: { accept: `${mediaTypes.manifest}, ${mediaTypes.index}` } }

describe('end-7: every shape of manifest (image-spec 1.1)', () => {
  const name = newRepository()
  const own = { mediaType: 'application/vnd.example+json', bytes: '{}' }
  const empty = { mediaType: 'application/vnd.oci.empty.v1+json', bytes: '{}' }

  async function described({ mediaType, bytes }: typeof own): Promise<Descriptor> {
    return { ...(await pushBlob(name, bytes)), mediaType }
  }

  async function children(count: number, extra: object = {}): Promise<readonly Descriptor[]> {
    const found: Descriptor[] = []
    for (let at = 0; at < count; at += 1) {
      const child = await imageFor(name, { ...extra, annotations: { child: String(at) } })
      const { mediaType, digest, size } = await putManifest(name, child)
      found.push({ mediaType, digest, size })
    }
    return found
  }

  const index = async (manifests: readonly Descriptor[], extra: object = {}): Promise<object> => ({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
    ...extra,
  })
  const foreign = (kind: string): object => ({
    mediaType: `application/vnd.oci.image.layer.nondistributable.v1.${kind}`,
    digest: digestOf(`never pushed, ${kind}`),
    size: 123_456,
    urls: ['https://store.example.com/layer'],
  })
  const shapes: Readonly<Record<string, () => Promise<object>>> = {
    'an index with platforms': async () =>
      index((await children(2)).map((child, at) => ({ ...child, platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' } }))),
    'an index of indexes': async () => {
      const { mediaType, digest, size } = await putManifest(name, await index(await children(2)))
      return index([{ mediaType, digest, size }])
    },
    'an index of nothing': async () => index([]),
    'an artifact': async () =>
      imageFor(name, { artifactType: 'x/artifact', config: await described(empty), layers: [await described(own)] }),
    'an artifact without content': async () =>
      imageFor(name, { artifactType: 'x/artifact', config: await described(empty), layers: [await described(empty)] }),
    'an index of artifacts': async () => index(await children(1, { artifactType: 'x/artifact' }), { artifactType: 'x/artifacts' }),
    'descriptors with data': async () => {
      const layer = await described(own)
      return imageFor(name, { layers: [{ ...layer, data: Buffer.from(own.bytes).toString('base64') }] })
    },
    'layers that are not distributed': async () =>
      imageFor(name, { layers: [foreign('tar+gzip'), foreign('tar'), await pushBlob(name, 'distributed')] }),
    'fields that nobody knows': async () => imageFor(name, { 'org.example.unknown': { deep: [1, 'two'] } }),
    'no layers': async () => imageFor(name, { layers: [] }),
  }

  for (const [shape, make] of Object.entries(shapes)) {
    requirement(`end-7 PUT of ${shape} is 201, and it is read as it was written`, async () => {
      const { response, bytes, mediaType, digest } = await putManifest(name, await make(), { tag: 'shape' })
      expect(response.status).toBe(201)
      for (const place of [locationOf(response), `/v2/${name}/manifests/shape`, `/v2/${name}/manifests/${digest}`]) {
        const read = await send('GET', place, accept)
        expect([read.status, read.headers.get('content-type')]).toEqual([200, mediaType])
        expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true)
      }
    })
  }
})

describe('tags in the query of a manifest (development version)', () => {
  const name = newRepository()

  requirement('end-7 PUT by a sha512 digest with tag parameters moves them to it', async () => {
    const manifest = await imageFor(name, { annotations: { a: 'tags of sha512' } })
    const { response, digest } = await putManifest(name, manifest, { query: '?tag=long', algorithm: 'sha512' })
    expect([response.status, response.headers.get('oci-tag')]).toEqual([201, 'long'])
    expect((await send('HEAD', `/v2/${name}/manifests/long`, accept)).headers.get('docker-content-digest')).toBe(digest)
  })

  requirement('end-7 PUT by digest with tag parameters moves them all and names them in OCI-Tag', async () => {
    const { response, digest } = await putManifest(name, await imageFor(name, { annotations: { a: 'tags' } }), {
      query: '?tag=one&tag=two',
    })
    const named = (response.headers.get('oci-tag') ?? '').split(/, */)
    expect([response.status, named]).toEqual([201, ['one', 'two']])
    for (const tag of named)
      expect((await send('HEAD', `/v2/${name}/manifests/${tag}`, accept)).headers.get('docker-content-digest')).toBe(digest)
  })
})
