import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeImage, writeIndex, writeReferrer } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { faults } from '../../../test/fakes/registry-faults.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { type Digest, sha256 } from '../../base/digest.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import type { Loaded } from '../../domain/oci/layout-blobs.ts'
import { resolveTag } from '../../domain/oci/manifests.ts'
import { listReferrers } from '../../domain/oci/referrers.ts'
import { childrenOf } from '../../domain/oci/schema.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { Raw } from '../../spec/kind.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

let scene: RegistryScene
let source: FakeRegistry
let target: FakeRegistry
let index: Loaded
let signature: Loaded

beforeEach(async () => {
  scene = await openRegistryScene()
  source = scene.registry
  target = await startFakeRegistry()
  index = await writeIndex(scene.layout)
  signature = await writeReferrer(scene.layout, index.descriptor)
  await copyFromLayout(scene.layout, index.descriptor.digest, scene.repository, { tags: ['1.4.0'], referrers: true })
  source.log.length = 0
})
afterEach(async () => {
  await target[Symbol.asyncDispose]()
  await scene.close()
})

function promote(
  inputs: Record<string, Raw>,
  { record = emptyRecord, lines = [] }: { record?: ReleaseRecord; lines?: string[] } = {},
): Promise<Outcome> {
  const { ports, recorded } = fakePorts()
  const given = { from: `${source.address}/team/app:1.4.0`, to: `${target.address}/prod/app` }
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    { inputs: new Map(Object.entries({ ...given, ...inputs })), record, ports: { ...ports, http: scene.client.ports.http } },
  ).finally(() => lines.push(...recorded.lines))
}
const promoted = (path = 'prod/app') => scene.client.connect(target.address).repository(path)
const writes = (): string[] => target.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))

describe('promoting an image', () => {
  test('reads what a tag means once', async () => {
    await promote({ tags: '1.4.0', referrers: 'false' })
    const asked = ['1.4.0', index.descriptor.digest.slice(0, 11)].map((reference) => `/manifests/${reference} `)
    expect(source.log.filter((line) => asked.some((path) => line.includes(path)))).toEqual(['GET /v2/team/app/manifests/1.4.0 200'])
  })

  test('copies it with its signature by the digest that the tag had, moves the tags, and keeps the lineage', async () => {
    const lines: string[] = []
    const outcome = await promote({ tags: '1.4.0, stable' }, { lines })
    const { digest } = index.descriptor
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toEqual({
      image: `${target.address}/prod/app@${digest}`,
      images: [digest, ...childrenOf(index.content).map((child) => child.digest)]
        .map((each) => `${target.address}/prod/app@${each}`)
        .join(),
      digest,
      referrers: '1',
    })
    expect(outcome.record.promotions).toEqual([
      {
        from: `${source.address}/team/app:1.4.0`,
        to: `${target.address}/prod/app`,
        digest,
        tags: ['1.4.0', 'stable'],
        referrers: [signature.descriptor.digest],
      },
    ])
    expect((await resolveTag(promoted(), 'stable'))?.digest).toBe(digest)
    expect((await listReferrers(promoted(), digest)).map((each) => each.digest)).toEqual([signature.descriptor.digest])
    expect(outcome.headline).toMatch(/\/prod\/app · .* sent of .* · 1 referrer · 1\.4\.0, stable$/)
    expect(lines).toContain(
      `info promoting ${JSON.stringify({ from: `${source.address}/team/app:1.4.0`, digest, to: `${target.address}/prod/app` })}`,
    )
    expect(source.log.filter((line) => line.includes('/manifests/1.4.0'))).toHaveLength(1)
  })

  test('sends nothing the second time', async () => {
    await promote({ tags: 'stable' })
    target.log.length = 0
    const outcome = await promote({ tags: 'stable' })
    expect(outcome.headline).toContain('all there already')
    expect(writes()).toEqual([])
  })

  test('mounts at the same registry', async () => {
    const outcome = await promote({ to: `${source.address}/prod/app` })
    expect(outcome.summary).toContainEqual(
      expect.objectContaining({ title: 'Promotion', rows: [['0', '6', '0', expect.stringMatching(/^0 B of/)]] }),
    )
  })

  test('within one repository moves a tag, and sends nothing else', async () => {
    await promote({ to: `${source.address}/team/app`, tags: 'stable' })
    expect(source.log.filter((line) => /^(POST|PUT)/.test(line))).toEqual(['PUT /v2/team/app/manifests/stable 201'])
  })

  test('takes the digest of the record where `from` names only a repository', async () => {
    const { digest, mediaType } = index.descriptor
    const record = { ...emptyRecord, subject: { digest, mediaType, layout: 'layout', platforms: [] } }
    const outcome = await promote({ from: `${source.address}/team/app`, tags: 'v1' }, { record })
    expect(Object.fromEntries(outcome.outputs)).toMatchObject({ digest })
    expect(outcome.record.promotions).toMatchObject([{ from: `${source.address}/team/app` }])
  })

  test('leaves signatures behind when told', async () => {
    const outcome = await promote({ referrers: 'false' })
    expect(outcome.record.promotions).toMatchObject([{ referrers: [] }])
    expect(await listReferrers(promoted(), index.descriptor.digest)).toEqual([])
  })
})

describe('accounts', () => {
  const asked = (registry: FakeRegistry) =>
    registry.tokens.map(({ authorization }) => Buffer.from(authorization?.slice(6) ?? '', 'base64').toString())

  test('each registry sees its own', async () => {
    await using locked = await startFakeRegistry({ auth: { mode: 'harbor', username: 'releaser', password: 'to-secret' } })
    const outcome = await promote({ to: `${locked.address}/prod/app`, username: 'releaser', password: 'to-secret' })
    expect(outcome.failure).toBeUndefined()
    expect(new Set(asked(locked))).toEqual(new Set(['releaser:to-secret']))
    expect(source.asked.some(({ headers }) => 'authorization' in headers)).toBe(false)
  })

  test('a refusal names the inputs', async () => {
    await using locked = await startFakeRegistry({ auth: { mode: 'harbor', username: 'reader', password: 'from-secret' } })
    const outcome = await promote({ from: `${locked.address}/team/app:1`, 'from-username': 'reader', 'from-password': 'wrong' })
    expect(outcome.failure).toMatchObject({
      code: 'SW-REGISTRY-DENIED',
      message: expect.stringContaining('from-username and from-password'),
    })
  })
})

describe('nothing is sent', () => {
  test.each<[string, Record<string, Raw>, string, string]>([
    ['for a tag with a slash', { tags: 'feature/x' }, 'SW-PUSH-TAG', '"feature/x" cannot be a tag'],
    ['for a target with a tag', { to: 'registry.example.com/prod/app:1' }, 'SW-INPUT-INVALID', 'a tag belongs in'],
    ['for a source without a registry', { from: 'team/app:1' }, 'SW-INPUT-INVALID', '"team/app:1"'],
    ['for a password without a user', { 'from-password': 'x' }, 'SW-INPUT-INVALID', '`from-password` needs `from-username`'],
  ])('%s', async (_, inputs, code, message) => {
    const outcome = await promote(inputs)
    expect(outcome.failure).toMatchObject({ code, message: expect.stringContaining(message) })
    expect(target.log).toEqual([])
  })

  test('when neither tag nor digest is named', async () => {
    const outcome = await promote({ from: `${source.address}/team/app` })
    expect(outcome.failure).toMatchObject({ code: 'SW-PROMOTE-UNNAMED', hint: `from: ${source.address}/team/app:1.4.0` })
    expect(target.log).toEqual([])
  })

  test('for a digest that is not there', async () => {
    const outcome = await promote({ from: `${source.address}/team/app@${sha256('none')}` })
    expect(outcome.failure).toMatchObject({ code: 'SW-MANIFEST-MISSING' })
    expect(target.log).toEqual([])
  })
})

describe('with require-verified', () => {
  const policies = [sha256('policy'), sha256('another policy')] as const
  const says = (verdict: 'pass' | 'fail', subject: Digest = index.descriptor.digest, policy = policies[0]) => ({
    ...{ subject, policy, verdict, image: 'staging.example.com/team/app' },
    reasons: verdict === 'pass' ? [] : ['signer-unknown'],
  })
  const ask = (verifications: ReleaseRecord['verifications'], inputs: Record<string, Raw> = {}) =>
    promote(
      { 'require-verified': 'true', ...inputs },
      { record: verifications === undefined ? emptyRecord : { ...emptyRecord, verifications } },
    )

  test('copies what was verified, and says under which policy', async () => {
    const outcome = await ask([says('pass', sha256('a platform')), says('pass')], { 'verified-policy': policies[0] })
    expect(outcome.failure).toBeUndefined()
    expect(outcome.record.own['promote']).toEqual({ verified: true, policy: policies[0] })
    expect(JSON.stringify(outcome.summary)).toContain(`verified at staging.example.com/team/app under policy ${policies[0]}`)
    expect(outcome.record.promotions).toMatchObject([{ digest: index.descriptor.digest }])
  })

  test.each<[string, () => ReleaseRecord['verifications'], Record<string, Raw>, string]>([
    ['nothing was verified', () => [], {}, 'nothing was verified'],
    ['the record has no such section', () => undefined, {}, 'nothing was verified'],
    ['another digest was', () => [says('pass', sha256('moved'))], {}, `what was verified is ${sha256('moved')}`],
    ['it was refused', () => [says('fail')], {}, `verify says fail of staging.example.com/team/app@`],
    ['one policy refused it', () => [says('pass'), says('fail', undefined, policies[1])], {}, 'signer-unknown'],
    ['another policy was used', () => [says('pass')], { 'verified-policy': policies[1] }, `under policy ${policies[1]}`],
  ])('sends nothing when %s', async (_, verifications, inputs, message) => {
    const outcome = await ask(verifications(), { ...inputs, tags: 'stable' })
    expect(outcome.failure).toMatchObject({
      ...{ code: 'SW-PROMOTE-UNVERIFIED', exit: 3, safe: 'nothing was sent' },
      message: expect.stringContaining(message),
    })
    expect(target.log).toEqual([])
    expect(outcome.record.promotions).toBeUndefined()
  })

  test('is what naming a policy means', async () => {
    const outcome = await promote({ 'verified-policy': policies[0] })
    expect(outcome.failure).toMatchObject({ code: 'SW-PROMOTE-UNVERIFIED' })
    expect(target.log).toEqual([])
  })
})

test('sends blobs in chunks where a proxy limits requests', async () => {
  const outcome = await promote({ 'chunk-size': '2' })
  expect(outcome.failure).toBeUndefined()
  expect(target.log.filter((line) => line.startsWith('PATCH')).length).toBeGreaterThan(2)
})

test('after a failure the tag points where it did', async () => {
  const before = (await writeImage(scene.layout, ['before'])).descriptor.digest
  await copyFromLayout(scene.layout, before, promoted(), { tags: ['stable'] })
  target.fail(faults.status(new RegExp(`^PUT .*manifests/${index.descriptor.digest}`), 403, { code: 'DENIED' }))
  const outcome = await promote({ tags: 'stable' })
  expect(outcome.failure).toMatchObject({ code: 'SW-REGISTRY-UNAUTHENTICATED' })
  expect((await resolveTag(promoted(), 'stable'))?.digest).toBe(before)
})
