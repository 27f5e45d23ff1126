import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type KeyType, keyTypes } from '../../src/domain/sigstore/keys/generate.ts'
import type { Task } from '../../src/spec/execute.ts'
import type { Ports } from '../../src/spec/ports.ts'
import { run as runAttest } from '../../src/tasks/attest/run.ts'
import { task as attestTask } from '../../src/tasks/attest/task.ts'
import { run as runSign } from '../../src/tasks/sign/run.ts'
import { task as signTask } from '../../src/tasks/sign/task.ts'
import { run as runVerify } from '../../src/tasks/verify/run.ts'
import { task as verifyTask } from '../../src/tasks/verify/task.ts'
import type { Ended } from '../real/program.ts'
import {
  type Cosign,
  openSigningScene,
  published,
  type RegistryName,
  registries,
  type SigningScene,
  trustInFiles,
  workflowIdentity,
  workflowToken,
} from '../real/sigstore.ts'

let scene: SigningScene
beforeAll(async () => {
  scene = await openSigningScene('attest')
  const cyclonedx = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
  }
  const spdx = {
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    dataLicense: 'CC0-1.0',
    name: 'app',
    documentNamespace: 'https://example.com/app',
  }
  const dates = { scanStartedOn: '2026-11-21T10:00:00Z', scanFinishedOn: '2026-11-21T10:00:05Z' }
  const vuln = { invocation: {}, scanner: { uri: 'pkg:github/aquasecurity/trivy', result: {} }, metadata: dates }
  const openvex = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://example.com/vex',
    author: 'we',
    version: 1,
    statements: [],
  }
  for (const [name, content] of Object.entries({
    cyclonedx,
    spdx,
    vuln,
    openvex,
    review: { by: 'two', lines: 9007199254740993n.toString() },
  }))
    writeFileSync(join(scene.folder, `${name}.json`), JSON.stringify(content, undefined, 2))
})
afterAll(async () => scene[Symbol.asyncDispose]())

const tasks = {
  attest: { definition: attestTask, load: () => Promise.resolve(runAttest) },
  sign: { definition: signTask, load: () => Promise.resolve(runSign) },
  verify: { definition: verifyTask, load: () => Promise.resolve(runVerify) },
} satisfies Record<string, Task>

async function run(task: keyof typeof tasks, inputs: Readonly<Record<string, string>>, given: Partial<Ports> = {}): Promise<string> {
  const outcome = await scene.run(tasks[task], inputs, given)
  if (outcome.failure !== undefined) throw outcome.failure
  return outcome.headline ?? ''
}

/** With a key of another size than 256 bits cosign 3.1 has to be told the digest of a bundle. */
const told: Partial<Record<KeyType, string>> = { p384: 'sha384', p521: 'sha512' }
const files =
  'cyclonedx=cyclonedx.json\nspdxjson=spdx.json\nvuln=vuln.json\nopenvex=openvex.json\nhttps://example.com/review/v1=review.json'
const types = ['slsaprovenance1', 'cyclonedx', 'spdxjson', 'vuln', 'openvex', 'https://example.com/review/v1']

const verify = (program: Cosign, type: string, image: string, ...rest: string[]): Promise<Ended> =>
  scene.cosign(program, 'verify-attestation', '--type', type, ...rest, image)
const byKey = (type: KeyType): string[] => ['--key', `${type}.pub`, '--insecure-ignore-tlog']

describe.each(registries)('at %s', (registry) => {
  it.each(keyTypes)('cosign 3.1 and 2.5 verify what %s attests, in both formats, and nothing is written twice', async (type) => {
    const { name, index } = await scene.push(registry, `ours/${type}`)
    const image = `${name}@${index}`
    const inputs = { image, key: `${type}.key`, files: 'cyclonedx=cyclonedx.json', format: 'both' }
    expect(await run('attest', inputs)).not.toContain('already')
    expect(await run('attest', inputs)).toContain('4 attestations · bundle and legacy · all there already')
    const digest = told[type] === undefined ? [] : [`--signature-digest-algorithm=${told[type]}`]
    for (const predicate of ['cyclonedx', 'slsaprovenance1']) {
      expect(await verify('cosign', predicate, image, ...byKey(type), ...digest)).toMatchObject({ status: 0 })
      expect(await verify('cosign', predicate, image, ...byKey(type), '--new-bundle-format=false')).toMatchObject({ status: 0 })
      expect(await verify('cosign2', predicate, image, ...byKey(type))).toMatchObject({ status: 0 })
    }
    for (const program of ['cosign', 'cosign2'] as const) {
      expect((await verify(program, 'spdxjson', image, ...byKey(type), ...(program === 'cosign' ? digest : []))).status).not.toBe(0)
      expect((await verify(program, 'cyclonedx', image, ...byKey(type === 'p256' ? 'rsa' : 'p256'))).status).not.toBe(0)
    }
  })

  it('each short name is the type that cosign has by it, and a type of one’s own stays one', async () => {
    const { name, index } = await scene.push(registry, 'types/app')
    const image = `${name}@${index}`
    await run('attest', { image, key: 'p256.key', files, format: 'both' })
    for (const type of types) {
      expect(await verify('cosign', type, image, ...byKey('p256'))).toMatchObject({ status: 0 })
      expect(await verify('cosign2', type, image, ...byKey('p256'))).toMatchObject({ status: 0 })
    }
  })

  it('ours finds them by type and by family; none of them is a signature', async () => {
    const { name, index } = await scene.push(registry, 'verify/app')
    const image = `${name}@${index}`
    const policy = {
      image,
      key: 'p256.pub',
      require: 'slsa-provenance, cyclonedx, spdx, vulnerabilities, openvex, https://example.com/review/v1',
    }
    await run('attest', { image, key: 'p256.key', files, format: 'both' })
    await expect(run('verify', policy)).rejects.toMatchObject({ code: 'SW-VERIFY-REFUSED', message: expect.stringContaining('signature') })
    await run('sign', { image, key: 'p256.key', format: 'both' })
    expect(await run('verify', policy)).toContain('slsa-provenance')
    await expect(run('verify', { ...policy, require: 'test-result' })).rejects.toMatchObject({ code: 'SW-VERIFY-REFUSED' })
  })

  it('attestations of cosign stay, ours verifies them, and puts its own beside', async () => {
    const { name, index } = await scene.push(registry, 'beside/app')
    const image = `${name}@${index}`
    const flags = ['--yes', '--tlog-upload=false', '--key', 'rsa.key', '--predicate', 'spdx.json', '--type', 'spdxjson', image]
    expect(await scene.cosign('cosign', 'attest', '--use-signing-config=false', ...flags)).toMatchObject({ status: 0 })
    expect(await scene.cosign('cosign2', 'attest', ...flags)).toMatchObject({ status: 0 })
    await run('attest', { image, key: 'p256.key', files: 'spdxjson=spdx.json', format: 'both' })
    for (const type of ['rsa', 'p256'] as const)
      for (const program of ['cosign', 'cosign2'] as const)
        expect(await verify(program, 'spdxjson', image, ...byKey(type))).toMatchObject({ status: 0 })
    // A signature as well, without which nothing passes: what cosign attests is by the other key alone.
    await run('sign', { image, key: 'rsa.key', format: 'both' })
    expect(await run('verify', { image, key: 'rsa.pub', require: 'spdx' })).toContain('spdx')
    await expect(run('verify', { image, key: 'rsa.pub', require: 'slsa-provenance' })).rejects.toMatchObject({ code: 'SW-VERIFY-REFUSED' })
  })
})

describe('by the identity of a workflow, with a private Sigstore', () => {
  const [plain] = registries
  const by = (who = workflowIdentity): string[] => [
    ...['--certificate-identity', who, '--certificate-oidc-issuer', published('OIDC_GITHUB_ISSUER')],
  ]
  const trusting = (): string[] => ['--trusted-root', published('SIGSTORE_TRUSTED_ROOT')]
  const workflow = { identity: { token: () => workflowToken() }, environment: { GITHUB_ACTIONS: 'true' } }

  async function attested(registry: RegistryName, path: string, inputs: Readonly<Record<string, string>>): Promise<string> {
    const { name, index } = await scene.push(registry, path)
    const image = `${name}@${index}`
    await run('attest', { image, files: 'cyclonedx=cyclonedx.json', ...inputs }, workflow)
    expect(await run('attest', { image, files: 'cyclonedx=cyclonedx.json', ...inputs }, workflow)).toContain('all there already')
    return image
  }

  it.each([
    ['2, with a timestamp authority', 'SIGSTORE_SIGNING_CONFIG'],
    ['1', 'SIGSTORE_SIGNING_CONFIG_V1'],
  ])('cosign 3.1 and ours verify the bundle that Rekor %s vouches for', async (_, config) => {
    const image = await attested(plain, `keyless/${config.toLowerCase()}`, { 'signing-config': published(config) })
    for (const type of ['slsaprovenance1', 'cyclonedx'])
      expect(await verify('cosign', type, image, ...trusting(), ...by())).toMatchObject({ status: 0 })
    expect((await verify('cosign', 'cyclonedx', image, ...trusting(), ...by(`${workflowIdentity}-evil`))).status).not.toBe(0)
    await run('sign', { image, 'signing-config': published(config) }, workflow)
    const policy = {
      image,
      identity: workflowIdentity,
      issuer: published('OIDC_GITHUB_ISSUER'),
      'trusted-root': published('SIGSTORE_TRUSTED_ROOT'),
    }
    const provenance = { builder: workflowIdentity, source: 'https://github.com/acme/app' }
    expect(await run('verify', { ...policy, ...provenance, require: 'cyclonedx' })).toContain('cyclonedx')
    await expect(run('verify', { ...policy, ...provenance, builder: `${workflowIdentity}2` })).rejects.toMatchObject({
      code: 'SW-VERIFY-REFUSED',
    })
  })

  it.each([
    ['the embedded registry', registries[1]],
    ['docker-registry', registries[0]],
  ] as const)('cosign 3.1 and 2.5 verify the .att tag at %s', async (_, registry) => {
    const image = await attested(registry, 'keyless/legacy', {
      'signing-config': published('SIGSTORE_SIGNING_CONFIG_V1'),
      format: 'legacy',
    })
    Object.assign(scene.environment, trustInFiles(scene.folder))
    for (const type of ['slsaprovenance1', 'cyclonedx'])
      for (const [program, flags] of [
        ['cosign', ['--new-bundle-format=false']],
        ['cosign2', []],
      ] as const)
        expect(await verify(program, type, image, ...flags, ...by(), '--rekor-url', published('REKOR_V1_URL'))).toMatchObject({ status: 0 })
  })

  it('under .att the time is that of the envelope, as cosign has it', async () => {
    const { name, index } = await scene.push(plain, 'keyless/stamped')
    const image = `${name}@${index}`
    const urls = { 'fulcio-url': published('FULCIO_URL'), 'rekor-url': published('REKOR_V1_URL'), 'timestamp-url': published('TSA_URL') }
    for (const task of ['attest', 'sign'] as const) await run(task, { image, format: 'legacy', ...urls }, workflow)
    const chain = JSON.parse(readFileSync(published('SIGSTORE_TRUSTED_ROOT'), 'utf8')).timestampAuthorities[0].certChain.certificates
    const pem = chain.map(({ rawBytes }: { rawBytes: string }) => `-----BEGIN CERTIFICATE-----\n${rawBytes}\n-----END CERTIFICATE-----\n`)
    writeFileSync(join(scene.folder, 'tsa.pem'), pem.join(''))
    Object.assign(scene.environment, trustInFiles(scene.folder))
    const stamped = ['--use-signed-timestamps', '--timestamp-certificate-chain', 'tsa.pem', '--rekor-url', published('REKOR_V1_URL')]
    expect(await verify('cosign2', 'slsaprovenance1', image, ...by(), ...stamped)).toMatchObject({ status: 0 })
    const policy = {
      image,
      identity: workflowIdentity,
      issuer: published('OIDC_GITHUB_ISSUER'),
      'trusted-root': published('SIGSTORE_TRUSTED_ROOT'),
    }
    expect(await run('verify', { ...policy, require: 'slsa-provenance' })).toContain('slsa-provenance')
  })

  it('what is too large for Rekor 1 is kept beside the image, and the reference to it is signed', async () => {
    const { name, index } = await scene.push(plain, 'keyless/large')
    const components = Array.from({ length: 40_000 }, (_, at) => ({
      type: 'library',
      name: `library-of-the-number-${at}`,
      version: '1.0.0',
    }))
    writeFileSync(join(scene.folder, 'large.json'), JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }))
    const inputs = { image: `${name}@${index}`, files: 'cyclonedx=large.json', predicates: 'none' }
    const one = { 'signing-config': published('SIGSTORE_SIGNING_CONFIG_V1') }
    await expect(run('attest', { ...inputs, ...one, large: 'refuse' }, workflow)).rejects.toMatchObject({ code: 'SW-ATTEST-TOO-LARGE' })
    await run('attest', { ...inputs, ...one }, workflow)
    expect(await run('attest', { ...inputs, ...one }, workflow)).toContain('all there already')
    const reference = 'https://in-toto.io/attestation/reference/v0.1'
    expect(await verify('cosign', reference, inputs.image, ...trusting(), ...by())).toMatchObject({ status: 0 })
    expect((await verify('cosign', 'cyclonedx', inputs.image, ...trusting(), ...by())).status).not.toBe(0)
    await run('attest', { ...inputs, 'signing-config': published('SIGSTORE_SIGNING_CONFIG') }, workflow)
    expect(await verify('cosign', 'cyclonedx', inputs.image, ...trusting(), ...by())).toMatchObject({ status: 0 })
  })

  it('provenance of another run than the certificate’s is not signed', async () => {
    const { name, index } = await scene.push(plain, 'keyless/other')
    let asked = 0
    const ending = { repository: 'acme/other', exp: Math.floor(Date.now() / 1000) + 30 }
    const token = async (): Promise<string> => workflowToken(++asked === 1 ? ending : {})
    const failing = run(
      'attest',
      { image: `${name}@${index}`, 'signing-config': published('SIGSTORE_SIGNING_CONFIG') },
      { ...workflow, identity: { token } },
    )
    await expect(failing).rejects.toMatchObject({ code: 'SW-PROVENANCE-UNKNOWN' })
    expect(asked).toBe(2)
  })
})
