import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { give, Namespace } from '../../real/cluster.ts'
import { fill } from '../../real/folder.ts'
import { claimed, generated, type Params, params, runPipeline, runTask } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const files = { 'app/data.txt': 'data', 'test/one.test.js': `import { test } from 'node:test'\ntest('one', () => undefined)\n` }
const names = ['test', 'build', 'push'] as const
const program = ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml']
let namespace: Namespace

const given = (name: (typeof names)[number], repository: string): Params =>
  ({
    test: { command: program, reports: ['junit.xml'] },
    build: { base: 'scratch', layers: ['app:/data'], cmd: ['/data/program'] },
    push: { image: `${registry}/duration/${repository}`, tags: ['latest'], 'plain-http': 'true' },
  })[name]

beforeAll(async () => {
  namespace = stack.use(await Namespace.create('duration'))
  await namespace.apply(generated(image))
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

async function workspace(claim: string): Promise<unknown> {
  const { folder } = await namespace.claim(claim)
  fill(folder, files)
  give(folder)
  return claimed('source', claim)
}

/** Three Tasks, each in a pod of its own. */
async function apart(): Promise<unknown> {
  const tasks = names.map((name, index) => ({
    name,
    taskRef: { name: `slipway-${name}` },
    runAfter: names.slice(Math.max(index - 1, 0), index),
    workspaces: [{ name: 'source' }],
    params: params({ ...given(name, 'apart'), ...(name === 'test' ? { image } : {}) }),
  }))
  const results = [{ name: 'digest', value: '$(tasks.push.results.digest)' }]
  const pipelineSpec = { workspaces: [{ name: 'source' }], tasks, results }
  const { succeeded, results: values } = await runPipeline(namespace, { pipelineSpec, workspaces: [await workspace('apart')] })
  return [succeeded, values['digest']]
}

/** The same as three steps of one Task, in one pod. */
async function together(): Promise<unknown> {
  const place = { workspace: '$(workspaces.source.path)' }
  const steps = names.map((name) => ({ name, ref: { name: `slipway-${name}` }, params: params({ ...given(name, 'together'), ...place }) }))
  const results = [{ name: 'digest', value: '$(steps.push.results.digest)' }]
  const taskSpec = { workspaces: [{ name: 'source' }], steps, results }
  const { succeeded, results: values } = await runTask(namespace, { taskSpec, workspaces: [await workspace('together')] })
  return [succeeded, values['digest']]
}

/** Milliseconds until it is done, and what came out. */
async function timed(work: () => Promise<unknown>): Promise<readonly [number, unknown]> {
  const begin = performance.now()
  const value = await work()
  return [performance.now() - begin, value]
}

describe('the road in three pods and in one', () => {
  it('makes the same image, and says how long it takes', async () => {
    const [threePods, first] = await timed(apart)
    const [onePod, second] = await timed(together)
    expect(first).toEqual([true, expect.stringMatching(/^sha256:/)])
    expect(second).toEqual(first)
    print(`test, build and push as three Tasks ${seconds(threePods)}, as three steps of one Task ${seconds(onePod)}`)
  }, 360_000)
})

interface Pod {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string }
  readonly status: { readonly containerStatuses: readonly { readonly state: { readonly terminated: { readonly message: string } } }[] }
}

/** Milliseconds from the pod (whose time has whole seconds) to the step, from there to its first line, and from that to its last. */
async function step(argv: readonly string[], from: string): Promise<readonly number[]> {
  const { succeeded, pod } = await runTask(namespace, { taskSpec: { steps: [{ name: 'one', image: from, command: argv }] } })
  expect(succeeded).toBe(true)
  const { metadata, status } = await namespace.read<Pod>('pod', pod)
  const message: { key: string; value: string }[] = JSON.parse(status.containerStatuses[0]?.state.terminated.message ?? '[]')
  const started = Date.parse(message.find(({ key }) => key === 'StartedAt')?.value ?? '')
  const lines = (await namespace.logs(pod, 'step-one', '--timestamps')).trim().split('\n')
  const [first, last] = [lines[0], lines.at(-1)].map((line = '') => Date.parse(line.split(' ')[0] ?? ''))
  return [started - Date.parse(metadata.creationTimestamp), (first ?? Number.NaN) - started, (last ?? Number.NaN) - (first ?? Number.NaN)]
}

describe('a step', () => {
  it.each([
    ['busybox echo', ['/bin/busybox', 'echo', 'hello'], `${registry}/busybox:1`],
    ['node --version', ['node', '--version'], image],
    ['slipway --version', ['node', '/opt/slipway/dist/slipway/index.js', '--version'], image],
  ])(
    '%s says something, and how long that takes',
    async (name, argv, from) => {
      const runs: (readonly number[])[] = []
      for (let run = 0; run < 3; run++) runs.push(await step(argv, from))
      const [pod, first, rest] = [0, 1, 2].map((column) => median(runs.map((run) => run[column] ?? Number.NaN)))
      expect([pod, first, rest].every(Number.isFinite)).toBe(true)
      print(`${name}: pod to step ${seconds(pod)}, step to first line ${seconds(first)}, first to last line ${seconds(rest)}`)
    },
    300_000,
  )
})

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function seconds(milliseconds = Number.NaN): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

function print(line: string): void {
  process.stderr.write(`${line}\n`)
}
