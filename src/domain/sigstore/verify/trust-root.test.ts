import { describe, expect, test } from '@jest/globals'
import { trustRootInvalid } from './errors.ts'
import { recorded } from './real.fake.ts'
import { parseTrustRoot } from './trust-root.ts'

/** The recorded root with one value in it set. */
const withOther = (path: readonly (string | number)[], value: unknown): Buffer => {
  const document: unknown = JSON.parse(recorded('trusted-root.json').toString())
  const holder = path.slice(0, -1).reduce((at, key) => Reflect.get(Object(at), key), document)
  Reflect.set(Object(holder), path.at(-1) ?? '', value)
  return Buffer.from(JSON.stringify(document))
}
const lists = JSON.parse(recorded('trusted-root.json').toString()) as { tlogs: object[]; ctlogs: object[] }

const withOut = (path: readonly (string | number)[]): Buffer => {
  const document: unknown = JSON.parse(recorded('trusted-root.json').toString())
  const holder = path.slice(0, -1).reduce((value, key) => Reflect.get(Object(value), key), document)
  Reflect.deleteProperty(Object(holder), path.at(-1) ?? '')
  return Buffer.from(JSON.stringify(document))
}

describe('a trusted root', () => {
  test('tells its authorities and logs', () => {
    const { material } = parseTrustRoot(recorded('trusted-root.json'), 'root')
    expect(Object.values(material).map((list) => Array.isArray(list) && list.length)).toEqual([1, 1, 2, 1])
  })

  test.each([
    ['a log without a start of validity', withOut(['tlogs', 1, 'publicKey', 'validFor', 'start'])],
    ['a log without validity', withOut(['tlogs', 0, 'publicKey', 'validFor'])],
    ['a certificate log without a start', withOut(['ctlogs', 0, 'publicKey', 'validFor', 'start'])],
    ['an authority without validity', withOut(['certificateAuthorities', 0, 'validFor'])],
    ['an authority without a start', withOut(['certificateAuthorities', 0, 'validFor', 'start'])],
    ['a timestamp authority without a start', withOut(['timestampAuthorities', 0, 'validFor', 'start'])],
    ['a log without an identifier', withOut(['tlogs', 0, 'logId'])],
    ['a log that ends before it starts', withOther(['tlogs', 0, 'publicKey', 'validFor', 'end'], '2000-01-01T00:00:00Z')],
    ['a log whose start is no date', withOther(['tlogs', 0, 'publicKey', 'validFor', 'start'], 'soon')],
    ['a log twice', withOther(['tlogs'], [...lists.tlogs, lists.tlogs[0]])],
    ['a log of certificates twice', withOther(['ctlogs'], [...lists.ctlogs, lists.ctlogs[0]])],
    ['a type of key that nobody knows', withOther(['tlogs', 0, 'publicKey', 'keyDetails'], 'LMS_SHA256')],
    ['a key without a type', withOut(['tlogs', 0, 'publicKey', 'keyDetails'])],
    ['a key of another type than it is said to be', withOther(['ctlogs', 0, 'publicKey', 'keyDetails'], 'PKIX_ECDSA_P384_SHA_384')],
    ['a key that is too long', withOther(['tlogs', 0, 'publicKey', 'rawBytes'], 'A'.repeat(16_388))],
    [
      'more logs than anybody has',
      withOther(
        ['tlogs'],
        Array.from({ length: 101 }, () => lists.tlogs[0]),
      ),
    ],
    ['no media type', withOut(['mediaType'])],
    ['an authority without certificates', withOut(['certificateAuthorities', 0, 'certChain', 'certificates', 0])],
    ['a signing config', Buffer.from('{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}')],
    ['a key that is none', Buffer.from(recorded('trusted-root.json').toString().replace('"MCow', '"AAAA'))],
    ['a key named twice', Buffer.from(recorded('trusted-root.json').toString().replace('{', '{"tlogs":[],'))],
    ['junk', Buffer.from('junk')],
  ])('is refused: %s', (_, bytes) => {
    expect(() => parseTrustRoot(bytes, 'root.json')).toThrow(expect.objectContaining({ code: trustRootInvalid.code }))
  })
})
