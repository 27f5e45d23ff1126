import { describe, expect, test } from '@jest/globals'
import { trustRootInvalid } from './errors.ts'
import { recorded } from './real.fake.ts'
import { parseTrustRoot } from './trust-root.ts'

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
