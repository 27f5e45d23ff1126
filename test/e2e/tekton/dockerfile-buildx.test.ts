import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { give, Namespace, type Volume } from '../../real/cluster.ts'
import { makeDockerCertificates, openDockerGate } from '../../real/docker-gate.ts'
import { pushBusybox, pushDockerClient } from '../../real/dockerfile-images.ts'
import { checkOutExample } from '../../real/example.ts'
import { temporaryFolder } from '../../real/folder.ts'
import { output } from '../../real/program.ts'
import { readRecord } from '../../real/task-image.ts'
import { claimed, generated, params, runTask, type TaskRunEnd } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: image = '', DOCKER_HOST: engine = '' } = process.env
const stack = new AsyncDisposableStack()
const certificates = stack.use(temporaryFolder('docker-certificates')).path
const secret = 'a secret that no layer has'
const clientFiles = ['ca.pem', 'cert.pem', 'key.pem']

let namespace: Namespace
let base: string
let host: string
let source: Volume

/** Builds with the engine behind the gate; Docker's settings come from a Secret, as logins do. */
const build = (settings: Readonly<Record<string, string>> = {}): Promise<TaskRunEnd> => {
  const environment = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/workspace/docker-config', ...settings }
  return runTask(namespace, {
    taskRef: { name: 'slipway-build' },
    podTemplate: {
      securityContext: { fsGroup: 65_532 },
      env: Object.entries(environment).map(([name, value]) => ({ name, value })),
    },
    workspaces: [claimed('source', source.claim), { name: 'docker-config', secret: { secretName: 'docker' } }],
    params: params({
      ...{ engine: 'buildx', network: 'none', 'secrets-secret': 'build-secrets' },
      'build-args': [`BASE=${base}`, 'VERSION=1.4.0'],
    }),
  })
}

beforeAll(async () => {
  base = await pushBusybox(`${registry}/dockerfile/busybox`)
  const client = await pushDockerClient(`${registry}/dockerfile/docker`, image)
  await makeDockerCertificates(certificates, address)
  host = stack.use(await openDockerGate(address, engine.replace('unix://', ''), certificates)).host
  namespace = stack.use(await Namespace.create('buildx'))
  const files = Object.fromEntries(clientFiles.map((name) => [name, readFileSync(join(certificates, name), 'utf8')]))
  await namespace.apply([
    ...generated(client),
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'docker' }, stringData: { 'config.json': '{"auths":{}}', ...files } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'build-secrets' }, stringData: { secrets: `token=${secret}` } },
  ])
  source = await namespace.claim('source')
  mkdirSync(source.folder, { recursive: true })
  checkOutExample(source.folder, 'dockerfile')
  give(source.folder)
}, 360_000)

afterAll(() => stack.disposeAsync(), 300_000)

describe('a Dockerfile of two stages, with RUN, a build argument and a secret, by buildx in a pod', () => {
  let run: TaskRunEnd

  beforeAll(async () => {
    run = await build()
  }, 300_000)

  it('is built by an engine elsewhere, and checked and recorded in the pod', () => {
    expect([run.log, run.succeeded]).toEqual([expect.stringContaining('engine buildx '), true])
    expect(run.results['digest']).toBe(readRecord(source.folder).subject.digest)
  })

  it('is pushed by the next Task, and holds what the secret left and not the secret', async () => {
    const target = `${registry}/dockerfile/site-by-buildx`
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

  it('is not built for a pod without a certificate that the engine trusts', async () => {
    const refused = await build({ DOCKER_CERT_PATH: '/tekton/home', DOCKER_TLS_VERIFY: '' })
    expect(refused.succeeded).toBe(false)
    expect(refused.log).toContain('SW-ENGINE-MISSING')
  }, 300_000)
})
