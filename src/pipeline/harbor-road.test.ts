import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type FakeHarbor, startFakeHarbor } from '../../test/fakes/harbor/harbor.ts'
import { addRobot, addTeam } from '../../test/fakes/harbor/images.ts'
import { addScanner } from '../../test/fakes/harbor/routes/scanners.ts'
import { madeUp } from '../../test/fakes/harbor/scans.ts'
import { repositoryOf } from '../../test/fakes/harbor/state.ts'
import { writeIndex } from '../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../test/fakes/registry-scene.ts'
import type { Digest } from '../base/digest.ts'
import { packLayer } from '../domain/packages/image.fake.ts'
import { generateKeys } from '../domain/sigstore/keys/generate.ts'
import { emptyRecord, formatRecord } from '../spec/record/record.ts'
import { tasks } from '../tasks/registry.ts'
import { fakeSession, kinds } from './road.fake.ts'
import { ofType } from './run.fake.ts'
import { runPipeline } from './run.ts'

/** What a robot of the road needs: to push and scan, and to read what it asks about. */
const rights = [
  ...['repository:pull', 'repository:push', 'artifact:read', 'artifact-addition:read', 'scan:create', 'scanner:read'],
  ...['project:read', 'quota:read', 'accessory:list', 'tag:create', 'artifact-label:create', 'label:read'],
]
const guarded = { enable_content_trust_cosign: 'true', prevent_vul: 'true', severity: 'high', auto_scan: 'false' }
const keys = generateKeys('p256', '')

let scene: RegistryScene
let harbor: FakeHarbor
let digest: Digest

async function open(profile: '2.14' | '2.15' = '2.15'): Promise<void> {
  harbor = await startFakeHarbor({ now: scene.client.clock.now, profile })
  addTeam(harbor, [], { metadata: guarded })
  addScanner(harbor.state)
  harbor.scans.script = () => ({ runs: 100, ends: 200, end: 'Success', vulnerabilities: [] })
}

beforeEach(async () => {
  scene = await openRegistryScene()
  mkdirSync(join(scene.folder, '.slipway'))
  writeFileSync(join(scene.folder, 'cosign.key'), keys.privateKey)
  writeFileSync(join(scene.folder, 'cosign.pub'), keys.publicKey)
  digest = await build('1')
  writeFileSync(join(scene.folder, 'predicate.json'), JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 }))
})
afterEach(async () => {
  await harbor[Symbol.asyncDispose]()
  await scene.close()
})

/** What `build` leaves. */
async function build(seed: string): Promise<Digest> {
  const layers = new Map<string, Buffer>()
  for (const name of ['shared', 'amd64', 'arm64']) layers.set(name, await packLayer({ [name]: seed }))
  const { descriptor } = await writeIndex(scene.layout, ['amd64', 'arm64'], (name) => layers.get(name) ?? name)
  const subject = { digest: descriptor.digest, mediaType: descriptor.mediaType, layout: 'layout', platforms: [] }
  writeFileSync(join(scene.folder, '.slipway', 'record.json'), formatRecord({ ...emptyRecord, subject }))
  return descriptor.digest
}

interface Given {
  /** Whether the account stands in the inputs, as most have it, or in the Docker configuration. */
  readonly account?: 'inputs' | 'docker'
  readonly tasks?: readonly string[]
  /** Before `push`. */
  readonly before?: readonly string[]
  readonly resume?: boolean
}

/** `slipway run` of the whole road. */
async function run({ account = 'inputs', tasks: items = road, before = [], resume = false }: Given = {}) {
  const { username, password } = addRobot(harbor, 'team', rights)
  const image = `${harbor.address}/team/app`
  const login = account === 'inputs' ? `, username: '${username}', password: { env: ROBOT_SECRET }` : ''
  const push = `push: { image: ${image}, tags: [1.4.0]${login} }`
  const lines = [...before, push, ...items].map((item) => `  - ${item.replace('IMAGE', `${image}${login}`)}\n`)
  writeFileSync(join(scene.folder, 'slipway.yaml'), `tasks:\n${lines.join('')}`)
  writeFileSync(
    join(scene.folder, 'config.json'),
    JSON.stringify({ auths: { [harbor.address]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } }),
  )
  const environment = { COSIGN_PASSWORD: '', ROBOT_SECRET: password, DOCKER_CONFIG: scene.folder }
  const { session, events } = await fakeSession(scene.folder, { environment })
  const { clock, ports } = scene.client
  const here = { ...session, ports: (task: string) => ({ ...session.ports(task), clock, http: ports.http }) }
  const failures = { kinds: [], bug: kinds.bug }
  const end = await runPipeline({ session: here, tasks, overrides: [], resume, failures, asAction: false, folder: '' })
  session.close()
  const ends = ofType(events, 'task-end')
  const told = ofType(events, 'log').flatMap(({ level, message }) => (level === 'error' ? message : []))
  return { end, ends, told, statuses: ends.map(({ task, status }) => `${task} ${status}`) }
}

const road = [
  'scan: { source: harbor, max-database-age: 90000d }',
  'sign: { key: cosign.key }',
  'attest: { key: cosign.key, predicates: none, files: cyclonedx=predicate.json }',
  'verify',
]
const tagged = (): string | undefined => repositoryOf(harbor.state, 'team/app')?.tags.get('1.4.0')?.digest
const passed = ['push passed', 'scan passed', 'sign passed', 'attest passed', 'verify passed', 'tag passed']

describe('a project that holds back what is not signed and not scanned', () => {
  test.each([
    ['2.15', 'inputs'],
    ['2.15', 'docker'],
    ['2.14', 'inputs'],
    ['2.14', 'docker'],
  ] as const)('of Harbor %s lets the whole road pass, with the account in the %s', async (profile, account) => {
    await open(profile)
    const { end, statuses } = await run({ account })
    expect([end.failure, statuses]).toEqual([undefined, passed])
    expect(tagged()).toBe(digest)
    const again = await run({ account })
    expect([again.end.failure, again.statuses]).toEqual([undefined, passed])
  })

  test('moves its tag on from an image that it holds back now', async () => {
    await open()
    await run()
    const held = harbor.state.repositories.flatMap(({ artifacts }) => [...artifacts.keys()])
    harbor.scans.script = ({ digest: one }) => ({
      ...{ runs: 100, ends: 200, end: 'Success' as const },
      vulnerabilities: held.includes(one) ? madeUp : [],
    })
    await run({ tasks: ['scan: { source: harbor, max-database-age: 90000d }'] })
    const next = await build('2')
    const { end, statuses } = await run()
    expect([end.failure, statuses]).toEqual([undefined, passed])
    expect(tagged()).toBe(next)
  })

  test('and whose tags are immutable takes the same image again, and of another nothing is sent', async () => {
    await open()
    await run()
    const every = (decoration: string, pattern: string) => [{ kind: 'doublestar', decoration, pattern }]
    const body = { disabled: false, tag_selectors: every('matches', '1.*'), scope_selectors: { repository: every('repoMatches', '**') } }
    for (const { immutable } of harbor.state.projects) immutable.push({ id: 1, body })
    const again = await run()
    expect([again.end.failure, again.statuses]).toEqual([undefined, passed])
    await build('2')
    const from = harbor.log.length
    const { end, statuses } = await run()
    expect([end.failure, statuses[0]]).toEqual([expect.objectContaining({ code: 'SW-HARBOR-IMMUTABLE' }), 'push failed'])
    expect(harbor.log.slice(from).filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })

  test('lets nobody verify before there is a signature, and says so', async () => {
    await open()
    const { end, statuses } = await run({ tasks: ['verify: { key: cosign.pub }'] })
    expect(end.failure).toMatchObject({ code: 'SW-HARBOR-POLICY' })
    expect(statuses).toEqual(['push passed', 'verify failed', 'tag not-run'])
  })
})

describe('before the first task', () => {
  const full = (): void => {
    for (const { quota } of harbor.state.projects) quota.hard = 0
  }

  test.each<[string, () => void, string]>([
    ['a full project', full, 'SW-HARBOR-QUOTA'],
    ['a scanner that a later task wants, and is not there', () => void harbor.state.scanners.pop(), 'SW-HARBOR-NO-SCANNER'],
    ['both', () => void (harbor.state.scanners.pop() && full()), 'SW-HARBOR-PREFLIGHT'],
  ])('%s ends the run: nothing was built or sent', async (_, arrange, code) => {
    await open()
    arrange()
    const { end, statuses } = await run()
    expect([end.failure, end.exit]).toEqual([expect.objectContaining({ code }), 4])
    expect(statuses).toEqual(passed.map((line) => line.replace('passed', 'not-run')))
    expect(harbor.log.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })

  test('what each push would fail with is told', async () => {
    await open()
    full()
    const { end, told } = await run({ before: ['push: { image: IMAGE }'], tasks: [] })
    expect(end.failure).toMatchObject({ code: 'SW-HARBOR-QUOTA' })
    expect(told).toEqual([expect.stringMatching(/would refuse .*team\/app: 0 B of 0 B used/)])
  })

  test('a run that was refused goes on from there when Harbor is mended', async () => {
    await open()
    full()
    expect((await run()).end.exit).toBe(4)
    for (const { quota } of harbor.state.projects) quota.hard = -1
    const { end, statuses } = await run({ resume: true })
    expect([end.failure, statuses]).toEqual([undefined, passed])
  })

  test('a pipeline that asks by itself is not asked twice', async () => {
    await open()
    full()
    const { end, statuses } = await run({ before: ['preflight: { image: IMAGE, preflight: warn }'], tasks: [] })
    expect([end.failure, statuses]).toEqual([expect.objectContaining({ code: 'SW-HARBOR-QUOTA' }), ['preflight passed', 'push failed']])
  })
})
