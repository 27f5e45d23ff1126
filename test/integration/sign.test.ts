import { readFileSync, writeFileSync } from 'node:fs'
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
import type { Ports } from '../../src/spec/ports.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run as runSign } from '../../src/tasks/sign/run.ts'
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

const sign = (image: string, type: KeyType, format: string): Promise<string> =>
  run({ image, key: join(folder, `${type}.key`), format }, { environment: { COSIGN_PASSWORD: password } })

async function run(inputs: Readonly<Record<string, string>>, given: Partial<Ports>): Promise<string> {
  const { ports } = fakePorts(given)
  const outcome = await execute(
    { definition: task, load: () => Promise.resolve(runSign) },
    { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports: { ...ports, http: client.ports.http } },
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

describe('by the identity of a workflow, with a private Sigstore', () => {
  const setting = (name: string): string => process.env[name] ?? ''
  const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
  const token = async (): Promise<string> => {
    const claims = { repository: 'acme/app', ref: 'refs/heads/main' }
    const response = await fetch(`${setting('OIDC_GITHUB_ISSUER')}/token`, { method: 'POST', body: JSON.stringify(claims) })
    return (await response.text()).trim()
  }
  const signKeyless = async (image: string, inputs: Readonly<Record<string, string>>): Promise<string> =>
    run({ image, ...inputs }, { identity: { token } })
  const by = (who = identity): string[] => ['--certificate-identity', who, '--certificate-oidc-issuer', setting('OIDC_GITHUB_ISSUER')]
  const trusting = (): string[] => ['--trusted-root', setting('SIGSTORE_TRUSTED_ROOT')]

  it.each([
    ['2, with a timestamp authority', () => ({ 'signing-config': setting('SIGSTORE_SIGNING_CONFIG') })],
    ['1', () => ({ 'signing-config': setting('SIGSTORE_SIGNING_CONFIG_V1') })],
    ['1, by addresses', () => ({ 'fulcio-url': setting('FULCIO_URL'), 'rekor-url': setting('REKOR_V1_URL') })],
  ])('cosign 3.1 verifies the bundle that Rekor %s vouches for, and nobody else’s', async (version, services) => {
    const { name, index, child } = await pushed(Object.values(registries)[0] ?? '', `keyless/${version.replaceAll(/\W+/g, '')}`)
    expect(await signKeyless(`${name}@${index}`, services())).toContain(identity)
    for (const digest of [index, child])
      expect(await cosign('cosign', 'verify', ...trusting(), ...by(), `${name}@${digest}`)).toMatchObject({ status: 0 })
    expect((await cosign('cosign', 'verify', ...trusting(), ...by(`${identity}-evil`), `${name}@${index}`)).status).not.toBe(0)
    expect(await signKeyless(`${name}@${index}`, services())).toContain('all there already')
  })

  it('cosign 3.1 and 2.5 verify the .sig tag', async () => {
    const { name, index } = await pushed(Object.values(registries)[0] ?? '', 'keyless/legacy')
    await signKeyless(`${name}@${index}`, { 'signing-config': setting('SIGSTORE_SIGNING_CONFIG_V1'), format: 'legacy' })
    Object.assign(env, trustInFiles())
    for (const [program, flags] of [
      ['cosign', ['--new-bundle-format=false']],
      ['cosign2', []],
    ] as const)
      expect(await cosign(program, 'verify', ...flags, ...by(), '--rekor-url', setting('REKOR_V1_URL'), `${name}@${index}`)).toMatchObject({
        status: 0,
      })
  })

  it.each(['p256', 'rsa'] as const)('cosign verifies a %s key in the log', async (type) => {
    const { name, index } = await pushed(Object.values(registries)[0] ?? '', `logged/${type}`)
    const inputs = { image: `${name}@${index}`, key: join(folder, `${type}.key`), 'transparency-log': 'true' }
    await run({ ...inputs, 'signing-config': setting('SIGSTORE_SIGNING_CONFIG') }, { environment: { COSIGN_PASSWORD: password } })
    const key = ['--key', join(folder, `${type}.pub`)]
    expect(await cosign('cosign', 'verify', ...trusting(), ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
  })

  it('a token that is not the issuer’s is refused by Fulcio, and is not shown', async () => {
    const { name, index } = await pushed(Object.values(registries)[0] ?? '', 'keyless/refused')
    const [head, payload, signature] = (await token()).split('.')
    const bad = [head, payload, signature?.toUpperCase()].join('.')
    const failing = run({ image: `${name}@${index}`, 'identity-token': bad, 'signing-config': setting('SIGSTORE_SIGNING_CONFIG') }, {})
    await expect(failing).rejects.toMatchObject({ code: 'SW-FULCIO-REFUSED', message: expect.not.stringContaining(payload ?? '') })
  })

  /** Before trusted roots, cosign took each key from a file of its own. */
  function trustInFiles(): Record<string, string> {
    const root = JSON.parse(readFileSync(setting('SIGSTORE_TRUSTED_ROOT'), 'utf8'))
    const put = (name: string, label: string, ...bodies: string[]): string => {
      const text = bodies.map((body) => `-----BEGIN ${label}-----\n${body.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`)
      writeFileSync(join(folder, name), text.join(''))
      return join(folder, name)
    }
    const certificates = root.certificateAuthorities[0].certChain.certificates.map((each: { rawBytes: string }) => each.rawBytes)
    const log = root.tlogs.find((each: { publicKey: { keyDetails: string } }) => each.publicKey.keyDetails === 'PKIX_ECDSA_P256_SHA_256')
    return {
      SIGSTORE_ROOT_FILE: put('root.pem', 'CERTIFICATE', ...certificates.reverse()),
      SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: put('ct.pub', 'PUBLIC KEY', root.ctlogs[0].publicKey.rawBytes),
      SIGSTORE_REKOR_PUBLIC_KEY: put('rekor.pub', 'PUBLIC KEY', log.publicKey.rawBytes),
    }
  }
})
