import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeCloud, startFakeCloud } from '../../test/fakes/cloud.ts'
import { writeImage } from '../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../test/fakes/registry-scene.ts'
import type { Digest } from '../base/digest.ts'
import { TaskError } from '../base/errors.ts'
import { addEntry } from '../domain/oci/layout.ts'
import { findManifest, resolveTag } from '../domain/oci/manifests.ts'
import { listReferrers } from '../domain/oci/referrers.ts'
import { packLayer } from '../domain/packages/image.fake.ts'
import { emptyRecord, formatRecord } from '../spec/record/record.ts'
import { tasks } from '../tasks/registry.ts'
import { fakeSession, kinds } from './road.fake.ts'
import { ofType, recordOf } from './run.fake.ts'
import { runPipeline } from './run.ts'

/** Keys that are not encrypted: to decrypt one takes longer than the rest of a road. */
function keys(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}
const [own, other] = [keys(), keys()]

let scene: RegistryScene
let cloud: FakeCloud
beforeEach(async () => {
  scene = await openRegistryScene()
  const { clock } = scene.client
  cloud = await startFakeCloud([], { clock, registries: { [`http://${scene.registry.address}`]: scene.registry.url } })
  for (const [path, text] of [
    ['cosign.key', own.privateKey],
    ['own.pub', own.publicKey],
    ['other.pub', other.publicKey],
    ['own.yaml', 'signers: [{ key: own.pub }]\nlog: never\n'],
    ['other.yaml', 'signers: [{ key: other.pub }]\nlog: never\n'],
    ['scan.yaml', 'fail-on: high\nundetermined: fail\n'],
  ] as const)
    put(path, text)
  advise('lodash', 'CVE-2021-1')
})
afterEach(async () => {
  await cloud[Symbol.asyncDispose]()
  await scene.close()
})

function put(path: string, text: string): void {
  mkdirSync(join(scene.folder, path, '..'), { recursive: true })
  writeFileSync(join(scene.folder, path), text)
}

/** An advisory that every version of a package below 99 has something critical. */
function advise(name: string, id: string): void {
  const modified = new Date(scene.client.clock.now()).toISOString()
  const affected = [
    { package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '99.0.0' }] }] },
  ]
  const severity = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }]
  put(`advisories/${id}.json`, JSON.stringify({ schema_version: '1.7.0', id, modified, affected, severity }))
}

/** What `build` leaves: an image with these packages of npm. */
async function build(...packages: readonly string[]): Promise<Digest> {
  const files = packages.map((name) => [
    `app/node_modules/${name}/package.json`,
    JSON.stringify({ name, version: '1.0.0', license: 'MIT' }),
  ])
  const { descriptor } = await writeImage(scene.layout, [await packLayer(Object.fromEntries(files))])
  await addEntry(scene.layout, descriptor)
  const subject = { digest: descriptor.digest, mediaType: descriptor.mediaType, layout: 'layout', platforms: [] }
  put('.slipway/record.json', formatRecord({ ...emptyRecord, subject }))
  return descriptor.digest
}

const image = (): string => `${scene.registry.address}/team/app`

/** A road of these items; `slipway run`, on the clock and the network of the scene. */
async function run(...items: readonly string[]) {
  put('slipway.yaml', `tasks:\n${items.map((item) => `  - ${item}\n`).join('')}`)
  const { session, events } = await fakeSession(scene.folder, { environment: {} })
  const { clock } = scene.client
  const here = { ...session, ports: (task: string) => ({ ...session.ports(task), clock, http: cloud.http }) }
  const end = await runPipeline({
    session: here,
    tasks,
    overrides: [],
    resume: false,
    failures: { kinds: [], bug: kinds.bug },
    asAction: false,
    folder: '',
  })
  session.close()
  const { failure } = end
  return {
    code: failure instanceof TaskError ? failure.code : failure,
    why: failure instanceof TaskError ? failure.message : '',
    statuses: ofType(events, 'task-end').map(({ task, status }) => `${task} ${status}`),
  }
}

const scan = 'scan: { database: advisories, policy: scan.yaml }'
const push = (): string => `push: { image: ${image()}, tags: [1.4.0] }`
const signed = ['sign: { key: cosign.key, require-gate: true }', 'attest: { predicates: scan }']
const road = (...more: readonly string[]): readonly string[] => [scan, push(), ...signed, ...more]

/** The policy of a deploy: signed, and passed by this gate. */
function requires(policy: string | undefined, more = ''): void {
  put(
    'deploy.yaml',
    `signers: [{ key: own.pub }]\nlog: never\nrequire: [{ predicate: vsa${policy === undefined ? '' : `, policy: "${policy}"`}${more} }]\n`,
  )
}

const isPushed = async (digest: Digest): Promise<boolean> => (await findManifest(scene.later(), digest)) !== undefined
const tag = async (): Promise<Digest | undefined> => (await resolveTag(scene.later(), '1.4.0'))?.digest
const policyOf = (): string | undefined => recordOf(scene.folder).findings?.policy

describe('an image that the gate passes', () => {
  test('is signed with the verdict and what was found, and verified by the policy’s digest', async () => {
    const digest = await build('left')
    await run(scan)
    requires(policyOf(), `, verifier: "https://github.com/slipway-ci/slipway/scan", resource: "oci://${image()}", max-age: 1h`)
    const { code, statuses } = await run(...road('verify: { policy: deploy.yaml }'))
    expect([code, statuses]).toEqual([
      undefined,
      ['scan passed', 'push passed', 'sign passed', 'attest passed', 'verify passed', 'tag passed'],
    ])
    expect([await tag(), recordOf(scene.folder).attestations?.map(({ predicateType }) => predicateType)]).toEqual([
      digest,
      ['https://in-toto.io/attestation/vulns/v0.2', 'https://slsa.dev/verification_summary/v1'],
    ])
  })

  test.each<readonly [string, () => void, string]>([
    ['by another policy', () => requires(`sha256:${'0'.repeat(64)}`), 'policy-mismatch'],
    ['by another gate', () => requires(undefined, ', verifier: "https://example.com/gate"'), 'verifier-mismatch'],
    ['for another repository', () => requires(undefined, ', resource: "oci://elsewhere.example.com/app"'), 'resource-mismatch'],
    ['too long ago', () => scene.client.clock.advance(2 * 3_600_000), 'too-old'],
  ])('is not verified where the verdict is %s', async (_, change, reason) => {
    await build('left')
    expect((await run(...road())).code).toBeUndefined()
    requires(undefined, ', max-age: 1h')
    change()
    const { code, why } = await run(`verify: { image: "${image()}:1.4.0", policy: deploy.yaml }`)
    expect([code, why]).toEqual(['SW-VERIFY-REFUSED', expect.stringContaining(reason)])
  })

  test('vouches for no other digest', async () => {
    await build('left')
    await run(...road())
    const second = await build('right')
    requires(undefined)
    const { code, why } = await run(push(), 'sign: { key: cosign.key }', 'verify: { policy: deploy.yaml }')
    expect([code, why, await tag()]).toEqual([
      'SW-VERIFY-REFUSED',
      expect.stringContaining('vsa: nothing of the kind is attached'),
      expect.not.stringContaining(second),
    ])
  })
})

describe('an image that the gate refuses', () => {
  test('is neither pushed nor signed nor tagged', async () => {
    const digest = await build('lodash')
    const { code, statuses } = await run(...road('verify'))
    expect([code, statuses.slice(0, 2), await isPushed(digest)]).toEqual(['SW-SCAN-REFUSED', ['scan failed', 'push not-run'], false])
  })

  test.each([
    ['signed', 'sign: { key: cosign.key }'],
    ['attested to', 'attest: { key: cosign.key, predicates: auto }'],
    ['tagged', 'tag: { tags: [1.4.0] }'],
  ])('is not %s where a workflow goes on all the same', async (_, item) => {
    const digest = await build('lodash')
    await run(push().replace(', tags: [1.4.0]', ''))
    await run(scan)
    const [name = '', rest = ''] = item.split(': {')
    const { code } = await run(`${name}: { image: ${image()}, digest: "${digest}", ${rest}`)
    expect([code, await tag(), await listReferrers(scene.later(), digest)]).toEqual(['SW-GATE-REFUSED', undefined, []])
  })

  test('is attested as FAILED where that is asked for, and no policy takes it', async () => {
    const digest = await build('lodash')
    await run(push())
    await run(scan)
    const { code } = await run(`attest: { image: ${image()}, digest: "${digest}", key: cosign.key, predicates: scan }`)
    requires(undefined)
    const verified = await run(`verify: { image: "${image()}@${digest}", policy: deploy.yaml }`)
    expect([code, verified.code]).toEqual([undefined, 'SW-VERIFY-REFUSED'])
  })
})

test.each([
  ['no verdict', [] as readonly string[]],
  ['a verdict on another image', [scan]],
])('a gate that is required and has %s ends before anything is signed', async (_, before) => {
  await build('left')
  if (before.length > 0) await run(...before)
  const { findings } = recordOf(scene.folder)
  const digest = await build('right')
  put('.slipway/record.json', formatRecord({ ...recordOf(scene.folder), ...(findings === undefined ? {} : { findings }) }))
  const { code } = await run(push(), 'sign: { key: cosign.key, require-gate: true }')
  expect([code, await listReferrers(scene.later(), digest)]).toEqual(['SW-GATE-REFUSED', []])
})

describe('a baseline at the registry', () => {
  const compared = (policy: string, more = ''): string =>
    `scan: { database: advisories, policy: scan.yaml, new-only: true, baseline-image: "${image()}:1.4.0", baseline-policy: ${policy}${more} }`

  /** The release before: what it has was known by an exception. */
  async function release(...packages: readonly string[]): Promise<Digest> {
    const digest = await build(...packages)
    put('none.yaml', 'fail-on: none\nundetermined: pass\n')
    const { code } = await run('scan: { database: advisories, policy: none.yaml }', push(), ...signed)
    expect(code).toBeUndefined()
    return digest
  }

  test('knows what the release before had: only what is new fails', async () => {
    const before = await release('lodash')
    advise('left', 'CVE-2026-2')
    await build('lodash')
    expect((await run(compared('own.yaml'))).code).toBeUndefined()
    const { findings } = recordOf(scene.folder)
    expect(findings?.baseline).toEqual({ uri: `oci://${image()}@${before}`, digest: expect.stringMatching(/^sha256:/) })
    await build('lodash', 'left')
    expect(await run(compared('own.yaml'))).toMatchObject({
      code: 'SW-SCAN-REFUSED',
      why: expect.stringContaining('1 critical, not in the baseline'),
    })
  })

  test.each(['', ', baseline-missing: all'])('of somebody else is refused, whatever is allowed (%j)', async (more) => {
    await release('lodash')
    await build('lodash')
    expect(await run(compared('other.yaml', more))).toMatchObject({
      code: 'SW-GATE-BASELINE-UNTRUSTED',
      why: expect.stringContaining('key-mismatch'),
    })
  })

  test('that is attested, of an image that nobody signed, is refused', async () => {
    await build('lodash')
    put('none.yaml', 'fail-on: none\n')
    await run('scan: { database: advisories, policy: none.yaml }', push(), 'attest: { key: cosign.key, predicates: scan }')
    expect((await run(compared('own.yaml'))).code).toBe('SW-GATE-BASELINE-UNTRUSTED')
  })

  test.each([
    ['there is no such image', [] as readonly string[]],
    ['nothing is attested to it', ['sign: { key: cosign.key }']],
  ])('is missing where %s: an error, or all is new', async (_, items) => {
    await build('lodash')
    if (items.length > 0) await run(push(), ...items)
    expect((await run(compared('own.yaml'))).code).toBe('SW-GATE-BASELINE-MISSING')
    expect((await run(compared('own.yaml', ', baseline-missing: all'))).code).toBe('SW-SCAN-REFUSED')
  })
})
