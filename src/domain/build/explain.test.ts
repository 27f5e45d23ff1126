import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import type { BaseName } from './base.ts'
import { buildImage } from './build.ts'
import { explainImage } from './explain.ts'
import { ports, readImage, request } from './fixtures/building.ts'
import { type Tree, tree } from './fixtures/tree.ts'
import { layoutSource } from './image-source.ts'

const files: Tree = { 'a.txt': 'a'.repeat(5000), 'sub/b.txt': 'bb', link: { link: 'a.txt' } }

/** A base in a layout, with so many layers and these variables. */
async function base(folder: string, layers: number, env: Readonly<Record<string, string>> = {}): Promise<BaseName> {
  const rules = Array.from({ length: layers }, (_, index) => `a.txt:/layer/${index}`)
  await buildImage(request({ context: folder, layout: join(folder, 'layout'), layers: rules, settings: { env } }), ports())
  const source = await layoutSource(join(folder, 'layout'), {}, () => {
    throw new Error('the base is whole')
  })
  return { kind: 'image', name: 'base:1', open: async () => source }
}

describe('explaining a build', () => {
  test.each([{ algorithm: 'gzip' }, { algorithm: 'gzip', level: 9 }, { algorithm: 'none' }] as const)(
    'tells digests and sizes as the build then makes them: %j',
    async (compression) => {
      await using context = await tree(files)
      await using target = await tree({})
      const given = request({ context: context.folder, layout: join(target.folder, 'layout'), compression })
      const { images, plan } = await explainImage(given, ports())
      expect(await readdir(target.folder)).toEqual([])
      const built = await buildImage(given, ports())
      expect(images[0]?.digest).toBe(built.descriptor.digest)
      expect(images[0]?.layers).toEqual([
        {
          ...{ name: 'files', why: 'all files of the folder', isApplication: true },
          digest: built.images[0]?.layers[0]?.digest,
          sent: built.images[0]?.layers[0]?.size,
          content: {
            files: 3,
            size: 5002,
            largest: [
              { path: '/app/a.txt', size: 5000 },
              { path: '/app/sub/b.txt', size: 2 },
            ],
          },
        },
      ])
      const { manifest } = await readImage(join(target.folder, 'layout'))
      expect(images[0]?.metadata).toBe(manifest.config.size + built.descriptor.size)
      expect(plan.name).toBe('folder')
    },
  )

  it('counts the layers of a base image by their descriptors, without fetching them', async () => {
    await using context = await tree(files)
    await using other = await tree(files)
    const below = await base(other.folder, 2)
    const { images, base: told } = await explainImage(request({ context: context.folder, base: below, plan: 'folder' }), ports())
    expect(images[0]?.layers.map(({ name, content }) => [name, content?.files])).toEqual([
      ['base 1', undefined],
      ['base 2', undefined],
      ['files', 3],
    ])
    expect(told).toEqual({ name: 'base:1', digest: expect.stringMatching(/^sha256:/) })
  })
})

describe('what does not fit the base is refused', () => {
  it('as more than a hundred layers, those of the base included', async () => {
    await using context = await tree(files)
    const below = await base(context.folder, 98)
    const layers = ['a.txt:/1', 'a.txt:/2', 'a.txt:/3']
    await expect(explainImage(request({ context: context.folder, base: below, layers }), ports())).rejects.toMatchObject({
      code: 'SW-BUILD-LAYERS',
      message: expect.stringContaining('101 layers, 98 of them'),
    })
    expect(
      (await explainImage(request({ context: context.folder, base: below, layers: layers.slice(1) }), ports())).images[0]?.layers,
    ).toHaveLength(100)
  })

  test.each([
    ['3.11.4', undefined],
    ['3.12.1', 'SW-BUILD-BASE-NEEDED'],
    ['3.1', 'SW-BUILD-BASE-NEEDED'],
  ])('as packages for Python 3.11 on a base with %s: %s', async (version, code) => {
    await using below = await tree(files)
    await using context = await tree({ 'main.py': '', '.venv/pyvenv.cfg': '', '.venv/lib/python3.11/site-packages/x.py': '' })
    const given = request({ context: context.folder, base: await base(below.folder, 1, { PYTHON_VERSION: version }) })
    const explained = explainImage(given, ports())
    await (code === undefined
      ? expect(explained).resolves.toMatchObject({ plan: { name: 'python' } })
      : expect(explained).rejects.toMatchObject({ code }))
  })
})
