import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { writeIndex } from '../../../test/fakes/image.ts'
import { type FakeRegistry, startFakeRegistry } from '../../../test/fakes/registry.ts'
import { testClient } from '../../../test/fakes/registry-client.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import type { Digest } from '../../base/digest.ts'
import { copyFromLayout, copyToLayout } from '../oci/copy.ts'
import { createLayout, type Layout, openLayout } from '../oci/layout.ts'
import { hasBlob } from '../oci/layout-blobs.ts'
import { sourcesOf } from '../oci/layout-sources.ts'
import { childrenOf } from '../oci/schema.ts'
import type { Descriptor } from '../oci/types.ts'
import { lengthOf } from '../registry/exchange.ts'
import { type BaseLayers, parseBase } from './base-name.ts'
import { buildImage } from './build.ts'
import { ports, readImage, request } from './fixtures/building.ts'
import { type Tree, tree } from './fixtures/tree.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const files: Tree = { run: { text: '#!/bin/sh\n', mode: 0o755 } }

let scene: RegistryScene
let registry: FakeRegistry
let base: string
/** Bytes of the manifest, index and configuration of the base. */
let metadata: number
/** Bytes that the registry gave to whoever asked. */
let given: number

beforeEach(async () => {
  scene = await openRegistryScene()
  registry = scene.registry
  const index = await writeIndex(scene.layout)
  await copyFromLayout(scene.layout, index.descriptor.digest, scene.client.connect(registry.address).repository('library/base'), {
    tags: ['1'],
  })
  base = `${registry.address}/library/base:1`
  const [child] = childrenOf(index.content)
  const { manifest } = await readImage(scene.layout.folder, child?.digest)
  metadata = index.bytes.length + (child?.size ?? 0) + manifest.config.size
  given = 0
  registry.log.length = 0
  registry.fail({
    on: /^GET \/v2\/library/,
    after: (reply) => {
      given += lengthOf(reply)
      return reply
    },
  })
})
afterEach(() => scene.close())

interface Built {
  readonly layout: Layout
  readonly digest: Digest
  /** Layers of the base. */
  readonly below: readonly Descriptor[]
}

async function build(
  name: string,
  from: string,
  { layers = 'auto', pushTo }: { layers?: BaseLayers; pushTo?: string | undefined } = {},
): Promise<Built> {
  await using context = await tree(files)
  const folder = join(scene.folder, name)
  const built = await buildImage(
    request({
      context: context.folder,
      layout: folder,
      platforms: [amd64],
      base: parseBase(from, { workspace: scene.folder, ports: scene.client.ports, layers, pushTo }),
    }),
    ports(),
  )
  const { manifest } = await readImage(folder)
  return { layout: await openLayout(folder), digest: built.descriptor.digest, below: manifest.layers.slice(0, 2) }
}

const has = ({ layout, below }: Built): Promise<boolean[]> => Promise.all(below.map((layer) => hasBlob(layout, layer)))

/** A push by a process that knows only the layout. */
async function push({ layout, digest }: Built, address: string) {
  using client = testClient()
  const target = client.connect(address).repository('team/app')
  const sources = await sourcesOf(layout, (name) => client.connect(name))
  const copied = await copyFromLayout(layout, digest, target, { sources, tags: ['v1'] })
  await copyToLayout(target, 'v1', await createLayout(join(scene.folder, `pulled-${address}`)))
  return copied
}

describe('a base at a registry, and a target that is known', () => {
  it('costs its manifest, index and configuration, and not a byte of a layer', async () => {
    const built = await build('shallow', base, { pushTo: `${registry.address}/team/app` })
    expect(given).toBe(metadata)
    expect(await has(built)).toEqual([false, false])
  })

  it('is pushed to the same registry by mounts: no layer is read, none is sent', async () => {
    const built = await build('shallow', base, { pushTo: `${registry.address}/team/app` })
    expect(given).toBeGreaterThan(0)
    given = 0
    expect((await push(built, registry.address)).blobs).toEqual({ present: 0, mounted: 2, uploaded: 2 })
    // The pull after it reads the layers at team/app.
    expect(given).toBe(0)
  })

  it('is pushed to another registry without a copy on disk, and the second time without a byte of it', async () => {
    await using other = await startFakeRegistry()
    const built = await build('shallow', base, { pushTo: `${other.address}/team/app` })
    expect((await push(built, other.address)).blobs).toEqual({ present: 0, mounted: 0, uploaded: 4 })
    expect(await has(built)).toEqual([false, false])
    given = 0
    expect((await push(built, other.address)).blobs).toEqual({ present: 4, mounted: 0, uploaded: 0 })
    expect(given).toBe(0)
  })

  it('can be a base itself: what its layout leaves out is fetched', async () => {
    const lower = await build('lower', base, { pushTo: `${registry.address}/team/app` })
    const upper = await build('upper', 'oci:lower')
    expect(upper.below.map(({ digest }) => digest)).toEqual(lower.below.map(({ digest }) => digest))
    expect(await has(upper)).toEqual([true, true])
  })
})

describe('where the layers go', () => {
  it.each<[BaseLayers, string | undefined, boolean]>([
    ['auto', undefined, true],
    ['auto', 'registry.example.com/team/app', false],
    ['layout', 'registry.example.com/team/app', true],
    ['registry', undefined, false],
  ])('with %s and %s: in the layout %s; the digest is the same', async (layers, pushTo, isWhole) => {
    const built = await build('image', base, { layers, pushTo })
    expect(await has(built)).toEqual([isWhole, isWhole])
    expect((await build('other', base, { layers: 'layout' })).digest).toBe(built.digest)
    expect(await sourcesOf(built.layout, (name) => scene.client.connect(name))).toMatchObject(
      isWhole ? [] : [{ name: `${registry.address}/library/base` }],
    )
  })
})
