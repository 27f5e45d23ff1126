import { describe, expect, test } from '@jest/globals'
import { fakeAws } from '../../../../test/fakes/aws.ts'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { type FakeAwsKmsOptions, fakeAwsKms } from '../../../../test/fakes/kms-aws.ts'
import { pairs } from '../../../../test/fakes/kms-keys.ts'
import { type KmsScene, kmsRun } from '../../../../test/fakes/kms-run.ts'
import { isLegacySignedBy, isSignedBy, publicKeyOf } from '../keys/public-key.ts'

const data = Buffer.from('to be signed')
const region = 'eu-west-1'
const users = { AKIA1: { secret: 'user/secret+1' }, ASIA1: { secret: 'temporary/secret+1', session: 'session-token==' } }
const role = 'arn:aws:iam::111122223333:role/release'
const arnOf = (last: string): string => `arn:aws:kms:${region}:111122223333:key/1234abcd-12ab-34cd-56ef-12345678900${last}`
const pkcs1 = ['RSASSA_PSS_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PKCS1_V1_5_SHA_384', 'RSASSA_PKCS1_V1_5_SHA_512']
const keys = [
  { arn: arnOf('1'), aliases: ['alias/app'], spec: 'ECC_NIST_P256', algorithms: ['ECDSA_SHA_256'], pair: pairs.p256 },
  { arn: arnOf('2'), aliases: ['alias/p384'], spec: 'ECC_NIST_P384', algorithms: ['ECDSA_SHA_384'], pair: pairs.p384 },
  { arn: arnOf('3'), aliases: ['alias/p521'], spec: 'ECC_NIST_P521', algorithms: ['ECDSA_SHA_512'], pair: pairs.p521 },
  { arn: arnOf('4'), aliases: ['alias/rsa'], spec: 'RSA_2048', algorithms: pkcs1, pair: pairs.rsa },
  { arn: arnOf('5'), aliases: ['alias/coin'], spec: 'ECC_SECG_P256K1', algorithms: ['ECDSA_SHA_256'], pair: pairs.k256 },
  { arn: arnOf('6'), aliases: ['alias/cipher'], spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT', algorithms: [], pair: pairs.rsa },
  { arn: arnOf('7'), aliases: ['alias/symmetric'], spec: 'SYMMETRIC_DEFAULT', algorithms: [], pair: pairs.rsa },
] as const

const withKeys = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'user/secret+1', AWS_REGION: region }

async function start(scene: KmsScene = { environment: withKeys }, more: Partial<FakeAwsKmsOptions> = {}) {
  const clock = fakeClock()
  const options: FakeAwsKmsOptions = { now: clock.now, users, region, keys, ...more }
  const kms = fakeAwsKms(options)
  const sts = fakeAws({ now: clock.now, users, role: { arn: role, token: 'job-token', gives: 'ASIA1' } })
  return { kms, clock, options, run: await kmsRun([kms.service, sts], { ...scene, clock }) }
}

describe('a key of AWS KMS', () => {
  test.each([
    [`/${arnOf('1')}`, pairs.p256, true],
    ['/alias/app', pairs.p256, true],
    [`/${arnOf('1').split('/')[1]}`, pairs.p256, true],
    [`/arn:aws:kms:${region}:111122223333:key/${arnOf('4').split('/')[1]}`, pairs.rsa, true],
    [`kms.${region}.amazonaws.com/alias/rsa`, pairs.rsa, true],
    ['/alias/p384', pairs.p384, false],
    ['/alias/p521', pairs.p521, false],
  ])('awskms://%s signs, and says by its ARN which key did', async (name, pair, legacy) => {
    const { run } = await start()
    await using _ = run
    const key = await run.open(`awskms://${name}`)
    const known = publicKeyOf(pair.publicKey, 'the test')
    expect([key.public.hint, key.legacy]).toEqual([known.hint, legacy])
    expect(key.reference).toContain(`/arn:aws:kms:${region}:111122223333:key/`)
    expect(isSignedBy(known, data, await key.sign(data))).toBe(true)
    const tagged = Promise.resolve(key.sign(data, 'legacy'))
    if (legacy) expect(isLegacySignedBy(known, data, await tagged)).toBe(true)
    else await expect(tagged).rejects.toMatchObject({ code: 'SW-KMS-KEY-UNSUITABLE', hint: expect.stringContaining('format: bundle') })
  })

  test.each([
    ['alias/coin', 'SW-KEY-INVALID', 'secp256k1'],
    ['alias/cipher', 'SW-KMS-KEY-UNSUITABLE', 'ENCRYPT_DECRYPT'],
    ['alias/symmetric', 'SW-KMS-KEY-UNSUITABLE', 'UnsupportedOperationException'],
    ['alias/nothing', 'SW-KMS-KEY-MISSING', 'NotFoundException'],
  ])('%s: %s, %s', async (name, code, message) => {
    const { run } = await start()
    await using _ = run
    await expect(run.open(`awskms:///${name}`)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('whose alias is moved meanwhile has signed nothing', async () => {
    const { run, options } = await start()
    await using _ = run
    const key = await run.open('awskms:///alias/app')
    options.keys = [{ ...keys[0], arn: arnOf('9'), pair: pairs.other }]
    await expect(key.sign(data)).rejects.toMatchObject({ code: 'SW-KMS-ANSWER', message: expect.stringContaining(arnOf('9')) })
  })
})

describe('who this run is to AWS KMS', () => {
  test('is said by web identity, without a stored secret', async () => {
    const { run } = await start({ environment: { AWS_ROLE_ARN: role }, identity: { 'sts.amazonaws.com': 'job-token' } })
    await using _ = run
    const key = await run.open(`awskms:///${arnOf('1')}`)
    await key.sign(data)
    const kms = `POST https://kms.${region}.amazonaws.com/`
    expect(run.asked).toEqual([`POST https://sts.${region}.amazonaws.com/`, kms, kms])
    expect(run.masked).toEqual(['job-token', 'temporary/secret+1', 'session-token=='])
  })

  test.each<[string, string, Record<string, string>, string, RegExp]>([
    ['nothing', '/alias/app', { AWS_REGION: region }, 'SW-KMS-UNSET', /Nothing identifies this run to AWS/],
    ['no region', '/alias/app', { ...withKeys, AWS_REGION: '' }, 'SW-KMS-UNSET', /No region is given/],
    ['a region that is a host', '/alias/app', { ...withKeys, AWS_REGION: 'x.evil.example/' }, 'SW-KMS-UNSET', /expected one such as/],
    ['a host of another', 'evil.example/alias/app', withKeys, 'SW-KMS-UNSET', /no host of AWS’s, and AWS_ENDPOINT_URL_KMS is not set/],
    ['this machine', 'localhost:4566/alias/app', withKeys, 'SW-KMS-UNSET', /no host of AWS’s/],
    ['a look-alike', `kms.${region}.amazonaws.com.evil.example/alias/app`, withKeys, 'SW-KMS-UNSET', /no host of AWS’s/],
    [
      'another host than the variable',
      'evil.example/alias/app',
      { ...withKeys, AWS_ENDPOINT_URL_KMS: 'https://kms.internal' },
      'SW-KMS-UNSET',
      /names another/,
    ],
    ['a host of another region', `kms.us-east-1.amazonaws.com/${arnOf('1')}`, withKeys, 'SW-KMS-UNSET', /is of the region eu-west-1/],
    [
      'plain http',
      '/alias/app',
      { ...withKeys, AWS_ENDPOINT_URL_KMS: 'http://kms.internal' },
      'SW-CREDENTIAL-KEYLESS',
      /AWS_ENDPOINT_URL_KMS is .* expected an https/,
    ],
  ])('%s: nothing is sent', async (_, name, environment, code, message) => {
    const { run } = await start({ environment })
    await using __ = run
    await expect(run.open(`awskms://${name}`)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(run.asked).toEqual([])
  })

  test('may be shown to a host that the variable allows', async () => {
    const { run } = await start(
      { environment: { ...withKeys, AWS_ENDPOINT_URL_KMS: 'https://kms.internal:8443/' } },
      { host: 'kms.internal:8443' },
    )
    await using _ = run
    await (await run.open('awskms:///alias/app')).sign(data)
    await (await run.open('awskms://kms.internal:8443/alias/app')).sign(data)
    expect(new Set(run.asked)).toEqual(new Set(['POST https://kms.internal:8443/']))
  })
})

describe('an AWS KMS that does not sign', () => {
  test.each([
    ['tampered', 'SW-KMS-ANSWER', 6, 'does not verify', undefined],
    ['disabled', 'SW-KMS-KEY-DISABLED', 4, 'DisabledException', 'aws kms enable-key'],
    ['denied', 'SW-KMS-DENIED', 4, 'not authorized to perform: kms:Sign', 'kms:Sign'],
  ] as const)('%s: %s', async (fault, code, exit, message, hint) => {
    const { run, kms } = await start()
    await using _ = run
    const key = await run.open('awskms:///alias/app')
    kms.fault = fault
    await expect(key.sign(data)).rejects.toMatchObject({
      ...{ code, exit, message: expect.stringContaining(message) },
      hint: hint === undefined ? undefined : expect.stringContaining(hint),
    })
  })

  test('is asked again where it has too many requests, and for no longer than a minute', async () => {
    const { run, kms, clock } = await start()
    await using _ = run
    kms.throttle = 2
    const key = await run.open('awskms:///alias/app')
    expect(kms.actions).toHaveLength(3)
    kms.throttle = 1000
    const start_ = clock.now()
    await expect(key.sign(data)).rejects.toMatchObject({
      code: 'SW-KMS-UNAVAILABLE',
      exit: 6,
      message: expect.stringContaining('Throttling'),
    })
    expect(clock.now() - start_).toBeLessThanOrEqual(60_000)
  })

  test('is told wrong keys without their secret', async () => {
    const { run } = await start({ environment: { ...withKeys, AWS_SECRET_ACCESS_KEY: 'wrong-secret' } })
    await using _ = run
    const error: unknown = await run.open('awskms:///alias/app').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-KMS-DENIED', message: expect.stringContaining('InvalidSignatureException') })
    expect(`${String(error)}${run.lines.join()}`).not.toContain('wrong-secret')
  })
})
