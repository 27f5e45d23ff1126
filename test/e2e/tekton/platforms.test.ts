import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { loadAll } from 'js-yaml'
import { commitAll } from '../../real/act.ts'
import { Namespace } from '../../real/cluster.ts'
import { repository as project } from '../../real/example.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { output } from '../../real/program.ts'
import { slipway } from '../../real/task-image.ts'
import { generated, type PipelineRunEnd, params, pipelineEnd } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('platforms')).path
const target = `${registry}/platforms/server`

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: {
    readonly automountServiceAccountToken: boolean
    readonly containers: readonly { readonly name: string; readonly resources: unknown }[]
  }
}

let namespace: Namespace
let run: PipelineRunEnd
let pods: readonly Pod[]

function example(file: string): unknown[] {
  return loadAll(readFileSync(join(project, 'examples', 'tekton-platforms', file), 'utf8'))
}

/** The run of the example with other values; that the lab's registry speaks plain http is said in the environment of its pods. */
function pipelineRun(given: readonly unknown[]): unknown {
  const [run] = example('pipelinerun.yaml') as [{ spec: { taskRunTemplate: { podTemplate: object } } }]
  const podTemplate = { ...run.spec.taskRunTemplate.podTemplate, env: [{ name: 'SLIPWAY_INSECURE_HOSTS', value: registry }] }
  return { ...run, spec: { ...run.spec, params: given, taskRunTemplate: { podTemplate } } }
}

/** An index of two platforms, as a public base is one. */
async function pushBase(): Promise<string> {
  const work = join(folder, 'base')
  fill(work, { 'etc/base': 'base' })
  await slipway(work, 'build', '--base', 'scratch', '--layers', 'etc:/etc', '--cmd', '/none', '--platforms', 'linux/amd64,linux/arm64')
  await slipway(work, 'push', '--image', `${registry}/platforms/base`, '--tags', '1', '--plain-http')
  return `${registry}/platforms/base:1`
}

beforeAll(async () => {
  const source = join(folder, 'source')
  fill(source, { server: 'a program', '.gitignore': '.slipway/\n' })
  await commitAll(source)
  await output(['git', 'clone', '--quiet', '--bare', source, join(folder, 'served', 'server.git')])
  const git = stack.use(await startGitServer(join(folder, 'served'), address))
  const base = await pushBase()
  namespace = stack.use(await Namespace.create('platforms'))
  await namespace.apply([...generated(image), ...example('task.yaml'), ...example('pipeline.yaml')])
  const name = await namespace.make(pipelineRun(params({ repository: `${git.url}/server.git`, base, image: target })))
  run = await pipelineEnd(namespace, name)
  pods = await namespace.list<Pod & { metadata: { name: string } }>('pod', `tekton.dev/pipelineRun=${name}`)
}, 480_000)

afterAll(() => stack.disposeAsync(), 300_000)

describe('examples/tekton-platforms', () => {
  it('runs the Task for each platform, one image each', async () => {
    expect(run).toMatchObject({ succeeded: true })
    const digests = await Promise.all(
      ['amd64', 'arm64'].map(async (name) => (await output(['crane', 'digest', '--insecure', `${target}:1.4.0-${name}`])).trim()),
    )
    expect(new Set(digests).size).toBe(2)
    expect(digests).toContain(run.tasks['platform']?.results['digest'])
  })

  it.each(['amd64', 'arm64'])('makes an image for %s', async (architecture) => {
    const config: unknown = JSON.parse(await output(['crane', 'config', '--insecure', `${target}:1.4.0-${architecture}`]))
    expect(config).toMatchObject({ os: 'linux', architecture })
  })

  it('gives the pods what the run asks for', () => {
    expect(pods.length).toBeGreaterThanOrEqual(2)
    for (const { metadata, spec } of pods) {
      expect(metadata.labels['team']).toBe('shop')
      expect(spec.automountServiceAccountToken).toBe(false)
      expect(spec.containers.find(({ name }) => name === 'step-build')?.resources).toMatchObject({
        requests: { cpu: '1', memory: '512Mi' },
        limits: { memory: '2Gi' },
      })
    }
  })
})
