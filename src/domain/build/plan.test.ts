import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { openLayout } from '../oci/layout.ts'
import { readManifest } from '../oci/layout-blobs.ts'
import { mediaTypes } from '../oci/types.ts'
import { buildImage } from './build.ts'
import { explainImage } from './explain.ts'
import { listLayer, ports, readImage, request } from './fixtures/building.ts'
import { program } from './fixtures/planning.ts'
import { type Tree, tree } from './fixtures/tree.ts'

const node: Tree = {
  'package.json': '{"scripts":{"start":"node src/main.js"},"dependencies":{"a":"1.0.0"}}',
  'package-lock.json': '{"lockfileVersion":3,"packages":{"":{"dependencies":{"a":"1.0.0"}},"node_modules/a":{"version":"1.0.0"}}}',
  'node_modules/a/package.json': '{"version":"1.0.0"}',
  'node_modules/dev-only/package.json': '{}',
  'src/main.js': '',
  'public/style.css': '',
  '.dockerignore': 'node_modules\n*.md\n',
  'README.md': '',
}
const { 'node_modules/dev-only/package.json': _, ...nodeProject } = node

describe('a Node project', () => {
  it('is production packages, application and assets, on the Node that runs here', async () => {
    await using context = await tree(nodeProject)
    await using target = await tree({})
    const { images, plan } = await buildImage(
      request({ context: context.folder, layout: target.folder, settings: { entrypoint: undefined } }),
      ports(),
    )
    const layout = await openLayout(target.folder)
    expect(plan).toEqual({ name: 'node', why: 'package.json' })
    expect(images[0]?.layers.map(({ name }) => name)).toEqual([
      'node-runtime: system',
      `node-runtime: node ${process.version}`,
      'dependencies',
      'application',
      'assets',
    ])
    const listed = images[0]?.layers.slice(2).map((layer) => listLayer(layout, layer).map((line) => line.split(' ').at(-1)))
    expect(listed).toEqual([
      ['app/', 'app/node_modules/', 'app/node_modules/a/', 'app/node_modules/a/package.json'],
      ['app/', 'app/package-lock.json', 'app/package.json', 'app/src/', 'app/src/main.js'],
      ['app/', 'app/public/', 'app/public/style.css'],
    ])
    const { config } = await readImage(target.folder)
    expect(config.config).toMatchObject({
      User: '65532:65532',
      WorkingDir: '/app',
      Entrypoint: ['/usr/local/bin/node', 'src/main.js'],
      Env: [expect.stringMatching(/^PATH=/), 'NODE_ENV=production'],
      Labels: { 'dev.slipway.base': 'node-runtime', 'dev.slipway.base.node': process.version },
    })
  })

  it('whose node_modules has a package more than the lock is refused', async () => {
    await using context = await tree(node)
    await using target = await tree({})
    await expect(buildImage(request({ context: context.folder, layout: join(target.folder, 'layout') }), ports())).rejects.toMatchObject({
      code: 'SW-BUILD-DEPENDENCIES',
    })
  })

  it('on scratch has no node to start it', async () => {
    await using context = await tree(nodeProject)
    const given = request({ context: context.folder, base: { kind: 'scratch' }, settings: { entrypoint: undefined } })
    await expect(buildImage(given, ports())).rejects.toMatchObject({
      code: 'SW-BUILD-NO-ENTRYPOINT',
      hint: expect.stringContaining('node-runtime'),
    })
  })

  test.each([
    ['compiled add-ons', { 'node_modules/a/build/x.node': '' }, 'is compiled for'],
    [
      'a package for one processor',
      { 'package-lock.json': node['package-lock.json']?.toString().replace('"1.0.0"}}}', '"1.0.0","cpu":["mips"]}}}') ?? '' },
      'is only for mips',
    ],
  ])('with %s is not for other platforms', async (_name, more, why) => {
    await using context = await tree({ ...nodeProject, ...more })
    const given = request({ context: context.folder, base: { kind: 'scratch' }, platforms: [{ os: 'linux', architecture: 'riscv64' }] })
    await expect(buildImage(given, ports())).rejects.toMatchObject({ code: 'SW-BUILD-PLATFORM', message: expect.stringContaining(why) })
  })
})

describe('a Node project with large packages', () => {
  const names = Array.from({ length: 9 }, (_, index) => `p${index + 1}`)
  const versions = Object.fromEntries(names.map((name) => [name, '1.0.0']))
  const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]))
  const large: Tree = {
    'package.json': JSON.stringify({ dependencies: versions }),
    'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: versions }, ...packages } }),
    'index.js': '',
    'public/a.css': '',
    'conf/a': '',
    ...Object.fromEntries(names.map((name) => [`node_modules/${name}/package.json`, '{"version":"1.0.0"}'])),
    ...Object.fromEntries(names.map((name, index) => [`node_modules/${name}/data`, Buffer.alloc((index + 1) * 2 ** 19)])),
  }
  const explain = async (files: Tree, layers: readonly string[] = []) => {
    await using context = await tree(files)
    const given = request({ context: context.folder, plan: 'node', base: { kind: 'scratch' }, layers, compression: { algorithm: 'gzip' } })
    return (await explainImage(given, ports())).images[0]?.layers.map(({ name, digest }) => [name, digest] as const) ?? []
  }

  it('has ten layers at most, those of the user included', async () => {
    const own = ['p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9'].map((name) => `dependency ${name}`)
    const most = own.filter((name) => name !== 'dependency p3')
    expect((await explain(large)).map(([name]) => name)).toEqual([...most, 'dependencies', 'application', 'assets'])
    const ruled = (await explain(large, ['conf:/etc/a', 'index.js:/srv/'])).map(([name]) => name)
    expect(ruled).toHaveLength(10)
    expect(ruled.slice(0, 2)).toEqual(['conf:/etc/a', 'index.js:/srv/'])
  })

  it('of which one package grows sends that one again, and nothing else', async () => {
    const before = new Map(await explain(large))
    const grown = await explain({ ...large, 'node_modules/p5/more': Buffer.alloc(1000) })
    expect(grown.filter(([name, digest]) => before.get(name) !== digest).map(([name]) => name)).toEqual(['dependency p5'])
    expect(grown).toHaveLength(before.size)
  })
})

describe('a static program', () => {
  const both = { 'linux-amd64/server': program(62), 'linux-arm64/server': program(183) }
  const platforms = [
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'amd64' },
  ]

  it('for several platforms is an index, each with its own file', async () => {
    await using context = await tree(both)
    await using target = await tree({})
    const given = request({
      context: join(context.folder, '{os}-{arch}/server'),
      layout: target.folder,
      platforms,
      settings: { entrypoint: undefined },
    })
    const { descriptor, images } = await buildImage(given, ports())
    expect(descriptor.mediaType).toBe(mediaTypes.index)
    const { content } = await readManifest(await openLayout(target.folder), descriptor)
    expect(content).toMatchObject({
      kind: 'index',
      index: { manifests: images.map(({ descriptor: child }, index) => ({ ...child, platform: platforms[index] })) },
    })
    for (const [index, image] of images.entries()) {
      const { config } = await readImage(target.folder, image.descriptor.digest)
      expect(config).toMatchObject({ ...platforms[index], config: { Entrypoint: ['/usr/local/bin/server'], User: '65532:65532' } })
      expect(listLayer(await openLayout(target.folder), image.layers[0] ?? descriptor).at(-1)).toBe('-rwxr-xr-x 0/0 usr/local/bin/server')
    }
    expect(new Set(images.map(({ layers }) => layers[0]?.digest)).size).toBe(2)
  })

  const loaded = Buffer.concat([program(62), Buffer.alloc(56 + 8)])
  loaded.writeBigUInt64LE(64n, 32)
  loaded.writeUInt16LE(56, 54)
  loaded.writeUInt16LE(1, 56)
  loaded.writeUInt32LE(3, 64)
  loaded.writeBigUInt64LE(120n, 72)
  loaded.writeBigUInt64LE(8n, 96)
  loaded.write('/ld.so\0', 120)

  test.each([
    ['for another processor', { server: program(183) }, 'SW-BUILD-PLATFORM', 'is a program for arm64'],
    ['that needs a loader', { server: loaded }, 'SW-BUILD-NOT-STATIC', 'is loaded by /ld.so'],
    ['that is a script', { server: '#!/bin/sh\n' }, 'SW-BUILD-NOT-STATIC', 'is no ELF program'],
  ])('%s cannot run on scratch', async (_name, files, code, why) => {
    await using context = await tree(files)
    const given = request({ context: join(context.folder, 'server'), platforms: [{ os: 'linux', architecture: 'amd64' }] })
    await expect(buildImage(given, ports())).rejects.toMatchObject({ code, message: expect.stringContaining(why) })
  })
})

describe('layers that the user asks for', () => {
  const files: Tree = {
    'dist/a.js': '',
    'dist/a.js.map': '',
    'config/x.json': '',
    'b.txt': '',
    '.dockerignore': 'secret\n',
    'secret/k': '',
  }
  const build = async (layers: readonly string[], plan: 'auto' | 'folder' = 'auto') => {
    await using context = await tree(files)
    await using target = await tree({})
    const { images } = await buildImage(request({ context: context.folder, layout: target.folder, layers, plan }), ports())
    const layout = await openLayout(target.folder)
    return images[0]?.layers.map((layer) => [layer.name, ...listLayer(layout, layer).map((line) => line.split(' ').at(-1))])
  }

  it('are all there is, in their order', async () => {
    expect(await build(['dist:/srv:!**/*.map', 'config/x.json:/etc/app/'])).toEqual([
      ['dist:/srv:!**/*.map', 'srv/', 'srv/a.js'],
      ['config/x.json:/etc/app/', 'etc/', 'etc/app/', 'etc/app/x.json'],
    ])
  })

  it('come before those of a plan, which has the files that they did not take', async () => {
    expect(await build(['dist:/app/dist'], 'folder')).toEqual([
      ['dist:/app/dist', 'app/', 'app/dist/', 'app/dist/a.js', 'app/dist/a.js.map'],
      ['files', 'app/', 'app/b.txt', 'app/config/', 'app/config/x.json', 'app/dist/'],
    ])
  })

  test.each([
    ['none:/app', 'SW-BUILD-EMPTY'],
    ['secret:/app', 'SW-BUILD-EMPTY'],
    ['dist:/app:*.css', 'SW-BUILD-EMPTY'],
    ['b.txt:/', undefined],
    ['b.txt:', 'SW-BUILD-LAYER'],
  ])('%s: %s', async (layer, code) => {
    const built = build([layer])
    await (code === undefined ? expect(built).resolves.toEqual([[layer, 'b.txt']]) : expect(built).rejects.toMatchObject({ code }))
  })
})

describe('input that cannot be built', () => {
  test.each<[string, Tree, Parameters<typeof request>[0], string]>([
    ['a link that leads out', { link: { link: '../../etc/passwd' } }, {}, 'SW-BUILD-SYMLINK-OUTSIDE'],
    ['a path that is too long', { [`${'d'.repeat(200)}/${'e'.repeat(60)}`]: '' }, {}, 'SW-BUILD-PATH-TOO-LONG'],
    ['no file', { 'empty/': '' }, {}, 'SW-BUILD-EMPTY'],
    ['nothing to run', { a: '' }, { settings: { entrypoint: undefined } }, 'SW-BUILD-NO-ENTRYPOINT'],
    ['root', { a: '' }, { settings: { user: '0:0' } }, 'SW-BUILD-ROOT-USER'],
    ['a Node plan without package.json', { a: '' }, { plan: 'node' }, 'SW-BUILD-PLAN'],
    ['a static plan for a folder', { a: '' }, { plan: 'static' }, 'SW-BUILD-PLAN'],
    ['a broken .dockerignore', { a: '', '.dockerignore': '[' }, {}, 'SW-BUILD-DOCKERIGNORE'],
    [
      'node-runtime for another platform',
      { a: '' },
      { base: { kind: 'node-runtime' }, platforms: [{ os: 'linux', architecture: 'mips' }] },
      'SW-BUILD-BASE-PLATFORM',
    ],
  ])('%s: nothing is written', async (_name, files, given, code) => {
    await using context = await tree(files)
    const layout = join(context.folder, '..', `${context.folder.split('/').at(-1)}-layout`)
    await expect(buildImage(request({ context: context.folder, layout, ...given }), ports())).rejects.toMatchObject({ code })
    await expect(openLayout(layout)).rejects.toMatchObject({ code: 'SW-LAYOUT-MISSING' })
  })

  it('is a context that is not there', async () => {
    await expect(buildImage(request({ context: '/does/not/exist' }), ports())).rejects.toMatchObject({ code: 'SW-BUILD-CONTEXT-MISSING' })
  })
})
