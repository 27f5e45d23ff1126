/** Distribution-spec 1.1, category content discovery. */
import { beforeAll, describe, expect } from '@jest/globals'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { type Descriptor, digestOf, imageFor, newRepository, type Pushed, pushImage, putManifest, requirement, send } from './target.ts'

const repository = newRepository()
const tags = ['a', 'b', 'latest', 'v1.0', 'v1.1']
beforeAll(async () => {
  for (const tag of tags.toReversed()) await pushImage(repository, tag)
})

async function listed(query = '', name = repository): Promise<readonly string[]> {
  const response = await send('GET', `/v2/${name}/tags/list${query}`)
  if (response.status !== 200) throw new Error(`the tags were answered by ${response.status}`)
  const body = (await response.json()) as { name: string; tags: string[] | null }
  expect(body.name).toBe(name)
  return body.tags ?? []
}

/** The `next` of a Link header (RFC 8288), as an absolute URL. */
function nextOf(response: Response): URL | undefined {
  const [, url, relation] = /^<([^>]+)>; *rel="?(\w+)"?/.exec(response.headers.get('link') ?? '') ?? []
  return url === undefined || relation !== 'next' ? undefined : new URL(url, response.url)
}

describe('end-8a: the tags', () => {
  requirement('end-8a GET lists all tags in lexical order', async () => {
    expect(await listed()).toEqual(tags)
  })

  requirement('end-8a GET of a repository that is not there is 404', async () => {
    expect((await send('GET', `/v2/${newRepository()}/tags/list`)).status).toBe(404)
  })
})

describe('end-8b: the tags by pages', () => {
  requirement('end-8b n is the most that a page has', async () => {
    expect(await listed('?n=2')).toEqual(['a', 'b'])
  })

  requirement('end-8b n=0 is an empty list', async () => {
    expect(await listed('?n=0')).toEqual([])
  })

  requirement('end-8b n above the number of tags is all of them', async () => {
    expect(await listed('?n=50')).toEqual(tags)
  })

  requirement('end-8b last begins after a tag', async () => {
    expect(await listed('?last=b')).toEqual(['latest', 'v1.0', 'v1.1'])
    expect(await listed('?n=1&last=b')).toEqual(['latest'])
  })

  requirement('end-8b Link leads through all pages, and the last has none', async () => {
    const seen: string[] = []
    let next: URL | undefined = new URL(`/v2/${repository}/tags/list?n=2`, (await send('GET', '/v2/')).url)
    for (let page = 0; next !== undefined && page < 10; page += 1) {
      const response: Response = await send('GET', next)
      seen.push(...((await response.json()) as { tags: string[] }).tags)
      next = nextOf(response)
    }
    expect([seen, next]).toEqual([tags, undefined])
  })
})

describe('end-12a, end-12b: what refers to a manifest', () => {
  const name = newRepository()
  let subject: Pushed
  const referrers: Pushed[] = []

  async function refer(extra: object): Promise<Pushed> {
    const { mediaType, digest, size } = subject
    const pushed = await putManifest(name, await imageFor(name, { subject: { mediaType, digest, size }, ...extra }))
    referrers.push(pushed)
    return pushed
  }

  async function list(digest = subject.digest, query = ''): Promise<{ response: Response; manifests: readonly Listed[] }> {
    const response = await send('GET', `/v2/${name}/referrers/${digest}${query}`)
    if (response.status !== 200) throw new Error(`the referrers were answered by ${response.status}`)
    return { response, manifests: ((await response.json()) as { manifests: Listed[] }).manifests }
  }

  interface Listed extends Descriptor {
    readonly artifactType?: string
    readonly annotations?: Readonly<Record<string, string>>
  }

  beforeAll(async () => {
    subject = await pushImage(name, 'v1')
    await refer({ artifactType: 'x/signature', annotations: { made: 'by a test' } })
    await refer({ artifactType: 'x/sbom' })
    await refer({ annotations: { no: 'artifact type' } })
  })

  requirement('end-12a GET is an index of descriptors with type, digest and size', async () => {
    const { response, manifests } = await list()
    expect(response.headers.get('content-type')).toBe(mediaTypes.index)
    expect(manifests.map(({ digest }) => digest).toSorted()).toEqual(referrers.map(({ digest }) => digest).toSorted())
    for (const { mediaType, size, digest } of manifests)
      expect({ mediaType, size }).toEqual({ mediaType: mediaTypes.manifest, size: referrers.find((one) => one.digest === digest)?.size })
  })

  requirement('end-12a a descriptor has the artifact type and the annotations of its manifest', async () => {
    const { manifests } = await list()
    const found = manifests.find(({ digest }) => digest === referrers[0]?.digest)
    expect([found?.artifactType, found?.annotations]).toEqual(['x/signature', { made: 'by a test' }])
  })

  requirement('end-12a the artifact type of a manifest without one is its configuration’s type', async () => {
    const { manifests } = await list()
    expect(manifests.find(({ digest }) => digest === referrers[2]?.digest)?.artifactType).toBe(mediaTypes.config)
  })

  requirement('end-12a an index refers as well, with its own artifact type', async () => {
    const { mediaType, digest, size } = await pushImage(name, 'v2', { annotations: { subject: 'of an index' } })
    const index = {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      artifactType: 'x/set',
      manifests: [],
      subject: { mediaType, digest, size },
    }
    const pushed = await putManifest(name, index)
    expect((await list(digest)).manifests).toMatchObject([{ mediaType: mediaTypes.index, digest: pushed.digest, artifactType: 'x/set' }])
  })

  requirement('end-12a nothing refers to a manifest that is not there: 200 and an empty list', async () => {
    expect((await list(digestOf('nobody refers to this'))).manifests).toEqual([])
  })

  requirement('end-12a nothing refers to anything in a repository that nothing was pushed to: 200 and an empty index', async () => {
    const response = await send('GET', `/v2/${newRepository()}/referrers/${digestOf('nothing')}`)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, mediaTypes.index])
    expect(await response.json()).toMatchObject({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] })
  })

  requirement('end-12a what came before its subject is listed', async () => {
    const digest = digestOf('not here yet')
    const pushed = await putManifest(name, await imageFor(name, { subject: { mediaType: mediaTypes.manifest, digest, size: 12 } }))
    expect((await list(digest)).manifests.map((one) => one.digest)).toEqual([pushed.digest])
  })

  requirement('end-12a GET with a digest that is none is 400', async () => {
    expect((await send('GET', `/v2/${name}/referrers/sha256:abc`)).status).toBe(400)
  })

  requirement('end-12b GET with artifactType lists those only, and says so in OCI-Filters-Applied', async () => {
    const { response, manifests } = await list(subject.digest, `?artifactType=${encodeURIComponent('x/sbom')}`)
    expect(response.headers.get('oci-filters-applied')).toBe('artifactType')
    expect(manifests.map(({ digest }) => digest)).toEqual([referrers[1]?.digest])
  })

  requirement('end-12b GET with an artifactType that nothing has is an empty list', async () => {
    expect((await list(subject.digest, '?artifactType=x%2Fnone')).manifests).toEqual([])
  })

  requirement('end-12a Link leads through all pages, where a list has several', async () => {
    const many = await pushImage(name, 'many', { annotations: { subject: 'of many' } })
    const manifest = await imageFor(name, { subject: { mediaType: many.mediaType, digest: many.digest, size: many.size } })
    const expected: string[] = []
    for (let at = 0; at < 210; at += 1) expected.push((await putManifest(name, { ...manifest, annotations: { at: String(at) } })).digest)
    const seen: string[] = []
    let response: Response = await send('GET', `/v2/${name}/referrers/${many.digest}`)
    for (let page = 0; page < 30; page += 1) {
      seen.push(...((await response.json()) as { manifests: Descriptor[] }).manifests.map(({ digest }) => digest))
      const next = nextOf(response)
      if (next === undefined) break
      response = await send('GET', next)
    }
    expect(seen.toSorted()).toEqual(expected.toSorted())
  })
})
