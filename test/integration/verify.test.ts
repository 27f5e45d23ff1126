/** What cosign signs, by key and without a network but the registry, is verified by us; and cosign comes to the same by the commands that we print. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Digest } from '../../src/base/digest.ts'
import { copyBetween, copyFromLayout } from '../../src/domain/oci/copy.ts'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { deleteManifest } from '../../src/domain/oci/manifests.ts'
import { listReferrers } from '../../src/domain/oci/referrers.ts'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { generateKeys, keyTypes } from '../../src/domain/sigstore/keys/generate.ts'
import { listen } from '../../src/io/server.ts'
import { execute, type Outcome } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run } from '../../src/tasks/verify/run.ts'
import { task } from '../../src/tasks/verify/task.ts'
import { writeIndex } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'
import { testClient } from '../fakes/registry-client.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('verify')).path
const client = stack.use(testClient())
const env = { ...process.env, COSIGN_PASSWORD: '', HOME: folder }
const programs = ['cosign', 'cosign2'] as const
const registries: Record<string, string> = {}

beforeAll(async () => {
  registries['docker-registry, without a referrers API'] = stack.use(await startDockerRegistry(folder)).address
  const server = await listen(await createRegistry({ root: join(folder, 'embedded'), log: client.ports.log }))
  stack.defer(() => server.close())
  registries['the embedded registry'] = server.address
  for (const type of keyTypes) {
    const pair = generateKeys(type, '')
    writeFileSync(join(folder, `${type}.key`), pair.privateKey)
    writeFileSync(join(folder, `${type}.pub`), pair.publicKey)
  }
})
afterAll(() => stack.disposeAsync())

/** An index with two platforms in a repository. */
async function pushed(address: string, path: string): Promise<{ readonly name: string; readonly index: Digest; readonly child: Digest }> {
  const index = await writeIndex(await createLayout(join(folder, 'layout')))
  await copyFromLayout(await createLayout(join(folder, 'layout')), index.descriptor.digest, client.connect(address).repository(path))
  const child = index.content.kind === 'index' ? index.content.index.manifests[0] : undefined
  if (child === undefined) throw new Error('an index has children')
  return { name: `${address}/${path}`, index: index.descriptor.digest, child: child.digest }
}

/** Offline, with a key of ours. */
async function sign(program: (typeof programs)[number], key: string, image: string, ...rest: string[]): Promise<void> {
  const offline = ['--yes', '--tlog-upload=false', ...(program === 'cosign' ? ['--use-signing-config=false'] : [])]
  await output([program, 'sign', '--allow-http-registry', ...offline, '--key', join(folder, `${key}.key`), ...rest, image], { env })
}

async function verify(image: string, key: string, inputs: Record<string, string> = {}): Promise<Outcome> {
  const { ports } = fakePorts({ files: { workspace: folder, state: join(folder, '.slipway'), temporary: () => Promise.resolve(folder) } })
  return execute(
    { definition: task, load: () => Promise.resolve(run) },
    {
      inputs: new Map(Object.entries({ image, key: `${key}.pub`, ...inputs })),
      record: emptyRecord,
      ports: { ...ports, http: client.ports.http },
    },
  )
}

const verdictOf = ({ outputs, failure }: Outcome): unknown => outputs.get('verdict') ?? failure
const whyNot = ({ failure }: Outcome): unknown => (failure instanceof Error ? failure.message : 'it passed')
const commandsOf = (outcome: Outcome): readonly string[] => JSON.parse(outcome.files?.get('report') ?? '{}').commands

describe.each(['docker-registry, without a referrers API', 'the embedded registry'])('at %s', (registry) => {
  const addressOf = (): string => registries[registry] ?? ''

  it.each(keyTypes)('what cosign 3.1 and 2.5 sign with %s is verified, an index and its child; cosign says the same', async (type) => {
    for (const program of programs.filter((one) => !(one === 'cosign' && type === 'ed25519'))) {
      const { name, index, child } = await pushed(addressOf(), `theirs/${type}-${program}`)
      await sign(program, type, `${name}@${index}`, '--recursive')
      for (const image of [`${name}@${index}`, `${name}@${child}`]) {
        const outcome = await verify(image, type, { recursive: 'true' })
        expect([program, verdictOf(outcome)]).toEqual([program, 'pass'])
        expect(commandsOf(outcome)).toHaveLength(1)
        for (const command of commandsOf(outcome)) expect(await end(command.split(' '), { env, cwd: folder })).toMatchObject({ status: 0 })
      }
      expect(whyNot(await verify(`${name}@${index}`, type === 'rsa' ? 'p256' : 'rsa'))).toContain('key-mismatch')
    }
  })

  it('a bundle by cosign 3.1 with Ed25519, prehashed, is verified by nobody', async () => {
    const { name, index } = await pushed(addressOf(), 'theirs/prehashed')
    await sign('cosign', 'ed25519', `${name}@${index}`)
    const by = ['--key', join(folder, 'ed25519.pub'), '--insecure-ignore-tlog']
    expect((await end(['cosign', 'verify', '--allow-http-registry', ...by, `${name}@${index}`], { env })).status).not.toBe(0)
    expect(whyNot(await verify(`${name}@${index}`, 'ed25519'))).toContain('signature-invalid')
  })

  it('a list of referrers may name what is gone', async () => {
    const { name, index } = await pushed(addressOf(), 'theirs/gone')
    const repository = client.connect(addressOf()).repository('theirs/gone')
    await sign('cosign', 'rsa', `${name}@${index}`)
    const [gone] = await listReferrers(repository, index)
    if (gone === undefined) throw new Error('cosign wrote a referrer')
    await sign('cosign', 'p256', `${name}@${index}`)
    await deleteManifest(repository, gone.digest)
    expect(verdictOf(await verify(`${name}@${index}`, 'p256'))).toBe('pass')
    expect(whyNot(await verify(`${name}@${index}`, 'rsa'))).toMatch(/key-mismatch|unreadable/)
  })

  it('an image that has only an SBOM is not signed', async () => {
    const { name, index } = await pushed(addressOf(), 'theirs/sbom')
    writeFileSync(join(folder, 'sbom.json'), '{"spdxVersion":"SPDX-2.3"}')
    const attest = [
      'attest',
      '--yes',
      '--allow-http-registry',
      '--tlog-upload=false',
      '--key',
      join(folder, 'p256.key'),
      '--type',
      'spdxjson',
      '--predicate',
      join(folder, 'sbom.json'),
    ]
    await output(['cosign', ...attest, '--use-signing-config=false', `${name}@${index}`], { env })
    await output(['cosign2', ...attest, `${name}@${index}`], { env })
    expect(whyNot(await verify(`${name}@${index}`, 'p256'))).toContain('predicate-type')
    await sign('cosign', 'p256', `${name}@${index}`)
    expect(verdictOf(await verify(`${name}@${index}`, 'p256', { require: 'spdx' }))).toBe('pass')
    expect(whyNot(await verify(`${name}@${index}`, 'p256', { require: 'slsa-provenance' }))).toContain(
      'slsa-provenance: nothing of the kind',
    )
  })

  it('a signature goes along when the image is copied, and names its first repository', async () => {
    const { name, index } = await pushed(addressOf(), 'theirs/first')
    await sign('cosign2', 'p256', `${name}@${index}`)
    const [from, to] = ['theirs/first', 'theirs/second'].map((path) => client.connect(addressOf()).repository(path))
    if (from === undefined || to === undefined) throw new Error('two repositories')
    await copyBetween(from, index, to, { referrers: true })
    expect(verdictOf(await verify(`${to.name}@${index}`, 'p256'))).toBe('pass')
    expect(verdictOf(await verify(`${to.name}@${index}`, 'p256', { 'docker-reference': name }))).toBe('pass')
    expect(whyNot(await verify(`${to.name}@${index}`, 'p256', { 'docker-reference': to.name }))).toContain('reference-mismatch')
  })
})
