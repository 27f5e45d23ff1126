import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { quickClock } from '../../io/fixtures/ports.ts'
import { createTransport } from '../../io/transport.ts'
import { copyFromLayout } from '../oci/copy.ts'
import { addEntry, createLayout, type Layout } from '../oci/layout.ts'
import { hasBlob, writeBlob, writeManifest } from '../oci/layout-blobs.ts'
import { withSource } from '../oci/layout-sources.ts'
import { mediaTypes } from '../oci/types.ts'
import { imageOf, packLayer } from './image.fake.ts'
import { imagesOf } from './images.ts'
import { inventoryOf } from './inventory.ts'
import { layerOpener } from './layer-opener.ts'
import type { Inventory } from './package.ts'

const folder = temporaryFolder()
const npm = (name: string): string => JSON.stringify({ name, version: '1.0.0' })
const base = { 'base/package.json': npm('base') }
let scene: RegistryScene

beforeEach(async () => {
  scene = await openRegistryScene()
})
afterEach(() => scene.close())

/** An image whose lower layer is only in the registry; its index names that repository, or none. */
async function withoutBase(repository: string | undefined): Promise<Layout> {
  const below = await imageOf(mkdtempSync(join(folder, 'base-')), [base])
  await copyFromLayout(
    below.layout,
    below.image.descriptor.digest,
    scene.client.connect(scene.registry.address).repository('library/base'),
    {
      tags: ['1'],
    },
  )
  const layout = await createLayout(mkdtempSync(join(folder, 'image-')))
  const write = async (content: Buffer | string, mediaType: string) => ({ mediaType, ...(await writeBlob(layout, content)) })
  const layers = [
    await write(await packLayer(base), mediaTypes.layerGzip),
    await write(await packLayer({ 'app/package.json': npm('app') }), mediaTypes.layerGzip),
  ]
  const config = await write(
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } }),
    mediaTypes.config,
  )
  await addEntry(layout, withSource(await writeManifest(layout, { schemaVersion: 2, config, layers }), repository))
  const [lower] = layers
  if (lower === undefined) throw new Error('no layer')
  rmSync(join(layout.folder, 'blobs', ...lower.digest.split(':')))
  expect(await hasBlob(layout, lower)).toBe(false)
  return layout
}

async function inventory(layout: Layout): Promise<Inventory> {
  const { ports } = fakePorts({ clock: quickClock() })
  const http = createTransport({ userAgent: 'test', clock: ports.clock, log: ports.log, signal: ports.signal })
  const [image] = await imagesOf(layout)
  if (image === undefined) throw new Error('no image')
  return inventoryOf(image.manifest, await layerOpener(layout, { ...ports, http }))
}

test('layers that were left at the base are looked through where they are', async () => {
  const { packages } = await inventory(await withoutBase(`${scene.registry.address}/library/base`))
  expect(packages.map(({ purl }) => purl)).toEqual(['pkg:npm/app@1.0.0', 'pkg:npm/base@1.0.0'])
})

test.each([
  ['no repository is named for them', () => undefined],
  ['the one that is named has them not', (address: string) => `${address}/library/other`],
])('without them nothing is told of an image: %s', async (_, repository) => {
  const layout = await withoutBase(repository(scene.registry.address))
  await expect(inventory(layout)).rejects.toMatchObject({ code: 'SW-PACKAGES-LAYER' })
})

test('other bytes than those of the layer are refused', async () => {
  const layout = await withoutBase(`${scene.registry.address}/library/base`)
  scene.registry.fail({ on: /^GET .*\/blobs\//, after: (reply) => ({ ...reply, body: Buffer.alloc(100, 1) }) })
  await expect(inventory(layout)).rejects.toMatchObject({ code: expect.stringMatching(/DIGEST|BLOB/) })
})
