import { createHash, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { type CloudService, type FakeCloud, startFakeCloud, unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { fakeFulcio } from '../../../../test/fakes/fulcio.ts'
import { type FakeLog, fakeRekor1, fakeRekor2 } from '../../../../test/fakes/rekor.ts'
import { generateKeys, type KeyType } from '../keys/generate.ts'
import { parsePrivateKey } from '../keys/private-key.ts'
import { keySigner } from '../sign/signer.ts'
import { type Witnesses, witnessesOf } from '../sign/witnesses.ts'
import { requestCertificate } from './fulcio.ts'
import { chooseServices } from './signing-config.ts'
import { requestTimestamp } from './timestamp.ts'

const [rekor1, rekor2] = ['https://rekor.example.com', 'https://log2.example.com']
const payload = Buffer.from('{"statement":true}')
const clock = fakeClock()

let cloud: FakeCloud
let one: FakeLog
let two: FakeLog
/** What the other services answer, set by a test. */
let others: CloudService

beforeEach(async () => {
  one = fakeRekor1(rekor1, clock.now)
  two = fakeRekor2(rekor2, clock.now)
  others = () => undefined
  cloud = await startFakeCloud([one.service, two.service, (request) => others(request)], { clock })
})
afterEach(async () => {
  await cloud[Symbol.asyncDispose]()
})

const ports = (patience = 300_000) => ({ http: cloud.http, now: clock.now, patience })
const log = (version: 1 | 2, patience?: number): Witnesses =>
  witnessesOf({ logs: [{ url: version === 1 ? rekor1 : rekor2, version }], timestamps: [] }, ports(patience))
const keyOf = (type: KeyType) => parsePrivateKey(generateKeys(type, '').privateKey, { where: 'the test’s key' })

describe('a log of version 1', () => {
  test('gets an envelope as dsse, and its entry is kept with promise and proof', async () => {
    const key = await keyOf('p256')
    const { entries, signature } = await keySigner(key, log(1)).sign({ form: 'bundle', payload })
    expect(one.entries).toEqual([
      {
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          proposedContent: {
            envelope: JSON.stringify({
              payloadType: 'application/vnd.in-toto+json',
              payload: payload.toString('base64'),
              signatures: [{ keyid: '', sig: signature.toString('base64') }],
            }),
            verifiers: [expect.any(String)],
          },
        },
      },
    ])
    expect(entries).toEqual([
      {
        logIndex: '0',
        logId: { keyId: Buffer.from('00ff'.repeat(16), 'hex').toString('base64') },
        kindVersion: { kind: 'dsse', version: '0.0.1' },
        integratedTime: String(Math.floor(clock.now() / 1000)),
        inclusionPromise: { signedEntryTimestamp: Buffer.from('promise').toString('base64') },
        inclusionProof: {
          logIndex: '0',
          rootHash: Buffer.from('cd'.repeat(32), 'hex').toString('base64'),
          treeSize: '1',
          hashes: [Buffer.from('ab'.repeat(32), 'hex').toString('base64')],
          checkpoint: { envelope: 'log - 1\n1\n' },
        },
        canonicalizedBody: expect.any(String),
      },
    ])
  })

  test('that has the entry already gives it: a conflict is success', async () => {
    const signer = keySigner(await keyOf('ed25519'), log(1))
    const first = await signer.sign({ form: 'bundle', payload })
    expect(await signer.sign({ form: 'bundle', payload })).toEqual(first)
    expect(one.entries).toHaveLength(1)
  })

  test.each([1, 2] as const)('that answers with the entry of another signature is refused (version %s)', async (version) => {
    const { service } = version === 1 ? one : two
    others = (request) => {
      if (request.url.origin !== 'https://mixed.example.com') return undefined
      const url = new URL(request.url.pathname, version === 1 ? rekor1 : rekor2)
      return service({ ...request, url, body: request.body.replace(/"(sig\\"|content"):(\\?)".{8}/, '"$1:$2"AAAAAAAA') })
    }
    const mixed = witnessesOf({ logs: [{ url: 'https://mixed.example.com', version }], timestamps: [] }, ports())
    await expect(keySigner(await keyOf('p256'), mixed).sign({ form: 'bundle', payload })).rejects.toMatchObject({
      code: 'SW-SIGSTORE-REFUSED',
      message: expect.stringContaining('another signature'),
    })
  })

  test('gets the hash of a payload for the .sig tag', async () => {
    await keySigner(await keyOf('p384'), log(1)).sign({ form: 'legacy', payload })
    expect(one.entries).toMatchObject([
      {
        kind: 'hashedrekord',
        spec: { data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') } } },
      },
    ])
  })
})

describe('a log of version 2', () => {
  test.each([
    ['p256', 'PKIX_ECDSA_P256_SHA_256', 'sha256'],
    ['p384', 'PKIX_ECDSA_P384_SHA_384', 'sha384'],
    ['p521', 'PKIX_ECDSA_P521_SHA_512', 'sha512'],
    ['rsa', 'PKIX_RSA_PKCS1V15_3072_SHA256', 'sha256'],
  ] as const)('gets the hash over the encoding of an envelope, of %s as %s', async (type, keyDetails, hash) => {
    const { entries } = await keySigner(await keyOf(type), log(2)).sign({ form: 'bundle', payload })
    const encoded = Buffer.concat([Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `), payload])
    expect(two.entries).toMatchObject([
      {
        hashedRekordRequestV002: {
          digest: createHash(hash).update(encoded).digest('base64'),
          signature: { verifier: { keyDetails, publicKey: { rawBytes: expect.any(String) } } },
        },
      },
    ])
    expect(entries[0]).toMatchObject({ logIndex: '0', kindVersion: { version: '0.0.2' }, inclusionProof: { hashes: [], logIndex: '0' } })
    expect(entries[0]).not.toHaveProperty('inclusionPromise')
  })

  test('that has this very signature is given another one, over spaces where the key makes no other', async () => {
    let lost = 1
    // The first answer is lost on the way: the entry is there, and the repeated request meets a conflict.
    const service = two.service
    others = (request) => {
      if (request.url.origin !== 'https://cut.example.com') return undefined
      const answer = service({ ...request, url: new URL(request.url.pathname, rekor2) })
      lost -= 1
      return lost >= 0 ? { status: 502, body: 'cut' } : answer
    }
    const cut = witnessesOf({ logs: [{ url: 'https://cut.example.com', version: 2 }], timestamps: [] }, ports())
    await keySigner(await keyOf('p256'), cut).sign({ form: 'bundle', payload })
    expect(two.entries).toHaveLength(2)
    const rsa = keySigner(await keyOf('rsa'), log(2))
    const [first, second] = [await rsa.sign({ form: 'bundle', payload }), await rsa.sign({ form: 'bundle', payload })]
    expect([first.payload, second.payload?.toString().trimEnd()]).toEqual([undefined, payload.toString()])
    expect(second.signature.equals(first.signature)).toBe(false)
    expect(two.entries).toHaveLength(4)
  })

  test('takes no Ed25519 and no .sig tag, which is said before anything is sent', async () => {
    await expect(keySigner(await keyOf('ed25519'), log(2)).sign({ form: 'bundle', payload })).rejects.toMatchObject({
      code: 'SW-SIGSTORE-REFUSED',
    })
    await expect(keySigner(await keyOf('p256'), log(2)).sign({ form: 'legacy', payload })).rejects.toMatchObject({
      code: 'SW-SIGNING-CONFIG',
    })
    expect(cloud.asked).toEqual([])
  })
})

describe('a service that is down', () => {
  test('for two minutes is waited for', async () => {
    one.downUntil = clock.now() + 120_000
    await keySigner(await keyOf('p256'), log(1)).sign({ form: 'bundle', payload })
    expect(one.entries).toHaveLength(1)
  })

  test('for longer than the time given ends as something to run again', async () => {
    one.downUntil = clock.now() + 46 * 60_000
    const before = clock.now()
    const failing = keySigner(await keyOf('p256'), log(1, 45 * 60_000)).sign({ form: 'bundle', payload })
    await expect(failing).rejects.toMatchObject({ code: 'SW-SIGSTORE-UNAVAILABLE', exit: 6, message: expect.stringContaining('503') })
    expect(clock.now() - before).toBeGreaterThan(40 * 60_000)
  })
})

describe('a certificate', () => {
  const token = unsignedJwt({ sub: 'repo:acme/app', aud: 'sigstore' })
  const ask = async () => requestCertificate('https://fulcio.example.com', await keyOf('p256'), { token, ports: ports() })

  test.each([
    ['the token is refused', { status: 400, body: { message: 'There was an error processing the identity token' } }, 'SW-FULCIO-REFUSED'],
    ['it is sent elsewhere, with the token', { status: 307, body: '', location: 'https://evil.example.com/' }, 'SW-SIGSTORE-REFUSED'],
    ['there is none in the answer', { status: 200, body: {} }, 'SW-SIGSTORE-REFUSED'],
    ['it is none', { status: 200, body: { signedCertificateEmbeddedSct: { chain: { certificates: ['x', 'y'] } } } }, 'SW-SIGSTORE-REFUSED'],
  ])('%s', async (_, answer, code) => {
    others = ({ url }) => (url.host === 'fulcio.example.com' ? answer : undefined)
    await expect(ask()).rejects.toMatchObject({ code, message: expect.not.stringContaining(token) })
    expect(cloud.asked).toEqual(['POST https://fulcio.example.com/api/v2/signingCert'])
  })

  test.each(['embedded', 'detached'] as const)('is taken with its chain from an answer with %s proof of a log', async (form) => {
    const fulcio = fakeFulcio({ origin: 'https://fulcio.example.com', now: clock.now, form })
    others = fulcio.service
    const given = { token: unsignedJwt({ sub: 'me', iss: 'https://issuer.example.com', exp: clock.now() }), ports: ports() }
    const { leaf, chain } = await requestCertificate('https://fulcio.example.com', await keyOf('p256'), given)
    expect(new X509Certificate(leaf).verify(new X509Certificate(chain).publicKey)).toBe(true)
  })

  test('is not asked for with what is no token', async () => {
    const given = { token: 'hello', ports: ports() }
    await expect(requestCertificate('https://fulcio.example.com', await keyOf('p256'), given)).rejects.toMatchObject({
      code: 'SW-FULCIO-REFUSED',
    })
    expect(cloud.asked).toEqual([])
  })
})

test.each([
  ['refused', { status: 400, body: 'no' }],
  ['no time stamp', { status: 200, body: 'hello' }],
])('a timestamp that is %s is an error', async (_, answer) => {
  others = ({ url }) => (url.host === 'tsa.example.com' ? answer : undefined)
  await expect(requestTimestamp('https://tsa.example.com/', Buffer.from('signature'), ports())).rejects.toMatchObject({
    code: 'SW-SIGSTORE-REFUSED',
  })
})

describe('a signing config', () => {
  const service = (url: string, extra: object = {}) => ({
    url,
    majorApiVersion: 1,
    validFor: { start: '2020-01-01T00:00:00Z' },
    operator: url,
    ...extra,
  })
  const config = (parts: object): string =>
    JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json', caUrls: [service('https://ca')], ...parts })
  const choose = (parts: object) => chooseServices(config(parts), { where: 'signing_config.json', now: Date.parse('2026-01-01') })
  const two = { majorApiVersion: 2 }

  test('gives the newest version that is valid and that we speak', () => {
    const ended = { validFor: { start: '2020-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' } }
    const future = { validFor: { start: '2030-01-01T00:00:00Z' } }
    expect(
      choose({
        rekorTlogUrls: [
          service('https://one'),
          service('https://two/', two),
          service('https://three', { majorApiVersion: 3 }),
          service('https://old', { ...two, ...ended }),
        ],
        tsaUrls: [service('https://later', future), service('https://tsa')],
      }),
    ).toEqual({ authority: 'https://ca', logs: [{ url: 'https://two', version: 2 }], timestamps: ['https://tsa'] })
  })

  test.each([
    [{ selector: 'ALL' }, ['https://a', 'https://b']],
    [{ selector: 'ANY' }, ['https://a']],
    [{ selector: 'EXACT', count: 2 }, ['https://a', 'https://b']],
  ])('with %j chooses %j, one of each operator', (tsaConfig, timestamps) => {
    const tsaUrls = [service('https://a'), service('https://b'), service('https://a2', { operator: 'https://a' })]
    expect(choose({ tsaUrls, tsaConfig }).timestamps).toEqual(timestamps)
  })

  test.each([
    ['Rekor 2 without a timestamp authority', { rekorTlogUrls: [service('https://two', two)] }],
    ['more services than there are', { tsaUrls: [service('https://a')], tsaConfig: { selector: 'EXACT', count: 2 } }],
    ['an address that is none', { caUrls: [service('file:///etc/passwd')] }],
    ['another version', { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json' }],
  ])('with %s is refused', (_, parts) => {
    expect(() => choose(parts)).toThrow(expect.objectContaining({ code: 'SW-SIGNING-CONFIG' }))
  })
})
