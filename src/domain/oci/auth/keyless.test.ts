import { describe, expect, it } from '@jest/globals'
import { fakeAws } from '../../../../test/fakes/aws.ts'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { startFakeCloud } from '../../../../test/fakes/cloud.ts'
import { keylessRun } from '../../../../test/fakes/keyless.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { startFakeRegistry } from '../../../../test/fakes/registry.ts'
import { sha256 } from '../../../base/digest.ts'
import type { AuthOptions } from '../../registry/auth/dialect.ts'
import { headBlob } from '../blobs.ts'
import { connectRegistry, type Repository } from '../registry.ts'
import { listTags } from '../tags.ts'

const everything = {
  AWS_ACCESS_KEY_ID: 'AKIA1',
  AWS_SECRET_ACCESS_KEY: 'secret+1',
  GCE_METADATA_HOST: '169.254.169.254',
  AZURE_CLIENT_ID: 'client-1',
  AZURE_TENANT_ID: 'tenant-1',
  AZURE_CLIENT_SECRET: 'client-secret',
  SLIPWAY_QUAY_ROBOT: 'acme+ci',
  GITHUB_TOKEN: 'job-token',
  CI_REGISTRY: 'registry.gitlab.com',
  CI_JOB_TOKEN: 'job-token',
}

describe('a host that looks like another', () => {
  it.each([
    'evil-azurecr.io',
    'acme.azurecr.io.evil.example',
    'acme.azurecr.io:8443',
    'azurecr.io',
    'a.b.azurecr.io',
    'acme.azurecr.com',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example',
    'foo.dkr.ecr.us-east-1.amazonaws.com.evil.com',
    'foo.dkr.ecr.us-east-1.amazonaws.com',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com:443',
    '123456789012.dkr.ecr.us-east-1.evil.amazonaws.com',
    '123456789012.dkr.ecr.us-east-1.on.aws',
    '123456789012.dkr-ecr.us-east-1.amazonaws.com',
    'x123456789012.dkr.ecr.us-east-1.amazonaws.com',
    'public.ecr.aws.evil.example',
    'evilpublic.ecr.aws',
    'us-docker.pkg.dev.evil.example',
    'docker.pkg.dev',
    'evil.pkg.dev',
    'evilgcr.io',
    'x.gcr.io',
    'gcr.io.evil.example',
    'quay.io.evil.example',
    'evil.quay.io',
    'ghcr.io.evil.example',
    'ghcr.io:8443',
    'registry.gitlab.com.evil.example',
    'registry.gitlab.com:5050',
    'github.com',
  ])('%s is given nothing, and nobody is asked', async (registry) => {
    await using run = await keylessRun(registry, [fakeAws({ now: fakeClock().now, users: {} })], {
      environment: everything,
      identity: { [registry]: 'job-token', 'sts.amazonaws.com': 'job-token' },
    })
    expect([await run.credential(), run.failure(), run.asked, run.masked]).toEqual([undefined, undefined, [], []])
  })
})

const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'

/** A registry under a name that it has in the world, and a repository there. */
async function inTheWorld(registry: string, auth: Partial<AuthOptions>, environment: Record<string, string>) {
  const clock = fakeClock()
  const own = { mode: 'bearer', username: 'bob', password: 'hunter2', now: clock.now, realm: `https://${registry}/token` } as const
  const server = await startFakeRegistry({ auth: { ...own, ...auth } })
  const services = [fakeAws({ now: clock.now, users: { AKIA1: { secret: 'secret+1' } } })]
  const cloud = await startFakeCloud(services, { clock, registries: { [`https://${registry}/`]: server.url } })
  const { ports, recorded } = fakePorts({ clock, environment })
  const connect = (credential?: { username: string; password: string }): Repository =>
    connectRegistry(registry, { ...ports, http: cloud.http }, { credential }).repository('team/app')
  return {
    connect,
    asked: cloud.asked,
    lines: recorded.lines,
    tokens: server.tokens,
    async [Symbol.asyncDispose]() {
      await cloud[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const left = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [ecr]: { auth: Buffer.from('bob:hunter2').toString('base64') } } }) }
const wrongKeys = { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'wrong-secret' }

describe('a keyless login', () => {
  it('comes after what was given and after what docker login left', async () => {
    const environment = { ...everything, ...left }
    await using world = await inTheWorld(ecr, { mode: 'basic' }, environment)
    await listTags(world.connect())
    await listTags(world.connect({ username: 'bob', password: 'hunter2' }))
    expect(world.asked.filter((line) => !line.includes(ecr))).toEqual([])
  })

  it('that fails leaves public images to be pulled', async () => {
    await using world = await inTheWorld('public.ecr.aws', { anonymous: ['pull'] }, wrongKeys)
    expect(await listTags(world.connect())).toEqual([])
    expect(world.lines.join()).toContain('keyless login failed, going on without it')
  })

  it('that failed is the error, when the registry then wants a login', async () => {
    await using world = await inTheWorld(ecr, { mode: 'basic' }, wrongKeys)
    const error = await listTags(world.connect()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-CREDENTIAL-KEYLESS', message: expect.stringMatching(/AWS_ACCESS_KEY_ID.*InvalidSignature/) })
    expect(String(error)).not.toContain('wrong-secret')
  })

  it('whose token a registry does not know pulls public images all the same, and pushes nothing', async () => {
    await using world = await inTheWorld('ghcr.io', { anonymous: ['pull'] }, { GITHUB_TOKEN: 'expired-token' })
    expect(await listTags(world.connect())).toEqual([])
    expect(world.tokens.map(({ authorization }) => authorization?.slice(0, 5))).toEqual(['Basic', undefined])
    await expect(headBlob(world.connect(), sha256('x'), ['repository:team/app:pull,push'])).rejects.toMatchObject({
      code: 'SW-REGISTRY-DENIED',
      message: expect.stringContaining('GITHUB_TOKEN'),
      hint: expect.stringContaining('permissions: packages: write'),
    })
  })

  it('and what docker login left are not put in place of a given credential that is refused', async () => {
    await using world = await inTheWorld(ecr, { mode: 'basic' }, { ...everything, ...left })
    await expect(listTags(world.connect({ username: 'AWS', password: 'old' }))).rejects.toMatchObject({ code: 'SW-REGISTRY-DENIED' })
    expect(world.asked).toEqual([`GET https://${ecr}/v2/team/app/tags/list`, `GET https://${ecr}/v2/team/app/tags/list`])
  })
})
