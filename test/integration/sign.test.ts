import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Digest } from '../../src/base/digest.ts'
import { copyFromLayout } from '../../src/domain/oci/copy.ts'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { deleteManifest, resolveTag } from '../../src/domain/oci/manifests.ts'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { signatureTag } from '../../src/domain/sigstore/formats/simple-signing.ts'
import { generateKeys, type KeyType, keyTypes } from '../../src/domain/sigstore/keys/generate.ts'
import { listen } from '../../src/io/server.ts'
import { execute } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run } from '../../src/tasks/sign/run.ts'
import { task } from '../../src/tasks/sign/task.ts'
import { writeIndex } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'
import { testClient } from '../fakes/registry-client.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { type Ended, end, output } from '../real/program.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('sign')).path
const client = stack.use(testClient())
const password = 'päss word'
const env = { ...process.env, COSIGN_PASSWORD: password, HOME: folder }
/** With a key of another size than 256 bits cosign 3.1 has to be told the digest of a bundle; it checks a .sig with SHA-256. */
const told: Partial<Record<KeyType, string>> = { p384: 'sha384', p521: 'sha512' }
const registries: Record<string, string> = {}

beforeAll(async () => {
  registries['docker-registry, without a referrers API'] = stack.use(await startDockerRegistry(folder)).address
  const server = await listen(await createRegistry({ root: join(folder, 'embedded'), log: client.ports.log }))
  stack.defer(() => server.close())
  registries['the embedded registry'] = server.address
  for (const type of keyTypes) {
    const pair = generateKeys(type, password)
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

async function sign(image: string, type: KeyType, format: string): Promise<string> {
  const { ports } = fakePorts({ environment: { COSIGN_PASSWORD: password } })
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(run) },
    {
      inputs: new Map(Object.entries({ image, key: join(folder, `${type}.key`), format })),
      record: emptyRecord,
      ports: { ...ports, http: client.ports.http },
    },
  )
  if (outcome.failure !== undefined) throw outcome.failure
  return outcome.headline ?? ''
}

const cosign = (program: 'cosign' | 'cosign2', command: string, ...rest: string[]): Promise<Ended> =>
  end([program, command, '--allow-http-registry', ...rest], { env })
const verify = (program: 'cosign' | 'cosign2', type: KeyType, image: string, ...rest: string[]): Promise<Ended> =>
  cosign(program, 'verify', '--key', join(folder, `${type}.pub`), '--insecure-ignore-tlog', ...rest, image)

describe.each(['docker-registry, without a referrers API', 'the embedded registry'])('at %s', (registry) => {
  const addressOf = (): string => registries[registry] ?? ''

  it.each(keyTypes)('cosign 3.1 and 2.5 verify what %s signs, the index and a platform, in both formats', async (type) => {
    const { name, index, child } = await pushed(addressOf(), `ours/${type}`)
    await sign(`${name}@${index}`, type, 'both')
    const digest = told[type] === undefined ? [] : [`--signature-digest-algorithm=${told[type]}`]
    for (const image of [`${name}@${index}`, `${name}@${child}`]) {
      expect(await verify('cosign', type, image, ...digest)).toMatchObject({ status: 0 })
      expect(await verify('cosign', type, image, '--new-bundle-format=false')).toMatchObject({ status: 0 })
      expect(await verify('cosign2', type, image)).toMatchObject({ status: 0 })
    }
    const other = type === 'p256' ? 'rsa' : 'p256'
    for (const program of ['cosign', 'cosign2'] as const) expect((await verify(program, other, `${name}@${index}`)).status).not.toBe(0)
  })

  it('the bytes under .sig are those of cosign 2.5, for one signature and for two', async () => {
    const { name, index } = await pushed(addressOf(), 'bytes/app')
    const repository = client.connect(addressOf()).repository('bytes/app')
    const byCosign: (string | undefined)[] = []
    // Both kinds of key sign the same bytes the same way each time.
    for (const type of ['rsa', 'ed25519'] as const) {
      const signing = await cosign(
        'cosign2',
        'sign',
        '--yes',
        '--tlog-upload=false',
        '--key',
        join(folder, `${type}.key`),
        `${name}@${index}`,
      )
      expect(signing).toMatchObject({ status: 0 })
      byCosign.push((await resolveTag(repository, signatureTag(index)))?.digest)
    }
    const [, last] = byCosign
    await deleteManifest(repository, last as Digest)
    const byUs: (string | undefined)[] = []
    for (const type of ['rsa', 'ed25519'] as const) {
      await sign(`${name}@${index}`, type, 'legacy')
      byUs.push((await resolveTag(repository, signatureTag(index)))?.digest)
    }
    expect(byUs).toEqual(byCosign)
  })

  it('a signature of cosign stays, and ours beside it', async () => {
    const { name, index } = await pushed(addressOf(), 'beside/app')
    const key = ['--key', join(folder, 'rsa.key')]
    const offline = ['--yes', '--tlog-upload=false', '--use-signing-config=false']
    expect(await cosign('cosign', 'sign', ...offline, ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
    expect(await cosign('cosign2', 'sign', '--yes', '--tlog-upload=false', ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
    await sign(`${name}@${index}`, 'p256', 'both')
    expect(await sign(`${name}@${index}`, 'p256', 'both')).toContain('all there already')
    for (const type of ['rsa', 'p256'] as const)
      for (const program of ['cosign', 'cosign2'] as const)
        expect(await verify(program, type, `${name}@${index}`)).toMatchObject({ status: 0 })
  })
})

it.each(keyTypes)('cosign 3.1 and 2.5 read the %s key that we make', async (type) => {
  const pem = await output(['cosign', 'public-key', '--key', join(folder, `${type}.key`)], { env })
  expect(await output(['cosign2', 'public-key', '--key', join(folder, `${type}.key`)], { env })).toBe(pem)
})
