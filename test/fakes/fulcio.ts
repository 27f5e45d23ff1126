import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { CloudAnswer, CloudService } from './cloud.ts'

/** A certificate authority: it certifies whatever key and subject it is sent, for ten minutes. */
export interface FakeFulcio {
  readonly service: CloudService
  /** The tokens that were sent, in order. */
  readonly tokens: readonly string[]
  /** Milliseconds since 1970 until which it answers 503. */
  downUntil: number
}

interface FulcioOptions {
  readonly origin: string
  readonly now: () => number
  /** `detached` as of an authority without a log of its certificates. */
  readonly form?: 'embedded' | 'detached'
}

const life = 600_000

/** Fulcio, API version 2. A token is good until its `exp`; its `sub` becomes the identity, its `iss` the issuer. */
export function fakeFulcio({ origin, now, form = 'embedded' }: FulcioOptions): FakeFulcio {
  const root = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const tokens: string[] = []
  const certify = (key: KeyObject, extensions: readonly Buffer[]): string =>
    certificate({ key, by: root.privateKey, now: now(), extensions })
  const answer = (body: string): CloudAnswer => {
    const { credentials, publicKeyRequest } = JSON.parse(body)
    const token: string = credentials.oidcIdentityToken
    tokens.push(token)
    const { sub, iss, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    if (exp * 1000 < now()) return { status: 400, body: { message: 'There was an error processing the identity token' } }
    const leaf = certify(createPublicKey(publicKeyRequest.publicKey.content), [subjectUri(sub), issuedBy(iss)])
    const name = form === 'embedded' ? 'signedCertificateEmbeddedSct' : 'signedCertificateDetachedSct'
    return { status: 201, body: { [name]: { chain: { certificates: [leaf, certify(root.publicKey, [])] } } } }
  }
  const fake = {
    tokens,
    downUntil: 0,
    service: ({ url, body }: Parameters<CloudService>[0]): CloudAnswer | undefined => {
      if (url.origin !== origin) return undefined
      return now() < fake.downUntil ? { status: 503, body: 'scheduled maintenance' } : answer(body)
    },
  }
  return fake
}

interface Wanted {
  readonly key: KeyObject
  readonly by: KeyObject
  readonly now: number
  readonly extensions: readonly Buffer[]
}

/** RFC 5280 §4.1, as PEM. */
function certificate({ key, by, now, extensions }: Wanted): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const name = sequence(tagged(0x31, sequence(oid('2.5.4.10'), tagged(0x0c, Buffer.from('sigstore.test')))))
  const signed = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.of(1)),
    ...[algorithm, name, sequence(time(now), time(now + life)), name],
    key.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [tagged(0xa3, sequence(...extensions))]),
  )
  const signature = tagged(0x03, Buffer.concat([Buffer.of(0), sign('sha256', signed, by)]))
  const lines =
    sequence(signed, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const subjectUri = (uri: string): Buffer => extension('2.5.29.17', sequence(tagged(0x86, Buffer.from(uri))))
const issuedBy = (issuer: string): Buffer => extension('1.3.6.1.4.1.57264.1.8', tagged(0x0c, Buffer.from(issuer)))
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), tagged(0x04, value))
const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts))

/** Whole seconds, so that nothing is valid from the next one on. */
function time(milliseconds: number): Buffer {
  const text = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '')
  return tagged(0x18, Buffer.from(text))
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
  return digits
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
