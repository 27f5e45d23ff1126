import { describe, expect, it, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import type { Content } from '../oci/schema.ts'
import { type Descriptor, type ImageConfig, type Index, type Manifest, mediaTypes } from '../oci/types.ts'
import { baseFromImage } from './base-image.ts'
import type { ImageSource } from './image-source.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const described = (mediaType: string, text: string): Descriptor => ({ mediaType, digest: sha256(text), size: text.length })

/** A source that has one image, or an index over it. */
function source({
  config = {},
  layer = mediaTypes.layerGzip,
  manifest = {},
  index,
}: {
  config?: Partial<ImageConfig>
  layer?: string
  manifest?: Partial<Manifest>
  index?: Partial<Index>
}): ImageSource {
  const text = JSON.stringify({ ...amd64, rootfs: { type: 'layers', diff_ids: [sha256('tar')] }, ...config })
  const whole: Manifest = { schemaVersion: 2, config: described(mediaTypes.config, text), layers: [described(layer, 'gz')], ...manifest }
  const child = { ...described(mediaTypes.manifest, 'manifest'), platform: amd64 }
  const list: Index | undefined = index && {
    schemaVersion: 2,
    manifests: [{ ...described(mediaTypes.manifest, 'attestation'), platform: { os: 'unknown', architecture: 'unknown' } }, child],
    ...index,
  }
  return {
    root: list === undefined ? child : described(mediaTypes.index, 'index'),
    load: async (descriptor) => {
      const content: Content =
        descriptor.mediaType === mediaTypes.index && list !== undefined
          ? { kind: 'index', index: list }
          : { kind: 'manifest', manifest: whole }
      return { descriptor, bytes: Buffer.alloc(0), content }
    },
    read: async () => Buffer.from(text),
    copyBlobs: () => Promise.reject(new Error('nothing is fetched yet')),
  }
}

const base = (given: Parameters<typeof source>[0], platform = amd64) =>
  baseFromImage({ kind: 'image', name: 'r.example/base:1', open: async () => source(given) }, platform)

describe('an image as a base', () => {
  it('is the one of the platform; the digest of the index is kept beside its own', async () => {
    expect(await base({ index: {} })).toMatchObject({ digest: sha256('manifest'), rootDigest: sha256('index') })
    expect(await base({})).toMatchObject({ digest: sha256('manifest'), rootDigest: sha256('manifest') })
  })

  test.each([
    [mediaTypes.dockerLayerGzip, mediaTypes.layerGzip],
    [mediaTypes.layerGzip, mediaTypes.layerGzip],
    [mediaTypes.layerZstd, mediaTypes.layerZstd],
  ])('with layers of type %s gives %s', async (layer, expected) => {
    expect((await base({ layer })).layers).toEqual([described(expected, 'gz')])
  })

  test.each<[string, readonly string[] | undefined, unknown]>([
    ['an entrypoint that is node alone takes the file as its argument', ['/nodejs/bin/node'], { cmd: ['a.js'] }],
    ['any other entrypoint is replaced', ['docker-entrypoint.sh'], { entrypoint: ['node', 'a.js'] }],
    ['an entrypoint with arguments of its own is replaced', ['node', '--inspect'], { entrypoint: ['node', 'a.js'] }],
    ['no entrypoint', undefined, { entrypoint: ['node', 'a.js'] }],
  ])('starts node: %s', async (_, Entrypoint, expected) => {
    const { startWith } = await base({ config: { config: Entrypoint === undefined ? {} : { Entrypoint } } })
    expect(startWith?.('node', ['a.js'])).toEqual(expected)
  })

  test.each<[string, Parameters<typeof source>[0], string, string]>([
    ['for another platform', { config: { architecture: 'arm64' } }, 'SW-BUILD-BASE-PLATFORM', 'it has linux/arm64'],
    ['whose index has others only', { index: { manifests: [] } }, 'SW-BUILD-BASE-PLATFORM', 'it has none that is named'],
    [
      'whose index says what the configuration denies',
      { index: {}, config: { architecture: 's390x' } },
      'SW-BUILD-BASE-PLATFORM',
      'it has linux/s390x',
    ],
    ['whose configuration and manifest disagree', { manifest: { layers: [] } }, 'SW-BUILD-BASE-MISSING', 'names 1 layers, its manifest 0'],
    [
      'that is an index in an index',
      { index: { manifests: [{ ...described(mediaTypes.index, 'inner'), platform: amd64 }] } },
      'SW-BUILD-BASE-MISSING',
      'nests an index',
    ],
    ['that is no image', { config: { rootfs: undefined as never } }, 'SW-MANIFEST-INVALID', 'the configuration of r.example/base:1'],
  ])('%s is refused', async (_, given, code, message) => {
    await expect(base(given)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })
})
