import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { decompress } from '../../io/decompress.ts'
import { readTar } from '../../io/tar-reader.ts'
import { tarPieces } from '../../io/tar-writer.ts'
import { type Tree, tree } from '../build/fixtures/tree.ts'
import { openLayout } from '../oci/layout.ts'
import { openBlob, readBlob, readManifest } from '../oci/layout-blobs.ts'
import { type ChartImage, type ChartRequest, writeChart } from './chart-image.ts'
import { chartTypes } from './chart-types.ts'
import { chartInvalid } from './errors.ts'

const chartYaml = 'apiVersion: v2\nname: hello\nversion: 1.4.0\n'
const chart: Tree = {
  'hello/Chart.yaml': chartYaml,
  'hello/.helmignore': '*.bak\n.git/\n',
  'hello/values.yaml': 'image: app\n',
  'hello/values.yaml.bak': 'old\n',
  'hello/.git/config': 'x',
  'hello/templates/app.yaml': 'kind: Pod\n',
  'hello/templates/.hidden': 'x',
  'hello/crds/one.yaml': 'kind: CustomResourceDefinition\n',
}

async function write(folder: string, given: Partial<ChartRequest> = {}): Promise<ChartImage> {
  return writeChart({
    ...{ chart: join(folder, 'hello'), layout: join(folder, 'layout'), created: 0, origin: {}, annotations: {} },
    ...given,
  })
}

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const common = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1 } as const
  const entries = Object.entries(files).map(([path, text]) => ({
    ...common,
    path,
    size: Buffer.byteLength(text),
    content: Buffer.from(text),
  }))
  const pieces: Buffer[] = []
  for await (const piece of tarPieces(entries)) pieces.push(Buffer.from(piece))
  return gzipSync(Buffer.concat(pieces))
}

async function written(folder: string, { descriptor }: ChartImage) {
  const layout = await openLayout(join(folder, 'layout'))
  const { content } = await readManifest(layout, descriptor)
  if (content.kind !== 'manifest') throw new Error('a chart is a manifest')
  const { manifest } = content
  const [archive] = manifest.layers
  if (archive === undefined) throw new Error('a chart has an archive')
  const members: string[] = []
  for await (const { header } of readTar(decompress(openBlob(layout, archive), 'gzip'))) members.push(header.path)
  return { manifest, members, config: (await readBlob(layout, manifest.config)).toString() }
}

const archives = {
  hello: await archiveOf({ 'hello/Chart.yaml': chartYaml, 'hello/values.yaml': '{}' }),
  db: await archiveOf({ 'db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n' }),
  none: await archiveOf({ 'a/b': '' }),
  two: await archiveOf({ 'a/Chart.yaml': chartYaml, 'b/Chart.yaml': chartYaml }),
}

describe('a folder', () => {
  test('at the top of a repository has neither its data nor what runs left there, without a .helmignore too', async () => {
    const left = {
      'hello/.git/config': 'token',
      'hello/charts/db/.git': 'gitdir: x',
      'hello/.slipway/record.json': '{}',
      'hello/.github/a': 'b',
    }
    await using place = await tree({ 'hello/Chart.yaml': chartYaml, 'hello/values.yaml': '{}', ...left })
    const { members } = await written(place.folder, await write(place.folder))
    expect(members).toEqual(['Chart.yaml', '.github/a', 'values.yaml'].map((path) => `hello/${path}`))
  })

  test('becomes the archive, the config and the annotations that Helm makes of it', async () => {
    await using place = await tree(chart)
    const { manifest, members, config } = await written(place.folder, await write(place.folder))
    expect(members).toEqual(
      ['Chart.yaml', '.helmignore', 'crds/one.yaml', 'templates/app.yaml', 'values.yaml'].map((path) => `hello/${path}`),
    )
    expect(config).toBe('{"name":"hello","version":"1.4.0","apiVersion":"v2"}')
    expect([manifest.config.mediaType, manifest.layers.map(({ mediaType }) => mediaType)]).toEqual([
      chartTypes.config,
      [chartTypes.content],
    ])
    expect(manifest.annotations).toEqual({
      'org.opencontainers.image.created': '1970-01-01T00:00:00Z',
      'org.opencontainers.image.title': 'hello',
      'org.opencontainers.image.version': '1.4.0',
    })
  })

  test('has what a dependency imports as Go writes it, and no tree that grows without end', async () => {
    const withValues = (values: string): Tree => ({
      ...chart,
      'hello/Chart.yaml': `${chartYaml}dependencies:\n  - name: db\n    import-values: ${values}\n`,
      'hello/charts/db.tgz': archives.db,
    })
    await using place = await tree(withValues('[data, { parent: p, child: c }]'))
    const { config } = await written(place.folder, await write(place.folder))
    expect(config).toContain('"import-values":["data",{"child":"c","parent":"p"}]')
    await using deep = await tree(withValues('[[[a]]]'))
    await expect(write(deep.folder)).rejects.toMatchObject({ code: chartInvalid.code })
  })

  test('gives the same digest wherever and whenever it is packed', async () => {
    await using one = await tree(chart)
    await using other = await tree(Object.fromEntries(Object.entries(chart).toReversed()))
    const [first, again, elsewhere] = [await write(one.folder), await write(one.folder), await write(other.folder)]
    expect([again.descriptor, elsewhere.descriptor]).toEqual([first.descriptor, first.descriptor])
    expect(again.layers.every(({ digest }) => again.before.has(digest))).toBe(true)
  })

  test('takes a version, and leaves every other byte of Chart.yaml as it is', async () => {
    const text = '# ours\r\napiVersion: v2\r\nname: hello\r\nversion: 0.0.0 # set by CI\r\ndescription: "a: b"\r\n'
    await using place = await tree({ ...chart, 'hello/Chart.yaml': text })
    const built = await write(place.folder, { version: '2.0.0+build.7', appVersion: '2' })
    expect(built.chart).toMatchObject({ version: '2.0.0+build.7', appVersion: '2', description: 'a: b' })
    const layout = await openLayout(join(place.folder, 'layout'))
    const [archive] = built.layers
    if (archive === undefined) throw new Error('a chart has an archive')
    for await (const { header, body } of readTar(decompress(openBlob(layout, archive), 'gzip'))) {
      if (header.path !== 'hello/Chart.yaml') continue
      const pieces: Buffer[] = []
      for await (const piece of body) pieces.push(Buffer.from(piece))
      expect(Buffer.concat(pieces).toString()).toBe(
        '# ours\r\napiVersion: v2\r\nname: hello\r\nversion: "2.0.0+build.7"\r\ndescription: "a: b"\r\nappVersion: "2"\n',
      )
    }
  })

  test('annotates what the chart says of itself; name and version are nobody else’s to say', async () => {
    const more = [
      'home: https://example.com/?a=1&b=<2>',
      'sources: [https://example.com/src]',
      'maintainers: [{ name: Ada, email: ada@example.com }, { name: Bo }]',
      'annotations: { z: last, a: first, org.opencontainers.image.title: other }',
    ]
    await using place = await tree({ ...chart, 'hello/Chart.yaml': chartYaml + more.join('\n') })
    const annotations = { a: 'mine', 'org.opencontainers.image.version': '9' }
    const { manifest, config } = await written(place.folder, await write(place.folder, { annotations, origin: { source: 'git' } }))
    expect(manifest.annotations).toMatchObject({
      ...{ z: 'last', a: 'mine', source: 'git' },
      'org.opencontainers.image.title': 'hello',
      'org.opencontainers.image.version': '1.4.0',
      'org.opencontainers.image.authors': 'Ada (ada@example.com), Bo',
      'org.opencontainers.image.source': 'https://example.com/src',
    })
    expect(config).toContain(
      '"home":"https://example.com/?a=1\\u0026b=\\u003c2\\u003e","sources":["https://example.com/src"],"version":"1.4.0"',
    )
    expect(config).toContain('"annotations":{"a":"first","org.opencontainers.image.title":"other","z":"last"}')
  })

  test.each<[string, Tree]>([
    ['a folder', { 'hello/charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n' }],
    ['an archive', { 'hello/charts/db-1.0.0.tgz': archives.db }],
  ])('has its dependency as %s', async (_, dependency) => {
    const needy = `${chartYaml}dependencies: [{ name: db, version: 1.0.0, repository: https://example.com }]\n`
    await using place = await tree({ ...chart, 'hello/Chart.yaml': needy, ...dependency })
    expect((await write(place.folder)).chart.dependencies).toEqual([{ name: 'db', version: '1.0.0', repository: 'https://example.com' }])
  })
})

describe('an archive', () => {
  const archive = archives.hello
  const prov = (digest: string): string =>
    `-----BEGIN PGP SIGNED MESSAGE-----\n\nfiles:\n  hello-1.4.0.tgz: ${digest}\n-----BEGIN PGP SIGNATURE-----\n`

  test('goes as it is, with the provenance file beside it', async () => {
    await using place = await tree({ 'hello.tgz': archive, 'hello.tgz.prov': prov(sha256(archive)) })
    const built = await write(place.folder, { chart: join(place.folder, 'hello.tgz') })
    const provenance = prov(sha256(archive))
    expect(new Set(built.layers)).toEqual(
      new Set([
        { mediaType: chartTypes.content, digest: sha256(archive), size: archive.length },
        { mediaType: chartTypes.provenance, digest: sha256(provenance), size: provenance.length },
      ]),
    )
  })

  test.each<[string, Tree, Partial<ChartRequest>, RegExp]>([
    ['the provenance of another', { 'hello.tgz': archive, 'hello.tgz.prov': prov(sha256('x')) }, {}, /and this one has sha256:/],
    ['a version to set', { 'hello.tgz': archive }, { version: '2.0.0' }, /is packed/],
    ['no chart in it', { 'hello.tgz': archives.none }, {}, /no packed chart/],
    ['two charts in it', { 'hello.tgz': archives.two }, {}, /found 2/],
  ])('with %s is refused', async (_, files, given, message) => {
    await using place = await tree(files)
    await expect(write(place.folder, { chart: join(place.folder, 'hello.tgz'), ...given })).rejects.toMatchObject({
      ...{ code: chartInvalid.code, message: expect.stringMatching(message) },
    })
  })
})

test.each<[string, Tree, RegExp]>([
  [
    'no semantic version',
    { 'hello/Chart.yaml': 'apiVersion: v2\nname: hello\nversion: one\n' },
    /Chart.yaml: version: expected a semantic/,
  ],
  ['a path for a name', { 'hello/Chart.yaml': 'apiVersion: v2\nname: ../up\nversion: 1.0.0\n' }, /Chart.yaml: name: expected letters/],
  ['no version of its format', { 'hello/Chart.yaml': 'name: hello\nversion: 1.0.0\n' }, /apiVersion/],
  ['no YAML', { 'hello/Chart.yaml': 'a: [' }, /is no YAML/],
  ['a dependency that is not there', { 'hello/Chart.yaml': `${chartYaml}dependencies: [{ name: db }]\n` }, /db is a dependency/],
  [
    'one of version v1 that is not there',
    { 'hello/Chart.yaml': chartYaml.replace('v2', 'v1'), 'hello/requirements.yaml': 'dependencies: [{ name: db }]' },
    /db is a dependency/,
  ],
  ['a link', { 'hello/files/secret': { link: '/etc/passwd' } }, /is a link/],
  ['a file larger than Helm loads', { 'hello/files/big': Buffer.alloc(5 * 2 ** 20 + 1) }, /beyond 5 MiB/],
])('a chart with %s is refused, and nothing is written', async (_, files, message) => {
  await using place = await tree({ ...chart, ...files })
  await expect(write(place.folder)).rejects.toMatchObject({ code: chartInvalid.code, message: expect.stringMatching(message) })
  await expect(openLayout(join(place.folder, 'layout'))).rejects.toMatchObject({ code: 'SW-LAYOUT-MISSING' })
})

test('a path where nothing is, is told', async () => {
  await using place = await tree({})
  await expect(write(place.folder)).rejects.toMatchObject({
    code: chartInvalid.code,
    message: expect.stringContaining('There is no chart'),
  })
})
