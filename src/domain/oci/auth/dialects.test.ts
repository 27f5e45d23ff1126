import { describe, expect, it } from '@jest/globals'
import { fakeAws } from '../../../../test/fakes/aws.ts'
import { fakeAzure } from '../../../../test/fakes/azure.ts'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { type CloudService, startFakeCloud, unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { fakeGoogle } from '../../../../test/fakes/google.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { fakeQuay } from '../../../../test/fakes/quay.ts'
import { startFakeRegistry } from '../../../../test/fakes/registry.ts'
import type { AuthOptions } from '../../registry/auth/dialect.ts'
import { connectRegistry } from '../registry.ts'
import { listTags } from '../tags.ts'

const clock = fakeClock()
const now = clock.now
const password = 'hunter2'
const refreshToken = unsignedJwt({ exp: now() / 1000 + 10_800 })

interface Dialect {
  readonly registry: string
  /** Where its API is, when that is not its name; and its token service, when that is elsewhere. */
  readonly api?: string
  readonly tokens?: string
  readonly auth: Partial<AuthOptions>
  readonly given?: { readonly username: string; readonly password: string }
  readonly environment?: Readonly<Record<string, string>>
  readonly identity?: string
  readonly services?: readonly CloudService[]
  /** What is asked to list the tags of team/app, in order; `R` is the registry. */
  readonly asked: readonly string[]
}

const stored = (key: string, username: string): Record<string, string> => ({
  DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [key]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } }),
})
const list = 'GET R/v2/team/app/tags/list'
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const keys = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'secret+1' }
const aws = fakeAws({ now, users: { AKIA1: { secret: 'secret+1' } } })
const azure = { tenant: 'tenant-1', client: 'client-1', assertion: 'job-token', registry: 'acme.azurecr.io', refreshToken }

const dialects: Readonly<Record<string, Dialect>> = {
  'Docker Hub': {
    registry: 'docker.io',
    api: 'https://registry-1.docker.io',
    tokens: 'https://auth.docker.io',
    auth: { mode: 'bearer', username: 'acme', realm: 'https://auth.docker.io/token', service: 'registry.docker.io' },
    environment: stored('https://index.docker.io/v1/', 'acme'),
    asked: [list, 'GET https://auth.docker.io/token', list],
  },
  'GHCR with the job’s token': {
    registry: 'ghcr.io',
    auth: { mode: 'bearer', username: 'octocat', service: 'ghcr.io' },
    environment: { GITHUB_TOKEN: password, GITHUB_ACTOR: 'octocat', GITHUB_SERVER_URL: 'https://github.com' },
    asked: [list, 'GET R/token', list],
  },
  'Quay with a robot': {
    registry: 'quay.io',
    auth: { mode: 'bearer', username: 'acme+ci', tokenPath: '/v2/auth', service: 'quay.io' },
    given: { username: 'acme+ci', password },
    asked: [list, 'GET R/v2/auth', list],
  },
  'Quay with a robot’s federation': {
    registry: 'quay.io',
    auth: { mode: 'bearer', username: 'acme+ci', password: 'robot-token', tokenPath: '/v2/auth', service: 'quay.io' },
    environment: { SLIPWAY_QUAY_ROBOT: 'acme+ci' },
    identity: 'job-token',
    services: [fakeQuay({ host: 'quay.io', robot: 'acme+ci', identity: 'job-token', token: 'robot-token' })],
    asked: [list, 'GET https://quay.io/oauth2/federation/robot/token', 'GET R/v2/auth', list],
  },
  'Harbor with a robot, whose password goes first': {
    registry: 'harbor.example.com',
    auth: { mode: 'harbor', username: 'robot$team+ci', tokenPath: '/service/token', service: 'harbor-registry' },
    given: { username: 'robot$team+ci', password },
    asked: [list],
  },
  'Harbor with a user': {
    registry: 'harbor.example.com',
    auth: { mode: 'harbor', username: 'bob', tokenPath: '/service/token', service: 'harbor-registry' },
    given: { username: 'bob', password },
    asked: [list, 'GET R/service/token', list],
  },
  'another registry with a user that is named as Harbor’s robots are': {
    registry: 'registry.example.com',
    auth: { mode: 'bearer', username: 'robot$ci' },
    given: { username: 'robot$ci', password },
    asked: [list, 'GET R/token', list],
  },
  'Artifactory, whose realm is no URL': {
    registry: 'acme.jfrog.io',
    auth: { mode: 'basic', username: 'bob', realm: 'Artifactory Realm' },
    given: { username: 'bob', password },
    asked: [list, list],
  },
  'GitLab with the job’s token': {
    registry: 'registry.gitlab.com',
    tokens: 'https://gitlab.com',
    auth: {
      mode: 'bearer',
      username: 'gitlab-ci-token',
      realm: 'https://gitlab.com/jwt/auth',
      tokenPath: '/jwt/auth',
      service: 'container_registry',
    },
    environment: { CI_REGISTRY: 'registry.gitlab.com', CI_JOB_TOKEN: password },
    asked: [list, 'GET https://gitlab.com/jwt/auth', list],
  },
  'GitLab with the job’s own login': {
    registry: 'registry.example.com:5050',
    auth: { mode: 'bearer', username: 'gitlab-ci-token', tokenPath: '/jwt/auth', service: 'container_registry' },
    environment: {
      CI_REGISTRY: 'registry.example.com:5050',
      CI_REGISTRY_USER: 'gitlab-ci-token',
      CI_REGISTRY_PASSWORD: password,
      CI_JOB_TOKEN: 'another',
    },
    asked: [list, 'GET R/jwt/auth', list],
  },
  'Forgejo, with two challenges in one header': {
    registry: 'codeberg.org',
    auth: { mode: 'forgejo', username: 'bob', tokenPath: '/v2/token', service: 'container_registry' },
    given: { username: 'bob', password },
    asked: [list, 'GET R/v2/token', list],
  },
  'a token service that takes POST only': {
    registry: 'registry.example.com',
    auth: { mode: 'bearer', username: 'bob', methods: ['POST'] },
    given: { username: 'bob', password },
    asked: [list, 'GET R/token', 'POST R/token', list],
  },
  'an identity token, traded by POST': {
    registry: 'registry.example.com',
    auth: { mode: 'bearer', username: 'bob', refreshToken, methods: ['POST'] },
    given: { username: '<token>', password: refreshToken },
    asked: [list, 'POST R/token', list],
  },
  ECR: {
    registry: ecr,
    auth: { mode: 'basic', username: 'AWS', password: 'ecr-password-1', realm: `https://${ecr}/`, service: 'ecr.amazonaws.com' },
    environment: keys,
    services: [aws],
    asked: [list, 'POST https://api.ecr.eu-west-1.amazonaws.com/', list],
  },
  'Artifact Registry': {
    registry: 'europe-west1-docker.pkg.dev',
    auth: { mode: 'bearer', username: 'oauth2accesstoken', password: 'machine-token-1', tokenPath: '/v2/token' },
    environment: { GCE_METADATA_HOST: '169.254.169.254' },
    services: [fakeGoogle({ now, machine: true })],
    asked: [list, 'GET http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token', 'GET R/v2/token', list],
  },
  'ACR by its exchange and its token service': {
    registry: 'acme.azurecr.io',
    auth: { mode: 'bearer', username: 'bob', refreshToken, methods: ['POST'], tokenPath: '/oauth2/token', service: 'acme.azurecr.io' },
    environment: { AZURE_CLIENT_ID: 'client-1', AZURE_TENANT_ID: 'tenant-1' },
    identity: 'job-token',
    services: [fakeAzure(azure)],
    asked: [
      list,
      'POST https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token',
      'POST https://acme.azurecr.io/oauth2/exchange',
      'POST R/oauth2/token',
      list,
    ],
  },
}

describe('the dialect of', () => {
  it.each(Object.entries(dialects))('%s is spoken in as few words as can be', async (_, dialect) => {
    const { registry, api = `https://${registry}`, tokens = api, auth, given: credential, identity } = dialect
    const realm = auth.mode === 'basic' ? auth.realm : `${tokens}${auth.tokenPath ?? '/token'}`
    await using server = await startFakeRegistry({
      auth: {
        password,
        now,
        ...auth,
        mode: auth.mode ?? 'bearer',
        username: auth.username ?? '',
        ...(realm === undefined ? {} : { realm }),
      },
    })
    await using cloud = await startFakeCloud(dialect.services ?? [], {
      clock,
      registries: { [`${api}/v2/`]: server.url, [realm ?? api]: server.url },
    })
    const { ports } = fakePorts({ clock, environment: dialect.environment ?? {} })
    const token = (): Promise<string> => (identity === undefined ? Promise.reject(new Error('no identity')) : Promise.resolve(identity))
    const connected = connectRegistry(registry, { ...ports, http: cloud.http, identity: { token } }, { credential })
    expect(await listTags(connected.repository('team/app'))).toEqual([])
    expect(cloud.asked.map((line) => line.replace(`${api}/`, 'R/'))).toEqual(dialect.asked.map((line) => line.replace(`${api}/`, 'R/')))
  })

  it('Harbor has one word for no, and it is taken at once', async () => {
    const harbor = 'harbor.example.com'
    const auth = { mode: 'harbor', username: 'robot$team+ci', password, service: 'harbor', grant: () => [] } as const
    await using server = await startFakeRegistry({ auth })
    await using cloud = await startFakeCloud([], { clock, registries: { [`https://${harbor}/`]: server.url } })
    const credential = { username: auth.username, password }
    const registry = connectRegistry(harbor, { ...fakePorts({ clock }).ports, http: cloud.http }, { credential })
    await expect(listTags(registry.repository('team/app'))).rejects.toMatchObject({
      code: 'SW-REGISTRY-DENIED',
      hint: expect.stringContaining('project team does not exist'),
    })
    expect(cloud.asked).toEqual([`GET https://${harbor}/v2/team/app/tags/list`])
  })

  it('ECR needs one login for all repositories of a run', async () => {
    await using server = await startFakeRegistry({ auth: { mode: 'basic', username: 'AWS', password: 'ecr-password-1' } })
    const own = fakeAws({ now, users: { AKIA1: { secret: 'secret+1' } } })
    await using cloud = await startFakeCloud([own], { clock, registries: { [`https://${ecr}/`]: server.url } })
    const { ports } = fakePorts({ clock, environment: keys })
    const connect = (path: string) => connectRegistry(ecr, { ...ports, http: cloud.http }).repository(path)
    await Promise.all(['a', 'b', 'c'].map((path) => listTags(connect(path))))
    expect(own.passwords).toEqual(['ecr-password-1'])
  })
})
