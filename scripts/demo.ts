// `npm run demo`: tests, builds, lists and pushes examples/hello-node with the committed bundles, into a registry of its own on loopback.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
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

/** Asks the registry what it holds, and says what comes next: every command can be pasted. */
async function tell(image: string): Promise<void> {
  const [host = '', ...name] = image.split('/')
  const response = await fetch(`http://${host}/v2/${name.join('/')}/manifests/latest`, { method: 'HEAD' })
  const digest = response.headers.get('docker-content-digest')
  const built = (JSON.parse(readFileSync(join(state, 'record.json'), 'utf8')) as { subject: { digest: string } }).subject.digest
  if (digest !== built) throw new Error(`the registry answered ${response.status} with ${digest} for ${image}:latest, expected ${built}`)
  const here = (path: string): string => quoted(relative(process.cwd(), path))
  const [, port = ''] = host.split(':')
  print('')
  print(`asked   the registry: latest is ${built.slice(0, 13)}…`)
  print(`look    skopeo inspect oci:${here(join(state, 'layout'))}:latest`)
  print('serve   the registry ended with the demo; to pull, start it again:')
  print(`        ${here(process.execPath)} ${here(slipway)} registry --root ${here(join(state, 'registry'))} --port ${port}`)
  print('')
  print('next    your own project (docs/guides/laptop.md):')
  print(`        cd YOUR-PROJECT && ${quoted(process.execPath)} ${quoted(slipway)} run`)
}

/** For a shell, when it must be. */
function quoted(text: string): string {
  return /^[\w./@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
