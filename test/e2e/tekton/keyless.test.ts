import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll } from '../../real/act.ts'
import { Namespace } from '../../real/cluster.ts'
import { checkOutExample, installDependencies, repository as ours } from '../../real/example.ts'
import { temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { type Ended, end, output } from '../../real/program.ts'
import { published } from '../../real/sigstore.ts'
import { claimed, generated, type PipelineRunEnd, params, runPipeline } from '../../real/tekton.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: taskImage = '' } = process.env
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('keyless-tekton')).path
const image = `${registry}/keyless/tekton-${process.pid}`
const root = published('SIGSTORE_TRUSTED_ROOT')
/** The cluster's own, which signs the tokens of its service accounts; the lab's Fulcio trusts it. */
const issuer = published('OIDC_KUBERNETES_ISSUER')

let run: PipelineRunEnd
let identity: string

beforeAll(async () => {
  const project = join(folder, 'project')
  checkOutExample(project)
  await installDependencies(project)
  writeFileSync(join(project, '.gitignore'), '.slipway/\njunit.xml\n')
  // Where a Sigstore of one's own is, and whom to believe there, is part of the repository.
  cpSync(root, join(project, 'trusted_root.json'))
  cpSync(published('SIGSTORE_SIGNING_CONFIG'), join(project, 'signing_config.json'))
  await commitAll(project)
  await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', 'hello-node.git')])
  const repository = `${stack.use(await startGitServer(join(folder, 'served'), address)).url}/hello-node.git`
  const namespace = stack.use(await Namespace.create('keyless'))
  // Fulcio writes the service account of the pod into the certificate.
  identity = `https://kubernetes.io/namespaces/${namespace.name}/serviceaccounts/default`
  await namespace.apply(generated(taskImage))
  run = await runPipeline(namespace, {
    pipelineRef: { name: 'slipway-release-signed' },
    workspaces: [claimed('source', (await namespace.claim('source')).claim)],
    params: params({
      'source-repository': repository,
      'test-image': taskImage,
      'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
      'test-reports': ['junit.xml'],
      'build-base': 'node-runtime',
      'build-ports': ['8080'],
      'push-image': image,
      'push-plain-http': 'true',
      'push-tags': ['1.4.0', 'latest'],
      'sign-signing-config': 'signing_config.json',
      'verify-trusted-root': ['trusted_root.json'],
    }),
  })
}, 600_000)

afterAll(() => stack.disposeAsync(), 300_000)

const cosign = (verb: string, who: string, ...more: string[]): Promise<Ended> =>
  end([
    ...['cosign', verb, '--allow-http-registry', '--trusted-root', root],
    ...['--certificate-identity', who, '--certificate-oidc-issuer', issuer, ...more, `${image}@${run.results['push-digest']}`],
  ])

describe('the signed road as a PipelineRun, by the projected token of its service account', () => {
  it('succeeds, task by task', () => {
    expect({ log: run.tasks['sign']?.log, run }).toMatchObject({
      run: { succeeded: true, reason: 'Completed', skipped: ['scan', 'gitops-update', 'argocd-sync'] },
    })
    const tasks = ['source', 'preflight', 'test', 'build', 'sbom', 'push', 'sign', 'attest', 'verify', 'tag', 'report']
    expect(Object.keys(run.tasks).toSorted()).toEqual(tasks.toSorted())
  })

  it('signs as the service account, and says so', () => {
    expect(run.results).toMatchObject({ 'sign-signer': identity, 'verify-verdict': 'pass', 'verify-signer': identity, 'tag-tags': '2' })
  })

  it('moves the tags to what was verified', async () => {
    for (const tag of ['1.4.0', 'latest'])
      expect(await output(['crane', 'digest', '--insecure', `${image}:${tag}`])).toBe(`${run.results['push-digest']}\n`)
  })

  it('cosign verifies signature and provenance with the same trusted root and identity, and no other', async () => {
    expect(await cosign('verify', identity)).toMatchObject({ status: 0 })
    expect(await cosign('verify-attestation', identity, '--type', 'slsaprovenance1')).toMatchObject({ status: 0 })
    expect((await cosign('verify', `${identity}-evil`)).status).not.toBe(0)
  })

  it('ours verifies it from outside, with a policy', async () => {
    const slipway = join(ours, 'dist', 'slipway', 'index.js')
    const argv = [
      'verify',
      '--image',
      `${image}:latest`,
      '--plain-http',
      '--issuer',
      issuer,
      '--trusted-root',
      root,
      '--require',
      'slsa-provenance',
    ]
    const verify = (who: string): Promise<Ended> =>
      end([process.execPath, slipway, ...argv, '--identity', who], { cwd: folder, env: { ...process.env, SLIPWAY_HOST: 'local' } })
    expect(await verify(identity)).toMatchObject({ status: 0 })
    expect(await verify(`${identity}-evil`)).toMatchObject({ status: 3 })
  })

  it('shows no token in any log', () => {
    for (const { log } of Object.values(run.tasks)) expect(log).not.toMatch(/eyJ[\w-]+\.eyJ/)
  })
})
