import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { fill, type Tree, tree } from './fixtures/tree.ts'
import { readPackage, readProductionPackages } from './node-lock.ts'
import { collectModules } from './node-modules.ts'

const json = JSON.stringify
const installed = (folder: string, version: string): Tree => ({ [`${folder}/package.json`]: json({ version }), [`${folder}/index.js`]: '' })

/** An application with a workspace, as npm leaves it: production, development, optional and nested packages, programs and links. */
const application: Tree = {
  'package.json': json({ dependencies: { a: '1', '@s/b': '^2', util: '1' }, devDependencies: { d: '1' } }),
  'package-lock.json': json({
    lockfileVersion: 3,
    packages: {
      '': { dependencies: { a: '1', '@s/b': '^2', util: '1' }, devDependencies: { d: '1' } },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/a/node_modules/c': { version: '0.9.0' },
      'node_modules/@s/b': { version: '2.1.0' },
      'node_modules/c': { version: '1.0.0', dev: true },
      'node_modules/d': { version: '1.0.0', dev: true },
      'node_modules/both': { version: '3.0.0', devOptional: true },
      'node_modules/fsevents': { version: '2.0.0', optional: true, os: ['darwin'] },
      'node_modules/util': { resolved: 'packages/util', link: true },
      'packages/util': { version: '1.0.0' },
      'packages/util/node_modules/e': { version: '5.0.0' },
    },
  }),
  ...installed('node_modules/a', '1.0.0'),
  ...installed('node_modules/a/node_modules/c', '0.9.0'),
  'node_modules/a/test/node_modules/fixture.js': '',
  ...installed('node_modules/@s/b', '2.1.0'),
  ...installed('node_modules/c', '1.0.0'),
  ...installed('node_modules/d', '1.0.0'),
  ...installed('node_modules/both', '3.0.0'),
  'node_modules/util': { link: '../packages/util' },
  ...installed('packages/util/node_modules/e', '5.0.0'),
  'packages/util/package.json': json({ version: '1.0.0' }),
  'node_modules/.bin/a': { link: '../a/index.js' },
  'node_modules/.bin/d': { link: '../d/index.js' },
  'node_modules/a/node_modules/.bin/c': { link: '../c/index.js' },
  'node_modules/.package-lock.json': '{}',
  'node_modules/.cache/x': '',
}

async function collect(folder: string): Promise<readonly string[]> {
  const project = await readPackage(folder)
  const production = project === undefined ? undefined : await readProductionPackages(folder, project)
  return production === undefined ? [] : (await collectModules(folder, production)).map(({ path }) => path)
}

describe('the production packages of an npm project', () => {
  it('are what `npm ci --omit=dev` installs, each with its own files', async () => {
    await using project = await tree(application)
    expect((await collect(project.folder)).toSorted()).toEqual([
      'node_modules/.bin/a',
      'node_modules/@s/b',
      'node_modules/@s/b/index.js',
      'node_modules/@s/b/package.json',
      'node_modules/a',
      'node_modules/a/index.js',
      'node_modules/a/node_modules/.bin/c',
      'node_modules/a/node_modules/c',
      'node_modules/a/node_modules/c/index.js',
      'node_modules/a/node_modules/c/package.json',
      'node_modules/a/package.json',
      'node_modules/a/test',
      'node_modules/a/test/node_modules',
      'node_modules/a/test/node_modules/fixture.js',
      'node_modules/both',
      'node_modules/both/index.js',
      'node_modules/both/package.json',
      'node_modules/util',
      'packages/util/node_modules/e',
      'packages/util/node_modules/e/index.js',
      'packages/util/node_modules/e/package.json',
    ])
  })

  it('are none for a project without dependencies and lock', async () => {
    await using project = await tree({ 'package.json': '{}' })
    expect(await collect(project.folder)).toEqual([])
  })

  it('come from npm-shrinkwrap.json first', async () => {
    await using project = await tree({
      'package.json': '{}',
      'package-lock.json': 'broken',
      'npm-shrinkwrap.json': json({ lockfileVersion: 2, packages: { '': {} } }),
    })
    expect(await collect(project.folder)).toEqual([])
  })

  const lockOf = (packages: unknown): Tree => ({
    'package.json': json({ dependencies: { a: '1' } }),
    'package-lock.json': json({ lockfileVersion: 3, packages }),
  })
  const root = { dependencies: { a: '1' } }

  test.each<[string, Tree, string, string]>([
    [
      'another version is installed',
      { ...application, ...installed('node_modules/a', '1.0.1') },
      'node_modules/a is 1.0.1, the lock has 1.0.0',
      'npm ci',
    ],
    ['nothing is installed', lockOf({ '': root, 'node_modules/a': { version: '1.0.0' } }), 'node_modules/a is not installed', 'npm ci'],
    ['a package is broken', { ...application, 'node_modules/a/package.json': '{' }, 'node_modules/a is of no known version', 'npm ci'],
    [
      'a package is in no lock',
      { ...application, ...installed('node_modules/@s/x', '1.0.0') },
      'node_modules/@s/x is installed, and not in the lock',
      'npm ci',
    ],
    [
      'a nested one is in no lock',
      { ...application, ...installed('node_modules/a/node_modules/x', '1.0.0') },
      'a/node_modules/x is installed',
      'npm ci',
    ],
    [
      'a package is linked, as by pnpm or npm link',
      {
        ...lockOf({ '': root, 'node_modules/a': { version: '1.0.0' } }),
        'node_modules/a': { link: '.pnpm/a' },
        ...installed('node_modules/.pnpm/a', '1.0.0'),
      },
      'node_modules/a is a symbolic link to .pnpm/a',
      'npm ci',
    ],
    [
      'the lock is older than package.json',
      { ...application, 'package.json': json({ dependencies: { a: '2' } }) },
      'has a 1, package.json asks for 2',
      'npm install',
    ],
    [
      'there is no lock',
      { 'package.json': json({ dependencies: { a: '1' } }) },
      '1 dependency, and there is no package-lock.json',
      'npm install',
    ],
    [
      'pnpm',
      { 'package.json': json({ dependencies: { a: '1', b: '1' } }), 'pnpm-lock.yaml': '' },
      'which packages pnpm installs',
      'layers',
    ],
    ['Yarn', { 'package.json': json({ dependencies: { a: '1' } }), 'yarn.lock': '' }, 'which packages Yarn installs', 'layers'],
    [
      'the lock is of version 1',
      { 'package.json': '{}', 'package-lock.json': json({ lockfileVersion: 1 }) },
      'has version 1',
      'npm install --lockfile-version 3',
    ],
    ['an entry climbs', lockOf({ '': root, 'node_modules/../../x': {} }), 'expected a relative folder', ''],
    ['an entry is absolute', lockOf({ '': root, '/etc/node_modules/x': {} }), 'expected a relative folder', ''],
    ['the lock has another shape', lockOf([1]), 'package-lock.json cannot be used', ''],
  ])('are refused when %s', async (_, files, message, hint) => {
    await using project = await tree({})
    await fill(project.folder, files)
    await expect(collect(project.folder)).rejects.toMatchObject({
      code: 'SW-BUILD-DEPENDENCIES',
      message: expect.stringContaining(message),
      ...(hint === '' ? {} : { hint: expect.stringContaining(hint) }),
    })
  })

  it('do not reach out of the project: of a folder beside it only the link is taken, which no layer accepts', async () => {
    const linked = { '': root, 'node_modules/a': { resolved: '../a', link: true }, '../a': {}, '../a/node_modules/b': { version: '1.0.0' } }
    await using both = await tree({
      ...installed('a', '1.0.0'),
      ...installed('a/node_modules/b', '1.0.0'),
      'project/node_modules/a': { link: '../../a' },
    })
    const project = join(both.folder, 'project')
    await fill(project, lockOf(linked))
    expect(await collect(project)).toEqual(['node_modules/a'])
  })

  it.each([
    ['a scope', 'node_modules/@s/b', { 'project/node_modules/@s': { link: '../../beside' } }],
    ['a workspace', 'packages/p/node_modules/b', { 'project/packages/p': { link: '../../elsewhere' } }],
    ['node_modules itself', 'node_modules/b', { 'project/node_modules': { link: '../beside' } }],
  ])('do not come through a link that leads out of the project: %s', async (_, folder, links: Tree) => {
    await using both = await tree({ ...installed('beside/b', '1.0.0'), ...installed('elsewhere/node_modules/b', '1.0.0'), ...links })
    const project = join(both.folder, 'project')
    await fill(project, lockOf({ '': root, [folder]: {} }))
    await expect(collect(project)).rejects.toMatchObject({ code: 'SW-PATH-OUTSIDE', message: expect.stringContaining(both.folder) })
  })

  it('tells of many faults at once, and how many more', async () => {
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`node_modules/p${index}`, { version: '1.0.0' }]))
    await using project = await tree(lockOf({ '': root, ...many }))
    await expect(collect(project.folder)).rejects.toThrow(/p0 is not installed.*p4 is not installed; and 3 more\.$/)
  })
})
