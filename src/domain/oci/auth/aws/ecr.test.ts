import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeAwsOptions, fakeAws } from '../../../../../test/fakes/aws.ts'
import { fakeClock } from '../../../../../test/fakes/clock.ts'
import { type KeylessScene, keylessRun } from '../../../../../test/fakes/keyless.ts'
import { ecrRegistry } from './registry.ts'

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const role = 'arn:aws:iam::123456789012:role/push'
const users = { AKIA1: { secret: 'user/secret+1' }, ASIA1: { secret: 'temporary/secret+1', session: 'session-token==' } }
const api = 'POST https://api.ecr.eu-west-1.amazonaws.com/'
const sts = 'POST https://sts.eu-west-1.amazonaws.com/'

let folder: string
let token: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-aws-'))
  token = join(folder, 'token')
  await writeFile(token, 'identity-token\n')
})
afterEach(() => rm(folder, { recursive: true }))

function start(scene: KeylessScene, aws: Partial<FakeAwsOptions> = {}, host = registry) {
  const clock = scene.clock ?? fakeClock()
  return keylessRun(host, [fakeAws({ now: clock.now, users, ...aws })], { ...scene, clock })
}

const assumed = { role: { arn: role, token: 'identity-token', gives: 'ASIA1' } }

describe('a password of ECR', () => {
  it.each<[string, (path: string) => KeylessScene, Partial<FakeAwsOptions>, string[], RegExp]>([
    [
      'keys',
      () => ({ environment: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'user/secret+1' } }),
      {},
      [api],
      /AWS_ACCESS_KEY_ID$/,
    ],
    [
      'keys of a session',
      () => ({
        environment: { AWS_ACCESS_KEY_ID: 'ASIA1', AWS_SECRET_ACCESS_KEY: 'temporary/secret+1', AWS_SESSION_TOKEN: 'session-token==' },
      }),
      {},
      [api],
      /AWS_ACCESS_KEY_ID$/,
    ],
    [
      'a web identity in a file, as on EKS',
      (path) => ({ environment: { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: path } }),
      assumed,
      [sts, api],
      /role\/push by web identity$/,
    ],
    [
      'the identity of a GitHub job',
      () => ({ environment: { AWS_ROLE_ARN: role }, identity: { 'sts.amazonaws.com': 'identity-token' } }),
      assumed,
      [sts, api],
      /role\/push by web identity$/,
    ],
    [
      'the container of an ECS task',
      () => ({ environment: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' } }),
      { container: { authorization: undefined, gives: 'ASIA1' } },
      ['GET http://169.254.170.2/v2/credentials/1', api],
      /container credentials$/,
    ],
    [
      'EKS Pod Identity',
      (path) => ({
        environment: {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
        },
      }),
      { container: { authorization: 'identity-token', gives: 'ASIA1' } },
      ['GET http://169.254.170.23/v1/credentials', api],
      /container credentials$/,
    ],
    [
      'the role of an EC2 instance',
      () => ({ machine: 'amazon' }),
      { instance: { role: 'node', gives: 'ASIA1' } },
      [
        'PUT http://169.254.169.254/latest/api/token',
        'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/',
        'GET http://169.254.169.254/latest/meta-data/iam/security-credentials/node',
        api,
      ],
      /instance role node$/,
    ],
  ])('is had by %s', async (_, scene, aws, asked, source) => {
    await using run = await start(scene(token), aws)
    expect(await run.credential()).toMatchObject({
      kind: 'password',
      username: 'AWS',
      password: 'ecr-password-1',
      source: expect.stringMatching(source),
    })
    expect(run.asked).toEqual(asked)
    expect(run.failure()).toBeUndefined()
  })

  it('is hidden from all output, and so is all that led to it', async () => {
    await using run = await start({ environment: { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: token } }, assumed)
    await run.credential()
    expect(run.masked).toEqual(['identity-token', 'temporary/secret+1', 'session-token==', 'ecr-password-1'])
  })

  it('is asked for once by many at one time, and anew when 80 % of its twelve hours are over', async () => {
    const clock = fakeClock()
    await using run = await start({ clock, environment: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'user/secret+1' } })
    const hours = (count: number): void => clock.advance(count * 3_600_000)
    await Promise.all(Array.from({ length: 5 }, () => run.credential()))
    hours(9.5)
    expect(await run.credential()).toMatchObject({ password: 'ecr-password-1' })
    hours(0.2)
    expect(await run.credential()).toMatchObject({ password: 'ecr-password-2' })
    expect(run.asked).toHaveLength(2)
  })

  it('that cannot be renewed is used to its end, and asked for again a minute later', async () => {
    const clock = fakeClock()
    const user = { secret: 'user/secret+1' }
    const environment = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'user/secret+1' }
    await using run = await start({ clock, environment }, { users: { AKIA1: user } })
    await run.credential()
    user.secret = 'another'
    clock.advance(10 * 3_600_000)
    expect(await run.credential()).toMatchObject({ password: 'ecr-password-1' })
    user.secret = 'user/secret+1'
    clock.advance(59_000)
    expect(await run.credential()).toMatchObject({ password: 'ecr-password-1' })
    clock.advance(2000)
    expect([await run.credential(), run.failure()]).toEqual([expect.objectContaining({ password: 'ecr-password-2' }), undefined])
  })

  it.each<[string, KeylessScene, Partial<FakeAwsOptions>]>([
    ['nothing', {}, {}],
    ['an instance without a role', { machine: 'amazon' }, {}],
    ['an instance that may not say', { machine: 'amazon', environment: { AWS_EC2_METADATA_DISABLED: 'true' } }, {}],
    ['a machine of another cloud', { machine: 'google' }, {}],
  ])('is not had by %s, which is no failure', async (_, scene, aws) => {
    await using run = await start(scene, aws)
    expect(await run.credential()).toBeUndefined()
    expect(run.failure()).toBeUndefined()
    expect(run.lines).toEqual([])
  })

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a wrong key',
      { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'wrong-secret' },
      /answered 400 \(InvalidSignatureException .*AWS_ACCESS_KEY_ID|AWS_ACCESS_KEY_ID.* answered 400/,
    ],
    ['half of a key', { AWS_ACCESS_KEY_ID: 'AKIA1' }, /AWS_SECRET_ACCESS_KEY is not/],
    [
      'a role that does not trust this run',
      { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: 'token' },
      /AssumeRoleWithWebIdentity for arn:.* answered 403 \(.*AccessDenied Not authorized/,
    ],
    [
      'a file that is not there',
      { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: '/gone' },
      /AWS_WEB_IDENTITY_TOKEN_FILE names cannot be read/,
    ],
    [
      'an agent elsewhere',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://10.0.0.1/credentials' },
      /AWS_CONTAINER_CREDENTIALS_FULL_URI is .* expected an https URL/,
    ],
    ['an agent’s path that is a host', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '.evil.example/x' }, /expected a path/],
    [
      'a service in plain http',
      { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'user/secret+1', AWS_ENDPOINT_URL_ECR: 'http://ecr.example' },
      /AWS_ENDPOINT_URL_ECR is/,
    ],
  ])('is not had by %s, which is told without the secret', async (_, given, message) => {
    const environment = { ...given, ...(given['AWS_WEB_IDENTITY_TOKEN_FILE'] === 'token' ? { AWS_WEB_IDENTITY_TOKEN_FILE: token } : {}) }
    await using run = await start({ environment })
    expect(await run.credential()).toBeUndefined()
    expect(run.failure()).toMatchObject({ code: 'SW-CREDENTIAL-KEYLESS', message: expect.stringMatching(message) })
    expect(`${run.failure()?.message}${run.lines.join()}`).not.toMatch(/wrong-secret|user\/secret|identity-token/)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['the token service', { AWS_ROLE_ARN: role }, /trust policy of the role/],
    ['ECR', { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'wrong-secret' }, /ecr:GetAuthorizationToken/],
  ])('that %s refuses says what to change there', async (_, environment, hint) => {
    await using run = await start({ environment, identity: { 'sts.amazonaws.com': 'identity-token' } })
    await run.credential()
    expect(run.failure()).toMatchObject({ hint: expect.stringMatching(hint) })
  })

  it('of the public registry is asked for in its own region and dialect', async () => {
    await using run = await start(
      { environment: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'user/secret+1' } },
      {},
      'public.ecr.aws',
    )
    expect(await run.credential()).toMatchObject({ username: 'AWS', password: 'ecr-password-1' })
    expect(run.asked).toEqual(['POST https://api.ecr-public.us-east-1.amazonaws.com/'])
  })
})

describe('an ECR registry', () => {
  it.each([
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com', 'https://api.ecr.us-east-1.amazonaws.com', 'https://sts.us-east-1.amazonaws.com'],
    [
      '123456789012.dkr.ecr-fips.us-east-2.amazonaws.com',
      'https://ecr-fips.us-east-2.amazonaws.com',
      'https://sts-fips.us-east-2.amazonaws.com',
    ],
    [
      '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
      'https://ecr-fips.us-gov-west-1.amazonaws.com',
      'https://sts.us-gov-west-1.amazonaws.com',
    ],
    [
      '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn',
      'https://api.ecr.cn-north-1.amazonaws.com.cn',
      'https://sts.cn-north-1.amazonaws.com.cn',
    ],
    ['123456789012.dkr-ecr.eu-central-1.on.aws', 'https://ecr.eu-central-1.api.aws', 'https://sts.eu-central-1.amazonaws.com'],
    ['123456789012.dkr-ecr-fips.us-west-2.on.aws', 'https://ecr-fips.us-west-2.api.aws', 'https://sts-fips.us-west-2.amazonaws.com'],
    [
      '123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn',
      'https://ecr.cn-northwest-1.api.amazonwebservices.com.cn',
      'https://sts.cn-northwest-1.amazonaws.com.cn',
    ],
    ['public.ecr.aws', 'https://api.ecr-public.us-east-1.amazonaws.com', 'https://sts.us-east-1.amazonaws.com'],
  ])('%s has the services of its partition', (host, api, sts) => expect(ecrRegistry(host)).toMatchObject({ api, sts }))
})
