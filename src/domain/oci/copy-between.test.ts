import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeImage, writeIndex, writeReferrer } from '../../../test/fakes/image.ts'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import type { TestClient } from '../../../test/fakes/registry-client.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { type Digest, sha256 } from '../../base/digest.ts'
import { copyBetween, copyFromLayout } from './copy.ts'
import type { Layout } from './layout.ts'
import { type Loaded, openBlob, readManifest, writeBlob, writeManifest } from './layout-blobs.ts'
import { findManifest, getManifest, putManifest, resolveTag } from './manifests.ts'
import { listReferrers } from './referrers.ts'
import type { Repository } from './registry.ts'
import { childrenOf } from './schema.ts'
import { listTags } from './tags.ts'
import { mediaTypes } from './types.ts'
import { pushBlob } from './upload.ts'

let scene: RegistryScene
let layout: Layout
let source: FakeRegistry
let client: TestClient
let from: Repository
let target: FakeRegistry
let to: Repository

beforeEach(async () => {
  scene = await openRegistryScene()
  ;({ layout, registry: source, client, repository: from } = scene)
  target = await startFakeRegistry()
  to = client.connect(target.address).repository('prod/app')
})
afterEach(async () => {
  await target[Symbol.asyncDispose]()
  await scene.close()
})

const writes = (registry: FakeRegistry): string[] => registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))
const digestsOf = async (repository: Repository, subject: Digest): Promise<Digest[]> =>
  (await listReferrers(repository, subject)).map(({ digest }) => digest).toSorted()

/** An index at the source with a signature of itself and of a child, and a countersignature. */
async function signedIndex(): Promise<{ index: Loaded; child: Digest; referrers: readonly Loaded[] }> {
  const index = await writeIndex(layout)
  const [child] = childrenOf(index.content)
  if (child === undefined) throw new Error('an index has children')
  const signature = await writeReferrer(layout, index.descriptor)
  const referrers = [
    signature,
    await writeReferrer(layout, child, { type: 'x/sbom', note: 'child' }),
    await writeReferrer(layout, signature.descriptor, { note: 'countersigned' }),
  ]
  for (const { descriptor } of [index, ...referrers]) await copyFromLayout(layout, descriptor.digest, from)
  source.log.length = 0
  return { index, child: child.digest, referrers }
}

/** An artifact under a tag of its own, with a layer for each text. */
async function tagArtifact(repository: Repository, tag: string, layers: readonly string[]): Promise<Digest> {
  const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, '{}')) }
  const blobs = await Promise.all(
    layers.map(async (text) => ({ mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', ...(await writeBlob(layout, text)) })),
  )
  for (const blob of [config, ...blobs]) await pushBlob(repository, { ...blob, open: () => openBlob(layout, blob) })
  const descriptor = await writeManifest(layout, { schemaVersion: 2, config, layers: blobs })
  await putManifest(repository, await readManifest(layout, descriptor), tag)
  return descriptor.digest
}

describe('a copy between registries', () => {
  it('brings the index, its children and their blobs under the same digests, and tags last', async () => {
    const { index } = await signedIndex()
    const copied = await copyBetween(from, index.descriptor.digest, to, { tags: ['1.0', 'latest'] })
    expect(copied).toMatchObject({ blobs: { present: 0, mounted: 0, uploaded: 5 }, referrers: [], moved: ['1.0', 'latest'] })
    expect(await getManifest(to, '1.0')).toEqual(index)
    for (const { digest, size } of childrenOf(index.content)) expect((await getManifest(to, digest)).bytes).toHaveLength(size)
    const manifests = writes(target).filter((line) => line.includes('/manifests/'))
    expect(manifests.slice(2)).toEqual(
      ['', '?tag=1.0&tag=latest'].map((tags) => `PUT /v2/prod/app/manifests/${index.descriptor.digest.slice(0, 11)}${tags} 201`),
    )
  })

  it('asks the target for each blob once before it is sent and once behind', async () => {
    const { descriptor, content } = await writeImage(layout, [Buffer.alloc(1000, 'x'), Buffer.alloc(2000, 'y')])
    await copyFromLayout(layout, descriptor.digest, from)
    await copyBetween(from, descriptor.digest, to, { referrers: true })
    const looks = target.log.filter((line) => /^HEAD .*\/blobs\//.test(line))
    expect(looks).toHaveLength(2 * childrenOf(content).length)
    expect(looks.filter((line) => line.endsWith(' 404'))).toHaveLength(childrenOf(content).length)
  })

  it('done again writes nothing and reads no blob', async () => {
    const { index } = await signedIndex()
    await copyBetween(from, index.descriptor.digest, to, { tags: ['1.0'], referrers: true })
    source.log.length = 0
    target.log.length = 0
    const again = await copyBetween(from, index.descriptor.digest, to, { tags: ['1.0'], referrers: true })
    expect(again).toMatchObject({ blobs: { mounted: 0, uploaded: 0 }, bytes: { sent: 0 }, moved: [] })
    expect(writes(target)).toEqual([])
    expect(source.log.filter((line) => line.includes('/blobs/'))).toEqual([])
  })

  it('at the same registry mounts every blob', async () => {
    const { index } = await signedIndex()
    const copied = await copyBetween(from, index.descriptor.digest, client.connect(source.address).repository('prod/app'))
    expect(copied.blobs).toEqual({ present: 0, mounted: 5, uploaded: 0 })
    expect(source.log.filter((line) => /^GET .*blobs/.test(line))).toEqual([])
  })

  it('goes on where a download breaks, and begins anew where an upload does', async () => {
    const { descriptor } = await writeImage(layout, [Buffer.alloc(3_000_000, 'x')])
    await copyFromLayout(layout, descriptor.digest, from)
    source.fail(faults.cutContent(/^GET .*blobs/, 2))
    target.fail(faults.cutBody(/^PUT .*uploads/, 100_000, 1))
    await copyBetween(from, descriptor.digest, to, { tags: ['v1'] })
    expect((await resolveTag(to, 'v1'))?.digest).toBe(descriptor.digest)
  })
})

/** Which registries have no referrers API. */
const dialects: readonly [string, () => FakeRegistry[]][] = [
  ['both registries have the API', () => []],
  ['the source has none', () => [source]],
  ['the target has none', () => [target]],
  ['neither has one', () => [source, target]],
]

describe('what refers to an image goes along', () => {
  it.each(dialects)('under the same digests when %s', async (_, old) => {
    for (const registry of old()) registry.fail(...faults.noReferrers())
    const { index, child, referrers } = await signedIndex()
    const copied = await copyBetween(from, index.descriptor.digest, to, { referrers: true })
    expect(copied.referrers.map(({ digest }) => digest).toSorted()).toEqual(referrers.map(({ descriptor }) => descriptor.digest).toSorted())
    const [signature, sbom, counter] = referrers.map(({ descriptor }) => descriptor.digest)
    expect(await digestsOf(to, index.descriptor.digest)).toEqual([signature])
    expect(await digestsOf(to, child)).toEqual([sbom])
    expect(await digestsOf(to, signature ?? child)).toEqual([counter])
  })

  it('and joins what refers to it at the target, also in a list under the fallback tag', async () => {
    target.fail(...faults.noReferrers())
    const { index, referrers } = await signedIndex()
    const own = await writeReferrer(layout, index.descriptor, { note: 'made at the target' })
    await copyFromLayout(layout, own.descriptor.digest, to)
    await copyBetween(from, index.descriptor.digest, to, { referrers: true })
    const expected = [own, referrers[0]].map((one) => one?.descriptor.digest ?? '').toSorted()
    expect(await digestsOf(to, index.descriptor.digest)).toEqual(expected)
  })

  it('and is listed at the target, also when a killed run has put it and not come to that', async () => {
    target.fail(...faults.noReferrers())
    const { index, referrers } = await signedIndex()
    await copyBetween(from, index.descriptor.digest, to, { referrers: true })
    const list = (await resolveTag(to, index.descriptor.digest.replace(':', '-')))?.digest
    await fetch(`${target.inner}/v2/prod/app/manifests/${list}`, { method: 'DELETE' })
    expect(await digestsOf(to, index.descriptor.digest)).toEqual([])
    await copyBetween(from, index.descriptor.digest, to, { referrers: true })
    expect(await digestsOf(to, index.descriptor.digest)).toEqual([referrers[0]?.descriptor.digest])
  })

  it('unless it is not asked for', async () => {
    const { index } = await signedIndex()
    await copyBetween(from, index.descriptor.digest, to)
    expect(await digestsOf(to, index.descriptor.digest)).toEqual([])
  })
})

describe('what cosign keeps under tags of its own', () => {
  let image: Digest
  let stem: string
  beforeEach(async () => {
    image = (await writeImage(layout)).descriptor.digest
    await copyFromLayout(layout, image, from)
    stem = image.replace(':', '-')
  })
  const copy = () => copyBetween(from, image, to, { referrers: true, tags: ['v1'] })

  it('goes along, before any tag of the image', async () => {
    const digests = [await tagArtifact(from, `${stem}.sig`, ['signature']), await tagArtifact(from, `${stem}.att`, ['statement'])]
    const copied = await copy()
    expect(copied.referrers.map(({ digest }) => digest).toSorted()).toEqual(digests.toSorted())
    expect([...(await listTags(to))].toSorted()).toEqual([`${stem}.att`, `${stem}.sig`, 'v1'].toSorted())
    expect((await resolveTag(to, `${stem}.sig`))?.digest).toBe(digests[0])
    expect(writes(target).at(-1)).toContain('/manifests/v1 ')
  })

  it.each<[string, readonly string[], readonly string[], 'source' | 'target']>([
    ['replaces fewer signatures at the target', ['a', 'b'], ['a'], 'source'],
    ['leaves more signatures at the target', ['a'], ['a', 'b'], 'target'],
  ])('%s', async (_, ours, theirs, wins) => {
    const here = await tagArtifact(from, `${stem}.sig`, ours)
    const there = await tagArtifact(to, `${stem}.sig`, theirs)
    await copy()
    expect((await resolveTag(to, `${stem}.sig`))?.digest).toBe(wins === 'source' ? here : there)
  })

  it('is not replaced by others: nothing is sent', async () => {
    await tagArtifact(from, `${stem}.sig`, ['a', 'b'])
    await tagArtifact(to, `${stem}.sig`, ['a', 'c'])
    target.log.length = 0
    await expect(copy()).rejects.toMatchObject({ code: 'SW-SIGNATURES-DIFFER', exit: 5, message: expect.stringContaining(`${stem}.sig`) })
    expect(writes(target)).toEqual([])
  })
})

describe('a copy that was killed anywhere', () => {
  it.each(dialects)('ends the same when it is run again, and never tags what is not whole, when %s', async (_, old) => {
    for (const registry of old()) registry.fail(...faults.noReferrers())
    const { index, child, referrers } = await signedIndex()
    const { digest } = index.descriptor
    const copy = (path: string) => {
      const again = client.connect(target.address).repository(path)
      return copyBetween(from, digest, again, { tags: ['v1'], referrers: true })
    }
    await copy('whole')
    const requests = target.log.length
    for (let at = 1; at < requests; at += 7) {
      const path = `killed/at-${at}`
      let left = at
      const dead = { status: 400, headers: {}, body: Buffer.from('killed') }
      target.fail({ on: new RegExp(`/v2/${path}/`), times: Number.POSITIVE_INFINITY, after: (reply) => (left-- > 0 ? reply : dead) })
      await copy(path).catch(() => undefined)
      left = Number.POSITIVE_INFINITY
      const repository = client.connect(target.address).repository(path)
      if ((await resolveTag(repository, 'v1')) !== undefined) expect(await digestsOf(repository, child)).toHaveLength(1)
      await copy(path)
      expect((await resolveTag(repository, 'v1'))?.digest).toBe(digest)
      for (const { content, descriptor } of referrers) {
        const subject = content.kind === 'manifest' ? content.manifest.subject?.digest : undefined
        expect(await digestsOf(repository, subject ?? digest)).toEqual([descriptor.digest])
      }
    }
  })
})

describe('after any failure the tag points where it did', () => {
  it.each([
    ['a blob that the source lost', () => source.fail(faults.status(/^GET .*blobs/, 404)), 'SW-BLOB-MISSING'],
    ['a bit flipped on the way', () => source.fail(faults.flipByte(/^GET .*blobs/)), 'SW-DIGEST-MISMATCH'],
    [
      'a manifest that the source changed',
      () => source.fail(faults.flipByte(/^GET .*manifests\/sha256/)),
      expect.stringMatching(/SW-DIGEST-MISMATCH|SW-MANIFEST/),
    ],
    ['a target that keeps no blob', () => target.fail(faults.storeNothing(/^PUT .*uploads/)), 'SW-PUSH-NOT-VERIFIED'],
    ['a target that keeps no manifest', () => target.fail(faults.storeNothing(/^PUT .*manifests\/sha256/)), 'SW-PUSH-NOT-VERIFIED'],
    [
      'a target that refuses referrers',
      () => target.fail(faults.status(/^PUT .*manifests\/sha256/, 400, { code: 'MANIFEST_INVALID' })),
      'SW-REGISTRY-REFUSED',
    ],
  ])('%s', async (_, breakIt, code) => {
    const before = (await writeImage(layout, ['before'])).descriptor.digest
    await copyFromLayout(layout, before, to, { tags: ['v1'] })
    const { index } = await signedIndex()
    breakIt()
    await expect(copyBetween(from, index.descriptor.digest, to, { tags: ['v1'], referrers: true })).rejects.toMatchObject({ code })
    expect((await resolveTag(client.connect(target.address).repository('prod/app'), 'v1'))?.digest).toBe(before)
  })

  it('a digest that the source does not have', async () => {
    await expect(copyBetween(from, sha256('unknown'), to, { tags: ['v1'] })).rejects.toMatchObject({ code: 'SW-MANIFEST-MISSING' })
    expect(target.log).toEqual([])
    expect(await findManifest(to, 'v1')).toBeUndefined()
  })
})
