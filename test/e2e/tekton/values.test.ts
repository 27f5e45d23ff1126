import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../../src/base/digest.ts'
import { messageSize, type Result } from '../../../src/host/tekton/termination.ts'
import { hostile } from '../../models/hostile.ts'
import { escapeParam } from '../../models/tekton-step.ts'
import { Namespace } from '../../real/cluster.ts'
import { echoResources, pushEchoImage } from '../../real/echo-image.ts'
import { type Params, params, runPipeline, runTask, type TaskRunEnd } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '' } = process.env
const stack = new AsyncDisposableStack()
const workspaces = [{ name: 'source', emptyDir: {} }]
let namespace: Namespace
let image: string

beforeAll(async () => {
  image = await pushEchoImage(registry)
  namespace = stack.use(await Namespace.create('values'))
  await namespace.apply(echoResources(image))
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

/** What the echo task is given with a value, and what it must say that it was given; its digest is of everything. */
function exchange(value: string): { readonly given: Params; readonly results: Readonly<Record<string, string>> } {
  const tags = [value, '', '-x', `${value}2`, '']
  const short = (text: string): string => (Buffer.byteLength(text) <= 200 ? text : '')
  const digest = sha256(JSON.stringify([value, tags, { k: value }]))
  return {
    given: { message: value, tags: tags.map(escapeParam), labels: [escapeParam(`k=${value}`)] },
    results: { message: short(value), tags: short(JSON.stringify(tags)), digest },
  }
}

const runEcho = (given: Params): Promise<TaskRunEnd> =>
  runTask(namespace, { params: params(given), workspaces, taskRef: { name: 'slipway-echo' } })

describe('values, and lists with empty items and such as begin with a dash', () => {
  const ends = new Map<string, Promise<TaskRunEnd>>()

  // All at once: most of the time of a pod is waiting.
  beforeAll(async () => {
    for (const [name, value] of hostile) ends.set(name, runEcho(exchange(value).given))
    await Promise.allSettled(ends.values())
  }, 300_000)

  test.each(hostile)('(%s) arrive and come back byte for byte', async (name, value) => {
    const { message, results } = (await ends.get(name)) ?? {}
    expect({ message, results }).toMatchObject({ message: 'All Steps have completed executing', results: exchange(value).results })
  })
})

describe('everything at once', () => {
  const { given, results } = exchange(`--x='a' "b" \`c\`\n$$ $(HOME) 🚢 `)
  const declared = [{ name: 'message' }, { name: 'tags', type: 'array' }, { name: 'labels', type: 'array' }]
  const passed = params({ message: '$(params.message)', tags: ['$(params.tags[*])'], labels: ['$(params.labels[*])'] })
  const names = Object.keys(results)

  it('arrives and comes back through a Pipeline', async () => {
    const task = { name: 'echo', taskRef: { name: 'slipway-echo' }, params: passed, workspaces: [{ name: 'source' }] }
    const back = names.map((name) => ({ name, value: `$(tasks.echo.results.${name})` }))
    const pipelineSpec = { params: declared, workspaces: [{ name: 'source' }], tasks: [task], results: back }
    expect(await runPipeline(namespace, { params: params(given), workspaces, pipelineSpec })).toMatchObject({ results })
  }, 300_000)

  it('arrives and comes back through a StepAction in a Task of others', async () => {
    const workspace = { name: 'workspace', value: '$(workspaces.source.path)' }
    const step = { name: 'echo', ref: { name: 'slipway-echo' }, params: [...passed, workspace] }
    const back = names.map((name) => ({ name, value: `$(steps.echo.results.${name})` }))
    const taskSpec = { params: declared, workspaces: [{ name: 'source' }], steps: [step], results: back }
    expect(await runTask(namespace, { params: params(given), workspaces, taskSpec })).toMatchObject({ results })
  }, 300_000)
})

describe('what Tekton itself takes for a reference, and lets nobody escape', () => {
  it('a parameter that the Task has is left alone', async () => {
    const { results } = await runEcho({ message: '$(params.mode)' })
    expect(results).toMatchObject({ message: '$(params.mode)' })
  }, 300_000)

  it('a parameter that it does not have ends the run before a pod is made', async () => {
    const { succeeded, pod, message } = await runEcho({ message: '$(params.x)' })
    expect([succeeded, pod]).toEqual([false, ''])
    expect(message).toContain('non-existent variable in "$(literal:$(params.x))"')
  }, 300_000)

  it('the context of the run is put in its place', async () => {
    const { name, results } = await runEcho({ message: '$(context.taskRun.name)' })
    expect(results).toMatchObject({ message: name })
  }, 300_000)
})

describe('results of which Tekton makes a message', () => {
  const digestOf = (message: string): string => sha256(JSON.stringify([message, [], {}]))

  const resultsWith = (message: string): readonly Result[] => {
    const digest = digestOf(message)
    const values = { message, digest, tags: '[]', image: `registry.example.com/echo@${digest}` }
    const hints = { IMAGE_URL: 'registry.example.com/echo', IMAGE_DIGEST: digest }
    return Object.entries({ ...values, ...hints }).map(([name, value]) => ({ name, value }))
  }
  /** Six bytes for each `<`, as Go writes it. */
  const messageFor = (bytes: number): string => {
    const rest = bytes - messageSize(resultsWith(''), { failed: false, utc: true })
    return '<'.repeat(Math.floor(rest / 6)) + 'x'.repeat(rest % 6)
  }

  test.each([4095, 4096])(
    'of %d bytes are taken, and it is of that size',
    async (bytes) => {
      const { succeeded, results, pod } = await runEcho({ mode: 'whole', message: messageFor(bytes) })
      expect([succeeded, results['message']]).toEqual([true, messageFor(bytes)])
      expect(await terminationBytes(pod)).toBe(bytes)
    },
    300_000,
  )

  it('of 4097 bytes are an error of ours that names the largest, and all are there, empty', async () => {
    const { succeeded, results, log, steps } = await runEcho({ mode: 'whole', message: messageFor(4097) })
    expect([succeeded, steps[0]?.exitCode, Object.values(results)]).toEqual([false, 2, Array(6).fill('')])
    expect(log).toContain('SW-OUTPUT-TOO-LARGE')
    expect(log).toContain('a termination message of 4097 bytes, expected at most 4096. The largest, in bytes: message')
  }, 300_000)

  test.each([
    [4096, true],
    [4097, false],
  ])(
    'of %d bytes, written by anybody, are taken: %s',
    async (bytes, taken) => {
      const program = `for (const { name, value } of JSON.parse(process.argv[1])) fs.writeFileSync('/tekton/results/' + name, value)`
      const given = resultsWith(messageFor(bytes))
      const step = { name: 'anybody', image, command: ['node', '-e', program, JSON.stringify(given)] }
      const taskSpec = { results: given.map(({ name }) => ({ name })), steps: [step] }
      const { succeeded, log } = await runTask(namespace, { taskSpec })
      expect([succeeded, log.includes('above max allowed size 4096')]).toEqual([taken, !taken])
    },
    300_000,
  )
})

async function terminationBytes(name: string): Promise<number> {
  interface Pod {
    readonly metadata: { readonly name: string }
    readonly status: { readonly containerStatuses: readonly { readonly state: { readonly terminated: { readonly message: string } } }[] }
  }
  const { status } = await namespace.read<Pod>('pod', name)
  return Buffer.byteLength(status.containerStatuses[0]?.state.terminated.message ?? '')
}
