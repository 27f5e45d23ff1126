import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { pairs } from '../../../../test/fakes/kms-keys.ts'
import { type KmsScene, kmsRun } from '../../../../test/fakes/kms-run.ts'
import { type FakeVaultOptions, fakeVault } from '../../../../test/fakes/vault.ts'
import { isLegacySignedBy, isSignedBy, publicKeyOf } from '../keys/public-key.ts'

const address = 'https://vault.example.com:8200'
const data = Buffer.from('to be signed')
const keys = {
  app: { type: 'ecdsa-p256', versions: [pairs.p256] },
  rotated: { type: 'ecdsa-p256', versions: [pairs.other, pairs.p256] },
  p384: { type: 'ecdsa-p384', versions: [pairs.p384] },
  p521: { type: 'ecdsa-p521', versions: [pairs.p521] },
  rsa: { type: 'rsa-2048', versions: [pairs.rsa] },
  edwards: { type: 'ed25519', versions: [pairs.ed25519] },
  derived: { type: 'ed25519', versions: [pairs.ed25519], derived: true },
  cipher: { type: 'aes256-gcm96', versions: [] },
}

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-vault-'))
})
afterEach(() => rm(home, { recursive: true }))

const withToken = { VAULT_ADDR: address, VAULT_TOKEN: 'hvs.token-1' }

async function start(scene: KmsScene = { environment: withToken }, more: Partial<FakeVaultOptions> = {}, origin = address) {
  const vault = fakeVault(origin, { keys, tokens: ['hvs.token-1'], ...more })
  return { vault, run: await kmsRun([vault.service], scene) }
}

describe('a key of Vault', () => {
  test.each([
    ['app', pairs.p256, 1],
    ['rotated', pairs.p256, 2],
    ['rotated/versions/1', pairs.other, 1],
    ['p384', pairs.p384, 1],
    ['p521', pairs.p521, 1],
    ['rsa', pairs.rsa, 1],
    ['edwards', pairs.ed25519, 1],
  ] as const)('%s signs in both forms, and says which version did', async (name, pair, version) => {
    const { run } = await start()
    await using _ = run
    const key = await run.open(`hashivault://${name}`)
    expect(key.reference).toBe(`hashivault://${name.split('/')[0]}/versions/${version}`)
    const known = publicKeyOf(pair.publicKey, 'the test')
    expect([key.public.hint, key.legacy]).toEqual([known.hint, true])
    expect(isSignedBy(known, data, await key.sign(data))).toBe(true)
    expect(isLegacySignedBy(known, data, await key.sign(data, 'legacy'))).toBe(true)
  })

  test('keeps to the version whose public key was read, when it is rotated meanwhile', async () => {
    const app = { type: 'ecdsa-p256', versions: [pairs.p256] as readonly (typeof pairs.p256)[] }
    const { run } = await start({ environment: withToken }, { keys: { app } })
    await using _ = run
    const key = await run.open('hashivault://app')
    app.versions = [pairs.p256, pairs.other]
    expect(isSignedBy(key.public, data, await key.sign(data))).toBe(true)
  })

  test.each([
    ['cipher', 'SW-KMS-KEY-UNSUITABLE', 'aes256-gcm96'],
    ['derived', 'SW-KMS-KEY-UNSUITABLE', 'ed25519, derived'],
    ['nothing', 'SW-KMS-KEY-MISSING', 'transit/keys/nothing'],
    ['rotated/versions/3', 'SW-KMS-KEY-MISSING', 'expected one of 1, 2'],
  ])('%s: %s, %s', async (name, code, message) => {
    const { run } = await start()
    await using _ = run
    await expect(run.open(`hashivault://${name}`)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})

describe('who this run is to Vault', () => {
  const role = { path: 'jwt', name: 'release', jwt: 'job-token', gives: 'hvs.token-1' }
  const jwt = { VAULT_ADDR: address, VAULT_AUTH_ROLE: 'release' }

  test.each<[string, () => Promise<KmsScene>, Partial<FakeVaultOptions>]>([
    ['VAULT_TOKEN', async () => ({ environment: withToken }), {}],
    [
      'a login by the identity of the run, for that server alone',
      async () => ({ environment: jwt, identity: { [address]: 'job-token' } }),
      { role },
    ],
    [
      'a login for another audience, in a namespace',
      async () => ({
        environment: { ...jwt, VAULT_AUTH_AUDIENCE: 'vault', VAULT_NAMESPACE: 'admin/ci' },
        identity: { vault: 'job-token' },
      }),
      { role, namespace: 'admin/ci' },
    ],
    [
      'a login by the token of a pod',
      async () => {
        await writeFile(join(home, 'token'), 'job-token\n')
        return { environment: { ...jwt, VAULT_AUTH_PATH: 'kubernetes', VAULT_AUTH_TOKEN_FILE: join(home, 'token') } }
      },
      { role: { ...role, path: 'kubernetes' } },
    ],
    [
      'what vault login left',
      async () => {
        await writeFile(join(home, '.vault-token'), 'hvs.token-1\n')
        return { environment: { VAULT_ADDR: address, HOME: home } }
      },
      {},
    ],
    ['another mount', async () => ({ environment: { ...withToken, TRANSIT_SECRET_ENGINE_PATH: 'ci/transit/' } }), { mount: 'ci/transit' }],
  ])('is said by %s, once and masked', async (_, scene, more) => {
    const { run, vault } = await start(await scene(), more)
    await using __ = run
    const key = await run.open('hashivault://app')
    expect(isSignedBy(key.public, data, await key.sign(data))).toBe(true)
    expect(new Set(vault.tokens)).toEqual(new Set(['hvs.token-1']))
    expect(run.asked.filter((line) => line.includes('/login')).length).toBeLessThan(2)
    expect(run.masked).toContain('hvs.token-1')
    if (more.role !== undefined) expect(run.masked).toContain('job-token')
  })

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['no address', { VAULT_TOKEN: 'hvs.token-1' }, 'SW-KMS-UNSET', /VAULT_ADDR is not set/],
    ['nothing that identifies it', { VAULT_ADDR: address }, 'SW-KMS-UNSET', /VAULT_TOKEN and VAULT_AUTH_ROLE are not set/],
    ['plain http', { ...withToken, VAULT_ADDR: 'http://vault.example.com:8200' }, 'SW-KMS-UNSET', /expected an https URL/],
    [
      'a password in the address',
      { ...withToken, VAULT_ADDR: 'https://user:pa55word@vault.example.com' },
      'SW-KMS-UNSET',
      /expected an https/,
    ],
    ['a mount that leaves', { ...withToken, TRANSIT_SECRET_ENGINE_PATH: '../sys' }, 'SW-KMS-UNSET', /expected the path of a mount/],
    [
      'a role that does not know it',
      { ...jwt, VAULT_AUTH_AUDIENCE: 'other' },
      'SW-CREDENTIAL-KEYLESS',
      /auth\/jwt as release.* answered 400 \(error validating/,
    ],
  ])('is not said with %s, and no token is sent', async (_, environment, code, message) => {
    const { run, vault } = await start({ environment, identity: { other: 'other-token' } }, { role })
    await using __ = run
    const error: unknown = await run.open('hashivault://app').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(vault.tokens).toEqual([])
    expect(String(error)).not.toMatch(/pa55word|hvs\.|other-token/)
  })

  test.each<[string, Record<string, string>, readonly string[]]>([
    ['a login of the run', jwt, ['hvs.token-1']],
    ['a token that was given', withToken, []],
  ])('%s is ended only where it is ours: after the last signature, and where nothing came of it', async (_, environment, ended) => {
    for (const name of ['app', 'nothing']) {
      const { run, vault } = await start({ environment, identity: { [address]: 'job-token' } }, { role })
      await using __ = run
      const key = await run.open(`hashivault://${name}`).catch(() => undefined)
      await key?.sign(data)
      expect(vault.revoked).toEqual(name === 'app' ? [] : ended)
      await key?.close?.()
      await key?.close?.()
      expect(vault.revoked).toEqual(ended)
    }
  })

  test('a login that cannot be ended any more fails nothing', async () => {
    const { run, vault } = await start({ environment: jwt, identity: { [address]: 'job-token' } }, { role })
    await using _ = run
    const key = await run.open('hashivault://app')
    vault.fault = 'sealed'
    await key.close?.()
    expect(vault.revoked).toEqual([])
  })

  test('may go in the clear to a host that is allowed by name', async () => {
    const plain = 'http://vault.vault.svc:8200'
    const scene = { environment: { ...withToken, VAULT_ADDR: plain }, insecureHosts: ['vault.vault.svc:8200'] }
    const { run } = await start(scene, {}, plain)
    await using _ = run
    expect((await run.open('hashivault://app')).public.algorithm).toBe('ecdsa-p256-sha256')
  })
})

describe('a Vault that does not answer as it should', () => {
  test.each([
    ['tampered', 'SW-KMS-ANSWER', 'does not verify with its own public key', 6],
    ['other version', 'SW-KMS-ANSWER', 'no signature of version 1', 4],
    ['page', 'SW-KMS-ANSWER', 'the document is missing', 4],
    ['standby', 'SW-KMS-ANSWER', 'answered 307', 4],
    ['sealed', 'SW-KMS-UNAVAILABLE', 'Vault is sealed', 6],
  ] as const)('%s: %s, %s', async (fault, code, message, exit) => {
    const { run, vault } = await start()
    await using _ = run
    const key = await run.open('hashivault://app')
    vault.fault = fault
    await expect(key.sign(data)).rejects.toMatchObject({ code, exit, message: expect.stringContaining(message) })
    expect(run.asked.every((line) => line.includes(address))).toBe(true)
  })

  test('a token that may not sign is told the line of its policy', async () => {
    const { run, vault } = await start()
    await using _ = run
    const key = await run.open('hashivault://app')
    vault.readOnly = true
    await expect(key.sign(data)).rejects.toMatchObject({
      code: 'SW-KMS-DENIED',
      hint: 'vault policy write …: path "transit/sign/app/*" { capabilities = ["update"] }',
    })
  })

  test('a token that is not known', async () => {
    const { run } = await start({ environment: { ...withToken, VAULT_TOKEN: 'hvs.expired' } })
    await using _ = run
    const error: unknown = await run.open('hashivault://app').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-KMS-DENIED', exit: 4, hint: expect.stringContaining('path "transit/keys/app"') })
    expect(`${String(error)}${run.lines.join()}`).not.toContain('hvs.expired')
  })
})
