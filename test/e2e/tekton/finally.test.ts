import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll } from '../../real/act.ts'
import { give, Namespace, type Volume } from '../../real/cluster.ts'
import { freeAddress } from '../../real/docker-registry.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { type GitServer, startGitServer } from '../../real/git-server.ts'
import { output } from '../../real/program.ts'
import { claimed, generated, type Params, type PipelineRunEnd, params, pipelineEnd, runTask, startPipeline } from '../../real/tekton.ts'
import { until } from '../../real/until.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('finally')).path
let namespace: Namespace
let server: GitServer

const passing = `import { test } from 'node:test'\ntest('one', () => undefined)\n`
const failing = `${passing}test('two', () => { throw new Error('two is not one') })\n`

beforeAll(async () => {
  for (const [name, text] of Object.entries({ good: passing, bad: failing })) {
    const project = join(folder, 'projects', name)
    fill(project, { 'test/one.test.js': text, 'app/data.txt': name, 'package.json': '{"type":"module"}' })
    await output(['git', '-C', project, 'init', '--quiet'])
    await commitAll(project)
    await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', `${name}.git`)])
  }
  server = stack.use(await startGitServer(join(folder, 'served'), address))
  namespace = stack.use(await Namespace.create('finally'))
  await namespace.apply(generated(image))
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

const given = (name: string, more: Params = {}): readonly unknown[] =>
  params({
    'source-repository': `${server.url}/${name}.git`,
    'test-image': image,
    'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
    'test-reports': ['junit.xml'],
    'build-base': 'scratch',
    'build-layers': ['app:/data'],
    'build-cmd': ['/data/program'],
    'push-image': `${registry}/finally/${name}`,
    'push-plain-http': 'true',
    'push-tags': ['1.0.0'],
    ...more,
  })

const spec = ({ claim }: Volume, values: readonly unknown[]): Readonly<Record<string, unknown>> => ({
  pipelineRef: { name: 'slipway-release' },
  workspaces: [claimed('source', claim)],
  params: values,
})

const statuses = ({ tasks }: PipelineRunEnd): Readonly<Record<string, boolean>> =>
  Object.fromEntries(Object.entries(tasks).map(([name, { succeeded }]) => [name, succeeded]))

/** What the report has left in the workspace, without Markdown's escapes. */
const told = ({ folder: workspace }: Volume): string =>
  readFileSync(join(workspace, '.slipway', 'summary-report.md'), 'utf8').replaceAll('\\', '')

/** Seconds: five roads at once share the node with others. */
const patience = 240

interface Ended {
  readonly volume: Volume
  readonly run: PipelineRunEnd
}

/** Runs the road in a workspace of its own, where an earlier run may have left something. */
async function road(claim: string, values: readonly unknown[], before: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const volume = await namespace.claim(claim)
  fill(volume.folder, before)
  give(volume.folder)
  return { volume, run: await pipelineEnd(namespace, await startPipeline(namespace, spec(volume, values)), patience) }
}

const old = { schemaVersion: '1.0', pushes: [{ image: 'registry.example/old', digest: `sha256:${'a'.repeat(64)}`, tags: [] }] }

const scenarios = {
  good: () => road('good', given('good')),
  'failing test': () => road('failing', given('bad'), { '.slipway/record.json': JSON.stringify(old) }),
  'no registry': async () =>
    road('unpushed', given('good', { 'push-image': `${await freeAddress(address)}/app`, 'push-preflight': 'off' })),
  'no repository': () => road('empty', given('none')),
  async stopped(): Promise<Ended> {
    const volume = await namespace.claim('stopped')
    const wait = given('good', { 'test-command': ['node', '-e', `console.log('waiting'); setTimeout(() => undefined, 600_000)`] })
    const name = await startPipeline(namespace, spec(volume, wait))
    await until('the program runs', async () => (await namespace.logs(`${name}-test-pod`)).includes('waiting'))
    await namespace.change(`pipelinerun/${name}`, { spec: { status: 'CancelledRunFinally' } })
    return { volume, run: await pipelineEnd(namespace, name, patience) }
  },
} as const

describe('the road, whatever happens, ends with a report', () => {
  const ends = new Map<keyof typeof scenarios, Promise<Ended>>()

  // All at once: most of the time of a pod is waiting.
  beforeAll(async () => {
    for (const name of Object.keys(scenarios) as (keyof typeof scenarios)[]) ends.set(name, scenarios[name]())
    await Promise.allSettled(ends.values())
  }, 600_000)

  async function endOf(name: keyof typeof scenarios): Promise<Ended> {
    const end = await ends.get(name)
    if (end === undefined) throw new Error(`${name} was not begun`)
    return end
  }

  it('that tells what was pushed', async () => {
    const { run, volume } = await endOf('good')
    expect([run.succeeded, statuses(run), run.tasks['report']?.results]).toEqual([
      true,
      { source: true, preflight: true, test: true, build: true, sbom: true, push: true, report: true },
      { status: 'passed', headline: `passed · 1 passed · ${registry}/finally/good:1.0.0` },
    ])
    expect(told(volume)).toContain(`${registry}/finally/good@${run.results['push-digest']}`)
  })

  it('that names the task which failed, and tells an earlier run apart', async () => {
    const { run, volume } = await endOf('failing test')
    const { report } = run.tasks
    expect([run.succeeded, statuses(run), report?.results]).toEqual([
      false,
      { source: true, preflight: true, test: false, report: true },
      { status: 'failed', headline: 'failed at test · 1 failed, 1 passed' },
    ])
    expect(report?.log).toMatch(
      /✓ passed +source\n✓ passed +preflight\n✗ failed +test\n· not run +build\n· not run +sbom\n· not run +scan\n· not run +push\n/,
    )
    expect(told(volume)).toMatch(/earlier run.*registry\.example\/old/s)
  })

  it('that names push where the registry is not there, and what was made before', async () => {
    const { run } = await endOf('no registry')
    const digest = run.tasks['build']?.results['digest']
    expect([run.succeeded, statuses(run), run.tasks['report']?.results]).toEqual([
      false,
      { source: true, preflight: true, test: true, build: true, sbom: true, push: false, report: true },
      { status: 'failed', headline: `failed at push · 1 passed · ${String(digest)}` },
    ])
  })

  it('also in a workspace that nothing has been put into', async () => {
    const { run, volume } = await endOf('no repository')
    expect([run.succeeded, statuses(run), run.tasks['report']?.results]).toEqual([
      false,
      { source: false, report: true },
      { status: 'failed', headline: 'failed at source' },
    ])
    expect(told(volume)).toContain('The release record has nothing')
  })

  it('also when it is stopped gracefully', async () => {
    const { run } = await endOf('stopped')
    const { report } = run.tasks
    expect([run.reason, report?.succeeded, report?.results]).toEqual([
      'Cancelled',
      true,
      { status: 'failed', headline: expect.stringMatching(/^failed at test/) },
    ])
  })

  it('and with the verdict of the tests as Konflux reads it', async () => {
    const verdicts = await Promise.all(
      (['good', 'failing test'] as const).map(async (name) => (await endOf(name)).run.tasks['test']?.results['TEST_OUTPUT']),
    )
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
    expect(verdicts.map((text) => JSON.parse(String(text)) as unknown)).toEqual([
      { result: 'SUCCESS', timestamp, successes: 1, failures: 0, warnings: 0, note: '1 passed' },
      { result: 'FAILURE', timestamp, successes: 1, failures: 1, warnings: 0, note: '1 failed, 1 passed' },
    ])
  })
})

it('a record that is torn is told, and no reason to fail', async () => {
  const volume = await namespace.claim('torn')
  fill(volume.folder, { '.slipway/record.json': '{"schemaVersion":"1.0","tests":' })
  give(volume.folder)
  const run = await runTask(namespace, {
    taskRef: { name: 'slipway-report' },
    workspaces: [claimed('source', volume.claim)],
    params: params({ status: 'Failed' }),
  })
  expect(run).toMatchObject({ succeeded: true, results: { status: 'failed', headline: 'failed' } })
  expect(run.log).toContain('SW-RECORD-BROKEN')
}, 300_000)
