import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../test/fakes/ports.ts'
import { type FakeRegistry, startFakeRegistry } from '../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../test/fakes/registry-client.ts'
import { faults } from '../../test/fakes/registry-faults.ts'
import { resolveTag } from '../domain/oci/manifests.ts'
import { beginAhead } from '../domain/oci/upload-ahead.ts'
import { fill, temporaryFolder } from '../io/fixtures/folder.ts'
import type { Http } from '../spec/ports.ts'
import { emptyRecord, type ReleaseRecord } from '../spec/record/record.ts'
import { tasks } from '../tasks/registry.ts'
import { fakeSession, kinds } from './road.fake.ts'
import { recordOf } from './run.fake.ts'
import { runPipeline } from './run.ts'
import type { Step } from './step.ts'
import { sendAhead } from './uploads-ahead.ts'

const large = 9 * 2 ** 20
const root = temporaryFolder()
let folder: string
let registry: FakeRegistry
let client: TestClient

beforeEach(async () => {
  folder = mkdtempSync(join(root, 'road-'))
  fill(folder, { 'app/data': randomBytes(large), 'slipway.yaml': '' })
  registry = await startFakeRegistry()
  client = testClient()
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

/** Builds and pushes; what was asked of the registry for blobs since, and where the tag points. */
async function run(push: Readonly<Record<string, string>> = {}, compression = 'gzip') {
  const given = JSON.stringify({ image: `${registry.address}/team/app`, tags: 'v1', ...push })
  const built = `{ context: app, plan: folder, base: scratch, entrypoint: '["/app/data"]', compression: ${compression} }`
  writeFileSync(join(folder, 'slipway.yaml'), `tasks:\n  - build: ${built}\n  - push: ${given}\n`)
  const { session } = await fakeSession(folder, { environment: { HOME: folder } })
  const before = registry.asked.length
  const failures = { kinds: [], bug: kinds.bug }
  const here = { ...session, ports: (task: string) => ({ ...session.ports(task), clock: client.clock }) }
  const end = await runPipeline({ session: here, tasks, overrides: [], resume: false, failures, asAction: false, folder: '' })
  session.close()
  const asked = registry.asked.slice(before).filter(({ path }) => path.includes('/blobs/uploads'))
  const tagged = (await resolveTag(client.connect(registry.address).repository('team/app'), 'v1'))?.digest
  const sizes = (method: string): (string | undefined)[] =>
    asked.filter((one) => one.method === method).map(({ headers }) => headers['content-length'])
  return {
    status: end.status,
    failure: end.failure,
    isTagged: tagged === recordOf(folder).subject?.digest,
    asked: asked.map(({ method }) => method),
    sizes,
  }
}

describe('a layer that is packed and pushed by one road', () => {
  test.each(['gzip', 'zstd', 'none'])('is sent while it is packed, and committed by the push: %s', async (compression) => {
    const { status, isTagged, sizes } = await run({}, compression)
    expect([status, isTagged]).toEqual(['passed', true])
    expect(sizes('PATCH')).toEqual([undefined])
    // The layer's, and that of the configuration.
    expect(sizes('PUT').filter((size) => size === '0')).toHaveLength(1)
    expect(sizes('PUT')).toHaveLength(2)
  })

  test('is not sent again when nothing has changed', async () => {
    // What was written just before the first run may have changed unseen since: the second packs it again.
    for (let before = 0; before < 2; before += 1) await run()
    expect((await run()).asked).toEqual([])
  })

  test('is given up when the registry turns out to have it', async () => {
    await run({ tags: '' })
    rmSync(join(folder, '.slipway'), { recursive: true })
    const { status, isTagged, asked } = await run()
    expect([status, isTagged]).toEqual(['passed', true])
    expect(asked).toEqual(['POST', 'PATCH', 'DELETE'])
  })

  test('is not sent where the repository has images: a machine that sees it first does not know whether it has changed', async () => {
    await run()
    rmSync(join(folder, '.slipway'), { recursive: true })
    expect((await run()).asked).toEqual([])
  })

  test('is sent there too when a layer that this machine knows has changed', async () => {
    await run()
    const path = join(folder, 'app/data')
    const before = readFileSync(path)
    writeFileSync(path, Buffer.concat([before.subarray(0, large / 2), randomBytes(large / 2)]))
    const { isTagged, sizes } = await run()
    expect([isTagged, sizes('PATCH')]).toEqual([true, [undefined]])
  })

  test('is not sent where nobody may look what is there', async () => {
    registry.fail(faults.status(/tags\/list/, 403))
    const { status, sizes } = await run()
    expect([status, sizes('PATCH')]).toEqual(['passed', []])
  })

  test.each([
    ['refuses to begin', faults.status(/^POST .*uploads/, 403, { times: 1 })],
    ['is gone for a while', faults.cut(/^PATCH /, 1)],
    ['cuts it', faults.cutBody(/^PATCH /, 1_000_000, 1)],
    ['refuses it', faults.status(/^PATCH /, 405)],
    ['keeps less than it was sent', faults.header(/^PATCH /, 'range', '0-99')],
  ])('is pushed as ever where the registry %s', async (_, fault) => {
    registry.fail(fault)
    const { status, isTagged, sizes } = await run()
    expect([status, isTagged]).toEqual(['passed', true])
    expect(sizes('PUT').some((size) => Number(size) > large)).toBe(true)
  })

  test('is said not to be pushed, but not that it was not sent, where the push refuses', async () => {
    const { failure, asked } = await run({ 'harbor-labels': 'tested' })
    expect(failure).toMatchObject({ code: 'SW-INPUT-INVALID', safe: 'nothing was pushed' })
    expect(asked).toEqual(['POST', 'PATCH', 'DELETE'])
  })

  test('is sent in the requests that are asked for', async () => {
    const { sizes, isTagged } = await run({ 'chunk-size': '4MiB' })
    expect(isTagged).toBe(true)
    expect(sizes('PATCH')).toHaveLength(3)
    expect(sizes('PATCH').every((size) => Number(size) <= 4 * 2 ** 20)).toBe(true)
  })

  test('a small one has two requests, as ever', async () => {
    writeFileSync(join(folder, 'app/data'), 'small')
    const { asked, isTagged } = await run()
    expect([isTagged, asked.includes('PATCH')]).toEqual([true, false])
  })
})

describe('whether anything is sent before its push', () => {
  const image = 'registry.example/app'
  const stepOf = (name: string, given: Readonly<Record<string, string>> = {}): Step => {
    const task = tasks.find(({ definition }) => definition.name === name)
    if (task === undefined) throw new Error(`no task ${name}`)
    return { task, inputs: new Map(Object.entries(given)) }
  }
  /** Of each build, whether a large blob has somewhere to go. */
  const sentBy = async (steps: readonly Step[], record: ReleaseRecord = emptyRecord): Promise<readonly boolean[]> => {
    const { ports } = fakePorts()
    const http: Http = { request: () => Promise.reject(new Error('nobody is there')) }
    const sent: boolean[] = []
    for (const [at, { task }] of steps.entries()) {
      await sendAhead(steps.slice(at), record, { ports: () => ({ ...ports, http }) })
      const ahead = beginAhead(http, large, () => true)
      ahead?.abandon()
      if (task.definition.name === 'build') sent.push(ahead !== undefined)
    }
    return sent
  }
  const push = stepOf('push', { image })

  test.each<[boolean, string, readonly Step[]]>([
    [true, 'the push is next', [stepOf('source'), stepOf('test'), stepOf('build'), push]],
    [true, 'only an SBOM comes between', [stepOf('build'), stepOf('sbom'), push]],
    [true, 'others come behind', [stepOf('build'), push, stepOf('tag')]],
    [false, 'a scan may refuse', [stepOf('build'), stepOf('scan'), push]],
    [false, 'a test may fail', [stepOf('build'), stepOf('test'), push]],
    [false, 'a preflight may refuse', [stepOf('build'), stepOf('preflight', { image }), push]],
    [false, 'nothing is pushed', [stepOf('build'), stepOf('sbom')]],
    [false, 'nothing is built', [push]],
    [false, 'the build comes behind', [push, stepOf('build')]],
    [false, 'something else is pushed', [stepOf('build'), stepOf('push', { image, digest: `sha256:${'0'.repeat(64)}` })]],
    [false, 'requests have a size', [stepOf('build'), stepOf('push', { image, 'chunk-size': '50MiB' })]],
    [
      false,
      'the registry keeps one part',
      [stepOf('build'), stepOf('push', { image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app' })],
    ],
    [false, 'the inputs are at fault', [stepOf('build'), stepOf('push', { image, username: 'bob' })]],
  ])('%s where %s', async (expected, _, steps) => {
    expect((await sentBy(steps)).includes(true)).toBe(expected)
  })

  test.each([
    ['its own push alone', [stepOf('build'), push, stepOf('build'), stepOf('sbom'), push], [true, true]],
    ['nothing that is pushed before it', [stepOf('build'), push, stepOf('build'), stepOf('scan'), push], [true, false]],
    ['nothing that is not its own', [stepOf('build'), stepOf('build'), push, stepOf('build')], [false, true, false]],
  ])('a build of several looks at %s', async (_, steps, expected) => {
    expect(await sentBy(steps)).toEqual(expected)
  })

  test('none is where a scan has spoken before: the push asks what it said', async () => {
    const severities = { critical: 1, high: 0, medium: 0, low: 0, unknown: 0 }
    const findings = { subject: `sha256:${'0'.repeat(64)}`, severities, verdict: 'fail' } as const
    expect(await sentBy([stepOf('build'), push], { ...emptyRecord, findings })).toEqual([false])
  })
})
