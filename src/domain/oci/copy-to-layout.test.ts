import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage, writeIndex } from '../../../test/fakes/image.ts'
import type { FakeRegistry } from '../../../test/fakes/registry.ts'
import type { TestClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
import { copyFromLayout, copyToLayout } from './copy.ts'
import { createLayout, entriesOf, type Layout } from './layout.ts'
import { hasBlob, type Loaded } from './layout-blobs.ts'
import { resolveTag } from './manifests.ts'
import type { Repository } from './registry.ts'
import { childrenOf } from './schema.ts'

let scene: RegistryScene
let folder: string
let layout: Layout
let registry: FakeRegistry
let client: TestClient
let repository: Repository

beforeEach(async () => {
  scene = await openRegistryScene()
  ;({ folder, layout, registry, client, repository } = scene)
})
afterEach(() => scene.close())

describe('a copy to a layout', () => {
  async function pushed(): Promise<Loaded> {
    const index = await writeIndex(layout)
    await copyFromLayout(layout, index.descriptor.digest, repository, { tags: ['v1'] })
    registry.log.length = 0
    return index
  }
  const fresh = (): Promise<Layout> => createLayout(join(folder, 'pulled'))

  it('brings an index with all that is below it', async () => {
    const { descriptor } = await pushed()
    const target = await fresh()
    expect(await copyToLayout(repository, 'v1', target)).toEqual({ descriptor, images: [descriptor] })
    expect((await entriesOf(target)).map(({ digest }) => digest)).toEqual([descriptor.digest])
    const back = client.connect(registry.address).repository('back')
    await copyFromLayout(target, descriptor.digest, back, { tags: ['v1'] })
    expect((await resolveTag(back, 'v1'))?.digest).toBe(descriptor.digest)
  })

  it('done again fetches no blob', async () => {
    await pushed()
    const target = await fresh()
    await copyToLayout(repository, 'v1', target)
    registry.log.length = 0
    await copyToLayout(repository, 'v1', target)
    expect(registry.log).toEqual(['GET /v2/team/app/manifests/v1 200'])
  })

  it('brings the images of the platforms asked for, and only those', async () => {
    const { content, descriptor } = await pushed()
    const arm = childrenOf(content)[1]
    const target = await fresh()
    const pulled = await copyToLayout(repository, descriptor.digest, target, {
      platforms: [{ os: 'linux', architecture: 'arm64', variant: 'v8' }],
    })
    expect(pulled).toEqual({ descriptor, images: [arm] })
    expect(await hasBlob(target, { digest: sha256('arm64'), size: 5 })).toBe(true)
    expect(await hasBlob(target, { digest: sha256('amd64'), size: 5 })).toBe(false)
  })

  it('says which platforms there are', async () => {
    await pushed()
    await expect(
      copyToLayout(repository, 'v1', await fresh(), { platforms: [{ os: 'linux', architecture: 's390x' }] }),
    ).rejects.toMatchObject({
      code: 'SW-PLATFORM-MISSING',
      message: expect.stringContaining('is not for linux/s390x, but for linux/amd64, linux/arm64.'),
    })
  })

  it('takes a single image for its own platform, and for no other', async () => {
    const { descriptor } = await writeImage(layout)
    await copyFromLayout(layout, descriptor.digest, repository)
    const target = await fresh()
    const platforms = (architecture: string) => ({ platforms: [{ os: 'linux', architecture }] })
    expect((await copyToLayout(repository, descriptor.digest, target, platforms('amd64'))).images).toMatchObject([
      { digest: descriptor.digest },
    ])
    await expect(copyToLayout(repository, descriptor.digest, target, platforms('arm64'))).rejects.toMatchObject({
      code: 'SW-PLATFORM-MISSING',
    })
  })

  it('begins a cut download anew', async () => {
    const { descriptor } = await pushed()
    registry.fail(faults.cutContent(/^GET .*blobs/, 2))
    await copyToLayout(repository, descriptor.digest, await fresh())
  })

  it.each([
    ['a flipped bit in a blob', faults.flipByte(/^GET .*blobs/), 'SW-DIGEST-MISMATCH'],
    ['a flipped bit in a manifest', faults.flipByte(/^GET .*manifests/), expect.stringMatching(/SW-DIGEST-MISMATCH|SW-MANIFEST-INVALID/)],
    ['a blob that is gone', faults.status(/^GET .*blobs/, 404), 'SW-BLOB-MISSING'],
    ['a tag that is not there', faults.status(/^GET .*manifests/, 404), 'SW-MANIFEST-MISSING'],
  ])('notices %s, and enters nothing', async (_, fault, code) => {
    await pushed()
    const target = await fresh()
    registry.fail(fault)
    await expect(copyToLayout(repository, 'v1', target)).rejects.toMatchObject({ code })
    expect(await entriesOf(target)).toEqual([])
  })
})
