import { link, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { entriesOf, nameOf, openLayout } from '../oci/layout.ts'
import { readManifest } from '../oci/layout-blobs.ts'
import { buildImage } from './build.ts'
import { listLayer, ports, readImage, request } from './fixtures/building.ts'
import { type Tree, tree } from './fixtures/tree.ts'

describe('a folder on scratch', () => {
  const files: Tree = {
    'empty/': '',
    'bin/tool': { text: '#!', mode: 0o711 },
    'data/\u00e9.txt': { text: 'x', mode: 0o600 },
    link: { link: 'data/\u00e9.txt' },
  }

  it('is one layer of normal files that GNU tar reads', async () => {
    await using context = await tree(files)
    await using target = await tree({})
    const built = await buildImage(request({ context: context.folder, layout: target.folder }), ports())
    const layout = await openLayout(target.folder)
    expect(built.plan.name).toBe('folder')
    expect(listLayer(layout, built.images[0]?.layers[0] ?? built.descriptor)).toEqual([
      'drwxr-xr-x 0/0 app/',
      'drwxr-xr-x 0/0 app/bin/',
      '-rwxr-xr-x 0/0 app/bin/tool',
      'drwxr-xr-x 0/0 app/data/',
      '-rw-r--r-- 0/0 app/data/é.txt',
      'drwxr-xr-x 0/0 app/empty/',
      'lrwxrwxrwx 0/0 app/link -> data/é.txt',
    ])
  })

  it('has a hard link as a file of its own, as each checkout may or may not have it', async () => {
    await using context = await tree({ a: 'same' })
    await link(join(context.folder, 'a'), join(context.folder, 'b'))
    await using target = await tree({})
    const { images, descriptor } = await buildImage(request({ context: context.folder, layout: target.folder }), ports())
    const listed = listLayer(await openLayout(target.folder), images[0]?.layers[0] ?? descriptor)
    expect(listed).toEqual(['drwxr-xr-x 0/0 app/', '-rw-r--r-- 0/0 app/a', '-rw-r--r-- 0/0 app/b'])
  })

  it('has the digests that it has had since 0.1: a change of them is a change for every user', async () => {
    await using context = await tree(files)
    await using target = await tree({})
    const settings = { env: { A: '1' }, labels: { b: '2' }, ports: ['8080'], workdir: '/srv' }
    await buildImage(
      request({
        context: context.folder,
        layout: target.folder,
        settings,
        platforms: [{ os: 'linux', architecture: 'amd64' }],
        created: 1_700_000_000,
      }),
      ports(),
    )
    const { manifest, config } = await readImage(target.folder)
    // Not of the compressed layer: those bytes follow the zlib that Node was built with.
    expect({ layer: config.rootfs.diff_ids, config: manifest.config.digest }).toEqual({
      config: 'sha256:e281cb1ed2ec8724a42f2475702122282c0f3746036ac726ba93ecc60d6cd5bb',
      layer: ['sha256:ecc29a8df3ab3bfd8dbc84f83b0aec96cc6cd2825f5bdd9482d305d16d97c316'],
    })
  })
})

describe('what an image says of itself', () => {
  it('is where it came from, in annotations and labels, and when SOURCE_DATE_EPOCH was', async () => {
    await using context = await tree({ a: '' })
    await using target = await tree({})
    const given = {
      source: 'https://github.com/acme/app',
      revision: 'f'.repeat(40),
      created: 1_700_000_000,
      annotations: { 'org.acme.team': 'shop' },
    }
    await buildImage(request({ context: context.folder, layout: target.folder, ...given }), ports())
    const { manifest, config } = await readImage(target.folder)
    const origin = { 'org.opencontainers.image.source': given.source, 'org.opencontainers.image.revision': given.revision }
    expect(manifest.annotations).toEqual({ ...origin, 'org.acme.team': 'shop' })
    expect(config.config?.Labels).toEqual(origin)
    expect([config.created, config.history?.[0]?.created]).toEqual(['2023-11-14T22:13:20Z', '2023-11-14T22:13:20Z'])
  })

  it('does not touch the layers: a new commit sends none of them again', async () => {
    await using context = await tree({ a: '' })
    await using target = await tree({})
    const build = (created: number, revision: string) =>
      buildImage(request({ context: context.folder, layout: target.folder, created, revision }), ports())
    const [before, after] = [await build(1, 'a'), await build(2, 'b')]
    expect(after.descriptor.digest).not.toBe(before.descriptor.digest)
    expect(after.images[0]?.layers).toEqual(before.images[0]?.layers)
    expect(after.before.has(after.images[0]?.layers[0]?.digest ?? 'sha256:')).toBe(true)
  })
})

describe('the layout', () => {
  it('lists what was built last, under a name that tools take for granted', async () => {
    await using context = await tree({ a: '' })
    await using target = await tree({})
    const build = (revision: string) => buildImage(request({ context: context.folder, layout: target.folder, revision }), ports())
    await build('a')
    const { descriptor } = await build('b')
    const entries = await entriesOf(await openLayout(target.folder))
    expect(entries.map((entry) => [nameOf(entry), entry.digest])).toEqual([['latest', descriptor.digest]])
  })

  it('within the context does not enter the image', async () => {
    await using context = await tree({ a: '' })
    const given = request({ context: context.folder, layout: join(context.folder, 'out/layout') })
    const [first, second] = [await buildImage(given, ports()), await buildImage(given, ports())]
    expect(second.descriptor.digest).toBe(first.descriptor.digest)
  })

  it('takes two builds at once', async () => {
    await using context = await tree({ a: '' })
    await using target = await tree({})
    const build = (name: string) => buildImage(request({ context: context.folder, layout: target.folder, annotations: { name } }), ports())
    const built = await Promise.all(['1', '2', '3'].map(build))
    for (const { descriptor } of built)
      expect((await readManifest(await openLayout(target.folder), descriptor)).descriptor).toEqual(descriptor)
  })

  it('loses what a killed build left there an hour ago, and nothing that another may be writing', async () => {
    await using context = await tree({ a: '' })
    await using target = await tree({ '..incoming-old.tmp': 'half', '..incoming-new.tmp': 'half', 'notes.txt': 'mine' })
    for (const name of ['..incoming-old.tmp', 'notes.txt']) await utimes(join(target.folder, name), 0, 0)
    await buildImage(request({ context: context.folder, layout: target.folder }), ports())
    expect((await readdir(target.folder)).sort()).toEqual(['..incoming-new.tmp', 'blobs', 'index.json', 'notes.txt', 'oci-layout'])
  })

  it('loses what nothing has led to for a day', async () => {
    await using context = await tree({ a: 'a' })
    await using target = await tree({})
    const blobs = async () => (await readdir(join(target.folder, 'blobs/sha256'))).length
    const build = (workdir: string, clock: { now(): number }) =>
      buildImage(request({ context: context.folder, layout: target.folder, settings: { workdir } }), ports({ clock }))
    await build('/one', Date)
    await build('/two', Date)
    expect(await blobs()).toBe(6)
    await build('/two', { now: () => Date.now() + 25 * 60 * 60 * 1000 })
    expect(await blobs()).toBe(3)
    const { manifest } = await readImage(target.folder)
    expect(manifest.layers).toHaveLength(1)
  })

  it('has its old image when the run is aborted on the way', async () => {
    await using context = await tree({ a: 'x'.repeat(3_000_000), b: 'y' })
    await using target = await tree({})
    const before = await buildImage(request({ context: context.folder, layout: target.folder }), ports())
    const abort = new AbortController()
    const progress = { doing: () => abort.abort(new Error('stopped')) }
    const given = request({ context: context.folder, layout: target.folder, settings: { workdir: '/other' } })
    await expect(buildImage(given, ports({ progress, signal: abort.signal }))).rejects.toThrow('stopped')
    expect((await entriesOf(await openLayout(target.folder))).map(({ digest }) => digest)).toEqual([before.descriptor.digest])
  })
})
