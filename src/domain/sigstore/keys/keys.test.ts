import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { temporaryFolder } from '../../../../test/real/folder.ts'
import { messageOf } from '../../../base/errors.ts'
import { beginToDerive } from './derive.ts'
import { openEncryptedKey } from './encrypted-key.ts'
import { generateKeys, keyTypes } from './generate.ts'
import { loadPublicKey, loadSigningKey } from './key-reference.ts'
import { parsePrivateKey } from './private-key.ts'
import { hashOf, isLegacySignedBy, isSignedBy, parsePublicKey } from './public-key.ts'
import { publicPem } from './public-pem.ts'

const fixtures = join(import.meta.dirname, 'fixtures')
/** Made by cosign 2.5 with the password `hello`. */
const cosignKey = readFileSync(join(fixtures, 'cosign.key'), 'utf8')
const cosignPub = readFileSync(join(fixtures, 'cosign.pub'), 'utf8')
const where = 'cosign.key'
const data = Buffer.from('to be signed')

const errorOf = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work()
  } catch (error) {
    return error
  }
}
const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1'): string => key.export({ type, format: 'pem' }).toString()

describe('a private key of cosign', () => {
  test('opens with its password, under the label of before 2023 too', async () => {
    const older = cosignKey.replaceAll('SIGSTORE', 'COSIGN')
    for (const text of [cosignKey, older])
      expect(publicPem((await parsePrivateKey(text, { password: 'hello', where })).public.key)).toBe(cosignPub)
  })

  test.each(['', 'Hello', 'hello\n'])('is not opened by %j, and neither the password nor the key is told', async (password) => {
    const error = await errorOf(() => parsePrivateKey(cosignKey, { password, where }))
    expect(error).toMatchObject({ code: 'SW-KEY-PASSWORD', exit: 4 })
    expect(messageOf(error)).not.toMatch(/[Hh]ello|eyJ/)
  })

  test.each([
    ['is opened by it, and once more without it', 'hello'],
    ['is opened by another password than was begun', 'Hello'],
  ])('whose password was begun ahead %s', async (_, begun) => {
    beginToDerive(cosignKey, begun)
    const opened = [await openEncryptedKey(cosignKey, 'hello', where), await openEncryptedKey(cosignKey, 'hello', where)]
    expect(opened.map((der) => publicPem(createPublicKey(createPrivateKey({ key: der, type: 'pkcs8', format: 'der' }))))).toEqual([
      cosignPub,
      cosignPub,
    ])
  })

  test('is not opened by a password that was begun in vain', async () => {
    beginToDerive(cosignKey, 'hello')
    expect(await errorOf(() => openEncryptedKey(cosignKey, 'Hello', where))).toMatchObject({ code: 'SW-KEY-PASSWORD' })
  })

  const body = (change: (box: { kdf: { params: { N: number } }; ciphertext: string }) => unknown): string => {
    const box = JSON.parse(Buffer.from(cosignKey.replace(/-----[^-]+-----/g, ''), 'base64').toString())
    const text = Buffer.from(JSON.stringify(change(box))).toString('base64')
    return `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n${text}\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n`
  }
  test('is opened when the same password and salt were begun at another cost', async () => {
    beginToDerive(
      body((box) => ({ ...box, kdf: { ...box.kdf, params: { ...box.kdf.params, N: 32_768 } } })),
      'hello',
    )
    expect((await openEncryptedKey(cosignKey, 'hello', where)).length).toBeGreaterThan(100)
  })

  test('is opened when its fields stand in another order than cosign writes', async () => {
    const turned = body(({ kdf, ...box }) => ({ ...box, kdf }))
    beginToDerive(turned, 'hello')
    expect(await openEncryptedKey(turned, 'hello', where)).toEqual(await openEncryptedKey(cosignKey, 'hello', where))
  })

  test.each([
    ['asks for 1 GiB of memory', body((box) => ({ ...box, kdf: { ...box.kdf, params: { N: 2 ** 20, r: 8, p: 1 } } }))],
    ['asks for no work', body((box) => ({ ...box, kdf: { ...box.kdf, params: { N: 2, r: 8, p: 1 } } }))],
    ['names another cipher', body((box) => ({ ...box, cipher: { name: 'aes' } }))],
    ['is no JSON', cosignKey.replace(/eyJ.*/, 'AAAA')],
    ['is cut', cosignKey.slice(0, 200)],
  ])('that %s is refused, without a word of its content', async (_, text) => {
    const error = await errorOf(() => parsePrivateKey(text, { password: 'hello', where }))
    expect(error).toMatchObject({ code: 'SW-KEY-INVALID' })
    expect(messageOf(error).length).toBeLessThan(120)
  })

  test('whose box was changed does not open', async () => {
    const text = body((box) => ({ ...box, ciphertext: `AAAA${box.ciphertext.slice(4)}` }))
    expect(await errorOf(() => openEncryptedKey(text, 'hello', where))).toMatchObject({ code: 'SW-KEY-PASSWORD' })
  })
})

describe('a pair that is made', () => {
  test.each(keyTypes)('%s signs in both forms, and what it signs is its own', async (type) => {
    const pair = generateKeys(type, 'päss')
    const key = await parsePrivateKey(pair.privateKey, { password: 'päss', where })
    const known = parsePublicKey(pair.publicKey, 'cosign.pub')
    expect(known.hint).toBe(key.public.hint)
    for (const [form, isSigned] of [
      ['bundle', isSignedBy],
      ['legacy', isLegacySignedBy],
    ] as const) {
      const signature = key.sign(data, form)
      expect(isSigned(known, data, signature)).toBe(true)
      expect(isSigned(known, Buffer.from('something else'), signature)).toBe(false)
      expect(isSigned(parsePublicKey(cosignPub, 'other'), data, signature)).toBe(false)
    }
    expect(isSignedBy(known, data, Buffer.from('none'))).toBe(false)
  })

  test('may have the empty password, and differs each time', async () => {
    const [one, two] = [generateKeys('p256', ''), generateKeys('p256', '')]
    expect((await parsePrivateKey(one.privateKey, { where })).public.hint).not.toBe(
      (await parsePrivateKey(two.privateKey, { where })).public.hint,
    )
  })
})

test('the digest belongs to the key in a bundle; under a .sig tag it is SHA-256, as cosign has it', () => {
  expect((['ecdsa-p384-sha384', 'ecdsa-p521-sha512', 'ed25519'] as const).map((key) => [hashOf(key), hashOf(key, 'legacy')])).toEqual([
    ['sha384', 'sha256'],
    ['sha512', 'sha256'],
    [null, null],
  ])
})

describe('plain PEM', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  test.each([
    ['PKCS#8', pem(ec, 'pkcs8'), 'ecdsa-p256-sha256'],
    ['SEC 1', pem(ec, 'sec1'), 'ecdsa-p256-sha256'],
    ['PKCS #1', pem(rsa, 'pkcs1'), 'rsa-pkcs1v15-sha256'],
  ])('%s is read', async (_, text, algorithm) => expect((await parsePrivateKey(text, { where })).public.algorithm).toBe(algorithm))

  test.each([
    ['a public key', cosignPub],
    ['no PEM', 'hello'],
    ['a broken PEM', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['a curve that sigstore does not know', pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, 'pkcs8')],
    ['RSA of 1024 bits', pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, 'pkcs8')],
    ['a text without end', `-----BEGIN PRIVATE KEY-----${'A'.repeat(70_000)}`],
  ])('%s is refused', async (_, text) =>
    expect(await errorOf(() => parsePrivateKey(text, { where }))).toMatchObject({ code: 'SW-KEY-INVALID' }),
  )

  test('a private key is no public one', async () => {
    expect(await errorOf(() => parsePublicKey(pem(ec, 'pkcs8'), 'cosign.pub'))).toMatchObject({
      code: 'SW-KEY-INVALID',
      message: 'cosign.pub is a PEM of "PRIVATE KEY", expected "PUBLIC KEY".',
    })
  })
})

describe('a reference', () => {
  const ports = (workspace: string, environment: Record<string, string> = {}) => {
    const masked: string[] = []
    return { masked, ports: { ...fakePorts().ports, workspace, environment, mask: (text: string) => void masked.push(text) } }
  }

  test('to a mounted secret takes key and password from its links, and hides both', async () => {
    using folder = temporaryFolder('keys')
    mkdirSync(join(folder.path, '..data'))
    copyFileSync(join(fixtures, 'cosign.key'), join(folder.path, '..data', 'cosign.key'))
    copyFileSync(join(fixtures, 'cosign.pub'), join(folder.path, 'cosign.pub'))
    writeFileSync(join(folder.path, '..data', 'cosign.password'), 'hello\n')
    for (const name of ['cosign.key', 'cosign.password']) symlinkSync(join('..data', name), join(folder.path, name))
    const { ports: given, masked } = ports('/nowhere')
    expect((await loadSigningKey(folder.path, undefined, given)).public.hint).toBe((await loadPublicKey(folder.path, given)).hint)
    expect(masked).toEqual([cosignKey, 'hello'])
  })

  test('to a variable takes the password from COSIGN_PASSWORD, and one that is given wins', async () => {
    const environment = { COSIGN_PRIVATE_KEY: cosignKey, COSIGN_PASSWORD: 'hello' }
    expect(publicPem((await loadSigningKey('env://COSIGN_PRIVATE_KEY', undefined, ports('/', environment).ports)).public.key)).toBe(
      cosignPub,
    )
    await expect(loadSigningKey('env://COSIGN_PRIVATE_KEY', 'other', ports('/', environment).ports)).rejects.toMatchObject({
      code: 'SW-KEY-PASSWORD',
    })
  })

  test.each([
    ['env://COSIGN_PRIVATE_KEY', 'is not set'],
    ['env://HOME', 'is not given to this task'],
    ['nothing.key', 'does not exist'],
  ])('%s: %s', async (reference, message) => {
    using folder = temporaryFolder('keys')
    await expect(loadSigningKey(reference, undefined, ports(folder.path).ports)).rejects.toMatchObject({
      code: 'SW-KEY-MISSING',
      message: expect.stringContaining(message),
    })
  })

  test('to a pipe gives the key to all tasks of a run, though it is read once, and hides it', async () => {
    using folder = temporaryFolder('keys')
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', ['-m', '600', pipe])
    const { ports: given, masked } = ports(folder.path)
    const both = ['pipe', pipe].map((reference) => loadSigningKey(reference, 'hello', given))
    await writeFile(pipe, cosignKey)
    for (const key of [...(await Promise.all(both)), await loadSigningKey('pipe', 'hello', given)])
      expect(publicPem(key.public.key)).toBe(cosignPub)
    expect(new Set(masked)).toEqual(new Set([cosignKey, 'hello']))
  })

  test('to a pipe under several names is read once as well', async () => {
    using folder = temporaryFolder('keys')
    execFileSync('mkfifo', ['-m', '600', join(folder.path, 'pipe')])
    symlinkSync('pipe', join(folder.path, 'other'))
    const { ports: given } = ports(folder.path)
    const both = ['pipe', 'other'].map((reference) => loadSigningKey(reference, 'hello', given))
    // One that comes before the end of the first would have the other half, or nothing.
    await writeFile(join(folder.path, 'pipe'), cosignKey)
    for (const key of await Promise.all(both)) expect(publicPem(key.public.key)).toBe(cosignPub)
    expect(publicPem((await loadSigningKey('other', 'hello', given)).public.key)).toBe(cosignPub)
  })

  test('to a pipe that another reads already is waited for until the own signal, and no longer', async () => {
    using folder = temporaryFolder('keys')
    execFileSync('mkfifo', ['-m', '600', join(folder.path, 'pipe')])
    const { ports: given } = ports(folder.path)
    const other = loadSigningKey('pipe', 'hello', given)
    const [stopping, stopped] = [new AbortController(), new Error('nothing will be signed')]
    const own = loadSigningKey('pipe', 'hello', { ...given, signal: stopping.signal })
    stopping.abort(stopped)
    for (const late of [own, loadSigningKey('pipe', 'hello', { ...given, signal: stopping.signal })])
      await expect(late).rejects.toMatchObject({ code: 'SW-KEY-MISSING', cause: stopped })
    await writeFile(join(folder.path, 'pipe'), cosignKey)
    expect(publicPem((await other).public.key)).toBe(cosignPub)
  })

  test('to a pipe that gives more than a key is refused', async () => {
    using folder = temporaryFolder('keys')
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', ['-m', '600', pipe])
    const refused = expect(loadPublicKey('pipe', ports(folder.path).ports)).rejects.toMatchObject({
      code: 'SW-KEY-MISSING',
      message: expect.stringContaining('expected at most 65.5 kB'),
    })
    await writeFile(pipe, 'x'.repeat(65 * 1024)).catch(() => undefined)
    await refused
  })

  test('to a plain key in the workspace needs no password', async () => {
    using folder = temporaryFolder('keys')
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(join(folder.path, 'k.pem'), pem(createPrivateKey(pem(privateKey, 'pkcs8')), 'pkcs8'))
    expect((await loadSigningKey('k.pem', undefined, ports(folder.path).ports)).public.algorithm).toBe('ed25519')
  })
})
