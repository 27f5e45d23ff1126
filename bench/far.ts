// A push over a network of some delay: what counts there is how many answers are waited for one after the other.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { startDockerRegistry } from '../test/real/docker-registry.ts'
import { slipway } from './builders.ts'
import { writeCorpus } from './corpus.ts'
import type { Options } from './images.ts'
import { type Command, measure, prepare, type Sample } from './measure.ts'
import { print, table } from './table.ts'

/** Milliseconds from a byte to its answer. */
const roundTrip = 30
const layers = 10
const sizes = [20e3, 1e6]

const layoutIn = (folder: string): string => join(folder, '.slipway/layout')

interface Pusher {
  readonly name: string
  /** `folder` has a layout where `build` puts it. */
  command(folder: string, reference: string): Command
}

const pushers: readonly Pusher[] = [
  {
    name: 'slipway push',
    command: (folder, reference) => {
      const end = reference.lastIndexOf(':')
      return slipway(folder, 'push', '--image', reference.slice(0, end), '--tags', reference.slice(end + 1))
    },
  },
  { name: 'crane push', command: (folder, reference) => ({ argv: ['crane', 'push', layoutIn(folder), reference] }) },
  {
    name: 'oras copy',
    command: (folder, reference) => ({ argv: ['oras', 'copy', '--from-oci-layout', `${layoutIn(folder)}:latest`, reference] }),
  },
]

/** Each push to a repository of its own, over TLS, to docker-registry behind a relay that holds up every byte. */
export async function benchFar({ folder, rounds, only }: Options): Promise<void> {
  const work = join(folder, 'far')
  const host = addressOfOwn()
  mkdirSync(work, { recursive: true })
  const trust = certificateFor(host, work)
  const chosen = pushers.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  for (const size of sizes) {
    const project = await build(join(work, String(size)), size)
    const storage = join(work, `registry-${size}`)
    mkdirSync(storage)
    await using registry = await startDockerRegistry(storage, undefined, { tls: trust })
    const relay = spawn(process.execPath, [join(import.meta.dirname, 'relay.mjs'), registry.address, host, String(roundTrip / 2)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [address] = await once(relay.stdout.setEncoding('utf8'), 'data')
    const samples = new Map(chosen.map(({ name }) => [name, [] as Sample[]]))
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { name, command }] of chosen.entries()) {
        const { argv, cwd } = command(project, `${String(address).trim()}/round-${round}/by-${index}:v1`)
        const env = { SLIPWAY_HOST: 'local', SSL_CERT_FILE: trust.certificate, NODE_EXTRA_CA_CERTS: trust.certificate }
        const sample = await measure([{ argv, env, ...(cwd === undefined ? {} : { cwd }) }])
        if (round > 0) samples.get(name)?.push(sample)
      }
    }
    relay.kill()
    print(`\npush of ${layers} layers of ${size / 1e3} kB to a registry ${roundTrip} ms away, ${rounds} rounds\n`)
    print(table([...samples].map(([name, values]) => ({ name, samples: values }))))
  }
}

/** Loopback is known to be near; what is at another address is not. */
function addressOfOwn(): string {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  if (own === undefined) throw new Error('the benchmark far needs an IPv4 address besides loopback, this machine has none')
  return own.address
}

function certificateFor(host: string, folder: string): { readonly certificate: string; readonly key: string } {
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  const subject = ['-subj', '/CN=bench', '-addext', `subjectAltName=IP:${host}`, '-days', '2']
  const made = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-noenc',
    '-keyout',
    files.key,
    '-out',
    files.certificate,
  ]
  const { status, stderr } = spawnSync('openssl', [...made, ...subject], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl ended with ${status}: ${stderr}`)
  return files
}

async function build(folder: string, size: number): Promise<string> {
  const names = Array.from({ length: layers }, (_, index) => `layer-${index}`)
  for (const [index, name] of names.entries()) writeCorpus(join(folder, name), { name: '', files: 10, bytes: size, seed: index + 1 })
  const rules = names.flatMap((name) => ['--layers', `${name}:/${name}`])
  await prepare(slipway(folder, 'build', '--base', 'scratch', '--entrypoint', '["/none"]', '--compression', 'none', ...rules))
  return folder
}
