import { lookup } from 'node:dns/promises'
import { mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { commitAll, exportActions, runWorkflow } from '../../real/act.ts'
import { Namespace } from '../../real/cluster.ts'
import { repository as ours } from '../../real/example.ts'
import { startGitServer } from '../../real/git-server.ts'
import { type Account, authorities, dockerConfig, loginFolder, type TestHarbor } from '../../real/harbor.ts'
import { end, output } from '../../real/program.ts'
import { claimed, generated, params, pipelineEnd, startPipeline } from '../../real/tekton.ts'
import { build, type Keys, tags, testCommand, writeService } from './service.ts'

/** How a road ended, as each runtime says it. */
export interface RoadEnd {
  readonly succeeded: boolean
  /** By task, those that ran: whether it succeeded. */
  readonly tasks: Readonly<Record<string, boolean>>
  readonly log: string
}

/** Where the road of the service runs. */
export interface Runtime {
  /** The whole road to a repository of the project (`app`); with exceptions what the scanner finds is accepted. */
  run(name: string, isAccepted: boolean): Promise<RoadEnd>
}

export interface RuntimesOptions {
  /** For this runtime alone. */
  readonly folder: string
  readonly harbor: TestHarbor
  readonly project: string
  readonly robot: Account
  readonly keys: Keys
  /** Text of the file exceptions.yaml. */
  readonly exceptions: string
  readonly stack: AsyncDisposableStack
}

type Open = (options: RuntimesOptions) => Promise<Runtime>

/** On each the same sources go the same road, in its own way. Where all share one workspace a road waits for the one before. */
export const runtimes: Readonly<Record<string, { readonly open: Open; readonly isShared: boolean }>> = {
  'a laptop': { open: laptop, isShared: true },
  act: { open: act, isShared: true },
  Tekton: { open: tekton, isShared: false },
}

/** What each runtime has as tasks: the checkout is another's at times, and a run of a pipeline file asks Harbor before its first task. */
function shared(tasks: readonly (readonly [name: string, succeeded: boolean])[]): Readonly<Record<string, boolean>> {
  return Object.fromEntries(tasks.filter(([name]) => !['0', 'source', 'preflight', 'report'].includes(name)))
}

/** Who the run is at Harbor, and by what it signs. */
function environmentOf({ folder, harbor, robot, keys }: RuntimesOptions): Readonly<Record<string, string>> {
  return {
    DOCKER_CONFIG: loginFolder(join(folder, 'login'), harbor.registry, robot),
    COSIGN_PRIVATE_KEY: keys.privateKey,
    COSIGN_PASSWORD: keys.password,
    ...insecure(harbor),
    ...authorities,
  }
}

export function insecure({ isPlainHttp, registry, tokenHost }: TestHarbor): Readonly<Record<string, string>> {
  return isPlainHttp ? { SLIPWAY_INSECURE_HOSTS: [...new Set([registry, tokenHost])].join(',') } : {}
}

async function laptop(options: RuntimesOptions): Promise<Runtime> {
  const { folder, harbor, project } = options
  const workspace = join(folder, 'service')
  writeService(workspace, options)
  await commitAll(workspace)
  const command = join(ours, 'dist', 'slipway', 'index.js')
  return {
    async run(name, isAccepted) {
      const argv = [process.execPath, command, 'run', ...(isAccepted ? ['--scan.exceptions', 'exceptions.yaml'] : [])]
      const env = { ...process.env, ...environmentOf(options), SLIPWAY_HOST: 'local', IMAGE: `${harbor.registry}/${project}/${name}` }
      const { status, stdout, stderr } = await end(argv, { cwd: workspace, env })
      const told = [...stdout.matchAll(/^([✓✗=]) (\w+)/gm)].map(([, mark, task]) => [task ?? '', mark !== '✗'] as const)
      return { succeeded: status === 0, tasks: shared(told), log: `${stdout}\n${stderr}` }
    },
  }
}

async function act(options: RuntimesOptions): Promise<Runtime> {
  const { folder, harbor, project } = options
  const workspace = join(folder, 'service')
  writeService(workspace, options)
  await commitAll(workspace)
  const actions = join(folder, 'actions')
  await exportActions(actions)
  return {
    async run(name, isAccepted) {
      const vars = { IMAGE: `${harbor.registry}/${project}/${name}`, EXCEPTIONS: isAccepted ? 'exceptions.yaml' : '' }
      const given = { project: workspace, actions, cache: join(folder, 'cache'), vars, token: 'ghs_none', env: environmentOf(options) }
      const { result, results, log } = await runWorkflow(given)
      const ran = Object.entries(results).filter(([, status]) => status !== 'skipped')
      return { succeeded: result === 'success', tasks: shared(ran.map(([id, status]) => [id, status === 'success'])), log }
    },
  }
}

async function tekton(options: RuntimesOptions): Promise<Runtime> {
  const { folder, harbor, project, robot, keys, stack } = options
  const { LAB_ADDRESS: address = '', TASK_IMAGE: image = '' } = process.env
  let rounds = 0
  const workspace = join(folder, 'service')
  writeService(workspace, options)
  await commitAll(workspace)
  mkdirSync(join(folder, 'served'))
  await output(['git', 'clone', '--quiet', '--bare', workspace, join(folder, 'served', 'service.git')])
  const sources = `${stack.use(await startGitServer(join(folder, 'served'), address)).url}/service.git`
  const namespace = stack.use(await Namespace.create('harbor'))
  await namespace.apply([
    ...generated(image),
    secret('login', { 'config.json': dockerConfig(harbor.registry, robot), 'ca.pem': certificates() }),
    secret('cosign', { 'cosign.key': keys.privateKey }),
    secret('slipway-sign', { 'key-password': keys.password }),
    secret('slipway-attest', { 'key-password': keys.password }),
  ])
  return {
    async run(name, isAccepted) {
      rounds += 1
      const { claim } = await namespace.claim(`${name}-${rounds}`)
      const run = await startPipeline(namespace, {
        pipelineRef: { name: 'slipway-release-harbor' },
        workspaces: [claimed('source', claim), { name: 'docker-config', secret: { secretName: 'login' } }],
        taskRunTemplate: { podTemplate: await podOf(harbor, address) },
        params: params({
          'source-repository': sources,
          'test-image': image,
          'test-command': testCommand,
          'test-reports': ['junit.xml'],
          'build-base': build.base,
          'build-layers': [build.layers],
          'build-cmd': [build.cmd],
          'build-platforms': build.platforms.split(','),
          'push-image': `${harbor.registry}/${project}/${name}`,
          'push-tags': tags,
          'scan-max-database-age': '3650d',
          'scan-exceptions': isAccepted ? ['exceptions.yaml'] : [],
          'sign-key': 'env://COSIGN_PRIVATE_KEY',
          'attest-predicates': ['sbom', 'scan', 'test-result'],
          'verify-policy': 'verify.yaml',
        }),
      })
      const { succeeded, tasks } = await pipelineEnd(namespace, run, 600)
      const ran = Object.entries(tasks).map(([task, ended]) => [task, ended.succeeded] as const)
      return {
        succeeded,
        tasks: shared(ran),
        log: Object.values(tasks)
          .map(({ log }) => log)
          .join('\n'),
      }
    },
  }
}

/** Pods reach what is not of the lab, loopback of this machine among it, only where they share its network; they have no name service. */
async function podOf(harbor: TestHarbor, lab: string): Promise<unknown> {
  const { hostname } = harbor
  const key = { name: 'COSIGN_PRIVATE_KEY', valueFrom: { secretKeyRef: { name: 'cosign', key: 'cosign.key' } } }
  const trusted = certificates() === '' ? {} : { NODE_EXTRA_CA_CERTS: '/workspace/docker-config/ca.pem' }
  const plain = Object.entries({ ...insecure(harbor), ...trusted }).map(([name, value]) => ({ name, value }))
  const isName = isIP(hostname.replace(/^\[|\]$/g, '')) === 0
  const aliases = isName ? { hostAliases: [{ ip: (await lookup(hostname)).address, hostnames: [hostname] }] } : {}
  const network = hostname === lab ? {} : { hostNetwork: true, ...aliases }
  return { securityContext: { fsGroup: 65_532 }, env: [key, ...plain], ...network }
}

function certificates(): string {
  const { NODE_EXTRA_CA_CERTS: file } = authorities
  return file === undefined ? '' : readFileSync(file, 'utf8')
}

function secret(name: string, stringData: Readonly<Record<string, string>>): unknown {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
}
