import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeCloud, startFakeCloud } from '../../test/fakes/cloud.ts'
import { writeIndex } from '../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../test/fakes/registry-scene.ts'
import { type FakeLog, fakeRekor1 } from '../../test/fakes/rekor.ts'
import type { Digest } from '../base/digest.ts'
import { addEntry } from '../domain/oci/layout.ts'
import { findManifest, resolveTag } from '../domain/oci/manifests.ts'
import { listReferrers } from '../domain/oci/referrers.ts'
import { bundleMediaType } from '../domain/sigstore/formats/bundle.ts'
import { generateKeys } from '../domain/sigstore/keys/generate.ts'
import { emptyRecord, formatRecord } from '../spec/record/record.ts'
import { tasks } from '../tasks/registry.ts'
import { fakeSession, kinds } from './road.fake.ts'
import { ofType, recordOf } from './run.fake.ts'
import { runPipeline } from './run.ts'

const minute = 60_000
const password = 'canary-password-of-the-key'
const [own, other] = [generateKeys('p256', password), generateKeys('p256', '')]

let scene: RegistryScene
let digest: Digest
let rekor: FakeLog
let cloud: FakeCloud

beforeEach(async () => {
  scene = await openRegistryScene()
  const index = await writeIndex(scene.layout)
  await addEntry(scene.layout, index.descriptor)
  digest = index.descriptor.digest
  const { clock } = scene.client
  rekor = fakeRekor1('https://rekor.sigstore.dev', clock.now)
  cloud = await startFakeCloud([rekor.service], { clock, registries: { [`http://${scene.registry.address}`]: scene.registry.url } })
  // What `build` leaves.
  const subject = { digest, mediaType: index.descriptor.mediaType, layout: 'layout', platforms: [] }
  mkdirSync(join(scene.folder, '.slipway'))
  writeFileSync(join(scene.folder, '.slipway', 'record.json'), formatRecord({ ...emptyRecord, subject }))
  writeFileSync(join(scene.folder, 'cosign.key'), own.privateKey)
  writeFileSync(join(scene.folder, 'own.pub'), own.publicKey)
  writeFileSync(join(scene.folder, 'other.pub'), other.publicKey)
})
afterEach(async () => {
  await cloud[Symbol.asyncDispose]()
  await scene.close()
})

function road(...items: string[]): void {
  const push = `push: { image: ${scene.registry.address}/team/app, tags: [1.4.0, latest] }`
  writeFileSync(join(scene.folder, 'slipway.yaml'), `tasks:\n${[push, ...items].map((item) => `  - ${item}\n`).join('')}`)
}

/** `slipway run` or `slipway resume`, on the clock and the network of the scene. */
async function run({ resume = false } = {}) {
  const { session, events } = await fakeSession(scene.folder, { environment: { COSIGN_PASSWORD: password } })
  const { clock } = scene.client
  const here = { ...session, ports: (task: string) => ({ ...session.ports(task), clock, http: cloud.http }) }
  const failures = { kinds: [], bug: kinds.bug }
  const end = await runPipeline({ session: here, tasks, overrides: [], resume, failures, asAction: false, folder: '' })
  session.close()
  return { end, events, statuses: ofType(events, 'task-end').map(({ task, status }) => `${task} ${status}`) }
}

const tags = (): Promise<(string | undefined)[]> =>
  Promise.all(['1.4.0', 'latest'].map(async (tag) => (await resolveTag(scene.later(), tag))?.digest))
const signatures = async (): Promise<number> => (await listReferrers(scene.later(), digest, bundleMediaType)).length
const isPushed = async (): Promise<boolean> => (await findManifest(scene.later(), digest)) !== undefined

describe('a road that signs', () => {
  test('moves the tags behind the verification, which trusts who signed', async () => {
    road('sign: { key: cosign.key }', 'verify')
    const { end, statuses, events } = await run()
    expect([end.status, statuses]).toEqual(['passed', ['push passed', 'sign passed', 'verify passed', 'tag passed']])
    expect(await tags()).toEqual([digest, digest])
    expect(ofType(events, 'task-end').map(({ headline }) => headline)).toEqual([
      expect.not.stringContaining('latest'),
      expect.stringContaining('3 manifests'),
      expect.stringMatching(/^signed by key [\w+/]{8} · 3 manifests · as signed in this run, by no policy$/),
      expect.stringMatching(/^1\.4\.0, latest → /),
    ])
    expect(recordOf(scene.folder)).toMatchObject({
      pushes: [{ tags: [], wanted: ['1.4.0', 'latest'] }],
      verifications: [{ subject: digest, verdict: 'pass' }, { verdict: 'pass' }, { verdict: 'pass' }],
      tags: [{ digest, tags: ['1.4.0', 'latest'] }],
    })
    const writes = scene.registry.log.filter((line) => line.startsWith('PUT') && line.includes('/manifests/'))
    expect(writes.findIndex((line) => /(?:manifests\/|tag=)latest/.test(line))).toBe(writes.length - 1)
  })

  test.each([
    [
      'the signature',
      ['sign: { key: nowhere.key }', 'verify'],
      ['push passed', 'sign failed', 'verify not-run', 'tag not-run'],
      'SW-KEY-MISSING',
    ],
    [
      'the verification',
      ['sign: { key: cosign.key }', 'verify: { key: other.pub }'],
      ['push passed', 'sign passed', 'verify failed', 'tag not-run'],
      'SW-VERIFY-REFUSED',
    ],
  ])('moves no tag when %s fails', async (_, items, expected, code) => {
    road(...items)
    const { end, statuses } = await run()
    expect([end.failure, statuses]).toEqual([expect.objectContaining({ code }), expected])
    expect([await isPushed(), await tags()]).toEqual([true, [undefined, undefined]])
  })

  test('sends nothing when it has neither a key nor an identity', async () => {
    road('sign', 'verify: { key: own.pub }')
    const { end, statuses } = await run()
    expect([end.exit, end.failure, statuses]).toEqual([4, expect.objectContaining({ code: 'SW-IDENTITY-UNAVAILABLE' }), []])
    expect([await isPushed(), await tags()]).toEqual([false, [undefined, undefined]])
  })

  test('does everything once: the second run writes nothing', async () => {
    road('sign: { key: cosign.key }', 'verify')
    await run()
    scene.registry.log.length = 0
    expect((await run()).end.status).toBe('passed')
    expect(scene.registry.log.filter((line) => /^(POST|PUT|PATCH|DELETE)/.test(line))).toEqual([])
  })
})

test('45 minutes without the log: exit 6, the digest is safe, no tag has moved; resume signs once, verifies, and moves them', async () => {
  road('sign: { key: cosign.key, transparency-log: true, timeout: 45m, recursive: false }', 'verify: { key: own.pub }')
  const { clock } = scene.client
  rekor.downUntil = clock.now() + 50 * minute
  const parked = await run()
  expect(parked.end).toMatchObject({ exit: 6, failure: { code: 'SW-SIGSTORE-UNAVAILABLE', hint: 'slipway resume' } })
  expect(parked.statuses).toEqual(['push passed', 'sign failed', 'verify not-run', 'tag not-run'])
  expect(clock.slept.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(44 * minute)
  expect([await isPushed(), await signatures(), await tags()]).toEqual([true, 0, [undefined, undefined]])

  clock.advance(10 * minute)
  const resumed = await run({ resume: true })
  expect(resumed.statuses).toEqual(['push unchanged', 'sign passed', 'verify passed', 'tag passed'])
  expect(resumed.end.exit).toBe(0)
  expect([rekor.entries.length, await signatures(), await tags()]).toEqual([1, 1, [digest, digest]])

  const again = await run({ resume: true })
  expect(again.statuses).toEqual(['push unchanged', 'sign unchanged', 'verify unchanged', 'tag unchanged'])
})
