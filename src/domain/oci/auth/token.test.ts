import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeRegistry, startFakeRegistry } from '../../../../test/fakes/registry.ts'
import { type TestClient, testClient } from '../../../../test/fakes/registry-client.ts'
import { faults } from '../../../../test/fakes/registry-faults.ts'
import { sha256 } from '../../../base/digest.ts'
import type { AuthOptions } from '../../registry/auth/dialect.ts'
import { headBlob } from '../blobs.ts'
import { listTags } from '../tags.ts'
import { Tokens } from './token.ts'

const user = { username: 'bob', password: 'hunter2' } as const
let registry: FakeRegistry
let client: TestClient

beforeEach(() => {
  client = testClient()
})
afterEach(async () => {
  client[Symbol.dispose]()
  await registry[Symbol.asyncDispose]()
})

async function start(auth: Partial<AuthOptions>): Promise<void> {
  registry = await startFakeRegistry({ auth: { mode: 'bearer', ...user, now: client.clock.now, ...auth } })
}

const list = (options = { credential: user as { username: string; password: string } | undefined }, path = 'team/app') =>
  listTags(client.connect(registry.address, options).repository(path))

const tokenLog = (): string[] => registry.tokens.map(({ method, parameters }) => `${method} ${parameters.getAll('scope').join(' + ')}`)

describe('authorisation', () => {
  it.each(['bearer', 'harbor', 'forgejo', 'basic'] as const)('of the kind %s is learned from the first 401 and kept', async (mode) => {
    await start({ mode })
    const repository = client.connect(registry.address, { credential: user }).repository('team/app')
    await listTags(repository)
    await listTags(repository)
    expect(registry.log.filter((line) => line.includes('/tags/'))).toEqual([
      'GET /v2/team/app/tags/list?n=1000 401',
      'GET /v2/team/app/tags/list?n=1000 404',
      'GET /v2/team/app/tags/list?n=1000 404',
    ])
    expect(tokenLog()).toEqual(mode === 'basic' ? [] : ['GET repository:team/app:pull'])
  })

  it('sends the password to the token service only, when there is one', async () => {
    await start({ mode: 'forgejo' })
    await list()
    const basic = `Basic ${Buffer.from('bob:hunter2').toString('base64')}`
    expect(registry.asked.filter(({ headers }) => headers['authorization'] === basic).map(({ path }) => path.split('?')[0])).toEqual([
      '/token',
    ])
  })

  it('never gives the token of one account to another of the same file', async () => {
    await start({})
    const tokens = new Tokens(registry.address, registry.url, { ...client.ports, mask: client.ports.secrets.mask })
    const get = (username: string) =>
      tokens.get({ realm: `${registry.url}/token`, service: undefined }, ['repository:app:pull'], {
        credential: { kind: 'password', username, password: user.password, source: 'config.json' },
      })
    expect(await get('bob')).toMatchObject({ fresh: true })
    await expect(get('eve')).rejects.toMatchObject({ code: 'SW-REGISTRY-DENIED' })
  })

  it('masks the password and every token', async () => {
    await start({})
    await list()
    const token = registry.asked.at(-1)?.headers['authorization']?.replace('Bearer ', '')
    expect(client.masked).toEqual(['hunter2', token])
  })

  it('works without a credential where that is enough', async () => {
    await start({ grant: () => ['pull'] })
    expect(await list({ credential: undefined })).toEqual([])
    expect(registry.tokens[0]?.authorization).toBeUndefined()
  })

  it.each([
    ['token', (token: string) => ({ token })],
    ['access_token', (token: string) => ({ access_token: token })],
    ['an empty access_token beside it (Harbor)', (token: string) => ({ token, access_token: '' })],
    ['null beside it', (token: string) => ({ token, refresh_token: null, access_token: null })],
  ])('takes a token as %s', async (_, answer) => {
    await start({ answer })
    expect(await list()).toEqual([])
  })

  it.each([
    ['nothing', () => ({})],
    ['an empty token', () => ({ token: '' })],
  ])('refuses %s as a token', async (_, answer) => {
    await start({ answer })
    await expect(list()).rejects.toMatchObject({ code: 'SW-REGISTRY-REFUSED', message: expect.stringContaining('without a token') })
  })

  it('does not repeat a broken answer, which may hold half a token', async () => {
    registry = await startFakeRegistry()
    registry.fail(
      challenging(() => ''),
      faults.swap(/token/, { status: 200, headers: {}, body: Buffer.from('{"token":"half-of-a-secr') }),
    )
    const error = await list().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-REGISTRY-REFUSED' })
    expect(String(error)).not.toContain('half-of')
  })
})

/** A registry that is content with no token. */
function challenging(scope: () => string): Parameters<FakeRegistry['fail']>[0] {
  const challenge = (): string => `Bearer realm="${registry.url}/token",scope="${scope()}"`
  return { on: /tags/, instead: () => ({ status: 401, headers: { 'www-authenticate': challenge() }, body: Buffer.alloc(0) }) }
}

describe('a token', () => {
  it('is renewed when 80 % of its life are over, before it dies', async () => {
    await start({ life: 100 })
    const repository = client.connect(registry.address, { credential: user }).repository('team/app')
    await listTags(repository)
    client.clock.advance(79_000)
    await listTags(repository)
    expect(registry.tokens).toHaveLength(1)
    client.clock.advance(2000)
    await listTags(repository)
    expect(registry.tokens).toHaveLength(2)
    expect(registry.log.filter((line) => line.includes('/tags/') && line.endsWith(' 401'))).toHaveLength(1)
  })

  it('of less than a minute counts as one of a minute, and is renewed once when it is refused', async () => {
    await start({ life: 10 })
    const repository = client.connect(registry.address, { credential: user }).repository('team/app')
    await listTags(repository)
    client.clock.advance(20_000)
    await listTags(repository)
    expect(registry.log.filter((line) => line.includes('/tags/')).map((line) => line.slice(-3))).toEqual(['401', '404', '401', '404'])
  })

  it('is asked for once by many requests at one time', async () => {
    await start({})
    const repository = client.connect(registry.address, { credential: user }).repository('team/app')
    await Promise.all(Array.from({ length: 8 }, () => listTags(repository)))
    expect(registry.tokens).toHaveLength(1)
  })

  it('covers what was asked and what the challenge names, the latter first', async () => {
    await start({ firstScopeOnly: true })
    const repository = client.connect(registry.address, { credential: user }).repository('team/app')
    await headBlob(repository, sha256('x'), ['repository:other:pull'])
    expect(tokenLog()).toEqual(['GET repository:team/app:pull + repository:other:pull'])
  })

  it('is traded for by POST with an identity token', async () => {
    await start({ refreshToken: 'refresh' })
    await list({ credential: { username: '<token>', password: 'refresh' } })
    expect(registry.tokens.map(({ method, parameters }) => [method, parameters.get('grant_type'), parameters.get('service')])).toEqual([
      ['POST', 'refresh_token', 'fake'],
    ])
  })

  it('is asked for by the other method, where the token service does not take the first', async () => {
    await start({ methods: ['POST'] })
    await list()
    expect(registry.tokens.map(({ method }) => method)).toEqual(['GET', 'POST'])
    expect(registry.tokens[1]?.parameters.get('grant_type')).toBe('password')
  })
})

describe('a refusal', () => {
  const source = 'the inputs username and password'

  it('of the token service names the credential’s source and never the secret', async () => {
    await start({})
    const error = await list({ credential: { username: 'bob', password: 'wrong-secret' } }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-REGISTRY-DENIED', message: expect.stringContaining(source) })
    expect(String(error)).not.toContain('wrong-secret')
  })

  it.each(['bearer', 'harbor', 'basic'] as const)('of the registry (%s) comes after one round with a fresh credential', async (mode) => {
    await start({ mode, grant: () => [] })
    const credential = mode === 'basic' ? { username: 'bob', password: 'wrong' } : user
    await expect(list({ credential })).rejects.toMatchObject({
      code: 'SW-REGISTRY-DENIED',
      message: expect.stringMatching(new RegExp(`${source} to list the tags of ${registry.address}/team/app`)),
    })
    // Of Harbor a user may be locked for a moment: once more.
    expect(registry.log.filter((line) => line.includes('/tags/'))).toHaveLength(mode === 'harbor' ? 3 : 2)
  })

  it('never takes more than two rounds, whatever is asked for', async () => {
    let at = 0
    registry = await startFakeRegistry()
    registry.fail(
      challenging(() => `repository:r${at++}:pull`),
      faults.swap(/token/, { status: 200, headers: {}, body: Buffer.from('{"token":"x"}') }),
    )
    await expect(list()).rejects.toMatchObject({ code: 'SW-REGISTRY-DENIED' })
    expect(registry.log.filter((line) => line.includes('/tags/'))).toHaveLength(3)
  })

  it('without any credential says what to do', async () => {
    await start({})
    await expect(list({ credential: undefined })).rejects.toMatchObject({
      code: 'SW-REGISTRY-UNAUTHENTICATED',
      message: expect.stringMatching(/wants a login to list the tags of .*no credential for 127\.0\.0\.1:\d+ was found/),
      exit: 4,
    })
  })

  it('by 403 is one at once', async () => {
    await start({})
    registry.fail(faults.status(/tags/, 403, { code: 'DENIED' }))
    await expect(list()).rejects.toMatchObject({ code: 'SW-REGISTRY-DENIED', message: expect.stringContaining('DENIED by the fake') })
  })
})

describe('the address of the token service', () => {
  it.each([
    ['no URL', 'not a URL'],
    ['another scheme', 'ftp://auth.example/token'],
    ['a user name in it', 'https://u:p@auth.example/token'],
    ['a loopback address that is not the registry', 'https://127.0.0.1:1/token'],
    ['a private address', 'https://10.0.0.1/token'],
    ['the cloud’s metadata service', 'http://169.254.169.254/latest'],
    ['a number that is an address', 'https://2130706433/token'],
  ])('is refused when it has %s', async (_, realm) => {
    await start({ realm })
    await expect(list()).rejects.toMatchObject({ code: expect.stringMatching(/SW-AUTH-REALM-REFUSED/) })
    expect(registry.tokens).toEqual([])
  })

  it('is passed over for Basic, when that is offered and it is no URL', async () => {
    await start({ mode: 'forgejo', realm: 'not a URL' })
    const error = await list().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-REGISTRY-DENIED' })
    expect(registry.asked.at(-1)?.headers['authorization']).toMatch(/^Basic /)
  })
})
