/** What we sign with keys of key services is verified by cosign with the public key alone. The lab's cosign has no key services itself. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { isLoopback } from '../../src/base/loopback.ts'
import { keysCommand } from '../../src/cli/keys-command.ts'
import type { Outcome } from '../../src/spec/execute.ts'
import type { Http, Ports } from '../../src/spec/ports.ts'
import { run as runSign } from '../../src/tasks/sign/run.ts'
import { task as signTask } from '../../src/tasks/sign/task.ts'
import { run as runVerify } from '../../src/tasks/verify/run.ts'
import { task as verifyTask } from '../../src/tasks/verify/task.ts'
import { fakeAzure } from '../fakes/azure.ts'
import { type FakeCloud, serveServices, startFakeCloud } from '../fakes/cloud.ts'
import { fakeAwsKms } from '../fakes/kms-aws.ts'
import { fakeAzureKeyVault } from '../fakes/kms-azure.ts'
import { fakeGcpKms } from '../fakes/kms-gcp.ts'
import { identifierOf, type Pair, pairs } from '../fakes/kms-keys.ts'
import { fakePorts } from '../fakes/ports.ts'
import { fakeVault } from '../fakes/vault.ts'
import { openSigningScene, registries, type SigningScene } from '../real/sigstore.ts'

const region = 'eu-west-1'
const arn = (last: number): string => `arn:aws:kms:${region}:111122223333:key/1234abcd-12ab-34cd-56ef-12345678900${last}`
const ring = 'projects/acme/locations/europe-west1/keyRings/release/cryptoKeys'
const host = 'acme.vault.azure.net'
const canary = { token: 'hvs.canary-of-vault', secret: 'canary/of/aws+secret', google: 'ya29.canary-of-google', entra: 'entra-token' }
const app: { readonly type: string; versions: readonly Pair[] } = { type: 'ecdsa-p256', versions: [pairs.other, pairs.p256] }

let scene: SigningScene
let cloud: FakeCloud
let vault: { readonly url: string } & AsyncDisposable
let ports: Partial<Ports>
beforeAll(async () => {
  scene = await openSigningScene('kms')
  const keys = { app, rsa: { type: 'rsa-2048', versions: [pairs.rsa] }, edwards: { type: 'ed25519', versions: [pairs.ed25519] } }
  vault = await serveServices(fakeVault(undefined, { keys, tokens: [canary.token] }).service)
  const users = { AKIA1: { secret: canary.secret } }
  const p384 = { arn: arn(2), aliases: ['alias/p384'], spec: 'ECC_NIST_P384', algorithms: ['ECDSA_SHA_384'], pair: pairs.p384 }
  const aws = { arn: arn(1), aliases: ['alias/app'], spec: 'ECC_NIST_P256', algorithms: ['ECDSA_SHA_256'], pair: pairs.p256 }
  const google = { [`${ring}/app`]: { 3: { algorithm: 'RSA_SIGN_PKCS1_2048_SHA256', pair: pairs.rsa } } }
  const entra = { tenant: 't', client: 'c', secret: 'canary', registry: '', refreshToken: '', resource: 'https://vault.azure.net' }
  const services = [
    fakeAwsKms({ now: Date.now, users, region, keys: [aws, p384] }).service,
    fakeGcpKms({ keys: google, tokens: [canary.google] }).service,
    fakeAzureKeyVault({ host, keys: { app: { versions: [pairs.p256] } }, token: canary.entra }).service,
    fakeAzure(entra),
  ]
  cloud = await startFakeCloud(services, { clock: scene.client.ports.clock })
  const here: Http = scene.client.ports.http
  ports = {
    http: { request: (wanted) => (isLoopback(new URL(wanted.url).host) ? here : cloud.http).request(wanted) },
    environment: {
      ...{ VAULT_ADDR: vault.url, VAULT_TOKEN: canary.token, CLOUDSDK_AUTH_ACCESS_TOKEN: canary.google },
      ...{ AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: canary.secret, AWS_REGION: region },
      ...{ AZURE_CLIENT_ID: 'c', AZURE_TENANT_ID: 't', AZURE_CLIENT_SECRET: 'canary' },
    },
  }
})
afterAll(async () => {
  await vault[Symbol.asyncDispose]()
  await cloud[Symbol.asyncDispose]()
  await scene[Symbol.asyncDispose]()
})

const sign = (image: string, key: string, format = 'both'): Promise<Outcome> =>
  scene.run({ definition: signTask, load: () => Promise.resolve(runSign) }, { image, key, format }, ports)
const verify = (image: string, key: string): Promise<Outcome> =>
  scene.run({ definition: verifyTask, load: () => Promise.resolve(runVerify) }, { image, key }, ports)

/** What `slipway keys public` prints, in a file. */
async function exported(key: string): Promise<string> {
  const lines: string[] = []
  const all = { ...fakePorts().ports, ...ports }
  const given = { workingFolder: scene.folder, environment: all.environment, ports: all, mask: () => undefined }
  await keysCommand(['public', '--key', key], { ...given, print: (line) => void lines.push(line) })
  const file = join(scene.folder, 'exported.pub')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

const references = [
  ['hashivault://app', 'hashivault://app/versions/2'],
  ['hashivault://app/versions/1', 'hashivault://app/versions/1'],
  ['hashivault://rsa', 'hashivault://rsa/versions/1'],
  ['hashivault://edwards', 'hashivault://edwards/versions/1'],
  ['awskms:///alias/app', `awskms:///${arn(1)}`],
  [`gcpkms://${ring}/app`, `gcpkms://${ring}/app/cryptoKeyVersions/3`],
  [`azurekms://${host}/app`, `azurekms://${host}/app/${identifierOf(pairs.p256)}`],
] as const

describe.each(registries)('at %s', (registry) => {
  it.each(references)(
    'what %s signs is verified by cosign 3.1 and 2.5 with its public key, in both formats, and by us',
    async (key, pinned) => {
      const { name, index } = await scene.push(registry, `kms/${key.replace(/[^a-z0-9]+/g, '-')}`)
      const image = `${name}@${index}`
      const outcome = await sign(image, key)
      expect(outcome.failure).toBeUndefined()
      expect(outcome.record.signatures?.map(({ identity }) => identity?.split(' of ')[1])).toContain(pinned)
      const file = await exported(pinned)
      for (const [program, ...more] of [['cosign'], ['cosign', '--new-bundle-format=false'], ['cosign2']] as const)
        expect(await scene.cosign(program, 'verify', '--key', file, '--insecure-ignore-tlog', ...more, image)).toMatchObject({ status: 0 })
      for (const trusted of [key, pinned, file]) expect((await verify(image, trusted)).failure).toBeUndefined()
      expect((await sign(image, key)).headline).toContain('all there already')
      const told = JSON.stringify([outcome, readFileSync(file, 'utf8')])
      for (const secret of Object.values(canary)) expect(told).not.toContain(secret)
    },
  )

  it('a P-384 key of a cloud signs bundles, and says why it signs no .sig tag', async () => {
    const { name, index } = await scene.push(registry, 'kms/p384')
    const image = `${name}@${index}`
    expect((await sign(image, 'awskms:///alias/p384', 'bundle')).failure).toBeUndefined()
    const file = await exported('awskms:///alias/p384')
    const flags = ['--insecure-ignore-tlog', '--signature-digest-algorithm=sha384']
    expect(await scene.cosign('cosign', 'verify', '--key', file, ...flags, image)).toMatchObject({ status: 0 })
    expect((await sign(image, 'awskms:///alias/p384', 'legacy')).failure).toMatchObject({ code: 'SW-KMS-KEY-UNSUITABLE' })
  })

  it('what a version has signed is verified by that version, also when the key was rotated since', async () => {
    const { name, index } = await scene.push(registry, 'kms/rotated')
    const image = `${name}@${index}`
    app.versions = [pairs.other]
    expect((await sign(image, 'hashivault://app')).failure).toBeUndefined()
    app.versions = [pairs.other, pairs.p256]
    expect((await verify(image, 'hashivault://app/versions/1')).failure).toBeUndefined()
    expect((await verify(image, 'hashivault://app')).failure).toMatchObject({ message: expect.stringContaining('key-mismatch') })
  })
})
