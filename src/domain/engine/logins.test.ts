import { describe, expect, it } from '@jest/globals'
import { fakeAws } from '../../../test/fakes/aws.ts'
import { fakeAzure } from '../../../test/fakes/azure.ts'
import { fakeClock } from '../../../test/fakes/clock.ts'
import { type CloudService, startFakeCloud, unsignedJwt } from '../../../test/fakes/cloud.ts'
import { fakeGoogle } from '../../../test/fakes/google.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { startFakeRegistry } from '../../../test/fakes/registry.ts'
import type { AuthOptions } from '../registry/auth/dialect.ts'
import { imagesNamed } from './images.ts'
import { keylessLogins } from './logins.ts'
import { stagesOf } from './stages.ts'

const clock = fakeClock()
const now = clock.now
const refreshToken = unsignedJwt({ exp: now() / 1000 + 10_800 })
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const stranger = 'registry.example.com'

interface Scene {
  /** Of the registry behind every name. */
  readonly auth: Partial<AuthOptions> & Pick<AuthOptions, 'mode'>
  readonly environment: Readonly<Record<string, string>>
  readonly identity?: string
  readonly services: readonly CloudService[]
}

/** The logins for a Dockerfile; registries are one server, under the names of all that the Dockerfile names. */
async function loginsFor(dockerfile: string, { auth, environment, identity, services }: Scene) {
  await using server = await startFakeRegistry({ auth: { username: '', password: '', now, ...auth } })
  const images = imagesNamed(stagesOf(dockerfile), { text: dockerfile, caches: [] })
  const registries = Object.fromEntries(
    images
      .flatMap(({ registry }) => [`https://${registry}/v2/`, `https://${registry}/oauth2/token`, `https://${registry}/token`])
      .map((at) => [at, server.url]),
  )
  await using cloud = await startFakeCloud(services, { clock, registries })
  const { ports, recorded } = fakePorts({ clock, environment })
  const token = (): Promise<string> => (identity === undefined ? Promise.reject(new Error('no identity')) : Promise.resolve(identity))
  const logins = await keylessLogins(images, { ...ports, http: cloud.http, identity: { token } })
  return { logins, lines: recorded.lines, masked: recorded.masked, asked: cloud.asked }
}

const amazon: Scene = {
  auth: { mode: 'basic', username: 'AWS', password: 'ecr-password-1' },
  environment: { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'secret+1' },
  services: [],
}
/** Each with passwords that count from 1. */
const aws = (): CloudService => fakeAws({ now, users: { AKIA1: { secret: 'secret+1' } } })

describe('the login that an engine gets', () => {
  it('is made for a private base at Amazon, once for all images, and masked', async () => {
    const { logins, masked, lines } = await loginsFor(`FROM ${ecr}/base AS a\nFROM ${ecr}/other`, { ...amazon, services: [aws()] })
    expect(logins).toEqual([
      { registry: ecr, credential: expect.objectContaining({ kind: 'password', username: 'AWS', password: 'ecr-password-1' }) },
    ])
    expect(masked).toContain('ecr-password-1')
    expect(lines.join('\n')).not.toContain('ecr-password-1')
  })

  it('is an identity token at Azure', async () => {
    const registry = 'acme.azurecr.io'
    const { logins } = await loginsFor(`FROM ${registry}/base`, {
      auth: {
        mode: 'bearer',
        username: 'bob',
        refreshToken,
        methods: ['POST'],
        tokenPath: '/oauth2/token',
        realm: `https://${registry}/oauth2/token`,
        service: registry,
      },
      environment: { AZURE_CLIENT_ID: 'client-1', AZURE_TENANT_ID: 'tenant-1' },
      identity: 'job-token',
      services: [fakeAzure({ tenant: 'tenant-1', client: 'client-1', assertion: 'job-token', registry, refreshToken })],
    })
    expect(logins).toMatchObject([{ registry, credential: { kind: 'refresh', token: refreshToken } }])
  })

  it('is an access token at Google', async () => {
    const registry = 'europe-docker.pkg.dev'
    const { logins } = await loginsFor(`FROM ${registry}/acme/base`, {
      auth: { mode: 'basic', username: 'oauth2accesstoken', password: 'google-token' },
      environment: { CLOUDSDK_AUTH_ACCESS_TOKEN: 'google-token' },
      services: [fakeGoogle({ now })],
    })
    expect(logins).toMatchObject([{ registry, credential: { username: 'oauth2accesstoken', password: 'google-token' } }])
  })

  it('is for registries that the Dockerfile names, and no other', async () => {
    const { logins, asked } = await loginsFor(`FROM ${stranger}/base\nFROM ${ecr.replace('.com', '.com.example.com')}/base`, {
      ...amazon,
      auth: { ...amazon.auth, anonymous: ['pull'] },
      services: [aws()],
    })
    expect([logins, asked]).toEqual([[], []])
  })

  it('is none where one is stored: the engine finds that by itself', async () => {
    const auths = { [ecr]: { auth: Buffer.from('bob:stored').toString('base64') } }
    const environment = { ...amazon.environment, DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) }
    const { logins, asked } = await loginsFor(`FROM ${ecr}/base`, { ...amazon, environment, services: [aws()] })
    expect([logins, asked]).toEqual([[], []])
  })

  it('is none where the registry refuses it: images for everyone must be read all the same', async () => {
    const { logins, lines } = await loginsFor(`FROM ${ecr}/base\nFROM ${ecr}/other`, {
      ...amazon,
      auth: { ...amazon.auth, password: 'another' },
      services: [aws()],
    })
    expect(logins).toEqual([])
    expect(lines.filter((line) => line.startsWith('warn the engine gets no login'))).toHaveLength(1)
  })
})
