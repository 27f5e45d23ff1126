/** What cosign signs, by key and without a network but the registry, is verified by us; and cosign comes to the same by the commands that we print. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pushArtifact } from '../../src/domain/oci/artifact.ts'
import { copyBetween } from '../../src/domain/oci/copy.ts'
import { deleteManifest, getManifest } from '../../src/domain/oci/manifests.ts'
import { listReferrers } from '../../src/domain/oci/referrers.ts'
import { mediaTypes } from '../../src/domain/oci/types.ts'
import { keyTypes } from '../../src/domain/sigstore/keys/generate.ts'
import type { Outcome } from '../../src/spec/execute.ts'
import { run } from '../../src/tasks/verify/run.ts'
import { task } from '../../src/tasks/verify/task.ts'
import { type Ended, end } from '../real/program.ts'
import {
  type Cosign,
  cosigns,
  openSigningScene,
  published,
  registries,
  type SigningScene,
  workflowIdentity,
  workflowToken,
} from '../real/sigstore.ts'

let scene: SigningScene
beforeAll(async () => {
  scene = await openSigningScene('verify')
})
afterAll(async () => scene[Symbol.asyncDispose]())

/** Offline, with a key of ours. */
async function sign(program: Cosign, key: string, image: string, ...rest: string[]): Promise<void> {
  const offline = ['--yes', '--tlog-upload=false', ...(program === 'cosign' ? ['--use-signing-config=false'] : [])]
  expect(await scene.cosign(program, 'sign', ...offline, '--key', `${key}.key`, ...rest, image)).toMatchObject({ status: 0 })
}

function verify(image: string, key: string, inputs: Record<string, string> = {}): Promise<Outcome> {
  return scene.run({ definition: task, load: () => Promise.resolve(run) }, { image, key: `${key}.pub`, ...inputs })
}

const verdictOf = ({ outputs, failure }: Outcome): unknown => outputs.get('verdict') ?? failure
const whyNot = ({ failure }: Outcome): unknown => (failure instanceof Error ? failure.message : 'it passed')
const commandsOf = (outcome: Outcome): readonly string[] => JSON.parse(outcome.files?.get('report') ?? '{}').commands

describe.each(registries)('at %s', (registry) => {
  it.each(keyTypes)('what cosign 3.1 and 2.5 sign with %s is verified, an index and its child; cosign says the same', async (type) => {
    for (const program of cosigns.filter((one) => !(one === 'cosign' && type === 'ed25519'))) {
      const { name, index, child } = await scene.push(registry, `theirs/${type}-${program}`)
      await sign(program, type, `${name}@${index}`, '--recursive')
      for (const image of [`${name}@${index}`, `${name}@${child}`]) {
        const outcome = await verify(image, type, { recursive: 'true' })
        expect([program, verdictOf(outcome)]).toEqual([program, 'pass'])
        expect(commandsOf(outcome)).toHaveLength(1)
        for (const command of commandsOf(outcome))
          expect(await end(command.split(' '), { env: scene.environment, cwd: scene.folder })).toMatchObject({ status: 0 })
      }
      expect(whyNot(await verify(`${name}@${index}`, type === 'rsa' ? 'p256' : 'rsa'))).toContain('key-mismatch')
    }
  })

  it.each(cosigns)('annotations that %s signs are found', async (program) => {
    const { name, index } = await scene.push(registry, `theirs/annotated-${program}`)
    await sign(program, 'p256', `${name}@${index}`, '-a', 'release=1.4.0', '-a', 'note=a&b <c>')
    const wanted = (value: string): Record<string, string> => ({ annotations: `release=${value}\nnote=a&b <c>` })
    expect(verdictOf(await verify(`${name}@${index}`, 'p256', wanted('1.4.0')))).toBe('pass')
    expect(whyNot(await verify(`${name}@${index}`, 'p256', wanted('1.4.1')))).toContain('annotation-mismatch')
  })

  it('a bundle by cosign 3.1 with Ed25519, prehashed, is verified by nobody', async () => {
    const { name, index } = await scene.push(registry, 'theirs/prehashed')
    await sign('cosign', 'ed25519', `${name}@${index}`)
    const by = ['--key', 'ed25519.pub', '--insecure-ignore-tlog']
    expect((await scene.cosign('cosign', 'verify', ...by, `${name}@${index}`)).status).not.toBe(0)
    expect(whyNot(await verify(`${name}@${index}`, 'ed25519'))).toContain('signature-invalid')
  })

  it('a list of referrers may name what is gone', async () => {
    const { name, index, repository } = await scene.push(registry, 'theirs/gone')
    await sign('cosign', 'rsa', `${name}@${index}`)
    const [gone] = await listReferrers(repository, index)
    if (gone === undefined) throw new Error('cosign wrote a referrer')
    await sign('cosign', 'p256', `${name}@${index}`)
    await deleteManifest(repository, gone.digest)
    expect(verdictOf(await verify(`${name}@${index}`, 'p256'))).toBe('pass')
    expect(whyNot(await verify(`${name}@${index}`, 'rsa'))).toMatch(/key-mismatch|unreadable/)
  })

  it('an image that has only an SBOM is not signed', async () => {
    const { name, index } = await scene.push(registry, 'theirs/sbom')
    writeFileSync(join(scene.folder, 'sbom.json'), '{"spdxVersion":"SPDX-2.3"}')
    const options = '--yes --tlog-upload=false --key p256.key --type spdxjson --predicate sbom.json'
    const attest = [...options.split(' '), `${name}@${index}`]
    expect(await scene.cosign('cosign', 'attest', '--use-signing-config=false', ...attest)).toMatchObject({ status: 0 })
    expect(await scene.cosign('cosign2', 'attest', ...attest)).toMatchObject({ status: 0 })
    expect(whyNot(await verify(`${name}@${index}`, 'p256'))).toContain('predicate-type')
    await sign('cosign', 'p256', `${name}@${index}`)
    expect(verdictOf(await verify(`${name}@${index}`, 'p256', { require: 'spdx' }))).toBe('pass')
    expect(whyNot(await verify(`${name}@${index}`, 'p256', { require: 'slsa-provenance' }))).toContain(
      'slsa-provenance: nothing of the kind',
    )
  })

  it('a signature goes along when the image is copied, and names its first repository', async () => {
    const { name, index, repository: from } = await scene.push(registry, 'theirs/first')
    await sign('cosign2', 'p256', `${name}@${index}`)
    const { repository: to } = await scene.push(registry, 'theirs/second')
    await copyBetween(from, index, to, { referrers: true })
    expect(verdictOf(await verify(`${to.name}@${index}`, 'p256'))).toBe('pass')
    expect(verdictOf(await verify(`${to.name}@${index}`, 'p256', { 'docker-reference': name }))).toBe('pass')
    expect(whyNot(await verify(`${to.name}@${index}`, 'p256', { 'docker-reference': to.name }))).toContain('reference-mismatch')
  })
})

describe('by the identity of a workflow, with a private Sigstore', () => {
  const given = (): Record<string, string> => ({
    identity: workflowIdentity,
    issuer: published('OIDC_GITHUB_ISSUER'),
    'trusted-root': published('SIGSTORE_TRUSTED_ROOT'),
  })
  const verifyBy = (image: string, inputs: Record<string, string> = {}): Promise<Outcome> =>
    scene.run({ definition: task, load: () => Promise.resolve(run) }, { image, ...given(), ...inputs })
  const signAs = async (ref: string, config: string, command: string, ...rest: string[]): Promise<void> => {
    const token = await workflowToken({ ref })
    const services = ['--signing-config', published(config), '--trusted-root', published('SIGSTORE_TRUSTED_ROOT')]
    expect(await scene.cosign('cosign', command, '--yes', '--identity-token', token, ...services, ...rest)).toMatchObject({ status: 0 })
  }

  it.each(['SIGSTORE_SIGNING_CONFIG', 'SIGSTORE_SIGNING_CONFIG_V1'])(
    'what cosign signs with %s is verified, and main-evil is not main',
    async (config) => {
      const { name, index } = await scene.push(registries[0], `identity/${config.toLowerCase()}`)
      await signAs('refs/heads/main-evil', config, 'sign', `${name}@${index}`)
      expect(whyNot(await verifyBy(`${name}@${index}`))).toContain('identity-mismatch')
      await signAs('refs/heads/main', config, 'sign', `${name}@${index}`)
      const outcome = await verifyBy(`${name}@${index}`)
      expect(verdictOf(outcome)).toBe('pass')
      for (const command of commandsOf(outcome).filter((one) => one.startsWith('cosign')))
        expect(await end(command.split(' '), { env: scene.environment, cwd: scene.folder })).toMatchObject({ status: 0 })
    },
  )

  it('the bundle of another image is refused, and an SBOM is no signature', async () => {
    const { name, index, child, repository } = await scene.push(registries[0], 'identity/swapped')
    await signAs('refs/heads/main', 'SIGSTORE_SIGNING_CONFIG', 'sign', `${name}@${index}`)
    const [referrer] = await listReferrers(repository, index)
    if (referrer === undefined) throw new Error('cosign wrote a referrer')
    const { content } = await getManifest(repository, referrer.digest)
    if (content.kind !== 'manifest') throw new Error('a bundle is in a manifest')
    const subject = (await getManifest(repository, child)).descriptor
    const { mediaType = mediaTypes.manifest, ...manifest } = content.manifest
    await pushArtifact(repository, { manifest: { ...manifest, mediaType, subject }, blobs: [Buffer.from('{}')] })
    expect(whyNot(await verifyBy(`${name}@${child}`))).toContain('subject-mismatch')
    writeFileSync(join(scene.folder, 'sbom.json'), '{"spdxVersion":"SPDX-2.3"}')
    await signAs(
      'refs/heads/main',
      'SIGSTORE_SIGNING_CONFIG',
      'attest',
      '--type',
      'spdxjson',
      '--predicate',
      'sbom.json',
      `${name}@${child}`,
    )
    expect(whyNot(await verifyBy(`${name}@${child}`))).toMatch(/predicate-type|subject-mismatch/)
  })
})

describe('signatures of notation 1.3', () => {
  beforeAll(async () => {
    expect(await notation('cert', 'generate-test', '--default', 'acme')).toMatchObject({ status: 0 })
  })
  const notation = (...argv: string[]): Promise<Ended> =>
    end(['notation', ...argv], { env: { ...scene.environment, XDG_CONFIG_HOME: scene.folder }, cwd: scene.folder })
  const policy = (subject: string): string => {
    writeFileSync(join(scene.folder, 'notation.yaml'), JSON.stringify({ signers: [{ notation: 'notation/localkeys/acme.crt', subject }] }))
    return 'notation.yaml'
  }
  const verifyBy = (image: string, subject: string): Promise<Outcome> =>
    scene.run({ definition: task, load: () => Promise.resolve(run) }, { image, policy: policy(subject) })

  it.each(
    registries.flatMap((registry) => [
      [registry, 'the referrers API', '--force-referrers-tag=false'] as const,
      [registry, 'the fallback tag', '--force-referrers-tag=true'] as const,
    ]),
  )('at %s count where the policy names their authority and subject, by %s', async (registry, way, flag) => {
    const { name, index } = await scene.push(registry, `notation/${way.split(' ')[1]}`)
    expect(whyNot(await verifyBy(`${name}@${index}`, 'CN=acme'))).toContain('nothing of the kind')
    expect(await notation('sign', '--insecure-registry', flag, `${name}@${index}`)).toMatchObject({ status: 0 })
    expect(verdictOf(await verifyBy(`${name}@${index}`, 'CN=acme'))).toBe('pass')
    expect(whyNot(await verifyBy(`${name}@${index}`, 'CN=acme2'))).toContain('identity-mismatch')
    expect(whyNot(await verify(`${name}@${index}`, 'p256'))).toContain('no-rule')
  })

  it('in COSE are listed with the reason', async () => {
    const { name, index } = await scene.push(registries[0], 'notation/cose')
    expect(await notation('sign', '--insecure-registry', '--signature-format', 'cose', `${name}@${index}`)).toMatchObject({ status: 0 })
    expect(whyNot(await verifyBy(`${name}@${index}`, 'CN=acme'))).toContain('notation-cose')
  })
})
