import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll, exportActions, runWorkflow } from '../../real/act.ts'
import { Namespace } from '../../real/cluster.ts'
import { startDockerRegistry } from '../../real/docker-registry.ts'
import { checkOutExample, installDependencies } from '../../real/example.ts'
import { temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { output } from '../../real/program.ts'
import { type ReleaseRecord, readRecord, slipway } from '../../real/task-image.ts'
import { claimed, generated, type PipelineRunEnd, params, runPipeline } from '../../real/tekton.ts'
import { until } from '../../real/until.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('road')).path
const places = { tekton: `${registry}/road/tekton`, laptop: `${registry}/road/laptop` }

let namespace: Namespace
let repository: string
let commit: string
let run: PipelineRunEnd
let record: ReleaseRecord

beforeAll(async () => {
  const project = join(folder, 'project')
  checkOutExample(project)
  // Pods of the lab reach no package registry: what the tests need is part of the commit.
  await installDependencies(project)
  writeFileSync(join(project, '.gitignore'), '.slipway/\njunit.xml\n')
  commit = await commitAll(project)
  await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', 'hello-node.git')])
  repository = `${stack.use(await startGitServer(join(folder, 'served'), address)).url}/hello-node.git`

  namespace = stack.use(await Namespace.create('road'))
  await namespace.apply(generated(image))
  const source = await namespace.claim('source')
  run = await runPipeline(namespace, {
    pipelineRef: { name: 'slipway-release' },
    workspaces: [claimed('source', source.claim)],
    params: params({
      'source-repository': repository,
      'test-image': image,
      'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
      'test-reports': ['junit.xml'],
      'build-base': 'node-runtime',
      'build-ports': ['8080'],
      'push-image': places.tekton,
      'push-plain-http': 'true',
      'push-tags': ['1.4.0', 'latest'],
    }),
  })
  record = readRecord(source.folder)
}, 480_000)

afterAll(() => stack.disposeAsync(), 300_000)

async function checkOut(to: string): Promise<void> {
  await output(['git', 'clone', '--quiet', repository, to])
}

const digestOf = async (reference: string): Promise<string> => (await output(['crane', 'digest', '--insecure', reference])).trim()

describe('the road of examples/hello-node as a PipelineRun', () => {
  it('succeeds, task by task', () => {
    expect(run).toMatchObject({ succeeded: true, reason: 'Completed', skipped: ['scan'] })
    expect(Object.fromEntries(Object.entries(run.tasks).map(([name, { succeeded }]) => [name, succeeded]))).toMatchObject({
      source: true,
      test: true,
      build: true,
      sbom: true,
      push: true,
    })
  })

  it('gives as results what the record says', () => {
    const { digest } = record.subject
    expect(run.results).toMatchObject({
      'test-passed': '19',
      'test-failed': '0',
      'build-digest': digest,
      'push-digest': digest,
      'push-image': `${places.tekton}@${digest}`,
      IMAGE_URL: places.tekton,
      IMAGE_DIGEST: digest,
      IMAGES: `${places.tekton}@${digest}`,
      'source-commit': commit,
      'CHAINS-GIT_URL': repository,
      'CHAINS-GIT_COMMIT': commit,
    })
    expect(record).toMatchObject({
      tests: { passed: 19, failed: 0, verdict: 'pass' },
      subject: { revision: commit },
      pushes: [{ image: places.tekton, digest, tags: ['1.4.0', 'latest'] }],
    })
  })

  it('says in the image where it comes from', async () => {
    const { annotations } = JSON.parse(await output(['crane', 'manifest', '--insecure', `${places.tekton}:latest`]))
    expect(annotations).toMatchObject({
      'org.opencontainers.image.revision': commit,
      'org.opencontainers.image.source': repository.replace(/\.git$/, ''),
    })
  })

  it('pushed into the registry, tags included', async () => {
    for (const tag of ['1.4.0', 'latest']) expect(await digestOf(`${places.tekton}:${tag}`)).toBe(record.subject.digest)
    await output(['crane', 'validate', '--insecure', '--remote', `${places.tekton}:latest`])
  })
})

describe('the pushed image', () => {
  it('runs as a pod on a read-only root, and answers', async () => {
    const container = {
      name: 'hello',
      image: `${places.tekton}@${record.subject.digest}`,
      securityContext: { readOnlyRootFilesystem: true },
    }
    await namespace.apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hello' }, spec: { containers: [container] } }])
    await namespace.wait('pod/hello', 'condition=Ready', 180)
    const pod = await namespace.read<{ metadata: { name: string }; status: { podIP: string } }>('pod', 'hello')
    const url = `http://${pod.status.podIP}:8080/hello/sailor`
    let answer = ''
    await until('the pod answers', async () => {
      const response = await fetch(url, { signal: AbortSignal.timeout(20_000) })
      answer = await response.text()
      return response.ok
    })
    expect(answer).toContain('Hello, sailor!')
    await namespace.remove('pod/hello')
  }, 300_000)
})

describe('the same commit', () => {
  it('gives the same record and digest on a laptop', async () => {
    const project = join(folder, 'laptop')
    await checkOut(project)
    await slipway(project, 'run', '--push.image', places.laptop, '--push.plain-http')
    const { tests, subject } = readRecord(project)
    expect(subject).toEqual(record.subject)
    expect({ passed: tests.passed, verdict: tests.verdict }).toEqual({ passed: record.tests.passed, verdict: record.tests.verdict })
    expect(await digestOf(`${places.laptop}:latest`)).toBe(record.subject.digest)
  }, 300_000)

  it('gives the same digest under act', async () => {
    const [project, actions] = [join(folder, 'act'), join(folder, 'actions')]
    await checkOut(project)
    await exportActions(actions)
    mkdirSync(join(folder, 'storage'))
    const vars = { IMAGE: `${stack.use(await startDockerRegistry(join(folder, 'storage'))).address}/road/act` }
    const { result, log, outputs } = await runWorkflow({ project, actions, cache: join(folder, 'cache'), vars, token: 'ghs_none' })
    expect({ result, log }).toMatchObject({ result: 'success' })
    expect(outputs['build.digest']).toBe(record.subject.digest)
    expect(await digestOf(`${vars.IMAGE}:latest`)).toBe(record.subject.digest)
  }, 360_000)
})
