import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Digest } from '../../src/base/digest.ts'
import { deleteManifest, resolveTag } from '../../src/domain/oci/manifests.ts'
import { listReferrers } from '../../src/domain/oci/referrers.ts'
import { signatureTag } from '../../src/domain/sigstore/formats/simple-signing.ts'
import { type KeyType, keyTypes } from '../../src/domain/sigstore/keys/generate.ts'
import type { Outcome } from '../../src/spec/execute.ts'
import type { Ports } from '../../src/spec/ports.ts'
import { run as runSign } from '../../src/tasks/sign/run.ts'
import { task } from '../../src/tasks/sign/task.ts'
import { type Ended, end, output } from '../real/program.ts'
import {
  type Cosign,
  openSigningScene,
  published,
  registries,
  type SigningScene,
  trustInFiles,
  workflowIdentity,
  workflowToken,
} from '../real/sigstore.ts'

let scene: SigningScene
beforeAll(async () => {
  scene = await openSigningScene('sign')
})
afterAll(async () => scene[Symbol.asyncDispose]())

/** With a key of another size than 256 bits cosign 3.1 has to be told the digest of a bundle; it checks a .sig with SHA-256. */
const told: Partial<Record<KeyType, string>> = { p384: 'sha384', p521: 'sha512' }

const sign = (image: string, type: KeyType, format: string): Promise<string> => run({ image, key: `${type}.key`, format })

async function outcomeOf(inputs: Readonly<Record<string, string>>, given: Partial<Ports> = {}): Promise<Outcome> {
  const outcome = await scene.run({ definition: task, load: () => Promise.resolve(runSign) }, inputs, given)
  if (outcome.failure !== undefined) throw outcome.failure
  return outcome
}

const run = async (inputs: Readonly<Record<string, string>>, given: Partial<Ports> = {}): Promise<string> =>
  (await outcomeOf(inputs, given)).headline ?? ''

const verify = (program: Cosign, type: KeyType, image: string, ...rest: string[]): Promise<Ended> =>
  scene.cosign(program, 'verify', '--key', `${type}.pub`, '--insecure-ignore-tlog', ...rest, image)

describe.each(registries)('at %s', (registry) => {
  it.each(keyTypes)('cosign 3.1 and 2.5 verify what %s signs, the index and a platform, in both formats', async (type) => {
    const { name, index, child } = await scene.push(registry, `ours/${type}`)
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
    const { name, index, repository } = await scene.push(registry, 'bytes/app')
    const byCosign: (string | undefined)[] = []
    // Both kinds of key sign the same bytes the same way each time.
    for (const type of ['rsa', 'ed25519'] as const) {
      const signing = await scene.cosign('cosign2', 'sign', '--yes', '--tlog-upload=false', '--key', `${type}.key`, `${name}@${index}`)
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

  it('cosign finds the annotations that we sign, in both formats', async () => {
    const { name, index } = await scene.push(registry, 'annotated/app')
    const annotations = 'release=1.4.0\nnote=a&b <c>'
    await run({ image: `${name}@${index}`, key: 'p256.key', format: 'both', annotations })
    const flags = [
      ['cosign', []],
      ['cosign', ['--new-bundle-format=false']],
      ['cosign2', []],
    ] as const
    for (const [program, format] of flags) {
      const wanted = (value: string): string[] => [...format, '-a', `release=${value}`, '-a', 'note=a&b <c>']
      expect(await verify(program, 'p256', `${name}@${index}`, ...wanted('1.4.0'))).toMatchObject({ status: 0 })
      expect((await verify(program, 'p256', `${name}@${index}`, ...wanted('1.4.1'))).status).not.toBe(0)
    }
  })

  it('skopeo reads the policy.json for what was signed, and a change of it not', async () => {
    const { name, index } = await scene.push(registry, 'policies/app')
    const { files } = await outcomeOf({ image: `${name}@${index}`, key: 'p256.key', format: 'both', policies: 'containers' })
    const policy = files?.get('containers-policy') ?? ''
    expect(policy).toContain(name)
    const load = (text: string): Promise<Ended> => {
      writeFileSync(join(scene.folder, 'policy.json'), text)
      return end(['skopeo', '--policy', 'policy.json', 'copy', '--src-tls-verify=false', `docker://${name}@${index}`, 'dir:copied'], {
        cwd: scene.folder,
      })
    }
    // Debian builds skopeo without Sigstore: it reads the policy, and says so when it comes to the signature.
    expect((await load(policy)).stderr).not.toContain('invalid policy')
    expect((await load(policy.replace('matchRepository', 'anything'))).stderr).toContain('invalid policy')
  })

  it('a signature of cosign stays, and ours beside it', async () => {
    const { name, index } = await scene.push(registry, 'beside/app')
    const key = ['--key', 'rsa.key']
    const offline = ['--yes', '--tlog-upload=false', '--use-signing-config=false']
    expect(await scene.cosign('cosign', 'sign', ...offline, ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
    expect(await scene.cosign('cosign2', 'sign', '--yes', '--tlog-upload=false', ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
    await sign(`${name}@${index}`, 'p256', 'both')
    expect(await sign(`${name}@${index}`, 'p256', 'both')).toContain('all there already')
    for (const type of ['rsa', 'p256'] as const)
      for (const program of ['cosign', 'cosign2'] as const)
        expect(await verify(program, type, `${name}@${index}`)).toMatchObject({ status: 0 })
  })
})

it.each(keyTypes)('cosign 3.1 and 2.5 read the %s key that we make', async (type) => {
  const pem = await output(['cosign', 'public-key', '--key', join(scene.folder, `${type}.key`)], { env: scene.environment })
  expect(await output(['cosign2', 'public-key', '--key', join(scene.folder, `${type}.key`)], { env: scene.environment })).toBe(pem)
})

describe('by the identity of a workflow, with a private Sigstore', () => {
  const signKeyless = async (image: string, inputs: Readonly<Record<string, string>>): Promise<string> =>
    run({ image, ...inputs }, { identity: { token: () => workflowToken() } })
  const by = (who = workflowIdentity): string[] => [
    '--certificate-identity',
    who,
    '--certificate-oidc-issuer',
    published('OIDC_GITHUB_ISSUER'),
  ]
  const trusting = (): string[] => ['--trusted-root', published('SIGSTORE_TRUSTED_ROOT')]

  it.each([
    ['2, with a timestamp authority', () => ({ 'signing-config': published('SIGSTORE_SIGNING_CONFIG') })],
    ['1', () => ({ 'signing-config': published('SIGSTORE_SIGNING_CONFIG_V1') })],
    ['1, by addresses', () => ({ 'fulcio-url': published('FULCIO_URL'), 'rekor-url': published('REKOR_V1_URL') })],
  ])('cosign 3.1 verifies the bundle that Rekor %s vouches for, and nobody else’s', async (version, services) => {
    const { name, index, child } = await scene.push(registries[0], `keyless/${version.replaceAll(/\W+/g, '')}`)
    expect(await signKeyless(`${name}@${index}`, services())).toContain(workflowIdentity)
    for (const digest of [index, child])
      expect(await scene.cosign('cosign', 'verify', ...trusting(), ...by(), `${name}@${digest}`)).toMatchObject({ status: 0 })
    expect((await scene.cosign('cosign', 'verify', ...trusting(), ...by(`${workflowIdentity}-evil`), `${name}@${index}`)).status).not.toBe(
      0,
    )
    expect(await signKeyless(`${name}@${index}`, services())).toContain('all there already')
  })

  it('cosign 3.1 and 2.5 verify the .sig tag', async () => {
    const { name, index } = await scene.push(registries[0], 'keyless/legacy')
    await signKeyless(`${name}@${index}`, { 'signing-config': published('SIGSTORE_SIGNING_CONFIG_V1'), format: 'legacy' })
    Object.assign(scene.environment, trustInFiles(scene.folder))
    for (const [program, flags] of [
      ['cosign', ['--new-bundle-format=false']],
      ['cosign2', []],
    ] as const)
      expect(
        await scene.cosign(program, 'verify', ...flags, ...by(), '--rekor-url', published('REKOR_V1_URL'), `${name}@${index}`),
      ).toMatchObject({
        status: 0,
      })
  })

  it.each(['p256', 'rsa'] as const)('cosign verifies a %s key in the log', async (type) => {
    const { name, index } = await scene.push(registries[0], `logged/${type}`)
    const inputs = { image: `${name}@${index}`, key: `${type}.key`, 'transparency-log': 'true' }
    await run({ ...inputs, 'signing-config': published('SIGSTORE_SIGNING_CONFIG') })
    const key = ['--key', `${type}.pub`]
    expect(await scene.cosign('cosign', 'verify', ...trusting(), ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
  })

  it('a key that signs the same each time is logged again where the first signature got lost', async () => {
    const { name, index, repository } = await scene.push(registries[0], 'logged/twice')
    const inputs = { image: `${name}@${index}`, key: 'rsa.key', 'transparency-log': 'true', recursive: 'false' }
    const services = { 'signing-config': published('SIGSTORE_SIGNING_CONFIG') }
    await run({ ...inputs, ...services })
    const [lost] = await listReferrers(repository, index)
    if (lost === undefined) throw new Error('a bundle is there')
    await deleteManifest(repository, lost.digest)
    expect(await run({ ...inputs, ...services })).not.toContain('there already')
    expect(await run({ ...inputs, ...services })).toContain('all there already')
    const key = ['--key', 'rsa.pub']
    expect(await scene.cosign('cosign', 'verify', ...trusting(), ...key, `${name}@${index}`)).toMatchObject({ status: 0 })
  })

  it('a token that is not the issuer’s is refused by Fulcio, and is not shown', async () => {
    const { name, index } = await scene.push(registries[0], 'keyless/refused')
    const [head, payload, signature] = (await workflowToken()).split('.')
    const bad = [head, payload, signature?.toUpperCase()].join('.')
    const failing = run({ image: `${name}@${index}`, 'identity-token': bad, 'signing-config': published('SIGSTORE_SIGNING_CONFIG') }, {})
    await expect(failing).rejects.toMatchObject({ code: 'SW-FULCIO-REFUSED', message: expect.not.stringContaining(payload ?? '') })
  })
})
