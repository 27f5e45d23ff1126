import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readTar } from '../../io/tar-reader.ts'
import { createLayout, type Layout, resolveEntry } from '../oci/layout.ts'
import { openBlob, readBlob, readManifest } from '../oci/layout-blobs.ts'
import type { Descriptor, Manifest } from '../oci/types.ts'
import { writeBundle } from './bundle.ts'
import type { Resource } from './resource.ts'

const image = `ghcr.io/acme/tool:1.0@sha256:${'a'.repeat(64)}`
const about = { title: 'acme build', version: '1.2.3', source: 'https://github.com/acme/tasks' }
const task = (name: string, spec: Resource['spec'] = { steps: [{ image, command: ['x'] }] }): Resource => ({
  apiVersion: 'tekton.dev/v1',
  kind: 'Task',
  metadata: { name },
  spec,
})
const stepAction = (name: string): Resource => ({
  apiVersion: 'tekton.dev/v1beta1',
  kind: 'StepAction',
  metadata: { name },
  spec: { image },
})

let folder: string
let layout: Layout

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-bundle-'))
  layout = await createLayout(join(folder, 'layout'))
})
afterEach(() => rm(folder, { recursive: true }))

const manifestOf = async (descriptor: Descriptor): Promise<Manifest> => {
  const { content } = await readManifest(layout, descriptor)
  if (content.kind !== 'manifest') throw new Error('a bundle is one manifest')
  return content.manifest
}

describe('a bundle', () => {
  it('has a layer for each resource, found by kind and name', async () => {
    const { layers } = await manifestOf(await writeBundle(layout, [task('build'), stepAction('build')], about))
    expect(layers.map(({ annotations }) => annotations)).toEqual(
      expect.arrayContaining([
        { 'dev.tekton.image.apiVersion': 'v1', 'dev.tekton.image.kind': 'task', 'dev.tekton.image.name': 'build' },
        { 'dev.tekton.image.apiVersion': 'v1beta1', 'dev.tekton.image.kind': 'stepaction', 'dev.tekton.image.name': 'build' },
      ]),
    )
    expect(layers).toHaveLength(2)
  })

  it('holds each resource whole, as the only file of a tar', async () => {
    const resource = task('build', { steps: [{ image, command: ['sh'], args: ['$(params.x[*])', 'yes', '1.10', 'ä\n'] }] })
    const [layer] = (await manifestOf(await writeBundle(layout, [resource], about))).layers
    if (layer === undefined) throw new Error('a bundle has a layer')
    const files: [string, unknown][] = []
    for await (const { header, body } of readTar(openBlob(layout, layer))) {
      files.push([header.path, JSON.parse(Buffer.concat(await Readable.from(body).toArray()).toString())])
    }
    expect(files).toEqual([['build', resource]])
  })

  it('says what it is, and was made in 1970', async () => {
    const manifest = await manifestOf(await writeBundle(layout, [task('build')], about))
    expect(manifest.annotations).toEqual({
      'org.opencontainers.image.source': about.source,
      'org.opencontainers.image.title': about.title,
      'org.opencontainers.image.version': about.version,
    })
    expect(JSON.parse((await readBlob(layout, manifest.config)).toString())).toMatchObject({
      created: '1970-01-01T00:00:00Z',
      rootfs: { type: 'layers', diff_ids: manifest.layers.map(({ digest }) => digest) },
    })
  })

  it('has the same digest whatever the order of its resources, in another layout too', async () => {
    const all = [task('a'), task('b'), stepAction('a'), task('c')]
    const other = await createLayout(join(folder, 'other'))
    expect(await writeBundle(other, all.toReversed(), about)).toEqual(await writeBundle(layout, all, about))
  })

  it('is the entry of its layout', async () => {
    const written = await writeBundle(layout, [task('build')], about)
    expect(await resolveEntry(layout)).toEqual(written)
  })

  it('takes 20 resources', async () => {
    const twenty = Array.from({ length: 20 }, (_, place) => task(`t${place}`))
    expect((await manifestOf(await writeBundle(layout, twenty, about))).layers).toHaveLength(20)
  })
})

describe('a bundle is refused', () => {
  it.each<[string, readonly Resource[], string, RegExp]>([
    ['of nothing', [], 'SW-BUNDLE-REFUSED', /of 0 resources, expected 1 to 20/],
    ['of 21 resources', Array.from({ length: 21 }, (_, place) => task(`t${place}`)), 'SW-BUNDLE-REFUSED', /of 21 resources/],
    ['with a name twice', [task('a'), stepAction('a'), task('a')], 'SW-BUNDLE-REFUSED', /Task a is there twice/],
    [
      'with an image by tag',
      [task('a', { steps: [{ image: 'ghcr.io/acme/tool:1.0' }] })],
      'SW-BUNDLE-IMAGE-UNPINNED',
      /spec\.steps\[0\]\.image/,
    ],
  ])('%s', async (_, resources, code, message) => {
    await expect(writeBundle(layout, resources, about)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    await expect(resolveEntry(layout)).rejects.toMatchObject({ code: 'SW-MANIFEST-MISSING' })
  })
})
