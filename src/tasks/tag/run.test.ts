import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { type Digest, sha256 } from '../../base/digest.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { resolveTag } from '../../domain/oci/manifests.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

let scene: RegistryScene
let digest: Digest
let platform: Digest
let image: string

beforeEach(async () => {
  scene = await openRegistryScene()
  const index = await writeIndex(scene.layout)
  digest = index.descriptor.digest
  platform = index.content.kind === 'index' ? (index.content.index.manifests[0]?.digest ?? digest) : digest
  await copyFromLayout(scene.layout, digest, scene.repository)
  image = `${scene.registry.address}/team/app`
  scene.registry.log.length = 0
})
afterEach(() => scene.close())

function tag(inputs: Readonly<Record<string, Raw>> = {}, more: Partial<ReleaseRecord> = {}): Promise<Outcome> {
  const { ports } = fakePorts()
  const record: ReleaseRecord = {
    ...emptyRecord,
    subject: { digest, mediaType: 'm', layout: 'l', platforms: [{ platform: 'linux/amd64', digest: platform, size: 1 }] },
    pushes: [{ image, digest, tags: [], wanted: ['1.4.0', 'latest'] }],
    ...more,
  }
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries(inputs)), record, ports: { ...ports, http: scene.client.ports.http } },
  )
}

const digestAt = async (name: string): Promise<string | undefined> => (await resolveTag(scene.repository, name))?.digest
const writes = (): string[] => scene.registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))
const verdict = (subject: Digest, one: 'pass' | 'fail') => ({
  subject,
  image,
  verdict: one,
  reasons: one === 'pass' ? [] : ['key-mismatch'],
})

describe('moving the tags that push left', () => {
  test('points them to the digest, and leaves in the record where', async () => {
    const outcome = await tag({ 'require-verified': 'true' }, { verifications: [verdict(digest, 'pass')] })
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toEqual({ digest, tags: '2' })
    expect(outcome.record.tags).toEqual([{ image, digest, tags: ['1.4.0', 'latest'] }])
    expect(outcome.headline).toMatch(/^1\.4\.0, latest → sha256:[0-9a-f]{6}…$/)
    expect([await digestAt('1.4.0'), await digestAt('latest')]).toEqual([digest, digest])
  })

  test('writes nothing the second time', async () => {
    await tag()
    scene.registry.log.length = 0
    expect((await tag()).headline).toContain('all there already')
    expect(writes()).toEqual([])
  })

  test('takes others that are given, also without a push in the record', async () => {
    expect((await tag({ image, tags: 'stable' }, { pushes: [] })).failure).toBeUndefined()
    expect([await digestAt('stable'), await digestAt('latest')]).toEqual([digest, undefined])
  })

  test('says so when no tag was asked for', async () => {
    const outcome = await tag({}, { pushes: [{ image, digest, tags: ['latest'] }] })
    expect([outcome.headline, outcome.outputs.get('tags')]).toEqual(['no tag was asked for', '0'])
    expect(writes()).toEqual([])
  })
})

test('of two repositories the second refuses: the record has the one whose tags have moved, and doing it again goes on', async () => {
  await copyFromLayout(scene.layout, digest, scene.client.connect(scene.registry.address).repository('team/other'))
  const pushes = [image, image.replace('app', 'other')].map((one) => ({ image: one, digest, tags: [], wanted: ['latest'] }))
  scene.registry.fail(faults.status(/^PUT .*team\/other\/manifests\/latest/, 403, { code: 'DENIED', times: 1 }))
  const outcome = await tag({}, { pushes })
  expect(outcome.failure).toMatchObject({ code: 'SW-REGISTRY-UNAUTHENTICATED' })
  expect(outcome.record.tags).toEqual([{ image, digest, tags: ['latest'] }])
  expect(await digestAt('latest')).toBe(digest)
  expect((await tag({}, { pushes })).record.tags).toHaveLength(2)
})

describe('no tag moves', () => {
  test.each<[string, () => Parameters<typeof tag>, string, number]>([
    ['when verify refused the image', () => [{}, { verifications: [verdict(digest, 'fail')] }], 'SW-TAG-UNVERIFIED', 3],
    [
      'when verify refused a platform of it',
      () => [{}, { verifications: [verdict(digest, 'pass'), verdict(platform, 'fail')] }],
      'SW-TAG-UNVERIFIED',
      3,
    ],
    ['when nobody verified it, and that is asked for', () => [{ 'require-verified': 'true' }], 'SW-TAG-UNVERIFIED', 3],
    ['when nobody pushed this image', () => [{}, { pushes: [] }], 'SW-TAG-UNNAMED', 2],
    ['with a name that is none', () => [{ tags: 'a/b' }], 'SW-PUSH-TAG', 2],
    ['when the registry does not have the image', () => [{ image, digest: sha256('none'), tags: 'x' }], 'SW-MANIFEST-MISSING', 2],
    [
      'when one of two repositories does not have it',
      () => [
        {},
        {
          pushes: [
            { image, digest, tags: [], wanted: ['x'] },
            { image: `${image}2`, digest, tags: [], wanted: ['x'] },
          ],
        },
      ],
      'SW-MANIFEST-MISSING',
      2,
    ],
  ])('%s', async (_, given, code, exit) => {
    const outcome = await tag(...given())
    expect(outcome.failure).toMatchObject({ code, exit })
    expect(outcome.record.tags).toBeUndefined()
    expect(writes()).toEqual([])
  })

  test('on account of another image: this one is tagged', async () => {
    expect((await tag({}, { verifications: [verdict(sha256('other'), 'fail')] })).failure).toBeUndefined()
  })
})
