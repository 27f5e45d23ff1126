import { describe, expect, it } from '@jest/globals'
import { servedRegistry } from '../../../test/fakes/served-registry.ts'
import { sha256 } from '../../base/digest.ts'
import { mediaTypes } from '../oci/types.ts'

const { send, put, manifestFor } = servedRegistry()

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

  it.each([
    ['artifactType=x/a', ['x/a']],
    ['artifactType=x/a&artifactType=x/c', ['x/a', 'x/c']],
    ['artifactType=', []],
    ['', ['x/a', 'x/b', 'x/c']],
  ])('asked for by %j are those of any of the types (§Listing Referrers; containerd gives several)', async (query, types) => {
    for (const artifactType of ['x/a', 'x/b', 'x/c']) {
      const body = await manifestFor('a', { subject, artifactType })
      await put('a', sha256(body), body)
    }
    const response = await send('GET', `/v2/a/referrers/${subject.digest}?${query}`)
    const { manifests } = (await response.json()) as { manifests: { artifactType: string }[] }
    expect(manifests.map(({ artifactType }) => artifactType).sort()).toEqual(types)
    expect(response.headers.get('oci-filters-applied')).toBe(query === '' ? null : 'artifactType')
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
