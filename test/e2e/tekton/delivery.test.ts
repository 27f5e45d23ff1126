import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { load } from 'js-yaml'
import type { Sections } from '../../../src/spec/record/record.ts'
import { commitAll, exportActions, runWorkflow } from '../../real/act.ts'
import { kubectl, Namespace } from '../../real/cluster.ts'
import { checkOutExample, installDependencies, repository as ours } from '../../real/example.ts'
import { temporaryFolder } from '../../real/folder.ts'
import { startGitServer } from '../../real/git-server.ts'
import { end, output } from '../../real/program.ts'
import { published } from '../../real/sigstore.ts'
import { slipway } from '../../real/task-image.ts'
import { claimed, generated, params, runPipeline } from '../../real/tekton.ts'
import { until } from '../../real/until.ts'

const { LAB_REGISTRY: registry = '', LAB_ADDRESS: address = '', TASK_IMAGE: taskImage = '' } = process.env
const argocd = { server: published('ARGOCD_SERVER'), token: published('ARGOCD_CI_TOKEN') }
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('delivery')).path
/** Each delivers to an application, a repository and a namespace of its own. */
const ways = ['laptop', 'act', 'tekton'] as const
type Way = (typeof ways)[number]
/** The same image everywhere: what one has pushed the others find there. */
const image = `${registry}/delivery/hello-node`
/** Of the new one, as its package.json has it. */
const version = '1.4.0'
const oldVersion = '1.3.0'

let namespaces: Readonly<Record<Way, Namespace>>
let git: string
/** What is released; its hash is the tag, as in the example's workflow. */
let commit: string

beforeAll(async () => {
  const [laptop, act, tekton] = await Promise.all(ways.map(async (way) => stack.use(await Namespace.create(`delivery-${way}`))))
  if (laptop === undefined || act === undefined || tekton === undefined) throw new Error('three ways have three namespaces')
  namespaces = { laptop, act, tekton }
  mkdirSync(join(folder, 'served'))
  git = stack.use(await startGitServer(join(folder, 'served'), address)).url
  await exportActions(join(folder, 'actions'))
  await serveProject()
  await serveDeployments(await pushOldVersion())
}, 360_000)
afterAll(async () => {
  await Promise.all(ways.map((way) => kubectl(['-n', 'argocd', 'delete', 'application', applicationOf(way), '--timeout=180s'])))
  await stack.disposeAsync()
}, 360_000)

/** What is released: the example, and what its tests need, since pods reach no package registry. */
async function serveProject(): Promise<void> {
  const project = join(folder, 'project')
  checkOutExample(project)
  checkOutExample(project, 'delivery')
  await installDependencies(project)
  mkdirSync(join(project, 'advisories'))
  writeFileSync(join(project, 'advisories', 'other.json'), JSON.stringify(advisory))
  writeFileSync(join(project, '.gitignore'), '.slipway/\njunit.xml\n')
  cpSync(published('SIGSTORE_TRUSTED_ROOT'), join(project, 'trusted_root.json'))
  cpSync(published('SIGSTORE_SIGNING_CONFIG'), join(project, 'signing_config.json'))
  commit = await commitAll(project)
  await output(['git', 'clone', '--quiet', '--bare', project, join(folder, 'served', 'hello-node.git')])
}

/** What runs before: the same service as another version. */
async function pushOldVersion(): Promise<string> {
  const project = join(folder, 'old')
  await checkOut(project)
  const file = join(project, 'package.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace(`"${version}"`, `"${oldVersion}"`))
  await slipway(project, 'build', '--base', 'node-runtime', '--ports', '8080')
  await slipway(project, 'push', '--image', image, '--tags', oldVersion, '--plain-http')
  return `${image}@${recordOf(project).subject.digest}`
}

async function checkOut(to: string): Promise<void> {
  await output(['git', 'clone', '--quiet', `${git}/hello-node.git`, to])
}

const advisory = {
  ...{ schema_version: '1.7.0', id: 'CVE-2021-23337', modified: new Date().toISOString(), summary: 'of a package that is not there' },
  affected: [
    { package: { ecosystem: 'npm', name: 'lodash' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '4.17.21' }] }] },
  ],
}

/** What is deployed: the example's folder in a repository for each way, on the version before. */
async function serveDeployments(before: string): Promise<void> {
  for (const way of ways) {
    const checkout = join(folder, 'deploy', way)
    cpSync(join(ours, 'examples', 'delivery', 'deploy'), checkout, { recursive: true })
    const [name, digest] = before.split('@')
    appendFileSync(join(checkout, 'apps', 'hello-node', 'kustomization.yaml'), `    newName: ${name}\n    digest: ${digest}\n`)
    await commitAll(checkout)
    const bare = join(folder, 'served', `${way}.git`)
    await output(['git', 'clone', '--quiet', '--bare', checkout, bare])
    await output(['git', '-C', bare, 'config', 'http.receivepack', 'true'])
    await kubectl(['apply', '-f', '-'], application(way))
  }
}

/** One that Argo CD syncs by itself, and two that `argocd-sync` does. */
function application(way: Way): unknown {
  const text = readFileSync(join(ours, 'examples', 'delivery', 'deploy', 'argocd', 'hello-node.yaml'), 'utf8')
  const { metadata, spec, ...rest } = load(text) as { metadata: object; spec: { source: object; destination: object } }
  return {
    ...rest,
    metadata: { ...metadata, name: applicationOf(way), finalizers: ['resources-finalizer.argocd.argoproj.io'] },
    spec: {
      ...spec,
      source: { ...spec.source, repoURL: `${git}/${way}.git` },
      destination: { ...spec.destination, namespace: namespaces[way].name },
      ...(way === 'act' ? {} : { syncPolicy: {} }),
    },
  }
}

function applicationOf(way: Way): string {
  return `hello-node-${way}-${process.pid}`
}

const environment = (way: Way) => ({
  ADVISORIES: 'advisories',
  IMAGE: image,
  VERSION: commit,
  REGISTRY_USER: 'ci',
  REGISTRY_PASSWORD: 'canary-of-the-registry',
  DEPLOY_REPOSITORY: `${git}/${way}.git`,
  DEPLOY_TOKEN: 'canary-of-the-git-server',
  ARGOCD_SERVER: argocd.server,
  ARGOCD_TOKEN: argocd.token,
  APPLICATION: applicationOf(way),
  SIGSTORE_SIGNING_CONFIG: published('SIGSTORE_SIGNING_CONFIG'),
  SIGSTORE_TRUSTED_ROOT: published('SIGSTORE_TRUSTED_ROOT'),
  // The platforms of the lab speak plain HTTP.
  SLIPWAY_INSECURE_HOSTS: address,
})

/** A token of a person, as `sigstore` gets it from the provider of an organisation. */
async function personToken(): Promise<string> {
  const body = JSON.stringify({ sub: 'dev@example.com', email: 'dev@example.com', email_verified: true })
  return (await (await fetch(`${published('OIDC_ISSUER')}/token`, { method: 'POST', body })).text()).trim()
}

const deliver: Readonly<Record<Way, () => Promise<DeliveryRecord>>> = {
  laptop: async () => {
    const project = join(folder, 'laptop')
    await checkOut(project)
    const env = { ...process.env, ...environment('laptop'), SLIPWAY_HOST: 'local', SIGSTORE_ID_TOKEN: await personToken() }
    const run = await end([process.execPath, join(ours, 'dist', 'slipway', 'index.js'), 'run'], { cwd: project, env })
    expect(run).toMatchObject({ status: 0 })
    return recordOf(project)
  },
  act: async () => {
    await until('what Argo CD syncs by itself runs', async () => (await answering('act')).version === oldVersion)
    const project = join(folder, 'act')
    await checkOut(project)
    const issuer = published('OIDC_GITHUB_ISSUER')
    const claims = { repository: 'acme/hello-node', ref: 'refs/heads/main' }
    const { IMAGE, ADVISORIES, DEPLOY_REPOSITORY, ARGOCD_SERVER, DEPLOY_TOKEN, ARGOCD_TOKEN, ...env } = environment('act')
    const done = await runWorkflow({
      ...{ project, actions: join(folder, 'actions'), cache: join(folder, 'cache'), token: 'ghs_delivery' },
      vars: { IMAGE, ADVISORIES, DEPLOY_REPOSITORY, ARGOCD_SERVER, APPLICATION: applicationOf('act') },
      secrets: { DEPLOY_TOKEN, ARGOCD_TOKEN },
      env: {
        SIGSTORE_SIGNING_CONFIG: env.SIGSTORE_SIGNING_CONFIG,
        SIGSTORE_TRUSTED_ROOT: env.SIGSTORE_TRUSTED_ROOT,
        ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/oidc?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: Buffer.from(JSON.stringify(claims)).toString('base64url'),
        SLIPWAY_INSECURE_HOSTS: `${address},${new URL(issuer).hostname}`,
      },
    })
    expect({ result: done.result, log: done.log }).toMatchObject({ result: 'success' })
    // The runner takes its folder away; the workflow's last step prints the record.
    return JSON.parse(done.log.slice(done.log.lastIndexOf('{\n  "schemaVersion"'))) as DeliveryRecord
  },
  tekton: async () => {
    const namespace = namespaces.tekton
    await namespace.apply([...generated(taskImage), secret('slipway-argocd-sync', { token: argocd.token })])
    const source = await namespace.claim('source')
    const run = await runPipeline(namespace, {
      pipelineRef: { name: 'slipway-release-signed' },
      taskRunTemplate: { podTemplate: { securityContext: { fsGroup: 65_532 }, env: [{ name: 'SLIPWAY_INSECURE_HOSTS', value: address }] } },
      workspaces: [claimed('source', source.claim)],
      params: params({
        'source-repository': `${git}/hello-node.git`,
        'test-image': taskImage,
        'test-command': ['node', '--test', '--test-reporter=junit', '--test-reporter-destination=junit.xml'],
        'test-reports': ['junit.xml'],
        'build-base': 'node-runtime',
        'build-ports': ['8080'],
        'scan-database': 'advisories',
        'push-image': image,
        'push-tags': [commit],
        'sign-signing-config': 'signing_config.json',
        'verify-trusted-root': ['trusted_root.json'],
        'gitops-update-repository': `${git}/tekton.git`,
        'gitops-update-targets': ['kustomize apps/hello-node/kustomization.yaml hello-node'],
        'argocd-sync-server': argocd.server,
        'argocd-sync-apps': [applicationOf('tekton')],
      }),
    })
    expect({ run, log: run.tasks['argocd-sync']?.log }).toMatchObject({ run: { succeeded: true, skipped: [] } })
    return recordOf(source.folder)
  },
}

/** Of a record what is compared, or looked at. */
type DeliveryRecord = Required<Sections>

function recordOf(project: string): DeliveryRecord {
  return JSON.parse(readFileSync(join(project, '.slipway', 'record.json'), 'utf8')) as DeliveryRecord
}

function secret(name: string, stringData: Readonly<Record<string, string>>): unknown {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
}

/** What the service says of itself, in the pod that is ready. */
async function answering(way: Way): Promise<{ readonly version: string; readonly image: string }> {
  interface Pods {
    readonly items: readonly {
      readonly status: { readonly podIP: string }
      readonly spec: { readonly containers: readonly { readonly image: string }[] }
    }[]
  }
  const [pod] = (
    JSON.parse(
      await kubectl([
        '-n',
        namespaces[way].name,
        'get',
        'pods',
        '-l',
        'app=hello-node',
        '--field-selector=status.phase=Running',
        '-o',
        'json',
      ]),
    ) as Pods
  ).items
  const response = await fetch(`http://${pod?.status.podIP}:8080/healthz`, { signal: AbortSignal.timeout(20_000) })
  return { version: ((await response.json()) as { version: string }).version, image: pod?.spec.containers[0]?.image ?? '' }
}

const tipOf = async (way: Way): Promise<string> =>
  (await output(['git', '-C', join(folder, 'served', `${way}.git`), 'rev-parse', 'main'])).trim()
/** A record without what says where, when and by whom. */
function comparable({
  subject,
  tests,
  sboms,
  findings,
  pushes,
  tags,
  verifications,
  signatures,
  attestations,
  ...rest
}: DeliveryRecord): unknown {
  const { gitops, deployment } = rest
  const { passed, failed, skipped, verdict } = tests
  return {
    ...{ subject, sboms, pushes, tags, tests: { passed, failed, skipped, verdict } },
    findings: { verdict: findings.verdict, severities: findings.severities, policy: findings.policy },
    signatures: signatures.map((signature) => ({ image: signature.image, subject: signature.subject, format: signature.format })),
    // Nobody vouches for who built on a laptop: it has no provenance.
    attestations: attestations.flatMap(({ subject: of, predicateType }) =>
      predicateType.includes('/provenance/') ? [] : [{ of, predicateType }],
    ),
    verifications: verifications.map((verification) => ({ subject: verification.subject, verdict: verification.verdict })),
    gitops: { branch: gitops.branch, digest: gitops.digest },
    deployment: { result: deployment.result, health: deployment.health, digest: deployment.digest },
  }
}

const records = new Map<Way, DeliveryRecord>()

describe('from a commit to the pod that runs it', () => {
  it.each(ways)(
    '%s',
    async (way) => {
      const before = await tipOf(way)
      const record = await deliver[way]()
      records.set(way, record)
      const tip = await tipOf(way)
      expect(tip).not.toBe(before)
      expect(record.gitops).toMatchObject({ commit: tip, digest: record.subject.digest })
      expect(await answering(way)).toEqual({ version, image: `${image}:${commit}@${record.subject.digest}` })
    },
    480_000,
  )

  it('the three records tell the same, but for where and by whom', () => {
    const [one, ...others] = ways.map((way) => records.get(way)).map((record) => record && comparable(record))
    for (const other of others) expect(other).toEqual(one)
  })
})
