import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakeAws } from '../../../test/fakes/aws.ts'
import { fakeAzure } from '../../../test/fakes/azure.ts'
import { type CloudService, startFakeCloud } from '../../../test/fakes/cloud.ts'
import { fakeGoogle } from '../../../test/fakes/google.ts'
import { writeImage } from '../../../test/fakes/image.ts'
import { fakeAwsKms } from '../../../test/fakes/kms-aws.ts'
import { fakeAzureKeyVault } from '../../../test/fakes/kms-azure.ts'
import { fakeGcpKms } from '../../../test/fakes/kms-gcp.ts'
import { identifierOf, pairs, pemOf } from '../../../test/fakes/kms-keys.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { fakeVault } from '../../../test/fakes/vault.ts'
import type { Digest } from '../../base/digest.ts'
import { pullBytes } from '../../domain/oci/blobs.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { listReferrers } from '../../domain/oci/referrers.ts'
import { isSignedBy, publicKeyOf } from '../../domain/sigstore/keys/public-key.ts'
import { execute } from '../../spec/execute.ts'
import type { Http } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const region = 'eu-west-1'
const arn = `arn:aws:kms:${region}:111122223333:key/1234abcd-12ab-34cd-56ef-123456789001`
const role = 'arn:aws:iam::111122223333:role/release'
const ring = 'projects/acme/locations/global/keyRings/release/cryptoKeys'
const address = 'https://vault.example.com:8200'
const host = 'acme.vault.azure.net'
/** Tokens of this run, by audience: all that it has. */
const identity: Readonly<Record<string, string>> = {
  [address]: 'canary-for-vault',
  'sts.amazonaws.com': 'canary-for-aws',
  'api://AzureADTokenExchange': 'canary-for-azure',
}
const given = ['canary-given-by-vault', 'canary/given+by/sts', 'canary-session==', 'canary-of-google', 'entra-token']

let scene: RegistryScene
let digest: Digest
beforeEach(async () => {
  scene = await openRegistryScene()
  digest = (await writeImage(scene.layout, ['app'])).descriptor.digest
  await copyFromLayout(scene.layout, digest, scene.repository)
})
afterEach(() => scene.close())

function services(now: () => number, isDown: boolean): readonly CloudService[] {
  const users = { ASIA1: { secret: 'canary/given+by/sts', session: 'canary-session==' } }
  const keys = { app: { type: 'ecdsa-p256', versions: [pairs.other, pairs.p256] } }
  const jwt = { path: 'jwt', name: 'release', jwt: 'canary-for-vault', gives: 'canary-given-by-vault' }
  const aws = { arn, aliases: ['alias/app'], spec: 'ECC_NIST_P256', algorithms: ['ECDSA_SHA_256'], pair: pairs.p256 }
  const large = {
    arn: `${arn.slice(0, -1)}2`,
    aliases: ['alias/p384'],
    spec: 'ECC_NIST_P384',
    algorithms: ['ECDSA_SHA_384'],
    pair: pairs.p384,
  }
  const google = { [`${ring}/app`]: { 1: { algorithm: 'EC_SIGN_P256_SHA256', pair: pairs.p256 } } }
  const entra = { tenant: 'tenant-1', client: 'client-1', assertion: 'canary-for-azure', registry: '', refreshToken: '' }
  const vault = fakeVault(address, { keys, tokens: ['canary-given-by-vault'], role: jwt })
  if (isDown) vault.fault = 'sealed'
  return [
    vault.service,
    fakeAws({ now, users, role: { arn: role, token: 'canary-for-aws', gives: 'ASIA1' } }),
    fakeAwsKms({ now, users, region, keys: [aws, large] }).service,
    fakeGoogle({ now }),
    fakeGcpKms({ keys: google, tokens: ['canary-of-google'] }).service,
    fakeAzure({ ...entra, resource: 'https://vault.azure.net' }),
    fakeAzureKeyVault({ host, keys: { app: { versions: [pairs.p256] } }, token: 'entra-token' }).service,
  ]
}

interface Given {
  readonly isDown?: boolean
  readonly more?: Readonly<Record<string, string>>
}

async function sign(key: string, environment: Readonly<Record<string, string>>, { isDown = false, more = {} }: Given = {}) {
  const { clock } = scene.client
  const registries = { [`http://${scene.registry.address}`]: scene.registry.url }
  await using cloud = await startFakeCloud(services(clock.now, isDown), { clock, registries })
  const token = (audience: string): Promise<string> => Promise.resolve(identity[audience] ?? `no identity for ${audience}`)
  const { ports, recorded } = fakePorts({ clock, environment, http: cloud.http, identity: { token } })
  const inputs = new Map(Object.entries({ image: `${scene.registry.address}/team/app@${digest}`, key, format: 'both', ...more }))
  const outcome = await execute({ definition: task, load: () => Promise.resolve(run) }, { inputs, record: emptyRecord, ports })
  return { outcome, recorded, asked: cloud.asked }
}

/** Reaches the registry; what is asked of Vault ends when whoever asks gives it up. */
function deaf(): Http {
  const { http } = scene.client.ports
  return {
    request: (asked) => {
      if (!asked.url.startsWith(address)) return http.request(asked)
      return new Promise((_, reject) => asked.signal?.addEventListener('abort', () => reject(asked.signal?.reason)))
    },
  }
}

describe('signing with a key of', () => {
  test.each<[string, string, Record<string, string>, string]>([
    ['Vault', 'hashivault://app', { VAULT_ADDR: address, VAULT_AUTH_ROLE: 'release' }, 'hashivault://app/versions/2'],
    ['AWS', 'awskms:///alias/app', { AWS_ROLE_ARN: role, AWS_REGION: region }, `awskms:///${arn}`],
    ['Google', `gcpkms://${ring}/app`, { CLOUDSDK_AUTH_ACCESS_TOKEN: 'canary-of-google' }, `gcpkms://${ring}/app/cryptoKeyVersions/1`],
    [
      'Azure',
      `azurekms://${host}/app`,
      { AZURE_CLIENT_ID: 'client-1', AZURE_TENANT_ID: 'tenant-1' },
      `azurekms://${host}/app/${identifierOf(pairs.p256)}`,
    ],
  ])('%s attaches what its public key verifies, once, and names the version', async (_, key, environment, pinned) => {
    const { outcome, recorded } = await sign(key, environment)
    expect(outcome.failure).toBeUndefined()
    expect(outcome.files?.get('publicKey') ?? outcome.record.signatures?.[0]?.publicKey).toBe(pemOf(pairs.p256))
    const known = publicKeyOf(pairs.p256.publicKey, 'the test')
    expect(outcome.outputs.get('signer')).toBe(`key ${known.hint.slice(0, 8)} of ${pinned}`)
    const [referrer, ...more] = await listReferrers(scene.repository, digest)
    if (referrer === undefined || more.length > 0) throw new Error('expected one referrer')
    const { content } = await getManifest(scene.repository, referrer)
    if (content.kind !== 'manifest' || content.manifest.layers[0] === undefined) throw new Error('expected a manifest with a layer')
    const bundle = JSON.parse((await pullBytes(scene.repository, content.manifest.layers[0])).toString())
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64')
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload])
    expect(isSignedBy(known, encoded, Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64'))).toBe(true)
    expect((await sign(key, environment)).outcome.headline).toContain('all there already')
    const told = JSON.stringify([outcome, recorded.lines, bundle])
    for (const secret of [...given, ...Object.values(identity)]) expect(told).not.toContain(secret)
  })

  test('nothing that is known is refused before anything is sent', async () => {
    const { outcome, asked } = await sign('pkcs11:token=release', {})
    expect(outcome.failure).toMatchObject({ code: 'SW-KEY-REFERENCE', exit: 2 })
    expect(asked.filter((line) => !line.includes(scene.registry.address))).toEqual([])
  })

  test('a digest that is not that of the tag .sig is refused before half of both formats is written', async () => {
    const { outcome } = await sign('awskms:///alias/p384', { AWS_ROLE_ARN: role, AWS_REGION: region })
    expect(outcome.failure).toMatchObject({ code: 'SW-KMS-KEY-UNSUITABLE', hint: expect.stringContaining('format: bundle') })
    expect(await listReferrers(scene.repository, digest)).toEqual([])
  })

  test.each<[string, Record<string, string>, readonly string[]]>([
    ['of the run is ended with it', { VAULT_AUTH_ROLE: 'release' }, ['canary-given-by-vault']],
    ['that somebody gave is left to him', { VAULT_TOKEN: 'canary-given-by-vault' }, []],
  ])('a login %s', async (_, login, ended) => {
    const { outcome, asked } = await sign('hashivault://app', { VAULT_ADDR: address, ...login })
    expect(outcome.failure).toBeUndefined()
    const ends = asked.filter((line) => line.includes('/auth/token/revoke-self'))
    expect(ends).toHaveLength(ended.length)
    // After the last signature.
    expect(asked.findLastIndex((line) => line.includes('/transit/'))).toBeLessThan(
      ended.length === 0 ? asked.length : asked.indexOf(String(ends[0])),
    )
  })

  test.each<[string, Record<string, string>, string]>([
    ['the image is not there', { image: `sha256:${'0'.repeat(64)}` }, 'SW-MANIFEST-MISSING'],
    [
      'the services are named by a file that is not there',
      { 'transparency-log': 'true', 'signing-config': 'absent.json' },
      'SW-FILE-MISSING',
    ],
  ])('a login of the run is ended also where %s', async (_, { image, ...given }, code) => {
    const more = { ...given, ...(image === undefined ? {} : { image: `${scene.registry.address}/team/app@${image}` }) }
    const { outcome, asked } = await sign('hashivault://app', { VAULT_ADDR: address, VAULT_AUTH_ROLE: 'release' }, { more })
    expect(outcome.failure).toMatchObject({ code })
    expect(asked.filter((line) => line.includes('/auth/token/revoke-self'))).toHaveLength(1)
  })

  test('an image that is not there is told, though the key service never answers', async () => {
    const { ports } = fakePorts({ clock: scene.client.clock, environment: { VAULT_ADDR: address, VAULT_TOKEN: 'canary' }, http: deaf() })
    const inputs = new Map(
      Object.entries({ image: `${scene.registry.address}/team/app@sha256:${'0'.repeat(64)}`, key: 'hashivault://app' }),
    )
    const outcome = await execute({ definition: task, load: () => Promise.resolve(run) }, { inputs, record: emptyRecord, ports })
    expect(outcome.failure).toMatchObject({ code: 'SW-MANIFEST-MISSING' })
  })

  test('a Vault that is down ends as something to resume, and nothing is attached', async () => {
    const environment = { VAULT_ADDR: address, VAULT_TOKEN: 'canary-given-by-vault' }
    const { outcome } = await sign('hashivault://app', environment, { isDown: true })
    expect(outcome.failure).toMatchObject({ code: 'SW-KMS-UNAVAILABLE', exit: 6, hint: 'slipway resume' })
    expect(await listReferrers(scene.repository, digest)).toEqual([])
  })
})

test('a folder that is named like a key service is a folder', async () => {
  writeFileSync(join(scene.folder, 'hashivault'), pemOf(pairs.p256))
  const { outcome } = await sign(join(scene.folder, 'hashivault'), {})
  expect(outcome.failure).toMatchObject({ code: 'SW-KEY-INVALID' })
})
