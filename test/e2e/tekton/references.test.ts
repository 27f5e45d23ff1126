import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import { sha256 } from '../../../src/base/digest.ts'
import { runtimeImage } from '../../../src/emit/image.ts'
import { commitAll } from '../../real/act.ts'
import { imageUser, Namespace } from '../../real/cluster.ts'
import { checkOutExample, installDependencies, repository } from '../../real/example.ts'
import { serveTexts } from '../../real/file-server.ts'
import { temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { output } from '../../real/program.ts'
import { startResolvers } from '../../real/resolvers.ts'
import { claimed, params, runPipeline, runTask, type TaskRunEnd } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('references')).path
const project = join(folder, 'project')
const text = readFileSync(join(repository, 'tekton', 'tasks', 'build.yaml'), 'utf8').replaceAll(runtimeImage, image)

let namespace: Namespace
let bundles: ReadonlyMap<string, string>
let git: { readonly url: string; readonly commit: string }
let references: Readonly<Record<string, unknown>>

const resolved = (resolver: string, values: Readonly<Record<string, string>>) => ({ resolver, params: params(values) })

beforeAll(async () => {
  checkOutExample(project)
  await installDependencies(project)
  writeFileSync(join(project, '.gitignore'), '.slipway/\njunit.xml\n')
  await commitAll(project)
  bundles = await pushBundles()
  stack.use(await startResolvers())
  const server = stack.use(await serveTexts(await publishedTexts(), address)).url
  git = await serveRepositories()
  // The Tasks are only where they are looked for by name: all other ways must do without.
  const installed = stack.use(await Namespace.create('installed'))
  await installed.apply([load(text)])
  namespace = stack.use(await Namespace.create('references'))
  references = {
    'a bundle by digest': resolved('bundles', { bundle: bundles.get('build') ?? '', name: 'slipway-build', kind: 'task' }),
    'git over http by commit': resolved('git', {
      url: `${git.url}/slipway.git`,
      revision: git.commit,
      pathInRepo: 'tekton/tasks/build.yaml',
    }),
    'a file over http by digest': resolved('http', { url: `${server}/build.yaml`, digest: sha256(text) }),
    'the cluster': resolved('cluster', { kind: 'task', name: 'slipway-build', namespace: installed.name }),
    'Artifact Hub': resolved('hub', { url: server, catalog: 'slipway', kind: 'task', name: 'slipway-build', version: '0.1.0' }),
  }
}, 360_000)

afterAll(() => stack.disposeAsync(), 300_000)

/** By the last part of their repository. */
async function pushBundles(): Promise<ReadonlyMap<string, string>> {
  const script = join(repository, 'scripts', 'bundles.ts')
  const printed = await output([process.execPath, script, '--image', image, '--push', `${registry}/references/tekton`, '--plain-http'])
  return new Map(
    printed
      .trim()
      .split('\n')
      .map((reference) => [/([\w-]+):[^/]*$/.exec(reference.split('@')[0] ?? '')?.[1] ?? '', reference]),
  )
}

/** The file of a release, and what Artifact Hub answers of a package once it has read the catalogue. */
async function publishedTexts(): Promise<ReadonlyMap<string, string>> {
  await output([process.execPath, join(repository, 'scripts', 'catalog.ts'), '--image', image])
  const manifestRaw = readFileSync(join(repository, '.cache', 'catalog', 'task', 'slipway-build', '0.1.0', 'slipway-build.yaml'), 'utf8')
  return new Map([
    ['/build.yaml', text],
    [
      '/api/v1/packages/tekton-task/slipway/slipway-build',
      JSON.stringify({ version: '0.1.0', available_versions: [{ version: '0.1.0' }] }),
    ],
    ['/api/v1/packages/tekton-task/slipway/slipway-build/0.1.0', JSON.stringify({ data: { manifestRaw } })],
  ])
}

/** The Tasks, and the project that the road is run on. */
async function serveRepositories(): Promise<typeof git> {
  const work = join(folder, 'slipway')
  mkdirSync(join(work, 'tekton', 'tasks'), { recursive: true })
  writeFileSync(join(work, 'tekton', 'tasks', 'build.yaml'), text)
  const commit = await commitAll(work)
  await output(['git', 'clone', '--quiet', '--bare', work, join(folder, 'served', 'slipway.git')])
  await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', 'project.git')])
  return { url: stack.use(await startGitServer(join(folder, 'served'), address)).url, commit }
}

async function workspace(name: string): Promise<string> {
  const volume = await namespace.claim(name)
  cpSync(project, volume.folder, { recursive: true })
  await output(['chown', '-R', `${imageUser}:${imageUser}`, volume.folder])
  return volume.claim
}

const build = async (name: string, taskRef: unknown): Promise<TaskRunEnd> =>
  runTask(namespace, {
    taskRef,
    workspaces: [claimed('source', await workspace(name))],
    params: params({ base: 'node-runtime', ports: ['8080'] }),
  })

describe('a Task', () => {
  const runs = new Map<string, TaskRunEnd>()

  it.each(['a bundle by digest', 'git over http by commit', 'a file over http by digest', 'the cluster', 'Artifact Hub'])(
    'from %s runs',
    async (way) => {
      const run = await build(way.replaceAll(' ', '-').toLowerCase(), references[way])
      runs.set(way, run)
      expect(run).toMatchObject({ succeeded: true, message: expect.any(String) })
    },
    300_000,
  )

  it('gives the same results from everywhere', () => {
    const [first, ...others] = [...runs.values()]
    expect(others).toHaveLength(4)
    expect(first?.results).toMatchObject({ digest: expect.stringMatching(/^sha256:/) })
    for (const other of others) expect(other.results).toEqual(first?.results)
  })

  it('whose file is another than its digest says does not run', async () => {
    const taskRef = resolved('bundles', {
      bundle: `${registry}/references/tekton/build@${sha256('another')}`,
      name: 'slipway-build',
      kind: 'task',
    })
    expect(await build('source-none', taskRef)).toMatchObject({ succeeded: false, reason: 'TaskRunResolutionFailed' })
  }, 300_000)
})

describe('the release Pipeline from its bundle', () => {
  it('runs in a namespace where nothing is installed', async () => {
    const run = await runPipeline(namespace, {
      pipelineRef: resolved('bundles', { bundle: bundles.get('release') ?? '', name: 'slipway-release', kind: 'pipeline' }),
      workspaces: [claimed('source', (await namespace.claim('road')).claim)],
      params: params({
        'source-repository': `${git.url}/project.git`,
        'test-image': image,
        'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
        'test-reports': ['junit.xml'],
        'build-base': 'node-runtime',
        'push-image': `${registry}/references/hello`,
        'push-plain-http': 'true',
      }),
    })
    expect(run).toMatchObject({ succeeded: true, skipped: ['scan'], results: { IMAGE_URL: `${registry}/references/hello` } })
  }, 360_000)
})
