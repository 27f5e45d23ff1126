import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fakeClock } from '../../../../../test/fakes/clock.ts'
import { type FakeGoogleOptions, fakeGoogle } from '../../../../../test/fakes/google.ts'
import { type KeylessScene, keylessRun } from '../../../../../test/fakes/keyless.ts'

const registry = 'europe-west1-docker.pkg.dev'
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const account = { email: 'ci@acme.iam.gserviceaccount.com', publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() }
const federation = {
  audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/github',
  subjectType: 'urn:ietf:params:oauth:token-type:jwt',
  subject: 'subject-token',
}
const sts = 'POST https://sts.googleapis.com/v1/token'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-gcp-'))
  path = join(folder, 'credentials.json')
  await writeFile(join(folder, 'subject'), 'subject-token\n')
})
afterEach(() => rm(folder, { recursive: true }))

const external = (source: object, more: object = {}): object => ({
  type: 'external_account',
  audience: federation.audience,
  subject_token_type: federation.subjectType,
  token_url: 'https://sts.googleapis.com/v1/token',
  credential_source: source,
  ...more,
})
const serviceAccount = (more: object = {}): object => ({
  type: 'service_account',
  client_email: account.email,
  private_key_id: 'key-1',
  private_key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  token_uri: 'https://oauth2.googleapis.com/token',
  ...more,
})

async function start(file: object | undefined, google: Partial<FakeGoogleOptions>, scene: KeylessScene = {}) {
  if (file !== undefined) await writeFile(path, JSON.stringify(file))
  const clock = scene.clock ?? fakeClock()
  const environment = { ...scene.environment, ...(file === undefined ? {} : { GOOGLE_APPLICATION_CREDENTIALS: path }) }
  return keylessRun(registry, [fakeGoogle({ now: clock.now, ...google })], { ...scene, clock, environment })
}

describe('a password of Artifact Registry', () => {
  it.each<[string, () => object | undefined, Partial<FakeGoogleOptions>, KeylessScene, string[], string]>([
    ['federation by a file', () => external({ file: join(folder, 'subject') }), { federation }, {}, [sts], 'federated-token-1'],
    [
      'federation of a GitHub job, for a service account',
      () =>
        external(
          {
            url: 'https://pipelines.actions.githubusercontent.com/1/idtoken?api-version=2.0',
            headers: { Authorization: 'bearer request-token' },
            format: { type: 'json', subject_token_field_name: 'value' },
          },
          {
            service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account.email}:generateAccessToken`,
          },
        ),
      { federation: { ...federation, serviceAccount: account.email }, runner: { bearer: 'request-token', value: 'subject-token' } },
      {},
      [
        'GET https://pipelines.actions.githubusercontent.com/1/idtoken',
        sts,
        `POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${account.email}:generateAccessToken`,
      ],
      'impersonated-token-2',
    ],
    [
      'the key of a service account',
      () => serviceAccount(),
      { account },
      {},
      ['POST https://oauth2.googleapis.com/token'],
      'account-token-1',
    ],
    [
      'the machine',
      () => undefined,
      { machine: true },
      { machine: 'google' },
      ['GET http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token'],
      'machine-token-1',
    ],
    [
      'the metadata server of a pod',
      () => undefined,
      { machine: true },
      { environment: { GCE_METADATA_HOST: 'metadata.google.internal' } },
      ['GET http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token'],
      'machine-token-1',
    ],
    ['a token that is there', () => undefined, {}, { environment: { CLOUDSDK_AUTH_ACCESS_TOKEN: 'given-token' } }, [], 'given-token'],
  ])('is had by %s', async (_, file, google, scene, asked, password) => {
    await using run = await start(file(), google, scene)
    expect([await run.credential(), run.failure()]).toEqual([
      expect.objectContaining({ kind: 'password', username: 'oauth2accesstoken', password }),
      undefined,
    ])
    expect(run.asked).toEqual(asked)
    expect(run.masked).toContain(password)
  })

  it('hides the token of the job, the token traded for it and the key of an account', async () => {
    await using run = await start(external({ file: join(folder, 'subject') }), { federation })
    await run.credential()
    expect(run.masked).toEqual(['subject-token', 'federated-token-1', 'federated-token-1', 'federated-token-1'])
    await using other = await start(serviceAccount(), { account })
    await other.credential()
    expect(other.masked[0]).toContain('PRIVATE KEY')
  })

  it('is had anew when 80 % of its life are over', async () => {
    const clock = fakeClock()
    await using run = await start(serviceAccount(), { account, life: 1000 }, { clock })
    await run.credential()
    clock.advance(799_000)
    expect(await run.credential()).toMatchObject({ password: 'account-token-1' })
    clock.advance(2000)
    expect(await run.credential()).toMatchObject({ password: 'account-token-2' })
  })

  it.each<[string, KeylessScene]>([
    ['nothing', {}],
    ['a machine of another cloud', { machine: 'azure' }],
    ['a machine without a service account', { machine: 'google' }],
  ])('is not had by %s, which is no failure', async (_, scene) => {
    await using run = await start(undefined, {}, scene)
    expect([await run.credential(), run.failure()]).toEqual([undefined, undefined])
  })

  it.each<[string, () => object, RegExp]>([
    [
      'a subject that is not trusted',
      () => external({ file: join(folder, 'subject') }, { audience: 'another' }),
      /answered 400 \(invalid_grant The fake does not know/,
    ],
    ['a program', () => external({ executable: { command: '/bin/sh' } }), /neither a file nor a URL: programs are not run/],
    [
      'a token service of somebody else',
      () => external({ file: join(folder, 'subject') }, { token_url: 'https://sts.googleapis.com.evil.example/v1/token' }),
      /token_url .* leads to sts\.googleapis\.com\.evil\.example/,
    ],
    [
      'an impersonation by somebody else',
      () => external({ file: join(folder, 'subject') }, { service_account_impersonation_url: 'https://evil.example/' }),
      /leads to evil\.example/,
    ],
    [
      'a token service in plain http',
      () => serviceAccount({ token_uri: 'http://oauth2.googleapis.com/token' }),
      /token_uri .* expected an https URL/,
    ],
    ['a subject in plain http', () => external({ url: 'http://10.0.0.1/token' }), /expected an https URL/],
    [
      'a field that is not there',
      () => external({ file: path, format: { type: 'json', subject_token_field_name: 'value' } }),
      /no text in the field "value"/,
    ],
    ['a key that is none', () => serviceAccount({ private_key: 'c2VjcmV0LWtleQ==' }), /not a PEM private key/],
    ['a file of another kind', () => ({ type: 'gdch_service_account' }), /type is missing or of another type/],
  ])('is not had by %s, which is told without the secret', async (_, file, message) => {
    await using run = await start(file(), { federation, account })
    expect(await run.credential()).toBeUndefined()
    expect(run.failure()).toMatchObject({ code: 'SW-CREDENTIAL-KEYLESS', message: expect.stringMatching(message) })
    expect(run.failure()?.message).not.toMatch(/subject-token|c2Vjcm|PRIVATE/)
    expect(run.asked.filter((line) => line.includes('evil'))).toEqual([])
  })

  it('is not asked for at a metadata server elsewhere', async () => {
    await using run = await start(undefined, { machine: true }, { environment: { GCE_METADATA_HOST: '10.0.0.1' } })
    expect(await run.credential()).toBeUndefined()
    expect([run.failure()?.message, run.asked]).toEqual([expect.stringContaining('GCE_METADATA_HOST is "10.0.0.1"'), []])
  })
})
