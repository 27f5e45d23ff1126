// `npm run demo`: tests, builds and pushes examples/hello-node with the committed bundles, into a registry of its own on loopback.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline/promises'

const root = dirname(import.meta.dirname)
const example = join(root, 'examples', 'hello-node')
const state = join(example, '.slipway')
const slipway = join(root, 'dist', 'slipway', 'index.js')
// Also where this runs in a CI system: the demo is what a person sees on a laptop.
const env = { ...process.env, SLIPWAY_HOST: 'local' }

installExample()
const registry = spawn(process.execPath, [slipway, 'registry', '--root', join(state, 'registry')], {
  env,
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const image = `${await addressOf(registry)}/hello-node`
  process.exitCode = await run('run', relative(process.cwd(), example) || '.', '--push.image', image)
  if (process.exitCode === 0) await tell(image)
} finally {
  registry.kill('SIGTERM')
}

function installExample(): void {
  if (existsSync(join(example, 'node_modules', '.package-lock.json'))) return
  print('installing the dependencies of examples/hello-node (npm ci)')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: example,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error(`npm ci in ${example} ended with ${status}`)
}

/** The first line of `slipway registry` is `registry  ADDRESS  FOLDER`. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the registry has no stdout')
  for await (const line of createInterface(stdout)) {
    const [word, address] = line.split(/\s+/)
    if (word === 'registry' && address !== undefined) return address
  }
  throw new Error('the registry ended before it listened')
}

async function run(...argv: string[]): Promise<number> {
  const child = spawn(process.execPath, [slipway, ...argv], { env, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

/** Asks the registry what it holds, and says where everything lies. */
async function tell(image: string): Promise<void> {
  const [host = '', ...name] = image.split('/')
  const response = await fetch(`http://${host}/v2/${name.join('/')}/manifests/latest`, { method: 'HEAD' })
  if (!response.ok) throw new Error(`the registry answered ${response.status} for ${image}:latest`)
  const here = (path: string): string => relative(process.cwd(), join(state, path))
  print('')
  print(`asked     ${image}:latest is ${response.headers.get('docker-content-digest')}`)
  print(`layout    ${here('layout')}     an OCI layout: skopeo inspect oci:${here('layout')}:latest`)
  print(`registry  ${here('registry')}   start it again: node ${relative(process.cwd(), slipway)} registry --root ${here('registry')}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
