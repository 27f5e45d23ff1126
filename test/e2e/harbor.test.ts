/**
 * The road to a Harbor whose project lets nobody pull what is not signed and not scanned: against the Harbor that SLIPWAY_HARBOR_URL,
 * SLIPWAY_HARBOR_USERNAME and SLIPWAY_HARBOR_PASSWORD name, or else against the fake. Scenes are set and looked at by Harbor's public
 * API and by programs of others.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { repository as ours } from '../real/example.ts'
import { fill, temporaryFolder } from '../real/folder.ts'
import { type Account, loginFolder, openHarbor, type Shown, type TestHarbor } from '../real/harbor.ts'
import { type Ended, end, output } from '../real/program.ts'
import { until } from '../real/until.ts'
import { findingsOf, isGrave } from './harbor/findings.ts'
import { insecure, type RoadEnd, type Runtime, runtimes } from './harbor/runtimes.ts'
import type { Finding } from './harbor/scanner.ts'
import { exceptionsOf, type Keys, makeKeys, tags } from './harbor/service.ts'

/** All that the road asks of a robot. */
const rights = [
  ...['repository:push', 'repository:pull', 'artifact:read', 'artifact-addition:read', 'accessory:list'],
  ...['scan:create', 'scanner:read', 'project:read', 'quota:read'],
]
const trust = { enable_content_trust_cosign: 'true' }
const guards = { ...trust, prevent_vul: 'true', severity: 'high', auto_scan: 'true', reuse_sys_cve_allowlist: 'false' }
const { LAB_ADDRESS: address = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('harbor')).path

let harbor: TestHarbor
let project: string
let keys: Keys
let robot: Account
let readers: string
/** What the scanner of this Harbor finds in the service: the project and the service both accept it. */
let findings: readonly Finding[]
const ends = new Map<string, Promise<Ends>>()

/** What the roads of one runtime leave. */
interface Ends {
  /** Where nothing of what the scanner finds is accepted. */
  readonly refused: Left
  readonly passed: Left
  /** The same road once more, of the same commit. */
  readonly again: Left | undefined
}

interface Left {
  readonly repository: string
  readonly road: RoadEnd
  readonly images: readonly Shown[]
}

beforeAll(async () => {
  harbor = stack.use(await openHarbor(address))
  project = await harbor.project('guarded', guards)
  keys = await makeKeys(join(folder, 'keys'))
  await makeKeys(join(folder, 'other'))
  robot = await harbor.robot(project, rights)
  readers = loginFolder(join(folder, 'reader'), harbor.registry, await harbor.robot(project, ['repository:pull']))
  findings = await findingsOf({ harbor, project, folder: join(folder, 'probe'), robot, stack })
  const items = idsOf(findings).map((id) => ({ cve_id: id }))
  await harbor.call('PUT', `/projects/${project}`, { body: { cve_allowlist: { items } } })
  // All at once: most of the time of a pod is waiting.
  for (const name of Object.keys(runtimes)) {
    const started = roadsOn(name)
    started.catch(() => undefined)
    ends.set(name, started)
  }
}, 2_000_000)

afterAll(() => stack.disposeAsync(), 360_000)

/** Each once: Harbor answers 500 to an allowlist that says one twice. */
function idsOf(found: readonly Finding[]): readonly string[] {
  return [...new Set(found.map(({ id }) => id))]
}

async function roadsOn(name: string): Promise<Ends> {
  const kind = runtimes[name]
  if (kind === undefined) throw new Error(`no runtime is called ${name}`)
  const short = name.replace(/^a /, '').toLowerCase()
  const own = join(folder, short)
  mkdirSync(own)
  const runtime = await kind.open({ folder: own, harbor, project, robot, keys, stack, exceptions: exceptionsOf(idsOf(findings)) })
  const refusing = left(runtime, `${short}-refused`, false)
  if (kind.isShared) await refusing
  const [refused, passed] = await Promise.all([refusing, left(runtime, short, true)])
  return { refused, passed, again: kind.isShared ? await left(runtime, short, true) : undefined }
}

async function left(runtime: Runtime, name: string, isAccepted: boolean): Promise<Left> {
  const repository = `${project}/${name}`
  return { repository, road: await runtime.run(name, isAccepted), images: await harbor.images(repository) }
}

function indexOf({ images }: Left): Shown {
  const [index, ...others] = images.filter(({ references }) => references.length > 0)
  if (index === undefined || others.length > 0) throw new Error(`${images.length} images are there, expected one index`)
  return index
}

/** As somebody who may pull and nothing else. */
const asReader = (argv: readonly string[], cwd = folder): Promise<Ended> =>
  end(argv, { cwd, env: { ...process.env, DOCKER_CONFIG: readers, SLIPWAY_HOST: 'local', ...insecure(harbor) } })
const pull = (image: string): Promise<Ended> =>
  asReader(['crane', 'pull', ...(harbor.isPlainHttp ? ['--insecure'] : []), `${harbor.registry}/${image}`, '/dev/null'])
const slipway = [process.execPath, join(ours, 'dist', 'slipway', 'index.js')]

/** Each push of a tag has Harbor scan again, and nobody may pull meanwhile. */
async function pulled(image: string): Promise<void> {
  let last: Ended | undefined
  const isPulled = async (): Promise<boolean> => {
    last = await pull(image)
    return last.status === 0
  }
  await until(`${image} can be pulled`, isPulled, 300, 500).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${last?.stderr}`)
  })
}

describe.each(Object.keys(runtimes))('the road on %s', (name) => {
  let refused: Left
  let passed: Left

  beforeAll(async () => {
    const all = await ends.get(name)
    if (all === undefined) throw new Error(`nothing ran on ${name}`)
    ;({ refused, passed } = all)
  }, 1_200_000)

  it('ends at the gate, where nobody accepts what the scanner found: nothing is signed, and no tag moves', () => {
    expect(refused.road).toMatchObject({
      succeeded: false,
      tasks: { test: true, build: true, sbom: true, push: true, scan: false },
    })
    expect(Object.keys(refused.road.tasks).toSorted()).toEqual(['build', 'push', 'sbom', 'scan', 'test'])
    for (const { id } of findings.filter(isGrave)) expect(refused.road.log).toContain(id)
    expect(refused.images.map((image) => ({ tags: image.tags, accessories: image.accessories }))).toEqual(
      refused.images.map(() => ({ tags: [], accessories: [] })),
    )
    expect(indexOf(refused).references).toHaveLength(2)
  })

  it('leaves what it stopped at where nobody can pull it', async () => {
    const { status, stderr } = await pull(`${refused.repository}@${indexOf(refused).digest}`)
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('PROJECTPOLICYVIOLATION') })
  })

  it('goes to its end, where it is accepted', () => {
    const all = ['test', 'build', 'sbom', 'push', 'scan', 'sign', 'attest', 'verify', 'tag']
    expect(passed.road).toMatchObject({
      succeeded: true,
      tasks: Object.fromEntries(all.map((task) => [task, true])),
    })
    expect(Object.keys(passed.road.tasks).toSorted()).toEqual(all.toSorted())
    expect(indexOf(passed).tags).toEqual(tags.toSorted())
  })

  it('has Harbor list a signature of every manifest, SBOMs of the platforms, and what was attested of all', () => {
    const byDigest = new Map(passed.images.map(({ digest, accessories }) => [digest, accessories.map(({ type }) => type)]))
    const index = indexOf(passed)
    expect(index.references.map((digest) => byDigest.get(digest)?.length)).toEqual([2, 2])
    expect(index.accessories).toHaveLength(4)
    expect(new Set(index.accessories.map(({ type }) => type))).toEqual(new Set(['signature.cosign']))
    // Nothing but the image and its platforms: no tag of cosign 2 shows as an image of its own.
    expect(passed.images).toHaveLength(3)
  })

  it('is what anybody can pull now, by tag and each platform', async () => {
    await pulled(`${passed.repository}:latest`)
    for (const digest of indexOf(passed).references) await pulled(`${passed.repository}@${digest}`)
  }, 1_000_000)

  it('is verified by a stranger, with our program and with cosign, and not by another key', async () => {
    const image = `${harbor.registry}/${passed.repository}:latest`
    const cosign = (key: string): Promise<Ended> => {
      const plain = harbor.isPlainHttp ? ['--allow-http-registry'] : []
      return asReader(['cosign', 'verify', ...plain, '--insecure-ignore-tlog', '--key', key, image])
    }
    const verify = (key: string): Promise<Ended> => asReader([...slipway, 'verify', '--image', image, '--key', key, '--require', 'vsa'])
    expect(await cosign('keys/cosign.pub')).toMatchObject({ status: 0 })
    expect((await cosign('other/cosign.pub')).status).not.toBe(0)
    expect(await verify('keys/cosign.pub')).toMatchObject({ status: 0 })
    expect(await verify('other/cosign.pub')).toMatchObject({ status: 3 })
  }, 300_000)
})

describe('a chart', () => {
  const chart = {
    'hello/Chart.yaml': 'apiVersion: v2\nname: hello\nversion: 1.4.0\ndescription: says hello\n',
    'hello/values.yaml': 'greeting: hello\n',
    'hello/templates/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: hello }\ndata: { greeting: {{ .Values.greeting }} }\n',
  }
  const own = join(folder, 'chart')
  const helm = (...argv: string[]): Promise<Ended> => {
    const homes = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, join(own, `helm-${kind}`)]))
    const env = { ...process.env, ...homes, HELM_REGISTRY_CONFIG: join(readers, 'config.json') }
    return end(['helm', ...argv, ...(harbor.isPlainHttp ? ['--plain-http'] : [])], { cwd: own, env })
  }

  it('goes the same road, is listed as one, and is rendered by helm once it is signed', async () => {
    const place = `${harbor.registry}/${project}/hello`
    fill(own, {
      ...chart,
      'push.yaml': `tasks:\n  - build: { context: hello }\n  - push: { image: ${place} }\n`,
      'slipway.yaml': `tasks:\n  - build: { context: hello }\n  - push: { image: ${place} }\n  - sign: { key: ../keys/cosign.key }\n  - verify: { key: ../keys/cosign.pub }\n`,
    })
    const run = async (file: string): Promise<void> => {
      const login = loginFolder(join(own, 'login'), harbor.registry, robot)
      const env = { ...process.env, SLIPWAY_HOST: 'local', COSIGN_PASSWORD: keys.password, DOCKER_CONFIG: login, ...insecure(harbor) }
      await output([...slipway, 'run', '--file', file], { cwd: own, env })
    }
    await run('push.yaml')
    expect((await helm('template', 'release', `oci://${place}`, '--version', '1.4.0')).status).not.toBe(0)
    await run('slipway.yaml')
    expect(await harbor.image(`${project}/hello`, '1.4.0')).toMatchObject({
      type: 'CHART',
      tags: ['1.4.0'],
      accessories: [{ type: 'signature.cosign' }],
    })
    expect(await helm('template', 'release', `oci://${place}`, '--version', '1.4.0')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('data: { greeting: hello }'),
    })
  }, 300_000)
})

describe('promotion from one project to another', () => {
  it('takes what hangs on the image along, though nobody may mount from there', async () => {
    const { passed } = (await ends.get('a laptop')) ?? {}
    if (passed === undefined) throw new Error('there is nothing to promote')
    await pulled(`${passed.repository}:1.0.0`)
    const production = await harbor.project('production', trust)
    // It may not even read the project that the image comes from.
    const releaser = await harbor.robot(production, ['repository:push', 'repository:pull'])
    const argv = ['promote', '--from', `${harbor.registry}/${passed.repository}:1.0.0`, '--to', `${harbor.registry}/${production}/service`]
    const accounts = ['--username', releaser.username, '--password-from-env', 'TO_PASSWORD', '--from-username', robot.username]
    const env = {
      ...process.env,
      SLIPWAY_HOST: 'local',
      TO_PASSWORD: releaser.password,
      FROM_PASSWORD: robot.password,
      ...insecure(harbor),
    }
    const promoted = await end([...slipway, ...argv, ...accounts, '--from-password-from-env', 'FROM_PASSWORD', '--tags', '1.0.0,stable'], {
      cwd: folder,
      env,
    })
    expect(promoted).toMatchObject({ status: 0 })
    const there = await harbor.images(`${production}/service`)
    const [before, after] = [await harbor.images(passed.repository), there]
    const plain = (all: readonly Shown[]): unknown =>
      all.map(({ digest, accessories }) => ({ digest, accessories })).toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
    expect(plain(after)).toEqual(plain(before))
    expect(await harbor.image(`${production}/service`, 'stable')).toMatchObject({ tags: ['1.0.0', 'stable'] })
  }, 1_200_000)
})

describe.each(Object.keys(runtimes).filter((name) => runtimes[name]?.isShared))('the same road once more on %s', (name) => {
  it('changes nothing but what the scanner says now', async () => {
    const { passed, again } = (await ends.get(name)) ?? {}
    if (passed === undefined || again === undefined) throw new Error(`two roads have gone on ${name}`)
    expect(again.road).toMatchObject({ succeeded: true, tasks: passed.road.tasks })
    const [before, after] = [indexOf(passed), indexOf(again)]
    const others = (end: Left): readonly Shown[] => end.images.filter(({ digest }) => digest !== before.digest)
    expect(others(again)).toEqual(others(passed))
    expect({ ...after, accessories: [] }).toEqual({ ...before, accessories: [] })
    expect(after.accessories).toEqual(expect.arrayContaining([...before.accessories]))
    // The findings, and the verdict on them.
    expect(after.accessories).toHaveLength(before.accessories.length + 2)
  }, 1_200_000)
})
