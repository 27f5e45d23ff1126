/** Whatever somebody attaches: it is never trusted unless its bytes are those that were signed, and its reason is one of the table. */
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../../base/digest.ts'
import type { Attached } from './attached.ts'
import { judge } from './judge.ts'
import type { Policy } from './policy.ts'
import { bundle, keyed, keyless, legacy, recorded, subject } from './real.fake.ts'
import { reasons } from './reasons.ts'

const envelope: Attached = { ...legacy('legacy-att.json'), format: 'attestation', type: 'application/vnd.dsse.envelope.v1+json' }
const notation: Attached = {
  ...bundle(Buffer.from(JSON.parse(recorded('notation.json').toString()).p256)),
  ...{ format: 'notation', type: 'application/jose+json' },
}
const samples: readonly (readonly [string, Attached, Policy])[] = [
  ['a bundle by key', bundle(recorded('key.json')), keyed],
  ['a bundle by certificate', bundle(recorded('rekor-v2.json')), keyless],
  ['a .sig by key', legacy('key-sig.json'), keyed],
  ['a .sig by certificate', legacy('legacy-sig.json'), keyless],
  ['an .att', envelope, keyless],
  ['a signature of Notation', notation, keyed],
]
/** A moment after all of it was signed. */
const now = Date.parse('2026-11-22T00:00:00Z')
const known = [...Object.keys(reasons), 'trusted']
const codeOf = (attached: Attached, policy: Policy): string => {
  const [finding] = judge(subject, [attached], { policy, now }).findings
  return finding?.reason?.code ?? 'trusted'
}

/** Bytes with some of them replaced, or cut, or with more behind. */
function mutations(bytes: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat(bytes.length - 1)
  return fc.oneof(
    fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }).map((changes) => {
      const changed = Buffer.from(bytes)
      for (const [at, byte] of changes) changed[at] = byte
      return changed
    }),
    place.map((end) => bytes.subarray(0, end)),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Buffer.concat([bytes, more])),
    fc.tuple(place, fc.constantFrom('{', '}', '[', '"', ',', '\\', '\u0000', 'null')).map(([at, text]) => {
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at)])
    }),
  )
}

describe.each(samples)('%s', (_, sample, policy) => {
  test('with any bytes changed has a reason of the table, and nothing is thrown', () => {
    fc.assert(
      fc.property(mutations(sample.bytes), (bytes) => {
        expect(known).toContain(codeOf({ ...sample, bytes, digest: sha256(bytes) }, policy))
      }),
      { numRuns: 150 },
    )
  })

  test('with any value of its JSON replaced by another kind has a reason of the table', () => {
    const paths = pathsOf(JSON.parse(sample.bytes.toString()))
    const others = fc.constantFrom<unknown>(null, 0, -1, 1e300, '', 'x', [], {}, true, [null], { a: 1 })
    fc.assert(
      fc.property(fc.constantFrom(...paths), others, (path, other) => {
        const bytes = Buffer.from(JSON.stringify(replaced(JSON.parse(sample.bytes.toString()), path, other)))
        expect(known).toContain(codeOf({ ...sample, bytes, digest: sha256(bytes) }, policy))
      }),
      { numRuns: 150 },
    )
  })

  test('with one bit of what is signed turned is not trusted', () => {
    const signed = signedIn(sample)
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const changed = Buffer.from(signed)
        changed[at] = (changed[at] ?? 0) ^ (1 << bit)
        const bytes = withSigned(sample, changed)
        expect(codeOf({ ...sample, bytes, digest: sha256(bytes) }, trusting(policy))).not.toBe('trusted')
      }),
      { numRuns: 150 },
    )
    expect(codeOf({ ...sample, bytes: withSigned(sample, signed) }, trusting(policy))).toBe('trusted')
  })

  test('is never trusted when what is signed is another thing', () => {
    const bytes = Buffer.from(sample.bytes.toString().replace(/9332f35a/, '0332f35a'))
    const elsewhere = { ...subject, digest: sha256('another image') }
    for (const one of [sample, { ...sample, bytes }]) {
      const [finding] = judge(elsewhere, [one], { policy, now }).findings
      expect(finding?.reason).toBeDefined()
    }
  })
})

test('annotations of a layer may be anything', () => {
  const sample = legacy('legacy-sig.json')
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(sample.annotations)), fc.string({ maxLength: 60 }), (name, text) => {
      expect(known).toContain(codeOf({ ...sample, annotations: { ...sample.annotations, [name]: text } }, keyless))
    }),
    { numRuns: 300 },
  )
})

/** Notation’s sample is trusted by its authority. */
function trusting(policy: Policy): Policy {
  const authorities = [new X509Certificate(recorded('notation-ca.pem'))]
  return { ...policy, signers: [...policy.signers, { kind: 'notation', name: 'ca', authorities, subject: '*', text: '*' }] }
}

/** Where the payload is, and in which encoding; a `.sig` is its own payload. */
const places: Readonly<Partial<Record<Attached['format'], readonly [readonly string[], BufferEncoding]>>> = {
  bundle: [['dsseEnvelope', 'payload'], 'base64'],
  attestation: [['payload'], 'base64'],
  notation: [['payload'], 'base64url'],
}

function signedIn({ format, bytes }: Attached): Buffer {
  const [path, encoding] = places[format] ?? []
  if (path === undefined) return bytes
  const text = path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), JSON.parse(bytes.toString()))
  return Buffer.from(String(text), encoding)
}

function withSigned({ format, bytes }: Attached, signed: Buffer): Buffer {
  const [path, encoding] = places[format] ?? []
  if (path === undefined) return signed
  return Buffer.from(JSON.stringify(replaced(JSON.parse(bytes.toString()), path, signed.toString(encoding))))
}

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [...(path.length === 0 ? [] : [path]), ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))]
}

function replaced(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other
  const copy: object = Array.isArray(value) ? [...value] : { ...Object(value) }
  Reflect.set(copy, key, replaced(Reflect.get(copy, key), rest, other))
  return copy
}
