import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { inventoryOfTree } from './tree.ts'

const folder = temporaryFolder()

function treeOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, 'tree-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

const lock = (name: string, more: object = {}): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { '': { name: 'app' }, [`node_modules/${name}`]: { version: '1.0.0', ...more } } })

describe('the lock files of a folder', () => {
  test('are found wherever they lie, but not in what was installed', async () => {
    const root = treeOf({
      'package-lock.json': lock('a'),
      'web/npm-shrinkwrap.json': lock('b'),
      'node_modules/x/package-lock.json': lock('c'),
      'vendor/y/package-lock.json': lock('d'),
      '.git/package-lock.json': lock('e'),
      'README.md': '',
    })
    const { packages, unscannable, distro } = await inventoryOfTree(root)
    expect(packages.map(({ purl, locations }) => [purl, locations])).toEqual([
      ['pkg:npm/a@1.0.0', [{ path: 'package-lock.json' }]],
      ['pkg:npm/b@1.0.0', [{ path: 'web/npm-shrinkwrap.json' }]],
    ])
    expect([unscannable, distro]).toEqual([[], undefined])
  })

  test('leave out what is only for development, or mark it where nothing else needs it', async () => {
    const root = treeOf({ 'a/package-lock.json': lock('a', { dev: true }), 'b/package-lock.json': lock('b', { dev: true }) })
    expect((await inventoryOfTree(root)).packages).toEqual([])
    writeFileSync(join(root, 'package-lock.json'), lock('a'))
    const { packages } = await inventoryOfTree(root, { development: true })
    expect(packages.map(({ name, scope }) => [name, scope])).toEqual([
      ['a', undefined],
      ['b', 'development'],
    ])
  })

  test('are read through a link that stays in the folder; one that leads out is named', async () => {
    const [outside, root] = [treeOf({ 'package-lock.json': lock('secret') }), treeOf({ 'locks/one': lock('a') })]
    symlinkSync('locks/one', join(root, 'package-lock.json'))
    symlinkSync(join(outside, 'package-lock.json'), join(root, 'locks/package-lock.json'))
    symlinkSync(outside, join(root, 'elsewhere'))
    const { packages, unscannable } = await inventoryOfTree(root)
    expect(packages.map(({ name }) => name)).toEqual(['a'])
    expect(unscannable).toEqual([{ path: 'locks/package-lock.json', why: expect.stringContaining('out of the folder') }])
  })

  test('are missed where a project has none: beside what names its needs, or in a folder above', async () => {
    const needs = JSON.stringify({ dependencies: { a: '^1' } })
    const root = treeOf({
      'with/package.json': needs,
      'with/package-lock.json': lock('a'),
      'with/member/package.json': needs,
      'without/package.json': needs,
      'without/requirements.txt': '',
      'tools/package.json': JSON.stringify({ devDependencies: { a: '^1' } }),
    })
    const { packages, unscannable } = await inventoryOfTree(root)
    expect(packages.map(({ name }) => name)).toEqual(['a'])
    expect(unscannable).toEqual([{ path: 'without/package.json', why: expect.stringContaining('no lock file (package-lock.json') }])
  })

  test('end with the signal', async () => {
    const root = treeOf({ 'package-lock.json': lock('a') })
    await expect(inventoryOfTree(root, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
  })

  test('are not waited for where they are pipes, or links to one', async () => {
    const root = treeOf({ 'a/README.md': '' })
    execFileSync('mkfifo', [join(root, 'pipe'), join(root, 'yarn.lock')])
    mkdirSync(join(root, 'uv.lock'))
    symlinkSync('pipe', join(root, 'package-lock.json'))
    const { packages, unscannable } = await inventoryOfTree(root)
    expect([packages, unscannable]).toEqual([
      [],
      [
        { path: 'package-lock.json', why: expect.stringContaining('it is no file') },
        { path: 'yarn.lock', why: expect.stringContaining('it is no file') },
      ],
    ])
  })

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    [
      'has a path of a megabyte',
      {
        'package-lock.json': JSON.stringify({
          packages: { [`${'node_modules/a/'.repeat(70_000)}node_modules/a`]: { dependencies: { b: '1' } } },
        }),
      },
      /at most 4096/,
    ],
    ['is no JSON', { 'package-lock.json': '{' }, /JSON/],
    ['makes no sense', { 'package-lock.json': '{"packages": 1}' }, /Object/],
    ['nests 200,000 deep', { 'package-lock.json': `{"lockfileVersion":${'['.repeat(200_000)}${']'.repeat(200_000)}}` }, /number/],
    ['is larger than what is read', { 'package-lock.json': ' '.repeat(32 * 2 ** 20 + 1) }, /33554432 bytes/],
  ])('are named when one %s', async (_, files, why) => {
    const { packages, unscannable } = await inventoryOfTree(treeOf(files))
    expect([packages, unscannable]).toEqual([[], [{ path: 'package-lock.json', why: expect.stringMatching(why) }]])
  })

  test('are named when a folder has more files than are looked at', async () => {
    const root = treeOf({ a: '', b: '', 'package-lock.json': lock('a') })
    expect((await inventoryOfTree(root, { entries: 2 })).unscannable).toEqual([{ path: '.', why: expect.stringContaining('more than 2') }])
  })
})
