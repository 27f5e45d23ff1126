/**
 * Builds the image that the Tekton Tasks run, with our own build: this Node, git, certificates, and dist/ as it lies, for the
 * platform of this machine, into an OCI layout under .cache/image. The last line printed is its reference. Reproducible: the same
 * dist/, Node and git give the same digest. With --base it is dist/ on an image that has Node 24, git and certificates itself, for
 * as many platforms as that has.
 *   npm run image -- [--base REFERENCE [--platforms linux/amd64,linux/arm64]] [--push REGISTRY/REPOSITORY [--tag TAG] [--plain-http]]
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const root = dirname(import.meta.dirname)
const { version, license }: { version: string; license: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    platforms: { type: 'string', default: '' },
    push: { type: 'string' },
    tag: { type: 'string', default: version },
    'plain-http': { type: 'boolean', default: false },
  },
})
const folder = join(root, '.cache', 'image')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

slipway('build', [
  ...['--context', join(root, 'dist'), '--layers', '.:/opt/slipway/dist', '--platforms', options.platforms],
  ...(options.base === undefined ? nodeAndGit() : ['--base', options.base]),
  // No entrypoint: a Task names its own command, and others start the image with one of theirs.
  ...['--cmd', '["node", "/opt/slipway/dist/slipway/index.js"]', '--user', '65532:65532'],
  ...['--labels', labels({ title: 'Slipway', version, licenses: license, description: 'The tasks of Slipway, for Tekton and others.' })],
])
const digest = digestOfRecord()
if (options.push === undefined) {
  print(`oci:${join(folder, '.slipway', 'layout')}@${digest}`)
} else {
  slipway('push', ['--image', options.push, '--tags', options.tag, ...(options['plain-http'] ? ['--plain-http'] : [])])
  print(`${options.push}:${options.tag}@${digest}`)
}

/** git speaks http through programs of its own; everything else that `source` asks of it is in git itself. */
function nodeAndGit(): string[] {
  const folder = capture('git', '--exec-path')
  return ['--base', 'node-runtime', '--programs', `git\n${folder}/git-remote-http\n${folder}/git-remote-https`]
}

function slipway(task: string, args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, 'dist', 'slipway', 'index.js'), task, ...args], {
    cwd: folder,
    env: { ...process.env, SLIPWAY_HOST: 'local' },
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(status ?? 1)
}

function labels(values: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(values).map(([name, value]) => [`org.opencontainers.image.${name}`, value])))
}

function digestOfRecord(): string {
  const record: { subject: { digest: string } } = JSON.parse(readFileSync(join(folder, '.slipway', 'record.json'), 'utf8'))
  return record.subject.digest
}

function capture(program: string, ...args: string[]): string {
  const { status, stdout, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw error ?? new Error(`${program} ended with ${status}`)
  return stdout.trim()
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
