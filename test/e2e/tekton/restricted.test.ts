import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll } from '../../real/act.ts'
import { give, Namespace } from '../../real/cluster.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { output } from '../../real/program.ts'
import { claimed, generated, params, runPipeline, runTask } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const files = { 'app/data.txt': 'data', 'test/one.test.js': `import { test } from 'node:test'\ntest('one', () => undefined)\n` }
const folder = stack.use(temporaryFolder('restricted')).path
let namespace: Namespace

beforeAll(async () => {
  namespace = stack.use(await Namespace.create('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' }))
  await namespace.apply(generated(image))
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

describe('a namespace that enforces Pod Security restricted', () => {
  it('refuses a step that asks for nothing', async () => {
    const taskSpec = { steps: [{ name: 'any', image, command: ['node', '--version'] }] }
    const { succeeded, message, pod } = await runTask(namespace, { taskSpec })
    expect([succeeded, pod]).toEqual([false, ''])
    expect(message).toContain('violates PodSecurity "restricted:latest"')
  }, 300_000)

  it('admits every Task of ours, and they do their work', async () => {
    const project = join(folder, 'project')
    fill(project, files)
    await commitAll(project)
    await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', 'app.git')])
    const server = stack.use(await startGitServer(join(folder, 'served'), address))
    const source = await namespace.claim('source')
    const run = await runPipeline(namespace, {
      pipelineRef: { name: 'slipway-release' },
      workspaces: [claimed('source', source.claim)],
      params: params({
        'source-repository': `${server.url}/app.git`,
        'test-image': image,
        'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
        'test-reports': ['junit.xml'],
        'build-base': 'scratch',
        'build-layers': ['app:/data'],
        'build-cmd': ['/data/program'],
        'push-image': `${registry}/restricted/app`,
        'push-plain-http': 'true',
        'push-tags': ['latest'],
      }),
    })
    expect(run).toMatchObject({ succeeded: true, results: { 'test-passed': '1' } })
    const digest = await output(['crane', 'digest', '--insecure', `${registry}/restricted/app:latest`])
    expect(digest.trim()).toBe(run.results['push-digest'])
  }, 300_000)
})

describe('a workspace that belongs to another user', () => {
  it('is an error that names the setting which helps, and stays as it was', async () => {
    const source = await namespace.claim('foreign', { owner: 0 })
    fill(source.folder, files)
    give(source.folder, 0)
    const { succeeded, steps, log, results } = await runTask(namespace, {
      taskRef: { name: 'slipway-build' },
      workspaces: [claimed('source', source.claim)],
      params: params({ base: 'scratch', layers: ['app:/data'], cmd: ['/data/program'] }),
    })
    expect({ succeeded, steps, log }).toMatchObject({ succeeded: false, steps: [{ name: 'slipway', exitCode: 4 }] })
    expect(log).toContain('fsGroup: 65532')
    expect(Object.values(results)).toEqual(['', '', ''])
    expect(readdirSync(source.folder)).toEqual(['app', 'test'])
  }, 300_000)
})
