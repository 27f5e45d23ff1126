import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll, exportActions, runWorkflow, type WorkflowRun } from '../real/act.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { checkOutExample } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('workflow')).path
const actions = join(folder, 'actions')
let registry: string
const token = 'ghs_e2eTokenThatMustNotBePrinted0123456789'

const run = (project: string, image: string): Promise<WorkflowRun> =>
  runWorkflow({ project, actions, cache: join(folder, 'cache'), vars: { IMAGE: image }, token })

beforeAll(async () => {
  mkdirSync(join(folder, 'registry'))
  registry = stack.use(await startDockerRegistry(join(folder, 'registry'))).address
  await exportActions(actions)
})
afterAll(() => stack.disposeAsync())

describe('the sample workflow of examples/hello-node', () => {
  let image: string
  let commit: string
  let done: WorkflowRun

  beforeAll(async () => {
    image = `${registry}/acme/hello-node`
    const project = join(folder, 'hello-node')
    checkOutExample(project)
    commit = await commitAll(project)
    done = await run(project, image)
  }, 360_000)

  it('succeeds, step by step', () => {
    expect(done).toMatchObject({ result: 'success', results: { test: 'success', build: 'success', push: 'success' } })
  })

  it('passes outputs from step to step', () => {
    expect(done.outputs['build.digest']).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(done.outputs['push.image']).toBe(`${image}@${done.outputs['build.digest']}`)
    expect(done.outputs['test.passed']).toBe('19')
    expect(done.log).toContain(`19 passed; deploy ${image}@${done.outputs['build.digest']}`)
  })

  it('pushed into the registry, tags included', async () => {
    for (const tag of [commit, 'latest'])
      expect(await output(['crane', 'digest', '--insecure', `${image}:${tag}`])).toBe(`${done.outputs['build.digest']}\n`)
    await output(['crane', 'validate', '--insecure', '--remote', `${image}:latest`])
  })

  it('says in the image where it comes from', async () => {
    const manifest = JSON.parse(await output(['crane', 'manifest', '--insecure', `${image}:latest`]))
    expect(manifest.annotations).toMatchObject({
      'org.opencontainers.image.revision': commit,
      'org.opencontainers.image.source': 'https://github.com/acme/hello-node',
    })
  })

  it('prints no token and no annotation', () => {
    expect(done.log).not.toContain(token)
    expect(done.annotations).toEqual([])
  })
})

describe('the sample workflow with a failing test', () => {
  let image: string
  const file = 'test/greeting.test.js'
  let line: number
  let stopped: WorkflowRun

  beforeAll(async () => {
    image = `${registry}/acme/broken`
    const project = join(folder, 'broken')
    checkOutExample(project)
    const text = readFileSync(join(project, file), 'utf8').replace(
      "greeting('sailor'), 'Hello, sailor!'",
      "greeting('sailor'), 'Ahoy, sailor!'",
    )
    writeFileSync(join(project, file), text)
    line = text.split('\n').findIndex((content) => content.includes('Ahoy')) + 1
    await commitAll(project)
    stopped = await run(project, image)
  }, 360_000)

  it('stops at the test: nothing is built and nothing is pushed', async () => {
    expect(stopped).toMatchObject({ result: 'failure', results: { test: 'failure' } })
    expect(stopped.results['build'] ?? 'skipped').toBe('skipped')
    expect(stopped.results['push'] ?? 'skipped').toBe('skipped')
    expect((await end(['crane', 'ls', '--insecure', image])).stderr).toContain('NAME_UNKNOWN')
  })

  it('marks the failing line of the test', () => {
    expect(stopped.annotations).toContainEqual(
      expect.objectContaining({ level: 'error', at: expect.objectContaining({ file, line: String(line) }) }),
    )
    expect(stopped.annotations.map(({ message }) => message).join('\n')).toContain('Ahoy, sailor!')
  })

  it('still says how many passed', () => {
    expect(stopped.outputs).toMatchObject({ 'test.passed': '18', 'test.failed': '1' })
  })
})
