import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeAzureOptions, fakeAzure } from '../../../../../test/fakes/azure.ts'
import { fakeClock } from '../../../../../test/fakes/clock.ts'
import { unsignedJwt } from '../../../../../test/fakes/cloud.ts'
import { type KeylessScene, keylessRun } from '../../../../../test/fakes/keyless.ts'
import { azureCloud } from './registry.ts'

const registry = 'acme.azurecr.io'
const client = { AZURE_CLIENT_ID: 'client-1', AZURE_TENANT_ID: 'tenant-1' }
const entra = 'POST https://login.microsoftonline.com/tenant-1/oauth2/v2.0/token'
const exchange = 'POST https://acme.azurecr.io/oauth2/exchange'
const metadata = 'GET http://169.254.169.254/metadata/identity/oauth2/token'

let folder: string
let token: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-azure-'))
  token = join(folder, 'token')
  await writeFile(token, 'federated-token\n')
})
afterEach(() => rm(folder, { recursive: true }))

function start(scene: KeylessScene, azure: Partial<FakeAzureOptions> = {}) {
  const clock = scene.clock ?? fakeClock()
  const refreshToken = unsignedJwt({ exp: clock.now() / 1000 + 10_800 })
  return keylessRun(registry, [fakeAzure({ tenant: 'tenant-1', client: 'client-1', registry, refreshToken, ...azure })], {
    ...scene,
    clock,
  })
}

describe('a refresh token of an Azure registry', () => {
  it.each<[string, () => KeylessScene, Partial<FakeAzureOptions>, string[], RegExp]>([
    [
      'workload identity on AKS',
      () => ({ environment: { ...client, AZURE_FEDERATED_TOKEN_FILE: token, AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/' } }),
      { assertion: 'federated-token' },
      [entra, exchange],
      /client client-1 by AZURE_FEDERATED_TOKEN_FILE/,
    ],
    [
      'the identity of a GitHub job',
      () => ({ environment: client, identity: { 'api://AzureADTokenExchange': 'job-token' } }),
      { assertion: 'job-token' },
      [entra, exchange],
      /by this run’s identity/,
    ],
    [
      'a client secret',
      () => ({ environment: { ...client, AZURE_CLIENT_SECRET: 'client-secret' } }),
      { secret: 'client-secret' },
      [entra, exchange],
      /by AZURE_CLIENT_SECRET/,
    ],
    ['the identity of the machine', () => ({ machine: 'azure' }), { machine: true }, [metadata, exchange], /managed identity/],
    [
      'the identity of a container app',
      () => ({ environment: { IDENTITY_ENDPOINT: 'http://169.254.130.1:8081/msi/token', IDENTITY_HEADER: 'header-secret' } }),
      { app: 'header-secret' },
      ['GET http://169.254.130.1:8081/msi/token', exchange],
      /managed identity/,
    ],
  ])('is had by %s', async (_, scene, azure, asked, source) => {
    await using run = await start(scene(), azure)
    expect([await run.credential(), run.failure()]).toEqual([
      expect.objectContaining({ kind: 'refresh', source: expect.stringMatching(source) }),
      undefined,
    ])
    expect(run.asked).toEqual(asked)
  })

  it('is hidden from all output, and so is all that led to it', async () => {
    await using run = await start({ environment: { ...client, AZURE_FEDERATED_TOKEN_FILE: token } }, { assertion: 'federated-token' })
    const credential = await run.credential()
    expect(run.masked).toEqual(['federated-token', 'entra-token', Object(credential).token])
  })

  it('is had anew when 80 % of its life are over, which is in it', async () => {
    const clock = fakeClock()
    await using run = await start({ clock, machine: 'azure' }, { machine: true })
    await run.credential()
    clock.advance(0.79 * 10_800_000)
    await run.credential()
    expect(run.asked).toHaveLength(2)
    clock.advance(0.02 * 10_800_000)
    await run.credential()
    expect(run.asked).toHaveLength(4)
  })

  it.each<[string, KeylessScene]>([
    ['nothing', {}],
    ['a machine without identity, as GitHub’s runners are', { machine: 'azure' }],
    ['a machine of another cloud', { machine: 'amazon' }],
  ])('is not had by %s, which is no failure', async (_, scene) => {
    await using run = await start(scene)
    expect([await run.credential(), run.failure()]).toEqual([undefined, undefined])
  })

  it.each<[string, KeylessScene, Partial<FakeAzureOptions>, RegExp]>([
    [
      'an identity that the client does not trust',
      { environment: client, identity: { 'api://AzureADTokenExchange': 'other-token' } },
      { assertion: 'job-token' },
      /answered 401 \(invalid_client AADSTS70021/,
    ],
    ['a job without identity', { environment: client }, {}, /no identity for api:\/\/AzureADTokenExchange/],
    [
      'a client of another machine',
      { environment: { AZURE_CLIENT_ID: 'other' }, machine: 'azure' },
      {},
      /answered 400 \(invalid_request Identity not found/,
    ],
    [
      'a registry that does not know the client',
      { machine: 'azure' },
      { machine: true, registry: 'other.azurecr.io' },
      /token exchange at https:\/\/acme\.azurecr\.io answered 404/,
    ],
    [
      'a tenant that is a path',
      { environment: { ...client, AZURE_TENANT_ID: '../evil', AZURE_CLIENT_SECRET: 'client-secret' } },
      {},
      /AZURE_TENANT_ID is "..\/evil"/,
    ],
    [
      'an authority in plain http',
      { environment: { ...client, AZURE_CLIENT_SECRET: 'client-secret', AZURE_AUTHORITY_HOST: 'http://login.example' } },
      {},
      /AZURE_AUTHORITY_HOST is .* expected an https URL/,
    ],
  ])('is not had by %s, which is told without the secret', async (_, scene, azure, message) => {
    await using run = await start(scene, azure)
    expect(await run.credential()).toBeUndefined()
    expect(run.failure()).toMatchObject({ code: 'SW-CREDENTIAL-KEYLESS', message: expect.stringMatching(message) })
    expect(run.failure()?.message).not.toMatch(/client-secret|other-token|entra-token/)
  })
})

it.each([
  ['acme.azurecr.io', 'https://login.microsoftonline.com'],
  ['acme-a1b2c3d4.azurecr.io', 'https://login.microsoftonline.com'],
  ['acme.azurecr.cn', 'https://login.chinacloudapi.cn'],
  ['acme.azurecr.us', 'https://login.microsoftonline.us'],
])('%s is of the cloud with %s', (host, authority) => expect(azureCloud(host)?.authority).toBe(authority))
