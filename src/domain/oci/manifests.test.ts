import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage, writeIndex } from '../../../test/fakes/image.ts'
import type { FakeRegistry } from '../../../test/fakes/registry.ts'
import type { TestClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
import { copyFromLayout } from './copy.ts'
import type { Layout } from './layout.ts'
import type { Loaded } from './layout-blobs.ts'
import { deleteManifest, findManifest, getManifest, putManifest, resolveTag } from './manifests.ts'
import type { Repository } from './registry.ts'
import { listTags, moveTag, moveTags } from './tags.ts'
import { mediaTypes } from './types.ts'

let scene: RegistryScene
let layout: Layout
let registry: FakeRegistry
let client: TestClient
let repository: Repository
let image: Loaded

beforeEach(async () => {
  scene = await openRegistryScene()
  ;({ layout, registry, client, repository } = scene)
  image = await writeImage(layout)
  await copyFromLayout(layout, image.descriptor.digest, repository, { tags: ['v1'] })
  registry.log.length = 0
})
afterEach(() => scene.close())

describe('a manifest', () => {
  it('is got by tag, digest or descriptor, as the same bytes', async () => {
    for (const reference of ['v1', image.descriptor.digest, image.descriptor])
      expect(await getManifest(repository, reference)).toEqual(image)
    const accept = registry.asked.at(-1)?.headers['accept'] ?? ''
    expect(accept.split(', ').sort()).toEqual(
      [mediaTypes.dockerManifest, mediaTypes.dockerIndex, mediaTypes.index, mediaTypes.manifest].sort(),
    )
  })

  it('that is not there is undefined, or an error', async () => {
    expect(await findManifest(repository, 'v9')).toBeUndefined()
    await expect(getManifest(repository, 'v9')).rejects.toMatchObject({
      code: 'SW-MANIFEST-MISSING',
      message: expect.stringMatching(/team\/app has no manifest v9/),
    })
  })

  it.each([
    ['with another content than its digest', () => image.descriptor.digest, () => faults.flipByte(/^GET/), 'SW-DIGEST-MISMATCH'],
    [
      'with another size than promised',
      () => ({ ...image.descriptor, size: 7 }),
      () => faults.header(/^GET/, 'x', 'y'),
      'SW-DIGEST-MISMATCH',
    ],
    [
      'with another digest than the registry says',
      () => 'v1',
      () => faults.header(/^GET/, 'docker-content-digest', sha256('x')),
      'SW-DIGEST-MISMATCH',
    ],
    ['with a digest that is none', () => 'v1', () => faults.header(/^GET/, 'docker-content-digest', 'x'), 'SW-DIGEST-MISMATCH'],
    ['of another type', () => 'v1', () => faults.header(/^GET/, 'content-type', 'text/html'), 'SW-MANIFEST-INVALID'],
    ['of another kind', () => 'v1', () => faults.header(/^GET/, 'content-type', mediaTypes.index), 'SW-MANIFEST-INVALID'],
    [
      'too large',
      () => 'v1',
      () => faults.swap(/^GET/, { status: 200, headers: {}, body: Buffer.alloc(9 * 2 ** 20) }),
      'SW-MANIFEST-TOO-LARGE',
    ],
    ['cut, again and again', () => 'v1', () => faults.cutContent(/^GET/), 'SW-REGISTRY-UNREACHABLE'],
  ])('%s is refused', async (_, reference, fault, code) => {
    registry.fail(fault())
    await expect(getManifest(repository, reference())).rejects.toMatchObject({ code })
  })

  it('that was cut is asked for again', async () => {
    registry.fail(faults.cutContent(/^GET/, 1))
    expect(await getManifest(repository, 'v1')).toEqual(image)
  })

  it('has the type of its body, where the registry gives a general one', async () => {
    registry.fail(faults.header(/^GET/, 'content-type', 'application/json; charset=utf-8'))
    expect((await getManifest(repository, 'v1')).descriptor.mediaType).toBe(mediaTypes.manifest)
  })

  it('is put under its digest, and may be deleted twice', async () => {
    await deleteManifest(repository, image.descriptor.digest)
    await deleteManifest(repository, image.descriptor.digest)
    expect(await resolveTag(repository, 'v1')).toBeUndefined()
    await putManifest(repository, image)
    expect(await findManifest(repository, image.descriptor)).toEqual(image)
  })

  it('too large for registries is not sent', async () => {
    const bytes = Buffer.alloc(5 * 2 ** 20)
    registry.log.length = 0
    await expect(putManifest(repository, { ...image, bytes })).rejects.toMatchObject({ code: 'SW-MANIFEST-TOO-LARGE' })
    expect(registry.log).toEqual([])
  })

  it('is never put under a name that is no tag', async () => {
    await expect(putManifest(repository, image, '../../x')).rejects.toThrow('neither a tag nor a digest')
  })
})

describe('a tag', () => {
  it('is resolved by one HEAD', async () => {
    expect(await resolveTag(repository, 'v1')).toEqual(image.descriptor)
    expect(registry.log).toEqual(['HEAD /v2/team/app/manifests/v1 200'])
  })

  it.each([
    ['without a digest in the headers', faults.noHeader(/^HEAD/, 'docker-content-digest')],
    ['with a digest that is none', faults.header(/^HEAD/, 'docker-content-digest', 'sha256:x')],
    ['where HEAD is not taken', faults.status(/^HEAD/, 405)],
  ])('%s is resolved from the manifest', async (_, fault) => {
    registry.fail(fault)
    expect(await resolveTag(repository, 'v1')).toEqual(image.descriptor)
  })

  it('that changes between HEAD and GET cannot slip in another image', async () => {
    const other = await writeIndex(layout)
    const found = await resolveTag(repository, 'v1')
    registry.fail(faults.swap(/^GET/, { status: 200, headers: { 'content-type': mediaTypes.index }, body: other.bytes }))
    await expect(getManifest(repository, found ?? 'v1')).rejects.toMatchObject({ code: 'SW-DIGEST-MISMATCH' })
  })

  it('is moved, and read back', async () => {
    const other = await writeIndex(layout)
    await copyFromLayout(layout, other.descriptor.digest, repository)
    expect(await moveTag(repository, other, 'v1')).toBe(true)
    expect(await resolveTag(repository, 'v1')).toEqual(other.descriptor)
  })

  it.each([
    ['to another image', 'v1'],
    ['at all', 'v9'],
  ])('is moved when HEAD says that it leads there, and it does not lead %s', async (_, tag) => {
    const other = await writeIndex(layout)
    await copyFromLayout(layout, other.descriptor.digest, repository)
    const { digest, mediaType, size } = other.descriptor
    const headers = { 'docker-content-digest': digest, 'content-type': mediaType, 'content-length': size }
    registry.fail(faults.swap(/^HEAD .*manifests\/v/, { status: 200, headers }))
    expect(await moveTag(repository, other, tag)).toBe(true)
    expect((await getManifest(repository, tag)).descriptor.digest).toBe(digest)
  })

  it.each([409, 412])('that may not move (%i) is an error of its own', async (status) => {
    const other = await writeIndex(layout)
    await copyFromLayout(layout, other.descriptor.digest, repository)
    registry.fail(faults.status(/^PUT/, status, { code: 'PRECONDITION' }))
    await expect(moveTag(repository, other, 'v1')).rejects.toMatchObject({
      code: 'SW-TAG-IMMUTABLE',
      exit: 5,
      message: expect.stringContaining('PRECONDITION by the fake'),
    })
    expect(await moveTag(repository, image, 'v1')).toBe(false)
  })

  it('that does not move though the registry says so is noticed', async () => {
    const other = await writeIndex(layout)
    registry.fail(faults.storeNothing(/^PUT/))
    await expect(moveTag(repository, other, 'v1')).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
  })
})

describe('several tags', () => {
  const puts = (): string[] =>
    registry.log.filter((line) => line.startsWith('PUT')).map((line) => line.replace('PUT /v2/team/app/manifests/', ''))
  const together = (...tags: readonly string[]): string =>
    `${image.descriptor.digest.slice(0, 11)}?${tags.map((tag) => `tag=${tag}`).join('&')} 201`
  /** A registry that answers a PUT as if it had never heard of tags in a query. */
  const plain = { on: /^PUT .*\?tag=/, instead: () => ({ status: 201, headers: {}, body: Buffer.alloc(0) }) }

  it('are one request where the registry takes that, without those that point there already', async () => {
    expect(await moveTags(repository, image, ['v1', 'v2', 'v3'])).toEqual(['v2', 'v3'])
    expect(puts()).toEqual([together('v2', 'v3')])
    expect(await listTags(repository)).toEqual(['v1', 'v2', 'v3'])
  })

  it('are ten at most in one', async () => {
    const tags = Array.from({ length: 12 }, (_, at) => `t${at}`)
    await moveTags(repository, image, tags)
    expect(puts()).toEqual([together(...tags.slice(0, 10)), together(...tags.slice(10))])
  })

  it('are one request each where it does not, which is tried once in a run', async () => {
    registry.fail(plain)
    await moveTags(repository, image, ['v2', 'v3'])
    await moveTags(client.connect(registry.address).repository('team/app'), image, ['v4', 'v5'])
    expect(puts()).toEqual([together('v2', 'v3'), 'v2 201', 'v3 201', 'v4 201', 'v5 201'])
    expect(await listTags(repository)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5'])
  })

  it('that it names only some of are completed', async () => {
    registry.fail({ on: /^PUT .*\?tag=/, after: (reply) => ({ ...reply, headers: { ...reply.headers, 'oci-tag': 'v2' } }) })
    expect(await moveTags(repository, image, ['v2', 'v3'])).toEqual(['v2', 'v3'])
    expect(puts()).toEqual([together('v2', 'v3'), 'v3 201'])
  })

  it('of which one may not move: the message names it', async () => {
    registry.fail(faults.status(/^PUT .*(tag=|manifests\/)v3/, 412, { code: 'PRECONDITION' }), faults.status(/^PUT .*\?tag=/, 400))
    await expect(moveTags(repository, image, ['v2', 'v3'])).rejects.toMatchObject({
      code: 'SW-TAG-IMMUTABLE',
      message: expect.stringContaining('does not move tag v3'),
    })
    expect(await listTags(repository)).toEqual(['v1', 'v2'])
  })

  it('that the registry says it moved, and did not, are noticed', async () => {
    registry.fail({ on: /^PUT/, instead: () => ({ status: 201, headers: { 'oci-tag': 'v2, v3' }, body: Buffer.alloc(0) }) })
    await expect(moveTags(repository, image, ['v2', 'v3'])).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
  })
})

describe('the list of tags', () => {
  it('is read to its last page', async () => {
    for (const tag of ['v2', 'v3', 'v4', 'v5']) await moveTag(repository, image, tag)
    registry.fail({
      on: /n=1000/,
      times: 1,
      instead: () => ({ status: 200, headers: { link: '</v2/team/app/tags/list?n=2>; rel="next"' }, body: Buffer.from('{"tags":["v0"]}') }),
    })
    expect(await listTags(repository)).toEqual(['v0', 'v1', 'v2', 'v3', 'v4', 'v5'])
  })

  it('of a repository that is not there is empty', async () => {
    expect(await listTags(client.connect(registry.address).repository('unknown'))).toEqual([])
  })

  it.each([
    ['leads in a circle', () => '</v2/team/app/tags/list?n=1000>; rel="next"'],
    ['leads to another server', () => '<http://127.0.0.1:9/v2/team/app/tags/list>; rel="next"'],
  ])('that %s is refused', async (_, link) => {
    registry.fail({ on: /tags/, instead: () => ({ status: 200, headers: { link: link() }, body: Buffer.from('{"tags":["v0"]}') }) })
    await expect(listTags(repository)).rejects.toMatchObject({ code: 'SW-REGISTRY-REFUSED' })
  })
})
