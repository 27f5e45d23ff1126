import { spawn } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, output } from './program.ts'
import { until } from './until.ts'

export interface DockerEngine extends AsyncDisposable {
  /** DOCKER_HOST and DOCKER_CONFIG. */
  readonly environment: Readonly<Record<string, string>>
}

/** A name of its own, and addresses that no other bridge of the lab has. */
const bridge = { name: 'slipway-buildx', address: '10.89.77.1/24' } as const

/**
 * A Docker engine beside the lab's, whose images are in containerd's store: its BuildKit exports layouts, indexes and attestations. Root;
 * reaches registries on loopback. BuildKit gives the image that makes an SBOM the default network, so that there has to be a bridge.
 */
export async function startDockerEngine(folder: string): Promise<DockerEngine> {
  await using stack = new AsyncDisposableStack()
  mkdirSync(join(folder, 'config', 'cli-plugins'), { recursive: true })
  symlinkSync(await buildxPlugin(), join(folder, 'config', 'cli-plugins', 'docker-buildx'))
  writeFileSync(join(folder, 'config', 'config.json'), '{}')
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify({ features: { 'containerd-snapshotter': true } }))
  await end(['ip', 'link', 'delete', bridge.name])
  await output(['ip', 'link', 'add', bridge.name, 'type', 'bridge'])
  stack.defer(async () => void (await end(['ip', 'link', 'delete', bridge.name])))
  await output(['ip', 'address', 'add', bridge.address, 'dev', bridge.name])
  await output(['ip', 'link', 'set', bridge.name, 'up'])
  const environment = { DOCKER_HOST: `unix://${folder}/docker.sock`, DOCKER_CONFIG: join(folder, 'config') }
  const places = { 'config-file': 'daemon.json', 'data-root': 'data', 'exec-root': 'exec', pidfile: 'pid' }
  const engine = spawn(
    'dockerd',
    [
      ...Object.entries(places).flatMap(([flag, path]) => [`--${flag}`, join(folder, path)]),
      ...['--host', environment.DOCKER_HOST, '--bridge', bridge.name, '--iptables=false', '--ip6tables=false'],
      ...['--insecure-registry', '127.0.0.0/8'],
    ],
    { stdio: 'ignore' },
  )
  const ended = new Promise<void>((resolve, reject) => engine.on('error', reject).on('exit', () => resolve()))
  stack.defer(() => {
    engine.kill('SIGTERM')
    return ended
  })
  const answers = async (): Promise<boolean> => (await end(['docker', 'info'], { env: { ...process.env, ...environment } })).status === 0
  await Promise.race([until('the Docker engine answers', answers, 60), ended])
  const started = stack.move()
  return { environment, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** Where the client of Docker has buildx from. */
export async function buildxPlugin(): Promise<string> {
  const plugins: readonly { Name: string; Path: string }[] = JSON.parse(
    await output(['docker', 'info', '--format', '{{json .ClientInfo.Plugins}}']),
  )
  const path = plugins.find(({ Name: name }) => name === 'buildx')?.Path
  if (path === undefined) throw new Error('the client of Docker has no buildx')
  return path
}
