import { describe, expect, test } from '@jest/globals'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { fakeGoogle } from '../../../../test/fakes/google.ts'
import { type FakeGcpVersion, fakeGcpKms } from '../../../../test/fakes/kms-gcp.ts'
import { pairs } from '../../../../test/fakes/kms-keys.ts'
import { type KmsScene, kmsRun } from '../../../../test/fakes/kms-run.ts'
import { isSignedBy, publicKeyOf } from '../keys/public-key.ts'

const data = Buffer.from('to be signed')
const ring = 'projects/acme-prod/locations/europe-west1/keyRings/release/cryptoKeys'
const p256 = { algorithm: 'EC_SIGN_P256_SHA256', pair: pairs.p256 }
const old = { algorithm: 'EC_SIGN_P256_SHA256', pair: pairs.other }
const keys: Readonly<Record<string, Record<string, FakeGcpVersion>>> = {
  [`${ring}/app`]: { 1: p256 },
  [`${ring}/rotated`]: { 1: old, 2: old, 9: old, 10: p256, 11: { ...old, state: 'DISABLED' } },
  [`${ring}/disabled`]: { 1: { ...p256, state: 'DISABLED' } },
  [`${ring}/p384`]: { 1: { algorithm: 'EC_SIGN_P384_SHA384', pair: pairs.p384 } },
  [`${ring}/rsa`]: { 1: { algorithm: 'RSA_SIGN_PKCS1_2048_SHA256', pair: pairs.rsa } },
  [`${ring}/edwards`]: { 1: { algorithm: 'EC_SIGN_ED25519', pair: pairs.ed25519 } },
  [`${ring}/pss`]: { 1: { algorithm: 'RSA_SIGN_PSS_2048_SHA256', pair: pairs.rsa } },
  [`${ring}/rsa512`]: { 1: { algorithm: 'RSA_SIGN_PKCS1_4096_SHA512', pair: pairs.rsa } },
  [`${ring}/cipher`]: { 1: { algorithm: 'RSA_DECRYPT_OAEP_2048_SHA256', pair: pairs.rsa } },
}

async function start(scene: KmsScene = { environment: { CLOUDSDK_AUTH_ACCESS_TOKEN: 'ya29.token' } }) {
  const clock = fakeClock()
  const google = fakeGoogle({ now: clock.now, machine: true })
  const kms = fakeGcpKms({ keys, tokens: ['ya29.token', 'machine-token-1'] })
  return { kms, run: await kmsRun([kms.service, google], { ...scene, clock }) }
}

describe('a key of Google Cloud KMS', () => {
  test.each([
    ['app', pairs.p256, 1, true],
    ['app/cryptoKeyVersions/1', pairs.p256, 1, true],
    ['app/versions/1', pairs.p256, 1, true],
    ['rotated', pairs.p256, 10, true],
    ['rotated/cryptoKeyVersions/9', pairs.other, 9, true],
    ['rsa', pairs.rsa, 1, true],
    ['edwards', pairs.ed25519, 1, true],
    ['p384', pairs.p384, 1, false],
  ])('%s signs, and says which version did', async (name, pair, version, legacy) => {
    const { run } = await start()
    await using _ = run
    const key = await run.open(`gcpkms://${ring}/${name}`)
    const known = publicKeyOf(pair.publicKey, 'the test')
    expect([key.public.hint, key.legacy]).toEqual([known.hint, legacy])
    expect(key.reference).toBe(`gcpkms://${ring}/${name.split('/')[0]}/cryptoKeyVersions/${version}`)
    expect(isSignedBy(known, data, await key.sign(data))).toBe(true)
  })

  test('is used with the service account of the machine', async () => {
    const { run } = await start({ machine: 'google' })
    await using _ = run
    await (await run.open(`gcpkms://${ring}/app`)).sign(data)
    expect(run.asked.filter((line) => line.includes('169.254.169.254'))).toHaveLength(1)
    expect(run.masked).toEqual(['machine-token-1'])
  })

  test('with a version is used without the right to list versions', async () => {
    const { run } = await start()
    await using _ = run
    await (await run.open(`gcpkms://${ring}/app/versions/1`)).sign(data)
    expect(run.asked).toEqual([
      `GET https://cloudkms.googleapis.com/v1/${ring}/app/cryptoKeyVersions/1/publicKey`,
      `POST https://cloudkms.googleapis.com/v1/${ring}/app/cryptoKeyVersions/1:asymmetricSign`,
    ])
  })

  test.each([
    ['pss', 'SW-KMS-KEY-UNSUITABLE', 'RSA_SIGN_PSS_2048_SHA256'],
    ['rsa512', 'SW-KMS-KEY-UNSUITABLE', 'RSA_SIGN_PKCS1_4096_SHA512'],
    ['cipher', 'SW-KMS-KEY-UNSUITABLE', 'RSA_DECRYPT_OAEP'],
    ['disabled', 'SW-KMS-KEY-DISABLED', 'no version that is enabled'],
    ['disabled/versions/1', 'SW-KMS-KEY-DISABLED', 'current state is: DISABLED'],
    ['app/versions/7', 'SW-KMS-KEY-MISSING', 'NOT_FOUND'],
    ['nothing', 'SW-KMS-KEY-MISSING', 'NOT_FOUND'],
  ])('%s: %s, %s', async (name, code, message) => {
    const { run } = await start()
    await using _ = run
    await expect(run.open(`gcpkms://${ring}/${name}`)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('a Google Cloud KMS that does not answer as it should', () => {
  test.each([
    ['tampered', 'SW-KMS-ANSWER', 6, 'does not verify'],
    ['request corrupted', 'SW-KMS-ANSWER', 6, 'changed on the way'],
    ['denied', 'SW-KMS-DENIED', 4, 'PERMISSION_DENIED'],
  ] as const)('to a signature, %s: %s', async (fault, code, exit, message) => {
    const { run, kms } = await start()
    await using _ = run
    const key = await run.open(`gcpkms://${ring}/app`)
    kms.fault = fault
    await expect(key.sign(data)).rejects.toMatchObject({ code, exit, message: expect.stringContaining(message) })
  })

  test.each(['corrupted', 'other key'] as const)('to the public key, %s', async (fault) => {
    const { run, kms } = await start()
    await using _ = run
    kms.fault = fault
    await expect(run.open(`gcpkms://${ring}/app`)).rejects.toMatchObject({ code: 'SW-KMS-ANSWER', exit: 6 })
  })

  test('names the permission that is missing', async () => {
    const { run, kms } = await start()
    await using _ = run
    const key = await run.open(`gcpkms://${ring}/app`)
    kms.fault = 'denied'
    await expect(key.sign(data)).rejects.toMatchObject({ hint: expect.stringContaining('cloudkms.cryptoKeyVersions.useToSign') })
  })

  test.each([
    ['nothing', {}, 'SW-KMS-UNSET'],
    ['a token that died', { CLOUDSDK_AUTH_ACCESS_TOKEN: 'ya29.dead' }, 'SW-KMS-DENIED'],
  ])('to %s', async (_, environment, code) => {
    const { run } = await start({ environment })
    await using __ = run
    const error: unknown = await run.open(`gcpkms://${ring}/app`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, exit: 4 })
    expect(String(error)).not.toContain('ya29')
  })
})
