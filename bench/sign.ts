// A small image at a registry without a referrers API, signed with a key and verified offline: ours beside cosign, as whole processes and as
// steps of a road.
import { spawnSync } from 'node:child_process'
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

/** A pair of commands, the first of which signs what the second verifies. */
interface Tool {
  readonly name: string
  sign(image: string): Command
  verify(image: string): Command
}

/** Every run signs an image of its own, that has no signature yet. */
export async function benchSign({ folder, rounds, only }: Options): Promise<void> {
  const work = join(folder, 'sign')
  mkdirSync(join(work, 'app'), { recursive: true })
  await using registry = await startDockerRegistry(work)
  writeFileSync(join(work, 'app', 'page.html'), 'hello')
  const keys = generateKeys('p256', password.COSIGN_PASSWORD)
  writeFileSync(join(work, 'cosign.key'), keys.privateKey)
  writeFileSync(join(work, 'cosign.pub'), keys.publicKey)
  const tools = toolsIn(work)
  const chosen = tools.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  const [signing, verifying] = [rows(chosen), rows(chosen)]
  const starting: Sample[] = []
  const steps = new Map(['sign', 'verify', 'sign after build and push', 'verify after them'].map((name) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round++) {
    for (const [at, tool] of chosen.entries()) {
      const image = await pushed(`${registry.address}/bench/${round}-${at}`, work)
      const samples = [await measure([tool.sign(image)]), await measure([tool.verify(image)])]
      if (round > 0)
        for (const [index, series] of [signing, verifying].entries()) series.get(tool.name)?.push(...samples.slice(index, index + 1))
    }
    const begun = await measure([slipway(work, '--version')])
    const alone = road(await pushed(`${registry.address}/bench/${round}-road`, work), work)
    const whole = wholeRoad(`${registry.address}/bench/${round}-whole`, work)
    if (round === 0) continue
    starting.push(begun)
    for (const [at, times] of [...steps.values()].entries()) times.push([...alone, ...whole][at] ?? Number.NaN)
  }
  const start = [{ name: 'slipway --version: start alone', samples: starting }]
  print(`\nsign a small image with a key, ${rounds} rounds\n`)
  print(table([...series(signing), ...start]))
  print(`\nverify it offline with the key, ${rounds} rounds\n`)
  print(table([...series(verifying), ...start]))
  for (const [step, times] of steps) print(`${step} as a step of slipway run: ${times.toSorted((a, b) => a - b).join(', ')} ms`)
}

function rows(tools: readonly Tool[]): Map<string, Sample[]> {
  return new Map(tools.map(({ name }) => [name, []]))
}

function series(samples: ReadonlyMap<string, readonly Sample[]>): { name: string; samples: readonly Sample[] }[] {
  return [...samples].map(([name, values]) => ({ name, samples: values }))
}

/** Milliseconds of sign and verify in a road that begins with them: the key's scrypt has nothing but our start to be beside. */
function road(image: string, cwd: string): readonly number[] {
  const [name = '', digest = ''] = image.split('@')
  const of = (task: string): string[] => [`--${task}.image`, name, `--${task}.digest`, digest, `--${task}.key`]
  return taken('[sign, verify]', cwd, [...of('sign'), 'cosign.key', ...of('verify'), 'cosign.pub'])
}

/** The same in a road as it is: the key is opened beside what comes before. */
function wholeRoad(image: string, cwd: string): readonly number[] {
  const build = ['--build.base', 'scratch', '--build.entrypoint', '["/none"]', '--build.layers', 'app:/app']
  return taken('[build, push, sign, verify]', cwd, [
    ...[...build, '--push.image', image, '--push.tags', 'v1'],
    ...['--sign.key', 'cosign.key', '--verify.image', image, '--verify.key', 'cosign.pub'],
  ])
}

/** Milliseconds of sign and verify, as their events tell. */
function taken(tasks: string, cwd: string, flags: readonly string[]): readonly number[] {
  writeFileSync(join(cwd, 'slipway.yaml'), `tasks: ${tasks}\n`)
  const { argv, env } = slipway(cwd, 'run', '--json', ...flags)
  const [program = '', ...rest] = argv.filter((word) => word !== '--quiet')
  const { stdout, status } = spawnSync(program, rest, { cwd, env: { ...process.env, ...env, ...password }, encoding: 'utf8' })
  if (status !== 0) throw new Error(`the road ended with ${status}\n${stdout.slice(-2000)}`)
  const ends = stdout
    .split('\n')
    .flatMap((line) => (line.includes('"task-end"') ? [JSON.parse(line) as { task: string; duration: number }] : []))
  return ['sign', 'verify'].map((task) => ends.find((end) => end.task === task)?.duration ?? Number.NaN)
}

async function pushed(name: string, work: string): Promise<string> {
  await prepare(slipway(work, 'build', '--base', 'scratch', '--entrypoint', '["/none"]', '--layers', 'app:/app'))
  await prepare(slipway(work, 'push', '--image', name, '--tags', 'v1'))
  const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'
  const { headers } = await fetch(`http://${name.replace('/', '/v2/')}/manifests/v1`, { method: 'HEAD', headers: { accept } })
  return `${name}@${headers.get('docker-content-digest')}`
}

function toolsIn(work: string): readonly Tool[] {
  const [key, pub] = [
    ['--key', join(work, 'cosign.key')],
    ['--key', join(work, 'cosign.pub')],
  ]
  const sign = (format: string) => (image: string) => withPassword(slipway(work, 'sign', '--image', image, ...key, '--format', format))
  const verify = (image: string): Command => slipway(work, 'verify', '--image', image, ...pub)
  const cosigns = (program: 'cosign' | 'cosign2'): Omit<Tool, 'name'> => ({
    sign: (image) => withPassword({ argv: [program, 'sign', ...offline[program], ...key, image] }),
    verify: (image) => ({ argv: [program, 'verify', '--insecure-ignore-tlog=true', '--allow-http-registry', ...pub, image] }),
  })
  return [
    { name: 'slipway, bundle', sign: sign('bundle'), verify },
    { name: 'cosign 3, bundle', ...cosigns('cosign') },
    { name: 'slipway, .sig', sign: sign('legacy'), verify },
    { name: 'cosign 2, .sig', ...cosigns('cosign2') },
  ]
}

function withPassword(command: Command): Command {
  return { ...command, env: { ...command.env, ...password } }
}
