import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { sha256 } from '../../base/digest.ts'
import { manifestInvalid } from './errors.ts'
import {
  childrenOf,
  isLayoutFile,
  parseContent,
  parseDiagnostics,
  parseImageConfig,
  parseIndex,
  parseTagList,
  subjectOf,
} from './schema.ts'
import { mediaTypes } from './types.ts'

const config = { mediaType: mediaTypes.config, digest: sha256('config'), size: 6 }
const layer = { mediaType: mediaTypes.layerGzip, digest: sha256('layer'), size: 5 }
const manifest = { schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer] }
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests: [{ ...config, mediaType: mediaTypes.manifest, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }],
}
const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

describe('a manifest or an index', () => {
  it('is what its media type says', () => {
    expect(parseContent(bytes(manifest), mediaTypes.manifest, 'x')).toEqual({ kind: 'manifest', manifest })
    expect(parseContent(bytes(index), mediaTypes.index, 'x')).toEqual({ kind: 'index', index })
  })

  it('may be Docker’s, and may leave its own media type out', () => {
    const { mediaType: _, ...bare } = manifest
    expect(parseContent(bytes(bare), mediaTypes.dockerManifest, 'x').kind).toBe('manifest')
    expect(parseContent(bytes({ ...index, mediaType: mediaTypes.dockerIndex }), mediaTypes.dockerIndex, 'x').kind).toBe('index')
  })

  it('loses the fields that we do not use, and null is absent', () => {
    const parsed = parseContent(
      bytes({ ...manifest, extra: 1, annotations: null, layers: null, subject: { ...config, more: true } }),
      mediaTypes.manifest,
      'x',
    )
    expect(parsed).toEqual({ kind: 'manifest', manifest: { ...manifest, layers: [], subject: config } })
  })

  it('has children, and a subject that is not one of them', () => {
    const parsed = parseContent(bytes({ ...manifest, subject: index.manifests[0] }), mediaTypes.manifest, 'x')
    expect(childrenOf(parsed)).toEqual([config, layer])
    expect(subjectOf(parsed)).toEqual(index.manifests[0])
    expect(childrenOf(parseContent(bytes(index), mediaTypes.index, 'x'))).toEqual(index.manifests)
  })

  it.each([
    ['no JSON', '<html>login</html>', mediaTypes.manifest, 'x is not a manifest'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), mediaTypes.manifest, 'not valid'],
    ['an array', [], mediaTypes.manifest, 'schemaVersion'],
    ['a number', 7, mediaTypes.manifest, 'the document'],
    ['a manifest and an index at once', { ...manifest, manifests: [] }, mediaTypes.manifest, 'a manifest and an index at once'],
    ['a manifest and an index at once', { ...index, layers: [layer] }, mediaTypes.index, 'a manifest and an index at once'],
    ['another type inside than outside', manifest, mediaTypes.index, 'came as'],
    ['schema 1', { schemaVersion: 1 }, 'application/vnd.docker.distribution.manifest.v1+prettyjws', 'its media type is'],
    [
      'a digest that climbs',
      { ...manifest, config: { ...config, digest: 'sha256:../../etc/passwd' } },
      mediaTypes.manifest,
      'config.digest',
    ],
    [
      'an unknown algorithm',
      { ...manifest, layers: [{ ...layer, digest: `md5:${'0'.repeat(32)}` }] },
      mediaTypes.manifest,
      'layers.0.digest',
    ],
    ['a negative size', { ...manifest, config: { ...config, size: -1 } }, mediaTypes.manifest, 'config.size'],
    ['half a byte', { ...manifest, config: { ...config, size: 1.5 } }, mediaTypes.manifest, 'config.size'],
    ['too many layers', { ...manifest, layers: Array(10_001).fill(layer) }, mediaTypes.manifest, 'layers'],
    ['nesting without end', '['.repeat(1_000_000), mediaTypes.manifest, 'x is not a manifest'],
  ])('refuses %s', (_, value, mediaType, message) => {
    const data = value instanceof Buffer ? value : bytes(value)
    expect(() => parseContent(data, mediaType, 'x')).toThrow(
      expect.objectContaining({ code: manifestInvalid.code, message: expect.stringContaining(message) }),
    )
  })

  it('refuses any other bytes with that error and no other', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (data) => {
        expect(() => parseContent(data, mediaTypes.manifest, 'x')).toThrow(expect.objectContaining({ code: manifestInvalid.code }))
      }),
    )
  })
})

test('an image configuration keeps what we do not know', () => {
  const known = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [sha256('layer')] } }
  const whole = { ...known, config: { Env: ['A=b'], Healthcheck: { Test: ['CMD', 'true'] } }, moby: { x: 1 } }
  expect(parseImageConfig(bytes(whole), 'x')).toEqual(whole)
  expect(() => parseImageConfig(bytes({ ...known, rootfs: {} }), 'x')).toThrow(/rootfs\.type/)
})

test('an index by itself needs no media type', () => {
  expect(parseIndex(bytes({ schemaVersion: 2, manifests: null }), 'x').manifests).toEqual([])
})

test('a tag list may be null', () => {
  expect(parseTagList(bytes({ name: 'a', tags: null }), 'x')).toEqual([])
  expect(parseTagList(bytes({ name: 'a', tags: ['1', '2'] }), 'x')).toEqual(['1', '2'])
})

describe('what a registry says of its refusal', () => {
  it.each([
    ['its error body', '{"errors":[{"code":"DENIED","message":"quota","detail":{}}]}', [{ code: 'DENIED', message: 'quota' }]],
    ['an error without words', '{"errors":[{}]}', [{ code: '', message: '' }]],
    ['plain text', '404 page not found\n', [{ code: '', message: '404 page not found' }]],
    ['a page of a proxy, without its tags', '<html><h1>502</h1>\n<p>Bad  Gateway</html>', [{ code: '', message: '502 Bad Gateway' }]],
    ['nothing', '', []],
  ])('%s', (_, body, diagnostics) => expect(parseDiagnostics(bytes(body))).toEqual(diagnostics))

  it('comes to an end for tags that never do', () => {
    expect(parseDiagnostics(bytes(`busy ${'<'.repeat(2 ** 21)}`))).toEqual([{ code: '', message: 'busy …' }])
  })

  it('is cut when it is long, and never within a word that may be a secret', () => {
    expect(parseDiagnostics(bytes('x '.repeat(95) + 's3cret-s3cret '.repeat(99)))[0]?.message).toBe(`${'x '.repeat(95)}…`)
  })
})

test.each([
  ['{"imageLayoutVersion":"1.0.0"}', true],
  ['{"imageLayoutVersion":"2.0.0"}', false],
  ['', false],
])('the oci-layout file %s is known: %s', (text, known) => expect(isLayoutFile(bytes(text))).toBe(known))
