import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { give, kubectl, Namespace, type Volume } from '../../real/cluster.ts'
import { type DockerRegistry, freeAddress, startDockerRegistry } from '../../real/docker-registry.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { end } from '../../real/program.ts'
import { readRecord, slipway } from '../../real/task-image.ts'
import {
  claimed,
  generated,
  type Params,
  type PipelineRunEnd,
  params,
  pipelineEnd,
  runPipeline,
  runTask,
  startPipeline,
  startTask,
  taskEnd,
} from '../../real/tekton.ts'
import { until } from '../../real/until.ts'

const { LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('failures')).path
let namespace: Namespace
let registry: DockerRegistry

beforeAll(async () => {
  namespace = stack.use(await Namespace.create('failures'))
  await namespace.apply(generated(image))
  registry = await startDockerRegistry(folder, await freeAddress(address))
  stack.defer(() => registry[Symbol.asyncDispose]())
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

const passing = `import { test } from 'node:test'\ntest('one', () => undefined)\n`
const failing = `${passing}test('two', () => { throw new Error('two is not one') })\n`

async function project(claim: string, files: Readonly<Record<string, string>>): Promise<Volume> {
  const volume = await namespace.claim(claim)
  fill(volume.folder, files)
  give(volume.folder)
  return volume
}

const task = (name: string, { claim }: Volume, given: Params): Readonly<Record<string, unknown>> => ({
  taskRef: { name: `slipway-${name}` },
  workspaces: [claimed('source', claim)],
  params: params(given),
})
const build = { base: 'scratch', layers: ['app:/data'], cmd: ['/data/program'] }
const test = (...program: string[]): Params => ({ image, command: program, reports: ['junit.xml'] })
const nodeTest = test('node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml')
const push = (name: string): Params => ({ image: `${registry.address}/${name}`, tags: ['1.0.0', 'latest'], 'plain-http': 'true' })

/** The digest that a tag names, or undefined. */
async function tagged(name: string, tag = 'latest'): Promise<string | undefined> {
  const { status, stdout } = await end(['crane', 'digest', '--insecure', `${registry.address}/${name}:${tag}`])
  return status === 0 ? stdout.trim() : undefined
}

/** A workspace as a release and the build after it leave it: an image that has been pushed with its tags, and another that has not. */
async function released(name: string): Promise<{ readonly volume: Volume; readonly before: string; readonly next: string }> {
  const volume = await namespace.claim(name)
  const builds = async (text: string): Promise<string> => {
    fill(volume.folder, { 'app/data.txt': text })
    await slipway(volume.folder, 'build', '--base', 'scratch', '--layers', 'app:/data', '--cmd', '/data/program')
    return readRecord(volume.folder).subject.digest
  }
  const before = await builds('one')
  await slipway(volume.folder, 'push', '--image', `${registry.address}/${name}`, '--tags', '1.0.0,latest', '--plain-http')
  const next = await builds('two')
  give(volume.folder)
  expect([await tagged(name), before === next]).toEqual([before, false])
  return { volume, before, next }
}

/** Starts a push against a registry that has stopped to answer, and waits until its step runs. */
async function hangingPush(name: string, volume: Volume, spec: Readonly<Record<string, unknown>> = {}): Promise<string> {
  registry.pause()
  const run = await startTask(namespace, { ...task('push', volume, push(name)), ...spec })
  await until('the push runs', async () => (await namespace.logs(`${run}-pod`)).includes('slipway'))
  return run
}

async function repeats(name: string, volume: Volume, next: string): Promise<void> {
  expect(await runTask(namespace, task('push', volume, push(name)))).toMatchObject({ succeeded: true, results: { digest: next } })
  expect([await tagged(name), await tagged(name, '1.0.0')]).toEqual([next, next])
}

describe('a failing test', () => {
  it('stops the road with its cause, its results, and nothing built or pushed', async () => {
    const volume = await project('failing', { 'test/one.test.js': failing, 'app/data.txt': 'one' })
    const road = ['test', 'build', 'push'].map((name, index, names) => ({
      name,
      taskRef: { name: `slipway-${name}` },
      runAfter: names.slice(Math.max(index - 1, 0), index),
      workspaces: [{ name: 'source' }],
      params: params({ test: nodeTest, build, push: push('failing') }[name] ?? {}),
    }))
    const run = (): Promise<PipelineRunEnd> =>
      runPipeline(namespace, {
        pipelineSpec: { workspaces: [{ name: 'source' }], tasks: road },
        workspaces: [claimed('source', volume.claim)],
      })
    const stopped = await run()
    expect(stopped).toMatchObject({ succeeded: false, reason: 'Failed' })
    expect(Object.keys(stopped.tasks)).toEqual(['test'])
    expect(stopped.tasks['test']).toMatchObject({
      message: '"step-slipway" exited with code 3: Error',
      steps: [
        { name: 'run', exitCode: 1, reason: 'Continued' },
        { name: 'slipway', exitCode: 3 },
      ],
      results: { passed: '1', failed: '1' },
    })
    expect(stopped.tasks['test']?.log).toContain('two is not one')
    expect(await tagged('failing')).toBe(undefined)

    fill(volume.folder, { 'test/one.test.js': passing })
    expect(await run()).toMatchObject({ succeeded: true })
    expect(await tagged('failing')).toMatch(/^sha256:/)
  }, 300_000)

  it('that passes when it is tried again is a success that remembers the first attempt', async () => {
    const volume = await project('retried', {})
    const program = `fs.existsSync('tried') || (fs.writeFileSync('tried', ''), process.exit(7))`
    const spec = task('test', volume, { ...test('node', '-e', program), 'fail-on-no-tests': 'false' })
    const run = await runTask(namespace, { ...spec, retries: 1 })
    expect(run).toMatchObject({ succeeded: true, results: { passed: '0', failed: '0' }, before: [{ reason: 'StepFailed' }] })
  }, 300_000)
})

describe('a push', () => {
  it('to a registry that is stopped says so, leaves the tags, and succeeds when it is there again', async () => {
    const { volume, before, next } = await released('stopped')
    await registry[Symbol.asyncDispose]()
    const failed = await runTask(namespace, task('push', volume, push('stopped')))
    expect(failed).toMatchObject({ succeeded: false, steps: [{ name: 'slipway', exitCode: 6 }], results: { digest: '', image: '' } })
    expect(failed.log).toContain(`${registry.address}`)
    expect(failed.log).toContain('ECONNREFUSED')

    registry = await startDockerRegistry(folder, registry.address)
    expect(await tagged('stopped')).toBe(before)
    await repeats('stopped', volume, next)
  }, 480_000)

  it('that is cancelled leaves the tags, and succeeds when it is run again', async () => {
    const { volume, before, next } = await released('cancelled')
    const run = await hangingPush('cancelled', volume)
    await namespace.change(`taskrun/${run}`, { spec: { status: 'TaskRunCancelled' } })
    const cancelled = await taskEnd(namespace, run)
    registry.resume()
    expect(cancelled).toMatchObject({ succeeded: false, reason: 'TaskRunCancelled' })
    expect(await tagged('cancelled')).toBe(before)
    await repeats('cancelled', volume, next)
  }, 300_000)

  it('that takes longer than the TaskRun may leaves the tags, and succeeds when it is run again', async () => {
    const { volume, before, next } = await released('late')
    const run = await hangingPush('late', volume, { timeout: '30s' })
    const late = await taskEnd(namespace, run)
    registry.resume()
    expect(late).toMatchObject({ succeeded: false, reason: 'TaskRunTimeout' })
    expect(late.message).toContain('"30s"')
    expect(await tagged('late')).toBe(before)
    await repeats('late', volume, next)
  }, 300_000)

  // Tekton begins again by itself when it sees the pod gone, and counts a try when it sees the step end first.
  it('whose pod is evicted is begun again by Tekton and succeeds', async () => {
    const { volume, next } = await released('evicted')
    const run = await hangingPush('evicted', volume, { retries: 1 })
    await evict(`${run}-pod`)
    registry.resume()
    expect(await taskEnd(namespace, run)).toMatchObject({ succeeded: true, results: { digest: next } })
    expect(await tagged('evicted')).toBe(next)
  }, 300_000)
})

describe('a PipelineRun that is cancelled', () => {
  it('says so, and its tasks too, and succeeds when it is run again', async () => {
    const volume = await project('pipeline', { 'test/one.test.js': passing })
    const start = (given: Params): Promise<string> => {
      const only = { name: 'test', taskRef: { name: 'slipway-test' }, workspaces: [{ name: 'source' }], params: params(given) }
      const results = [{ name: 'passed', value: '$(tasks.test.results.passed)' }]
      return startPipeline(namespace, {
        pipelineSpec: { workspaces: [{ name: 'source' }], tasks: [only], results },
        workspaces: [claimed('source', volume.claim)],
      })
    }
    const name = await start(test('node', '-e', `console.log('waiting'); setTimeout(() => undefined, 600_000)`))
    await until('the program runs', async () => (await namespace.logs(`${name}-test-pod`)).includes('waiting'))
    await namespace.change(`pipelinerun/${name}`, { spec: { status: 'Cancelled' } })
    const cancelled = await pipelineEnd(namespace, name)
    expect(cancelled).toMatchObject({ succeeded: false, reason: 'Cancelled', tasks: { test: { reason: 'TaskRunCancelled' } } })
    expect(await pipelineEnd(namespace, await start(nodeTest))).toMatchObject({ succeeded: true, results: { passed: '1' } })
  }, 300_000)
})

/** As `kubectl drain` asks for it. */
function evict(name: string): Promise<string> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: namespace.name } }
  return kubectl(['create', '--raw', `/api/v1/namespaces/${namespace.name}/pods/${name}/eviction`, '-f', '-'], eviction)
}
