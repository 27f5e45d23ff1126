import { expect, test } from '@jest/globals'
import { toldBy } from '../lock-file.fake.ts'
import { packageLock } from './package-lock.ts'

const sha512 = `sha512-${Buffer.alloc(64, 1).toString('base64')}`

test('version 3 has each package by its folder, and needs what Node would find from there', async () => {
  const { packages } = await toldBy(packageLock, 'package-lock.json', {
    lockfileVersion: 3,
    packages: {
      '': { name: 'app', version: '1.0.0', dependencies: { a: '^1' } },
      'node_modules/a': {
        version: '1.0.0',
        integrity: sha512,
        license: 'MIT',
        dependencies: { '@s/b': '^2' },
        peerDependencies: { gone: '1' },
      },
      'node_modules/a/node_modules/@s/b': { version: '2.0.0' },
      'node_modules/@s/b': { version: '1.0.0', dev: true },
      'node_modules/short': { name: 'long', version: '3.0.0' },
      'node_modules/local': { resolved: 'packages/local', link: true },
      'packages/local': { version: '0.0.1', dependencies: { a: '1' } },
      'node_modules/from-git': { version: '1.1.1', resolved: 'git+ssh://git@example.com/x.git#abc' },
    },
  })
  expect(packages).toEqual([
    {
      ...{ type: 'npm', name: 'a', version: '1.0.0', key: 'node_modules/a', licenses: ['MIT'] },
      hashes: [{ algorithm: 'SHA-512', hex: '01'.repeat(64) }],
      needs: ['node_modules/a/node_modules/@s/b'],
    },
    { type: 'npm', namespace: '@s', name: 'b', version: '2.0.0', key: 'node_modules/a/node_modules/@s/b', licenses: [] },
    { type: 'npm', namespace: '@s', name: 'b', version: '1.0.0', key: 'node_modules/@s/b', licenses: [], scope: 'development' },
    { type: 'npm', name: 'long', version: '3.0.0', key: 'node_modules/short', licenses: [] },
    { type: 'npm', name: 'from-git', version: '1.1.1', key: 'node_modules/from-git', licenses: [] },
  ])
})

test('version 1 has them within each other', async () => {
  const { packages } = await toldBy(packageLock, 'npm-shrinkwrap.json', {
    lockfileVersion: 1,
    dependencies: {
      a: { version: '1.0.0', requires: { b: '^2' }, dependencies: { b: { version: '2.0.0', dev: true } } },
      b: { version: 'github:x/y#abc' },
      c: { version: 'npm:@s/long@3.0.0' },
    },
  })
  expect(packages.map(({ namespace, name, version, needs, scope }) => [namespace, name, version, needs, scope])).toEqual([
    [undefined, 'a', '1.0.0', ['node_modules/a/node_modules/b'], undefined],
    [undefined, 'b', '2.0.0', undefined, 'development'],
    [undefined, 'b', '', undefined, undefined],
    ['@s', 'long', '3.0.0', undefined, undefined],
  ])
})

test('version 1 that nests without an end is refused', async () => {
  const deep = (depth: number): object => (depth === 0 ? {} : { dependencies: { a: { version: '1.0.0', ...deep(depth - 1) } } })
  await expect(toldBy(packageLock, 'package-lock.json', deep(200))).rejects.toThrow('more than 100 deep')
})

test.each([[{}], [{ lockfileVersion: 3, packages: {} }]])('%j lists nothing', async (document) => {
  expect(await toldBy(packageLock, 'package-lock.json', document)).toEqual({ packages: [] })
})
