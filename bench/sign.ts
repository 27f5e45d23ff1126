// A small image at a registry without a referrers API, signed with a key: ours beside cosign, each as a whole process.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKeys } from '../src/domain/sigstore/keys/generate.ts'
import { startDockerRegistry } from '../test/real/docker-registry.ts'
import { slipway } from './builders.ts'
import type { Options } from './images.ts'
import { type Command, measure, prepare, type Sample } from './measure.ts'
import { print, table } from './table.ts'

const password = { COSIGN_PASSWORD: 'bench' }
/** As `cosign sign` with a key that talks to no log. */
const offline = {
  cosign: ['--yes', '--allow-http-registry', '--tlog-upload=false', '--use-signing-config=false'],
  cosign2: ['--yes', '--allow-http-registry', '--tlog-upload=false'],
}

interface Signer {
  readonly name: string
  command(image: string): Command
}

/** Every run signs an image of its own, that has no signature yet. */
export async function benchSign({ folder, rounds, only }: Options): Promise<void> {
  const work = join(folder, 'sign')
  mkdirSync(join(work, 'app'), { recursive: true })
  await using registry = await startDockerRegistry(work)
  writeFileSync(join(work, 'app', 'page.html'), 'hello')
  writeFileSync(join(work, 'cosign.key'), generateKeys('p256', password.COSIGN_PASSWORD).privateKey)
  const all = signers(work)
  const chosen = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const samples = new Map(chosen.map(({ name }) => [name, [] as Sample[]]))
  for (let round = 0; round <= rounds; round++)
    for (const [at, signer] of chosen.entries()) {
      const name = `${registry.address}/bench/${round}-${at}`
      const image = await pushed(name, work)
      const sample = await measure([signer.command(image)])
      if (round > 0) samples.get(signer.name)?.push(sample)
    }
  print(`\nsign a small image with a key, ${rounds} rounds\n`)
  print(table([...samples].map(([name, values]) => ({ name, samples: values }))))
}

async function pushed(name: string, work: string): Promise<string> {
  await prepare(slipway(work, 'build', '--base', 'scratch', '--entrypoint', '["/none"]', '--layers', 'app:/app'))
  await prepare(slipway(work, 'push', '--image', name, '--tags', 'v1'))
  const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'
  const { headers } = await fetch(`http://${name.replace('/', '/v2/')}/manifests/v1`, { method: 'HEAD', headers: { accept } })
  return `${name}@${headers.get('docker-content-digest')}`
}

function signers(work: string): readonly Signer[] {
  const key = ['--key', join(work, 'cosign.key')]
  const ours = (format: string) => (image: string) => withPassword(slipway(work, 'sign', '--image', image, ...key, '--format', format))
  return [
    { name: 'slipway sign, bundle', command: ours('bundle') },
    { name: 'cosign 3 sign, bundle', command: (image) => withPassword({ argv: ['cosign', 'sign', ...offline.cosign, ...key, image] }) },
    { name: 'slipway sign, .sig', command: ours('legacy') },
    { name: 'cosign 2 sign, .sig', command: (image) => withPassword({ argv: ['cosign2', 'sign', ...offline.cosign2, ...key, image] }) },
  ]
}

function withPassword(command: Command): Command {
  return { ...command, env: { ...command.env, ...password } }
}
