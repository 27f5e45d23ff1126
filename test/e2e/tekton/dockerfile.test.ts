import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { give, imageUser, Namespace, type Volume } from '../../real/cluster.ts'
import { containersEnvironment, pushBuildah, pushBusybox } from '../../real/dockerfile-images.ts'
import { checkOutExample } from '../../real/example.ts'
import { fill, temporaryFolder } from '../../real/folder.ts'
import { output } from '../../real/program.ts'
import { readRecord, slipway } from '../../real/task-image.ts'
import { claimed, generated, params, runTask, type TaskRunEnd } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', TASK_IMAGE: image = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('dockerfile')).path
const secret = 'a secret that no layer has'

let namespace: Namespace
let base: string
let buildah: string
let source: Volume

const build = (argv: readonly string[], given: Readonly<Record<string, string>> = {}): Promise<TaskRunEnd> =>
  runTask(namespace, {
    taskRef: { name: 'slipway-build-dockerfile' },
    workspaces: [claimed('source', source.claim), { name: 'build-secrets', secret: { secretName: 'build-secrets' } }],
    params: params({ image: buildah, ...given, arguments: argv }),
  })

beforeAll(async () => {
  base = await pushBusybox(`${registry}/dockerfile/busybox`)
  buildah = await pushBuildah(`${registry}/dockerfile/buildah`)
  namespace = stack.use(await Namespace.create('dockerfile'))
  await namespace.apply([
    ...generated(image),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'build-secrets' }, stringData: { token: secret } },
  ])
  source = await namespace.claim('source')
  checkOutExample(source.folder, 'dockerfile')
  give(source.folder)
}, 300_000)

afterAll(() => stack.disposeAsync(), 300_000)

describe('a Dockerfile of two stages, with RUN, a build argument and a secret', () => {
  let run: TaskRunEnd

  beforeAll(async () => {
    const given = { BASE: base, VERSION: '1.4.0' }
    const args = Object.entries(given).map(([name, value]) => `--build-arg=${name}=${value}`)
    run = await build([...args, '--secret=id=token,src=/workspace/build-secrets/token'])
  }, 300_000)

  it('is built in a pod, and recorded by a step without rights', () => {
    expect(run).toMatchObject({ succeeded: true, steps: [{ exitCode: 0 }, { exitCode: 0 }] })
    expect(run.results['digest']).toBe(readRecord(source.folder).subject.digest)
    expect(statSync(join(source.folder, '.slipway', 'layout', 'index.json')).uid).toBe(imageUser)
  })

  it('has the digest of the same build on a laptop', async () => {
    const laptop = join(folder, 'laptop')
    checkOutExample(laptop, 'dockerfile')
    fill(folder, { token: secret })
    Object.assign(process.env, containersEnvironment(folder, base))
    const args = ['--build-args', `BASE=${base}`, '--build-args', 'VERSION=1.4.0', '--secret-files', `token=${folder}/token`]
    await slipway(laptop, 'build', '--engine', 'buildah', ...args)
    expect(readRecord(laptop).subject.digest).toBe(run.results['digest'])
  }, 300_000)

  it('is pushed by the next Task, and holds what the secret left and not the secret', async () => {
    const target = `${registry}/dockerfile/site`
    const pushed = await runTask(namespace, {
      taskRef: { name: 'slipway-push' },
      workspaces: [claimed('source', source.claim)],
      params: params({ image: target, tags: ['1.4.0'], 'plain-http': 'true' }),
    })
    expect(pushed).toMatchObject({ succeeded: true, results: { digest: run.results['digest'] } })
    const files = await output(['crane', 'export', '--insecure', `${target}:1.4.0`, '-'])
    expect(files).toMatch(/Version 1\.4\.0, built with the secret whose fingerprint is [0-9a-f]{64}\./)
    expect(files).not.toContain(secret)
    expect(run.log).not.toContain(secret)
  }, 300_000)
})

describe('a Dockerfile whose RUN fails', () => {
  it('fails the Task with its exit code, and leaves the results blank', async () => {
    writeFileSync(join(source.folder, 'broken.Dockerfile'), 'ARG BASE\nFROM $BASE\nRUN exit 3\n')
    const run = await build([`--build-arg=BASE=${base}`], { file: 'broken.Dockerfile' })
    expect(run).toMatchObject({ succeeded: false, results: { digest: '', image: '' } })
    expect(run.log).toContain('SW-DOCKERFILE-FAILED')
    expect(run.log).toContain('The program that builds the image ended with exit code 3.')
  }, 300_000)
})
