import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage, writeReferrer } from '../../../test/fakes/image.ts'
import type { FakeRegistry } from '../../../test/fakes/registry.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { copyFromLayout } from './copy.ts'
import type { Layout } from './layout.ts'
import type { Loaded } from './layout-blobs.ts'
import { deleteManifest, findManifest, getManifest, type Put, putManifest } from './manifests.ts'
import { listReferrers, pushManifest } from './referrers.ts'
import { addFallbackReferrer, fallbackTag } from './referrers-fallback.ts'
import type { Repository } from './registry.ts'
import type { Descriptor } from './types.ts'

let scene: RegistryScene
let layout: Layout
let registry: FakeRegistry
let repository: Repository
let subject: Descriptor
let signature: Loaded
let sbom: Loaded

beforeEach(async () => {
  scene = await openRegistryScene()
  ;({ layout, registry, repository } = scene)
  subject = (await writeImage(layout)).descriptor
  signature = await writeReferrer(layout, subject, { type: 'x/signature' })
  sbom = await writeReferrer(layout, subject, { type: 'x/sbom' })
})
afterEach(() => scene.close())

const push = () => copyFromLayout(layout, subject.digest, repository, { referrers: true })
const types = async (type?: string) =>
  (await listReferrers(repository, subject.digest, type)).map(({ artifactType }) => artifactType).sort()

/** The registry has what a manifest names, and neither it nor a list. */
async function putBlobs({ descriptor }: Loaded): Promise<void> {
  await copyFromLayout(layout, descriptor.digest, repository)
  const list = await findManifest(repository, fallbackTag(subject.digest))
  await deleteManifest(repository, descriptor.digest)
  if (list !== undefined) await deleteManifest(repository, list.descriptor.digest)
}

describe.each([
  ['with the API', () => []],
  ['without the API, by the fallback tag', faults.noReferrers],
])('referrers %s', (_, broken) => {
  beforeEach(() => registry.fail(...broken()))

  it('are pushed and listed', async () => {
    expect(await types()).toEqual([])
    await push()
    expect(await types()).toEqual(['x/sbom', 'x/signature'])
    expect(await listReferrers(repository, subject.digest, 'x/sbom')).toEqual([
      { ...sbom.descriptor, artifactType: 'x/sbom', annotations: { note: '' } },
    ])
  })

  it('are listed once, however often they are pushed', async () => {
    await push()
    await push()
    await pushManifest(repository, signature)
    expect(await types()).toEqual(['x/sbom', 'x/signature'])
  })
})

it('a registry that does not filter, nor says that it did, is not believed', async () => {
  await push()
  registry.fail({
    on: /referrers.*artifactType/,
    instead: () => ({
      status: 200,
      headers: {},
      body: Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          manifests: [signature, sbom].map(({ descriptor }, at) => ({ ...descriptor, artifactType: ['x/signature', 'x/sbom'][at] })),
        }),
      ),
    }),
  })
  expect(await types('x/signature')).toEqual(['x/signature'])
})

it('pages of referrers are followed to the end', async () => {
  await push()
  registry.fail({
    on: /referrers\/[^?]*$/,
    after: (reply, { path }) => ({
      ...reply,
      body: Buffer.from('{"schemaVersion":2,"manifests":null}'),
      headers: { ...reply.headers, link: `<${path}?n=1>; rel="next"` },
    }),
  })
  expect(await types()).toEqual(['x/sbom', 'x/signature'])
})

it('a registry that took no list of referrers and now takes note of a subject gets no tag', async () => {
  await copyFromLayout(layout, subject.digest, repository)
  await putBlobs(signature)
  repository.known.lacksReferrers = true
  const before = registry.log.length
  await pushManifest(repository, signature)
  expect(await types()).toEqual(['x/signature'])
  expect(registry.log.slice(before)).not.toContainEqual(expect.stringMatching(/^PUT .*sha256-/))
})

describe('the fallback tag', () => {
  beforeEach(async () => {
    registry.fail(...faults.noReferrers())
    await copyFromLayout(layout, subject.digest, repository)
  })

  it('is the digest with a dash', () => {
    expect(fallbackTag(subject.digest)).toBe(subject.digest.replace(':', '-'))
    expect(fallbackTag(`sha512:${'a'.repeat(128)}`)).toBe(`sha512-${'a'.repeat(64)}`)
  })

  it('loses nobody’s entry when several push at once', async () => {
    const many = await Promise.all(Array.from({ length: 6 }, (_, at) => writeReferrer(layout, subject, { note: String(at) })))
    await copyFromLayout(layout, signature.descriptor.digest, repository)
    await Promise.all(many.map((referrer) => pushManifest(repository, referrer)))
    expect(await listReferrers(repository, subject.digest)).toHaveLength(7)
  })

  it('is read while the manifest is being put, and written behind it', async () => {
    await putBlobs(signature)
    const before = registry.log.length
    const { promise: put, resolve } = Promise.withResolvers<Put>()
    const entered = addFallbackReferrer(repository, subject.digest, signature, put)
    const asked = (): readonly string[] => registry.log.slice(before).filter((line) => line.includes('/manifests/sha256-'))
    while (asked().length === 0) await sleep(1)
    await sleep(20)
    expect(asked()).toEqual([expect.stringMatching(/^GET /)])
    resolve(await putManifest(repository, signature))
    await entered
    expect(await types()).toEqual(['x/signature'])
  })

  it('stays as it is when the manifest is refused, which is what is thrown', async () => {
    expect(await types()).toEqual([])
    registry.fail(faults.status(/^PUT .*manifests/, 403, { code: 'DENIED' }))
    await expect(pushManifest(repository, signature)).rejects.toMatchObject({ code: 'SW-REGISTRY-UNAUTHENTICATED' })
    expect(registry.log).not.toContainEqual(expect.stringMatching(/^PUT .*sha256-/))
  })

  it('is written again when another run has written over it', async () => {
    await copyFromLayout(layout, signature.descriptor.digest, repository)
    await copyFromLayout(layout, sbom.descriptor.digest, repository)
    const both = await getManifest(repository, fallbackTag(subject.digest))
    await deleteManifest(repository, both.descriptor.digest)
    // The other run's write lands right after ours, twice, without our entry.
    registry.fail(faults.storeNothing(new RegExp(`^PUT .*${fallbackTag(subject.digest)}`), 2))
    await pushManifest(repository, signature)
    expect(await types()).toEqual(['x/signature'])
  })

  it('is looked at again where writers on other machines can be: one that had read before we wrote writes without our entry', async () => {
    const elsewhere = { ...repository, registry: 'registry.example.com' }
    await copyFromLayout(layout, sbom.descriptor.digest, repository)
    const before = await getManifest(repository, fallbackTag(subject.digest))
    await copyFromLayout(layout, signature.descriptor.digest, repository)
    await deleteManifest(repository, (await getManifest(repository, fallbackTag(subject.digest))).descriptor.digest)
    const looks: number[] = []
    const clock = {
      ...repository.clock,
      sleep: async (milliseconds: number) => {
        looks.push(milliseconds)
        if (looks.length === 1) await putManifest(repository, before, fallbackTag(subject.digest))
      },
    }
    await pushManifest({ ...elsewhere, clock }, signature)
    expect(looks[0]).toBeGreaterThanOrEqual(400)
    expect(await types()).toEqual(['x/sbom', 'x/signature'])
  })

  it('that never keeps an entry is an error', async () => {
    registry.fail(faults.storeNothing(/^PUT .*sha256-/))
    await expect(copyFromLayout(layout, signature.descriptor.digest, repository)).rejects.toMatchObject({ code: 'SW-PUSH-NOT-VERIFIED' })
  })

  it('drops an entry whose manifest was deleted', async () => {
    await copyFromLayout(layout, signature.descriptor.digest, repository)
    await deleteManifest(repository, signature.descriptor.digest)
    await copyFromLayout(layout, sbom.descriptor.digest, repository)
    expect(await types()).toEqual(['x/sbom'])
  })

  it('that may not be moved is an error that names the rule', async () => {
    registry.fail(faults.status(/^PUT .*sha256-/, 412, { code: 'PRECONDITION' }))
    await expect(copyFromLayout(layout, signature.descriptor.digest, repository)).rejects.toMatchObject({
      code: 'SW-TAG-IMMUTABLE',
      hint: expect.stringContaining('sha256-*'),
    })
  })
})
