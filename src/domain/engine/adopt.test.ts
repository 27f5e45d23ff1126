import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { writeImage, writeIndex } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import type { Compression } from '../../io/compress.ts'
import { encoderId } from '../../io/compress.ts'
import { decompress } from '../../io/decompress.ts'
import { removeTreeSync } from '../../io/files.ts'
import { createLayout, entriesOf, type Layout } from '../oci/layout.ts'
import { blobPath, openBlob, readManifest, writeBlob, writeManifest } from '../oci/layout-blobs.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../oci/types.ts'
import { takeImage } from './build-dockerfile.ts'

const { ports } = fakePorts()
afterAll(() => removeTreeSync(ports.files.workspace))

let count = 0
const layoutIn = (): Promise<Layout> => createLayout(join(ports.files.workspace, String(count++)))
const content = Buffer.from('a tar archive, as far as this test cares\n'.repeat(1000))

/** An image as buildah leaves it: its layer a plain tar. */
async function plainImage(layout: Layout, { annotations = {}, diffIds = [sha256(content)], from = 'r/b:1' } = {}): Promise<Descriptor> {
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: [{ created_by: '/bin/sh -c #(nop) COPY file:1 in /a ', comment: `FROM ${from}` }],
  }
  return writeManifest(layout, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...(await writeBlob(layout, JSON.stringify(config))) },
    layers: [{ mediaType: mediaTypes.layer, ...(await writeBlob(layout, content)) }],
    annotations,
  })
}

const take = async (
  layout: Layout,
  root: Descriptor,
  { annotations = {}, algorithm = 'gzip' as Compression, architecture = 'amd64' } = {},
) => {
  const folder = join(ports.files.workspace, `to-${count++}`)
  const request = { annotations, compression: { algorithm }, layout: folder, platforms: [{ os: 'linux', architecture }] }
  const taken = await takeImage([{ layout, root }], request, ports)
  const { content: image } = await readManifest({ folder }, taken.descriptor)
  return { folder, taken, manifest: image.kind === 'manifest' ? image.manifest : undefined }
}

describe('an image that another program made', () => {
  it.each([
    ['gzip', mediaTypes.layerGzip],
    ['zstd', mediaTypes.layerZstd],
    ['none', mediaTypes.layer],
  ] as const)('is packed with %s where its layers are plain, and is entered under our name', async (algorithm, mediaType) => {
    const from = await layoutIn()
    const { folder, taken, manifest } = await take(from, await plainImage(from), { algorithm })
    const [layer] = (manifest as Manifest).layers
    expect(layer?.mediaType).toBe(mediaType)
    expect(taken.encoder).toBe(encoderId({ algorithm }))
    const unpacked = await decompress(openBlob({ folder }, layer as Descriptor), algorithm).toArray()
    expect(Buffer.concat(unpacked)).toEqual(content)
    expect(await entriesOf({ folder })).toMatchObject([
      { digest: taken.descriptor.digest, annotations: { 'org.opencontainers.image.ref.name': 'latest' } },
    ])
    expect(taken.images).toMatchObject([{ platform: { os: 'linux', architecture: 'amd64' }, layers: [{ name: 'COPY file:1 in /a' }] }])
  })

  it('keeps its bytes where its layers are packed already', async () => {
    const from = await layoutIn()
    const { descriptor } = await writeImage(from)
    expect((await take(from, descriptor)).taken.descriptor.digest).toBe(descriptor.digest)
  })

  it('has our annotations over its own, and names no base that is another stage', async () => {
    const from = await layoutIn()
    const prefix = 'org.opencontainers.image.base'
    const stage = await plainImage(from, {
      annotations: { own: '1', over: '1', [`${prefix}.name`]: '', [`${prefix}.digest`]: sha256('x') },
    })
    const { manifest, taken } = await take(from, stage, { annotations: { over: '2' } })
    expect([manifest?.annotations, taken.base]).toEqual([{ over: '2', own: '1' }, undefined])
    const based = await plainImage(from, { annotations: { [`${prefix}.name`]: 'r/b', [`${prefix}.digest`]: sha256('x') } })
    expect((await take(from, based)).taken.base).toEqual({ name: 'r/b', digest: sha256('x') })
    const pinned = { [`${prefix}.name`]: `r/b@${sha256('y')}` }
    expect((await take(from, based, { annotations: pinned })).taken.base?.digest).toBe(sha256('y'))
  })

  it('does not depend on what buildah took for its base', async () => {
    const from = await layoutIn()
    const [one, another] = [
      await take(from, await plainImage(from)),
      await take(from, await plainImage(from, { from: 'r/same-content:2' })),
    ]
    expect(one.taken.descriptor).toEqual(another.taken.descriptor)
  })

  it('comes with everything below an index, attestations too, and no digest changes', async () => {
    const from = await layoutIn()
    const { descriptor: image } = await writeImage(from)
    const { descriptor: attestation } = await writeImage(from, ['statement'])
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': image.digest }
    const index = await writeManifest(from, {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [image, { ...attestation, annotations }],
    })
    const { taken, folder } = await take(from, index)
    expect(taken.descriptor.digest).toBe(index.digest)
    expect(taken.images.map(({ descriptor }) => descriptor.digest)).toEqual([image.digest])
    expect((await readManifest({ folder }, attestation)).bytes.length).toBe(attestation.size)
  })

  it('is refused when it is for another platform, or its configuration names other layers', async () => {
    const from = await layoutIn()
    await expect(take(from, await plainImage(from), { architecture: 'arm64' })).rejects.toMatchObject({
      code: 'SW-ENGINE-RESULT',
      message: 'The engine made an image for linux/amd64, expected linux/arm64.',
    })
    for (const diffIds of [[], [sha256('another')]]) {
      await expect(take(from, await plainImage(from, { diffIds }))).rejects.toMatchObject({ code: 'SW-ENGINE-RESULT' })
    }
    const { descriptor } = await writeIndex(from)
    await expect(take(from, descriptor)).rejects.toMatchObject({
      message: expect.stringContaining('linux/amd64, linux/arm64, expected linux/amd64'),
    })
  })

  it('is refused when a byte of it is not what its digest says, and nothing is entered', async () => {
    const from = await layoutIn()
    const root = await plainImage(from)
    writeFileSync(blobPath(from, sha256(content)), Buffer.from(content).fill(0, 0, 1))
    await expect(take(from, root)).rejects.toMatchObject({ code: 'SW-DIGEST-MISMATCH' })
    expect(await entriesOf({ folder: join(ports.files.workspace, `to-${count - 1}`) })).toEqual([])
  })
})
