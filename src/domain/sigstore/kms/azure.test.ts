import { describe, expect, test } from '@jest/globals'
import { fakeAzure } from '../../../../test/fakes/azure.ts'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { type FakeAzureKey, fakeAzureKeyVault } from '../../../../test/fakes/kms-azure.ts'
import { identifierOf, pairs } from '../../../../test/fakes/kms-keys.ts'
import { type KmsScene, kmsRun } from '../../../../test/fakes/kms-run.ts'
import { isSignedBy, publicKeyOf } from '../keys/public-key.ts'

const data = Buffer.from('to be signed')
const host = 'acme.vault.azure.net'
const clock = fakeClock()
const seconds = Math.floor(clock.now() / 1000)
const keys: Readonly<Record<string, FakeAzureKey>> = {
  app: { versions: [pairs.p256] },
  rotated: { versions: [pairs.other, pairs.p256] },
  module: { versions: [pairs.p384], hsm: true },
  p521: { versions: [pairs.p521] },
  rsa: { versions: [pairs.rsa], hsm: true },
  coin: { versions: [pairs.k256] },
  cipher: { versions: [pairs.rsa], operations: ['encrypt', 'decrypt'] },
  disabled: { versions: [pairs.p256], attributes: { enabled: false } },
  expired: { versions: [pairs.p256], attributes: { exp: seconds - 10 } },
  early: { versions: [pairs.p256], attributes: { nbf: seconds + 3600 } },
}
const client = { AZURE_CLIENT_ID: 'client-1', AZURE_TENANT_ID: 'tenant-1' }
const federated = { environment: client, identity: { 'api://AzureADTokenExchange': 'job-token' } }

async function start(scene: KmsScene = federated, { resource = 'https://vault.azure.net', at = host } = {}) {
  const own = { tenant: 'tenant-1', client: 'client-1', assertion: 'job-token', machine: true, registry: '', refreshToken: '' }
  const vault = fakeAzureKeyVault({ host: at, keys, token: 'entra-token' })
  return { vault, run: await kmsRun([vault.service, fakeAzure({ ...own, resource })], { ...scene, clock }) }
}

describe('a key of Azure Key Vault', () => {
  test.each([
    ['app', pairs.p256, true],
    [`rotated`, pairs.p256, true],
    [`rotated/${identifierOf(pairs.other)}`, pairs.other, true],
    ['rsa', pairs.rsa, true],
    ['module', pairs.p384, false],
    ['p521', pairs.p521, false],
  ])('%s signs, and says which version did', async (name, pair, legacy) => {
    const { run } = await start()
    await using _ = run
    const key = await run.open(`azurekms://${host}/${name}`)
    const known = publicKeyOf(pair.publicKey, 'the test')
    expect([key.public.hint, key.legacy]).toEqual([known.hint, legacy])
    expect(key.reference).toBe(`azurekms://${host}/${name.split('/')[0]}/${identifierOf(pair)}`)
    expect(isSignedBy(known, data, await key.sign(data))).toBe(true)
  })

  test('is used by federation: one token for the vault, masked', async () => {
    const { run } = await start()
    await using _ = run
    await (await run.open(`azurekms://${host}/app`)).sign(data)
    expect(run.asked).toEqual([
      'POST https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token',
      `GET https://${host}/keys/app/`,
      `POST https://${host}/keys/app/${identifierOf(pairs.p256)}/sign`,
    ])
    expect(new Set(run.masked)).toEqual(new Set(['job-token', 'entra-token']))
  })

  test.each([
    ['acme.vault.azure.net', 'https://vault.azure.net', { machine: 'azure' } as const],
    ['acme.managedhsm.azure.net', 'https://managedhsm.azure.net', federated],
    ['acme.vault.azure.cn', 'https://vault.azure.cn', federated],
    ['acme.vault.usgovcloudapi.net', 'https://vault.usgovcloudapi.net', federated],
  ])('at %s is used with a token for %s', async (at, resource, scene) => {
    const { run } = await start(scene, { resource, at })
    await using _ = run
    expect(isSignedBy(publicKeyOf(pairs.p256.publicKey, ''), data, await (await run.open(`azurekms://${at}/app`)).sign(data))).toBe(true)
  })

  test.each(['vault.azure.net', 'acme.vault.azure.net.evil.example', 'a.b.vault.azure.net', 'localhost', 'acme.vault.azure.com'])(
    'at %s gets no token',
    async (at) => {
      const { run } = await start()
      await using _ = run
      await expect(run.open(`azurekms://${at}/app`)).rejects.toMatchObject({ code: 'SW-KMS-UNSET', exit: 4 })
      expect(run.asked).toEqual([])
    },
  )

  test.each([
    ['coin', 'SW-KMS-KEY-UNSUITABLE', 'secp256k1'],
    ['nothing', 'SW-KMS-KEY-MISSING', 'KeyNotFound'],
    [`app/${'0'.repeat(32)}`, 'SW-KMS-KEY-MISSING', 'KeyNotFound'],
  ])('%s: %s, %s', async (name, code, message) => {
    const { run } = await start()
    await using _ = run
    await expect(run.open(`azurekms://${host}/${name}`)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test.each([
    ['disabled', 'SW-KMS-KEY-DISABLED', 'is disabled'],
    ['expired', 'SW-KMS-KEY-DISABLED', 'was valid until'],
    ['early', 'SW-KMS-KEY-DISABLED', 'is not valid before'],
    ['cipher', 'SW-KMS-KEY-UNSUITABLE', 'is for encrypt, decrypt'],
  ])('%s tells its public half, and signs nothing: %s, %s', async (name, code, message) => {
    const { run } = await start()
    await using _ = run
    const key = await run.open(`azurekms://${host}/${name}`)
    await expect(key.sign(data)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(run.asked.filter((line) => line.endsWith('/sign'))).toEqual([])
  })
})

describe('an Azure Key Vault that does not answer as it should', () => {
  test.each([
    ['tampered', 'SW-KMS-ANSWER', 6, 'does not verify'],
    ['other key', 'SW-KMS-ANSWER', 4, 'another key did'],
    ['denied', 'SW-KMS-DENIED', 4, 'ForbiddenByRbac'],
    ['disabled', 'SW-KMS-KEY-DISABLED', 4, 'KeyDisabled'],
  ] as const)('to a signature, %s: %s', async (fault, code, exit, message) => {
    const { run, vault } = await start()
    await using _ = run
    const key = await run.open(`azurekms://${host}/app`)
    vault.fault = fault
    await expect(key.sign(data)).rejects.toMatchObject({ code, exit, message: expect.stringContaining(message) })
  })

  test('to the public key, of another name', async () => {
    const { run, vault } = await start()
    await using _ = run
    vault.fault = 'other key'
    await expect(run.open(`azurekms://${host}/app`)).rejects.toMatchObject({ code: 'SW-KMS-ANSWER' })
  })

  test('names the role that is missing; nothing identifies a run without one', async () => {
    const { run, vault } = await start()
    await using _ = run
    vault.fault = 'denied'
    await expect(run.open(`azurekms://${host}/app`)).rejects.toMatchObject({ hint: expect.stringContaining('Key Vault Crypto User') })
    const { run: other } = await start({})
    await using __ = other
    await expect(other.open(`azurekms://${host}/app`)).rejects.toMatchObject({ code: 'SW-KMS-UNSET' })
  })
})
