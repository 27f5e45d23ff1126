import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage, writeIndex, writeReferrer } from '../../../test/fakes/image.ts'
import { type FakeRegistry, type Reply, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { sha256 } from '../../base/digest.ts'
import { copyFromLayout, copyToLayout } from './copy.ts'
import { addEntry, createLayout, type Layout } from './layout.ts'
import { blobPath, openBlob, writeBlob, writeManifest } from './layout-blobs.ts'
import { getManifest, resolveTag } from './manifests.ts'
import { listReferrers } from './referrers.ts'
import type { Repository } from './registry.ts'
import { childrenOf } from './schema.ts'
import { listTags } from './tags.ts'
import { type Descriptor, mediaTypes } from './types.ts'
import { pushBlob } from './upload.ts'

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

/** As a run of its own sees the repository: it knows nothing of it yet. */
const later = async <T>(work: (repository: Repository) => Promise<T>): Promise<T> => {
  using another = testClient()
  return await work(another.connect(registry.address).repository('team/app'))
}
const writes = (): string[] => registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))
const tagged = async (tag: string): Promise<string | undefined> => (await resolveTag(repository, tag))?.digest

describe('a copy from a layout', () => {
  it('sends blobs, then children, then the index, then the tags, each read back', async () => {
    const index = await writeIndex(layout)
    const copied = await copyFromLayout(layout, index.descriptor.digest, repository, { tags: ['1.0', 'latest'] })
    expect(copied).toEqual({
      descriptor: index.descriptor,
      manifests: [index.descriptor, ...childrenOf(index.content)].map(({ digest }) => digest),
      blobs: { present: 0, mounted: 0, uploaded: 5 },
      bytes: { total: expect.any(Number), sent: copied.bytes.total },
      referrers: [],
      moved: ['1.0', 'latest'],
    })
    expect(await getManifest(repository, '1.0')).toEqual({ ...index, descriptor: index.descriptor })
    const [amd, arm] = childrenOf(index.content)
    const order = registry.log.filter((line) => /^PUT .*manifests/.test(line)).map((line) => line.split('/').at(-1))
    const put = [amd, arm, index.descriptor].map((descriptor) => `${descriptor?.digest.slice(0, 11)} 201`)
    expect(order.slice(0, 2).toSorted()).toEqual(put.slice(0, 2).toSorted())
    expect(order.slice(2)).toEqual([...put.slice(2), `${index.descriptor.digest.slice(0, 11)}?tag=1.0&tag=latest 201`])
    const lastRead = registry.log.lastIndexOf(`GET /v2/team/app/manifests/${index.descriptor.digest.slice(0, 11)} 200`)
    expect(lastRead).toBeGreaterThan(0)
    expect(lastRead).toBeLessThan(registry.log.findIndex((line) => line.includes('?tag=1.0')))
  })

  it('done again writes nothing, and asks once for each blob', async () => {
    const { descriptor } = await writeIndex(layout)
    await copyFromLayout(layout, descriptor.digest, repository, { tags: ['1.0'] })
    registry.log.length = 0
    const again = await later((same) => copyFromLayout(layout, descriptor.digest, same, { tags: ['1.0'] }))
    expect(again).toMatchObject({ blobs: { present: 5, mounted: 0, uploaded: 0 }, bytes: { sent: 0 }, moved: [] })
    expect(writes()).toEqual([])
    expect(registry.log.filter((line) => line.startsWith('HEAD /v2/team/app/blobs'))).toHaveLength(5)
  })

  it('done again asks for the tags while it asks for the manifest', async () => {
    const { descriptor } = await writeImage(layout)
    await copyFromLayout(layout, descriptor.digest, repository, { tags: ['1.0'] })
    registry.log.length = 0
    const manifest = `manifests/${descriptor.digest.slice(0, 11)}`
    registry.fail({ name: 'slow', on: { line: new RegExp(`^GET .*/manifests/${descriptor.digest}`) }, action: 'delay', delay: 300 })
    await later((same) => copyFromLayout(layout, descriptor.digest, same, { tags: ['1.0'] }))
    const asked = registry.log.filter((line) => line.includes('/manifests/'))
    expect(asked).toEqual([
      expect.stringMatching(/^HEAD .*manifests\/1\.0 200/),
      expect.stringMatching(/^GET .*manifests\/1\.0 200/),
      `GET /v2/team/app/${manifest} 200`,
    ])
  })

  it('asks for the manifest while blobs are sent', async () => {
    const { descriptor } = await writeImage(layout)
    registry.fail({ name: 'slow', on: { line: /^PUT .*uploads/ }, action: 'delay', delay: 300 })
    await copyFromLayout(layout, descriptor.digest, repository)
    const at = (line: RegExp): number => registry.log.findIndex((one) => line.test(one))
    expect(at(/^GET .*manifests.* 404/)).toBeGreaterThanOrEqual(0)
    expect(at(/^GET .*manifests.* 404/)).toBeLessThan(at(/^PUT .*uploads/))
  })

  it('asks for the manifest once more where it may not be read before the first blob is there', async () => {
    const { descriptor } = await writeImage(layout)
    registry.fail(faults.status(/^GET .*manifests/, 403, { times: 1, code: 'DENIED' }))
    await copyFromLayout(layout, descriptor.digest, repository, { tags: ['v1'] })
    expect(registry.log.filter((line) => /^GET .*manifests\/sha256/.test(line)).map((line) => line.slice(-3))).toEqual([
      '403',
      '404',
      '200',
    ])
  })

  it('sends each layer once, however many images share it', async () => {
    const { descriptor } = await writeIndex(layout, ['amd64', 'arm64', 's390x', 'riscv64'])
    await copyFromLayout(layout, descriptor.digest, repository)
    expect(registry.log.filter((line) => line.startsWith('POST'))).toHaveLength(9)
  })

  it('mounts what another repository of the registry has', async () => {
    const { descriptor } = await writeImage(layout, ['base', 'app'])
    const base = { digest: sha256('base'), size: 4, open: () => openBlob(layout, { digest: sha256('base'), size: 4 }) }
    await pushBlob(client.connect(registry.address).repository('library/base'), base)
    const mountFrom = (digest: string): string | undefined => (digest === base.digest ? 'library/base' : undefined)
    expect((await copyFromLayout(layout, descriptor.digest, repository, { mountFrom })).blobs).toEqual({
      present: 0,
      mounted: 1,
      uploaded: 2,
    })
  })

  it('leaves tags alone unless told, and moves them when told later', async () => {
    const { descriptor } = await writeImage(layout)
    await copyFromLayout(layout, descriptor.digest, repository)
    expect(await listTags(repository)).toEqual([])
    await copyFromLayout(layout, descriptor.digest, repository, { tags: ['v1'] })
    expect(await tagged('v1')).toBe(descriptor.digest)
  })

  it('takes along what refers to the image, when told', async () => {
    const { descriptor } = await writeImage(layout)
    const signature = await writeReferrer(layout, descriptor)
    await copyFromLayout(layout, descriptor.digest, repository, { referrers: true })
    expect((await listReferrers(repository, descriptor.digest)).map(({ digest }) => digest)).toEqual([signature.descriptor.digest])
  })

  it('tells how far it is, to the end', async () => {
    const { descriptor } = await writeImage(layout, [Buffer.alloc(3_000_000), 'small'])
    const seen: number[] = []
    const { bytes } = await copyFromLayout(layout, descriptor.digest, repository, { onProgress: ({ done }) => void seen.push(done) })
    expect(seen.length).toBeGreaterThan(4)
    expect(seen.at(-1)).toBe(bytes.total)
  })

  it('sends a layer that may not be distributed nowhere', async () => {
    const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, '{}')) }
    const foreign = { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar', digest: sha256('elsewhere'), size: 9 }
    const windows = await writeManifest(layout, { schemaVersion: 2, config, layers: [foreign] })
    await addEntry(layout, windows)
    await copyFromLayout(layout, windows.digest, repository)
    expect(registry.log.join()).not.toContain(foreign.digest.slice(0, 11))
  })
})

describe('a copy from a layout that leaves out what the base has', () => {
  const base = sha256('base')
  const without = async (): Promise<Descriptor> => {
    const { descriptor } = await writeImage(layout, ['base', 'app'])
    const blob = { digest: base, size: 4, open: () => openBlob(layout, { digest: base, size: 4 }) }
    await pushBlob(client.connect(registry.address).repository('library/base'), blob)
    return descriptor
  }
  const lose = (): Promise<void> => rm(blobPath(layout, base))

  it('mounts it at the same registry: not a byte of it is read or sent', async () => {
    const { digest } = await without()
    await lose()
    registry.log.length = 0
    const copied = await copyFromLayout(layout, digest, repository, {
      sources: [client.connect(registry.address).repository('library/base')],
    })
    expect(copied.blobs).toEqual({ present: 0, mounted: 1, uploaded: 2 })
    expect(registry.log.filter((line) => /^GET .*blobs/.test(line))).toEqual([])
  })

  it('sends it from another registry to this one, and nothing of it the second time', async () => {
    const { digest } = await without()
    await lose()
    await using other = await startFakeRegistry()
    const target = client.connect(other.address).repository('team/app')
    const sources = [client.connect(registry.address).repository('none/here'), client.connect(registry.address).repository('library/base')]
    expect((await copyFromLayout(layout, digest, target, { sources, tags: ['v1'] })).blobs).toEqual({ present: 0, mounted: 0, uploaded: 3 })
    expect((await resolveTag(target, 'v1'))?.digest).toBe(digest)
    registry.log.length = 0
    expect((await copyFromLayout(layout, digest, target, { sources })).blobs).toEqual({ present: 3, mounted: 0, uploaded: 0 })
    expect(registry.log).toEqual([])
  })

  it('sends it when the registry would not mount it', async () => {
    const { digest } = await without()
    await lose()
    registry.fail(faults.status(/^POST .*mount=/, 403))
    const sources = [client.connect(registry.address).repository('library/base')]
    expect((await copyFromLayout(layout, digest, repository, { sources })).blobs).toEqual({ present: 0, mounted: 0, uploaded: 3 })
  })

  it('writes nothing when nobody has it', async () => {
    const { digest } = await without()
    await lose()
    registry.log.length = 0
    const sources = [client.connect(registry.address).repository('none/here')]
    await expect(copyFromLayout(layout, digest, repository, { sources, tags: ['v1'] })).rejects.toMatchObject({
      code: 'SW-LAYOUT-CORRUPT',
      message: expect.stringContaining(`${registry.address}/none/here`),
    })
    expect(writes()).toEqual([])
  })
})

describe('a copy that meets a broken layout writes nothing', () => {
  it.each([
    ['a missing layer', async () => rm(blobPath(layout, sha256('layer'))), 'SW-LAYOUT-CORRUPT'],
    ['a cut layer', async () => truncate(blobPath(layout, sha256('layer')), 2), 'SW-LAYOUT-CORRUPT'],
  ])('%s', async (_, damage, code) => {
    const { descriptor } = await writeImage(layout)
    await damage()
    await expect(copyFromLayout(layout, descriptor.digest, repository, { tags: ['v1'] })).rejects.toMatchObject({ code })
    expect(writes()).toEqual([])
  })

  it('an unknown digest', async () => {
    await writeImage(layout)
    await expect(copyFromLayout(layout, sha256('unknown'), repository)).rejects.toMatchObject({ code: 'SW-MANIFEST-MISSING' })
    expect(registry.log).toEqual([])
  })

  it('a layer with another content, and then no manifest', async () => {
    const { descriptor } = await writeImage(layout)
    await writeFile(blobPath(layout, sha256('layer')), 'LAYER')
    await expect(copyFromLayout(layout, descriptor.digest, repository, { tags: ['v1'] })).rejects.toMatchObject({
      code: 'SW-DIGEST-MISMATCH',
      message: expect.stringContaining(layout.folder),
    })
    expect(writes().filter((line) => line.includes('manifests'))).toEqual([])
  })
})

describe('a registry that cannot be trusted moves no tag', () => {
  it.each([
    ['keeps no blob', faults.storeNothing(/^PUT .*uploads/), 'SW-PUSH-NOT-VERIFIED'],
    ['keeps no manifest', faults.storeNothing(/^PUT .*manifests/), 'SW-PUSH-NOT-VERIFIED'],
    ['gives back other manifests', faults.flipByte(/^GET .*manifests\/sha256/), 'SW-DIGEST-MISMATCH'],
    ['names another digest', faults.header(/^PUT .*manifests/, 'docker-content-digest', sha256('other')), 'SW-PUSH-NOT-VERIFIED'],
    ['refuses the manifest', faults.status(/^PUT .*manifests/, 400, { code: 'MANIFEST_INVALID' }), 'SW-REGISTRY-REFUSED'],
  ])('one that %s', async (_, fault, code) => {
    const { descriptor } = await writeImage(layout)
    registry.fail(fault)
    await expect(copyFromLayout(layout, descriptor.digest, repository, { tags: ['v1'] })).rejects.toMatchObject({ code })
    expect(registry.log.filter((line) => line.includes('/v1 '))).toEqual([])
  })
})

describe('a registry that lost blobs which it said to have', () => {
  const unknown = (times: number) => faults.status(/^PUT .*manifests\/sha256/, 400, { times, code: 'MANIFEST_BLOB_UNKNOWN' })

  it('gets them again, once', async () => {
    const { descriptor } = await writeImage(layout)
    await copyFromLayout(layout, descriptor.digest, repository)
    await fetch(`${registry.inner}/v2/team/app/manifests/${descriptor.digest}`, { method: 'DELETE' })
    await fetch(`${registry.inner}/v2/team/app/blobs/${sha256('layer')}`, { method: 'DELETE' })
    registry.log.length = 0
    // The first HEAD of each blob is answered from a cache that is behind.
    registry.fail({
      on: /^HEAD .*blobs/,
      times: 2,
      instead: () => ({ status: 200, headers: { 'content-length': '5' }, body: Buffer.alloc(0) }),
    })
    await later((same) => copyFromLayout(layout, descriptor.digest, same, { tags: ['v1'] }))
    expect(await tagged('v1')).toBe(descriptor.digest)
    expect(registry.log.filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  it('gets all of the image when it still says to have them', async () => {
    const { descriptor } = await writeImage(layout)
    await copyFromLayout(layout, descriptor.digest, repository)
    await fetch(`${registry.inner}/v2/team/app/manifests/${descriptor.digest}`, { method: 'DELETE' })
    registry.log.length = 0
    registry.fail(unknown(1))
    await copyFromLayout(layout, descriptor.digest, repository)
    expect(registry.log.filter((line) => line.startsWith('POST'))).toHaveLength(2)
  })

  it('and goes on losing them is an error, and no tag moves', async () => {
    const { descriptor } = await writeImage(layout)
    registry.fail(unknown(9))
    await expect(copyFromLayout(layout, descriptor.digest, repository, { tags: ['v1'] })).rejects.toMatchObject({ code: 'SW-BLOB-MISSING' })
    expect(registry.log.filter((line) => line.startsWith('PUT /v2/team/app/manifests'))).toHaveLength(2)
  })
})

describe('a copy that was killed anywhere', () => {
  it('ends the same when it is run again, and never tags what is not whole', async () => {
    const { descriptor } = await writeIndex(layout)
    const run = (path: string) =>
      copyFromLayout(layout, descriptor.digest, client.connect(registry.address).repository(path), { tags: ['v1'] })
    await run('whole')
    const requests = registry.log.length
    for (let at = 1; at < requests; at += 3) {
      const path = `killed/at-${at}`
      let left = at
      const dead: Reply = { status: 400, headers: {}, body: Buffer.from('killed') }
      registry.fail({ on: new RegExp(`/v2/${path}/`), after: (reply) => (left-- > 0 ? reply : dead) })
      await run(path).catch(() => undefined)
      left = Number.POSITIVE_INFINITY
      const target = client.connect(registry.address).repository(path)
      if ((await resolveTag(target, 'v1')) !== undefined) await copyToLayout(target, 'v1', await createLayout(join(folder, `at-${at}`)))
      await run(path)
      expect((await resolveTag(target, 'v1'))?.digest).toBe(descriptor.digest)
    }
  })
})
