import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { type FakeCloud, startFakeCloud, unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { type FakeFulcio, fakeFulcio } from '../../../../test/fakes/fulcio.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { type FakeLog, fakeRekor1 } from '../../../../test/fakes/rekor.ts'
import { type ChosenSigner, chooseSigner, type SignerChoice } from './choose-signer.ts'

const [authority, log] = ['https://fulcio.example.com', 'https://rekor.example.com']
const issuer = 'https://issuer.example.com'
const subject = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const payload = Buffer.from('{"statement":true}')

let clock: ReturnType<typeof fakeClock>
let fulcio: FakeFulcio
let rekor: FakeLog
let cloud: FakeCloud
/** How many tokens the host has given. */
let given: number

beforeEach(async () => {
  clock = fakeClock()
  fulcio = fakeFulcio({ origin: authority, now: clock.now })
  rekor = fakeRekor1(log, clock.now)
  given = 0
  cloud = await startFakeCloud([fulcio.service, rekor.service], { clock })
})
afterEach(async () => {
  await cloud[Symbol.asyncDispose]()
})

/** As those of GitHub, tokens live for five minutes. */
const freshToken = (sub: string): string => unsignedJwt({ iss: issuer, sub, jti: ++given, exp: Math.floor(clock.now() / 1000) + 300 })

interface Given
  extends Partial<Pick<SignerChoice, 'identityToken' | 'timeout' | 'fulcioUrl' | 'rekorUrl' | 'rekorVersion' | 'timestampUrl' | 'format'>> {
  readonly sub?: string
}

function signer({ sub = subject, ...choice }: Given = {}) {
  const { ports } = fakePorts({ clock, http: cloud.http, identity: { token: async () => freshToken(sub) } })
  const services = { fulcioUrl: authority, rekorUrl: log, rekorVersion: '1', transparencyLog: false, timeout: 300_000 } as const
  return chooseSigner({ ...services, ...choice }, ports)
}
const signed = (by: ChosenSigner) => by.sign({ form: 'bundle', payload })

describe('a signature by the identity of the run', () => {
  test('is in the log with its certificate, and names who signed', async () => {
    const by = await signer()
    expect(by).toMatchObject({ name: subject, trusting: { identity: subject, issuer }, services: { authority } })
    expect(await signed(by)).toMatchObject({ by: { kind: 'certificate' }, entries: [{ logIndex: '0' }], timestamps: [] })
  })

  test('takes one token and one certificate for all that is signed in ten minutes', async () => {
    const by = await signer()
    for (let count = 0; count < 3; count += 1) await signed(by)
    expect([given, fulcio.tokens.length, rekor.entries.length]).toEqual([1, 1, 3])
    clock.advance(9 * 60_000 + 1)
    await signed(by)
    expect([given, fulcio.tokens.length]).toEqual([2, 2])
  })

  test('is of the instance that the token leads to, by that same token', async () => {
    const theirs = fakeFulcio({ origin: 'https://fulcio.sigstore.dev', now: clock.now })
    await using elsewhere = await startFakeCloud([theirs.service, fakeRekor1('https://rekor.sigstore.dev', clock.now).service], { clock })
    cloud = { ...cloud, http: elsewhere.http }
    await signed(await signer({ fulcioUrl: undefined, rekorUrl: undefined }))
    expect([given, theirs.tokens.length]).toEqual([1, 1])
  })

  test.each(['legacy', 'both'] as const)('in the format %s has no certificate of a log that cannot be in it', async (format) => {
    const choice = { rekorVersion: '2', timestampUrl: 'https://tsa.example.com', format } as const
    await expect(signer(choice)).rejects.toMatchObject({ code: 'SW-SIGNING-CONFIG', hint: 'format: bundle' })
    expect(fulcio.tokens).toEqual([])
  })

  test('is asked for with another token when the first one ended while the authority was down', async () => {
    fulcio.downUntil = clock.now() + 20 * 60_000
    await signed(await signer({ timeout: 30 * 60_000 }))
    expect(new Set(fulcio.tokens).size).toBe(2)
  })

  test('is refused with the token that was given, once that has ended', async () => {
    const identityToken = freshToken(subject)
    clock.advance(6 * 60_000)
    await expect(signer({ identityToken })).rejects.toMatchObject({ code: 'SW-FULCIO-REFUSED', exit: 4 })
    expect(fulcio.tokens).toEqual([identityToken])
  })
})

describe('a signature that is there', () => {
  const found = async (by: ChosenSigner, form: 'bundle' | 'legacy' = 'bundle') => {
    const { signature, by: signedBy, entries } = await by.sign({ form, payload })
    if (signedBy.kind !== 'certificate') throw new Error('a key has signed')
    return { signature, by: { certificate: signedBy.leaf }, entries: entries.length, timestamps: 0 }
  }

  test('is one’s own by the identity, whichever certificate it has', async () => {
    const theirs = await found(await signer())
    expect((await signer()).isOwn({ form: 'bundle', payload }, theirs)).toBe(true)
  })

  test.each([
    ['of another identity', { sub: `${subject}-evil` }, {}],
    ['over something else', {}, { payload: Buffer.from('{}') }],
    ['in no log', {}, { entries: 0 }],
    ['of a key', {}, { by: { hint: '-' } }],
    ['with what is no certificate', {}, { by: { certificate: Buffer.from('x') } }],
  ])('is not one’s own %s', async (_, who, { payload: about = payload, ...change }: { payload?: Buffer } & object) => {
    const theirs = await found(await signer(who))
    expect((await signer()).isOwn({ form: 'bundle', payload: about }, { ...theirs, ...change })).toBe(false)
  })

  test('by another authority is not one’s own', async () => {
    const theirs = await found(await signer())
    const other = fakeFulcio({ origin: authority, now: clock.now })
    await using elsewhere = await startFakeCloud([other.service, rekor.service], { clock })
    cloud = { ...cloud, http: elsewhere.http }
    expect((await signer()).isOwn({ form: 'bundle', payload }, theirs)).toBe(false)
  })
})
