import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import type { Digest } from '../../src/base/digest.ts'
import { connectHarbor, type HarborCall } from '../../src/domain/harbor/client.ts'
import { packLayer } from '../../src/domain/packages/image.fake.ts'
import { generateKeys } from '../../src/domain/sigstore/keys/generate.ts'
import { execute } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { tasks } from '../../src/tasks/registry.ts'
import { type FakeHarbor, startFakeHarbor } from '../fakes/harbor/harbor.ts'
import { type Account, addRobot, addTeam, pushImage } from '../fakes/harbor/images.ts'
import { addScanner } from '../fakes/harbor/routes/scanners.ts'
import { credentialOf } from '../fakes/harbor/scene.ts'
import { addUser } from '../fakes/harbor/state.ts'
import { writeImage } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../fakes/registry-scene.ts'

const rights = [
  ...['repository:pull', 'repository:push', 'artifact:read', 'artifact-addition:read', 'scan:create', 'scanner:read'],
  ...['project:read', 'quota:read'],
]

let scene: RegistryScene
let harbor: FakeHarbor
let digest: Digest
let robot: Account

beforeEach(async () => {
  scene = await openRegistryScene()
  harbor = await startFakeHarbor({ now: scene.client.clock.now })
  addTeam(harbor, [])
  robot = addRobot(harbor, 'team', rights)
  mkdirSync(join(scene.folder, '.slipway'))
  writeFileSync(join(scene.folder, 'cosign.pub'), generateKeys('p256', '').publicKey)
  digest = (await writeImage(scene.layout, [await packLayer({ app: 'app' })])).descriptor.digest
})
afterEach(async () => {
  await harbor[Symbol.asyncDispose]()
  await scene.close()
})

interface Given {
  readonly task?: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly account?: Account
}

/** A task of the road on the image, as the robot of the project. */
async function run({ task: name = 'push', inputs = {}, account = robot }: Given) {
  const task = tasks.find(({ definition }) => definition.name === name)
  if (task === undefined) throw new Error(`there is no task ${name}`)
  const { ports, recorded } = fakePorts({
    ...{ clock: scene.client.clock, http: scene.client.ports.http },
    files: { workspace: scene.folder, state: join(scene.folder, '.slipway'), temporary: () => Promise.resolve(scene.folder) },
  })
  const image = `${harbor.address}/team/app`
  const defaults = {
    push: { image, digest, layout: 'layout' },
    scan: { 'harbor-image': image, digest, layout: 'layout', source: 'harbor', 'max-database-age': '90000d' },
    verify: { image: `${image}@${digest}`, key: join(scene.folder, 'cosign.pub') },
    tag: { image, digest },
  }[name]
  const given = { ...defaults, ...account, ...inputs }
  return {
    ...(await execute(task, { inputs: new Map(Object.entries(given)), record: emptyRecord, ports })),
    lines: recorded.lines.join('\n'),
  }
}

const blind = { preflight: 'off' }
const team = ({ state }: FakeHarbor) => {
  const [project] = state.projects.filter(({ name }) => name === 'team')
  if (project === undefined) throw new Error('there is a project')
  return project
}
const readOnly = (): void => void harbor.state.settings.set('read_only', true)
const full = (): void => void Object.assign(team(harbor).quota, { hard: 10 })
const wants = (name: string) => (): void => void team(harbor).metadata.set(name, 'true')
const down = (part: 'core' | 'registry' | 'jobservice') => (): void => void harbor.state.down.add(part)
const expired = (): void => {
  for (const one of harbor.state.robots) one.expires = Math.floor(scene.client.clock.now() / 1000) - 60
}
const held = async (): Promise<void> => {
  await pushImage(harbor, 'team/app', { tag: 'v1' })
  const every = (decoration: string) => [{ kind: 'doublestar', decoration, pattern: '**' }]
  const body = { disabled: false, tag_selectors: every('matches'), scope_selectors: { repository: every('repoMatches') } }
  team(harbor).immutable.push({ id: 1, body })
}
const pushed = async (): Promise<void> => void (await run({ inputs: blind }))
const scanned = async (): Promise<void> => {
  addScanner(harbor.state)
  await pushed()
}
const inTurn = async (...steps: readonly (() => void | Promise<void>)[]): Promise<void> => {
  for (const step of steps) await step()
}
const eaten = { username: 'robot+ci', password: 'Robot-Secret1' }

interface Fault {
  readonly when: string
  readonly arrange: () => void | Promise<void>
  readonly given?: Given
  readonly code: string
  readonly exit: number
  /** In the message or the hint. */
  readonly says: RegExp
}

const faults: readonly Fault[] = [
  {
    ...{ when: 'the secret is wrong', arrange: () => undefined, given: { account: { ...robotNamed(), password: 'Wrong-Secret1' } } },
    ...{ code: 'SW-HARBOR-LOGIN', exit: 4, says: /from the inputs username and password: 401 twice/ },
  },
  {
    ...{ when: 'the secret is wrong, and nobody asked', arrange: () => undefined },
    given: { account: { ...robotNamed(), password: 'Wrong-Secret1' }, inputs: blind },
    ...{ code: 'SW-REGISTRY-DENIED', exit: 4, says: /denies the credential from the inputs username and password[\s\S]*has expired/ },
  },
  {
    when: 'the robot has expired',
    arrange: expired,
    code: 'SW-HARBOR-LOGIN',
    exit: 4,
    says: /does not take the credentials of robot\$team/,
  },
  {
    ...{ when: 'a shell took the dollar', arrange: () => undefined, given: { account: eaten } },
    ...{ code: 'SW-HARBOR-LOGIN', exit: 4, says: /Did a shell take the "\$"/ },
  },
  {
    ...{ when: 'a shell took the dollar, and nobody asked', arrange: () => undefined, given: { account: eaten, inputs: blind } },
    ...{ code: 'SW-REGISTRY-DENIED', exit: 4, says: /in single quotes/ },
  },
  {
    ...{ when: 'the project is not there', arrange: () => void Object.assign(team(harbor), { name: 'moved' }) },
    ...{ code: 'SW-HARBOR-PROJECT', exit: 4, says: /there is no project team: create it, or set create-project/ },
  },
  {
    ...{ when: 'the project is not there, and nobody asked', arrange: () => void Object.assign(team(harbor), { name: 'moved' }) },
    given: { inputs: blind },
    ...{ code: 'SW-REGISTRY-DENIED', exit: 4, says: /when the project team does not exist/ },
  },
  {
    ...{ when: '412: the image is not signed', arrange: () => inTurn(wants('enable_content_trust_cosign'), pushed) },
    ...{ given: { task: 'verify' }, code: 'SW-HARBOR-POLICY', exit: 3, says: /not signed by cosign/ },
  },
  {
    ...{ when: '412: the image is not scanned', arrange: () => inTurn(wants('prevent_vul'), scanned) },
    ...{ given: { task: 'verify' }, code: 'SW-HARBOR-POLICY', exit: 3, says: /without vulnerability scanning/ },
  },
  {
    ...{ when: '412: the tag is immutable', arrange: held, given: { inputs: { tags: 'v1' } } },
    ...{ code: 'SW-HARBOR-IMMUTABLE', exit: 5, says: /v1: there already, and immutable/ },
  },
  {
    ...{ when: '412: the tag is immutable, and nobody asked', arrange: held, given: { inputs: { ...blind, tags: 'v1' } } },
    ...{ code: 'SW-TAG-IMMUTABLE', exit: 5, says: /configured as immutable/ },
  },
  {
    ...{ when: '412: there is no scanner', arrange: pushed, given: { task: 'scan' } },
    ...{ code: 'SW-HARBOR-NO-SCANNER', exit: 4, says: /has no scanner for the project team/ },
  },
  { when: '403: the quota is used up', arrange: full, code: 'SW-HARBOR-QUOTA', exit: 4, says: /delete old images or raise the quota/ },
  {
    ...{ when: '403: the quota is used up, and nobody asked', arrange: full, given: { inputs: blind } },
    ...{ code: 'SW-HARBOR-QUOTA', exit: 4, says: /will exceed the configured upper limit/ },
  },
  { when: '403: read-only mode', arrange: readOnly, code: 'SW-HARBOR-READ-ONLY', exit: 4, says: /nothing can be pushed/ },
  {
    ...{ when: '403: read-only mode, and nobody asked', arrange: readOnly, given: { inputs: blind } },
    ...{ code: 'SW-HARBOR-READ-ONLY', exit: 4, says: /read only mode/ },
  },
  {
    ...{ when: 'the job service is down', arrange: () => inTurn(scanned, down('jobservice')), given: { task: 'scan' } },
    ...{ code: 'SW-HARBOR-FAILED', exit: 6, says: /job service may be down/ },
  },
  {
    ...{ when: 'the registry is down', arrange: down('registry'), given: { inputs: blind } },
    ...{ code: 'SW-REGISTRY-UNREACHABLE', exit: 6, says: /502/ },
  },
  { when: 'the core is down', arrange: down('core'), code: 'SW-REGISTRY-UNREACHABLE', exit: 6, says: /502/ },
]

describe('a fault of Harbor', () => {
  test.each(faults)('$when: $code', async ({ arrange, given = {}, code, exit, says }) => {
    await arrange()
    harbor.log.length = 0
    const { failure } = await run(given)
    expect(failure).toMatchObject({ code, exit })
    expect(`${String(failure)} ${String((failure as { hint?: string }).hint)}`).toMatch(says)
  })

  it('of 401 is answered by two requests with a credential, and no third', async () => {
    await run({ account: { ...robotNamed(), password: 'Wrong-Secret1' }, inputs: blind })
    const shown = harbor.asked.filter(({ target, headers }) => target.includes('/v2/') && headers.authorization !== undefined)
    const byUrl = Map.groupBy(shown, ({ method, target }) => `${method} ${target}`)
    expect(Math.max(...[...byUrl.values()].map(({ length }) => length))).toBeLessThanOrEqual(2)
  })

  it.each([
    ['a project that is not empty', { method: 'DELETE', path: '/projects/team', doing: 'delete the project team' }, 'SW-HARBOR-CONFLICT'],
    ['a robot where a user is asked for', { method: 'GET', path: '/users/current', doing: 'tell who we are' }, 'SW-HARBOR-CONFLICT'],
  ] satisfies readonly (readonly [string, HarborCall, string])[])('412 of %s is told as that', async (what, call, code) => {
    await pushImage(harbor, 'team/app')
    const account = what.startsWith('a robot') ? robot : { username: 'admin', password: 'admin-Passw0rd' }
    const client = connectHarbor({ origin: harbor.url, credential: credentialOf(account) }, scene.client.ports)
    await expect(client.send(call)).rejects.toMatchObject({ code, exit: 5 })
  })
})

it('a tag moves in a project that is over its quota: Harbor takes a manifest again that it has', async () => {
  await pushed()
  full()
  expect((await run({ task: 'tag', inputs: { tags: 'v2' } })).failure).toBeUndefined()
})

describe('labels of a push', () => {
  const labelling = ['label:list', 'label:create', 'artifact-label:create']

  it('are made where they are not there, and read back', async () => {
    const { failure, summary } = await run({
      account: addRobot(harbor, 'team', [...rights, ...labelling]),
      inputs: { 'harbor-labels': 'tested' },
    })
    expect([failure, summary.at(-1)]).toEqual([undefined, { kind: 'text', text: 'Labels: tested' }])
  })

  it('that are denied fail the task, of which the record has the push all the same', async () => {
    const { failure, record, outputs } = await run({ inputs: { 'harbor-labels': 'tested' } })
    expect(failure).toMatchObject({ code: 'SW-HARBOR-DENIED' })
    expect([record.pushes, outputs.get('digest')]).toEqual([[expect.objectContaining({ digest })], digest])
  })
})

describe('a Harbor that is busy for a while', () => {
  it.each([
    ['429 with the seconds to wait', { status: 429, headers: { 'retry-after': '7' } }],
    ['500 without a word', { status: 500, headers: {} }],
    ['a page of its proxy', { status: 502, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') }],
  ])('is waited for: %s', async (_, reply) => {
    harbor.instead(/\/v2\/team\/app\/manifests/, reply)
    harbor.instead(/\/api\/v2\.0\/users\/current/, reply)
    expect((await run({})).failure).toBeUndefined()
    expect(scene.client.clock.slept.length).toBeGreaterThan(1)
    if (reply.status === 429) expect(scene.client.clock.slept).toContain(7000)
  })

  it('because of another job’s wrong password is asked again after two seconds', async () => {
    const user = addUser(harbor.state, 'alice')
    team(harbor).members.push({ id: 1, user, role: 2 })
    const account = { username: user.name, password: user.password }
    await pushed()
    const challenge = { 'www-authenticate': 'Basic realm="harbor"', 'content-type': 'application/json' }
    for (let time = 0; time < 2; time += 1) harbor.instead(/^HEAD \/v2\/team\/app\/manifests/, { status: 401, headers: challenge })
    const { failure } = await run({ task: 'tag', account, inputs: { tags: 'v1' } })
    expect([failure, scene.client.clock.slept]).toEqual([undefined, expect.arrayContaining([2000])])
  })
})

function robotNamed(): { username: string } {
  return { username: 'robot$team+ci1' }
}
