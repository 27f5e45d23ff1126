import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals'
import { load } from 'js-yaml'
import { readTask } from '../../../src/cli/tekton/resource.ts'
import { runSteps } from '../../../src/cli/tekton/run.ts'
import { tektonTask } from '../../../src/emit/tekton-task.ts'
import { task } from '../../models/echo-task.ts'
import { hostile } from '../../models/hostile.ts'
import { give, Namespace } from '../../real/cluster.ts'
import { echoResources, pushEchoImage } from '../../real/echo-image.ts'
import { repository } from '../../real/example.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { end } from '../../real/program.ts'
import { claimed, generated, type Params, params, runTask, type TaskRunEnd } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('as-tekton')).path
let namespace: Namespace
let echoImage: string

beforeAll(async () => {
  echoImage = await pushEchoImage(registry)
  namespace = stack.use(await Namespace.create('as-tekton'))
  await namespace.apply([...echoResources(echoImage), ...generated(image)])
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

/** Each value as text, as items of a list and in a map: none of them escaped, so that expansion has its way with them. */
const given = (value: string): Params => ({
  message: value,
  tags: [value, '', '-x', `${value}$$(SLIPWAY_HOST)`, '$(SLIPWAY_HOST)'],
  labels: [`k=${value}`],
})

/** The echo task by what `slipway run --as tekton` runs; its program in place of a bundle. */
async function onThisMachine(name: string, values: Params): Promise<Readonly<Record<string, string>>> {
  const [file] = tektonTask(task, { doc: '', image: echoImage, source: '', version: '1.0.0' })
  const workspace = join(folder, name)
  mkdirSync(workspace)
  const bindings = { params: values, secrets: {}, workspaces: { source: workspace }, tekton: join(workspace, 'tekton') }
  const program = join(repository, 'test', 'models', 'echo.ts')
  const { results } = await runSteps(readTask(load(file?.content ?? '')), bindings, async ({ argv, environment, workingDir }) => {
    const env = { PATH: process.env['PATH'], ...Object.fromEntries(environment) }
    return (await end([process.execPath, program, ...argv.slice(2)], { cwd: workingDir, env })).status ?? 255
  })
  return Object.fromEntries(results ?? [])
}

describe('the same parameters, in a pod and with --as tekton', () => {
  const ends = new Map<string, Promise<TaskRunEnd>>()
  const workspaces = [{ name: 'source', emptyDir: {} }]

  // All at once: most of the time of a pod is waiting.
  beforeAll(async () => {
    for (const [name, value] of hostile)
      ends.set(name, runTask(namespace, { params: params(given(value)), workspaces, taskRef: { name: 'slipway-echo' } }))
    await Promise.allSettled(ends.values())
  }, 480_000)

  test.each(hostile)('(%s) give equal results byte for byte', async (name, value) => {
    const { results = {}, succeeded } = (await ends.get(name)) ?? {}
    expect([succeeded, results]).toEqual([true, await onThisMachine(name, given(value))])
  })
})

it('judges a failing test alike: results, exit code and what Konflux reads', async () => {
  const files = {
    'one.test.mjs': `import { test } from 'node:test'\ntest('one', () => undefined)\ntest('two', () => { throw new Error('no') })\n`,
  }
  const command = ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml']
  const volume = await namespace.claim('judged')
  fill(volume.folder, files)
  give(volume.folder)
  const pod = await runTask(namespace, {
    taskRef: { name: 'slipway-test' },
    workspaces: [claimed('source', volume.claim)],
    params: params({ image, command, reports: ['junit.xml'] }),
  })
  const here = join(folder, 'judged')
  fill(here, files)
  const entry = join(repository, 'dist', 'slipway', 'index.js')
  const flags = [...command.map((item) => `--command=${item}`), '--reports=junit.xml', '--image', image, '--results', 'kept']
  const { status, stdout } = await end([process.execPath, entry, 'run', '--as', 'tekton', 'test', ...flags], {
    cwd: here,
    env: { ...process.env, SLIPWAY_HOST: 'local' },
  })
  const kept = Object.fromEntries(Object.keys(pod.results).map((name) => [name, readFileSync(join(here, 'kept', name), 'utf8')]))
  expect([status, withoutTime(kept)]).toEqual([pod.steps.at(-1)?.exitCode, withoutTime(pod.results)])
  expect(kept).toMatchObject({ passed: '1', failed: '1', TEST_OUTPUT: expect.stringContaining('"result":"FAILURE"') })
  expect(stdout).toContain('step run  exit 1, and the Task goes on\nstep slipway  exit 3\n')
}, 300_000)

function withoutTime({ TEST_OUTPUT, ...results }: Readonly<Record<string, unknown>>): unknown {
  const { timestamp: _, ...verdict } = JSON.parse(String(TEST_OUTPUT)) as Record<string, unknown>
  return { ...results, verdict }
}
