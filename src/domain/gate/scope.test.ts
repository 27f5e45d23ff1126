import { describe, expect, test } from '@jest/globals'
import { exception } from './finding.fake.ts'
import { longestOf } from './longest.ts'
import { type Scoped, scopeOf } from './scope.ts'

const openssl: Scoped = {
  ...{ purl: 'pkg:deb/debian/openssl@3.0.1', full: ['pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12'] },
  ...{ package: { name: 'openssl', version: '3.0.1', type: 'deb' }, locations: [{ path: 'usr/lib/ssl/a.so' }] },
}

describe('a place', () => {
  test.each<readonly [string, string, boolean, boolean]>([
    ['the path itself', '/usr/lib/ssl/a.so', true, true],
    ['a folder above it', 'usr/lib', true, false],
    ['a folder whose name begins alike', 'usr/li', false, false],
    ['a name in each folder', '**/a.so', true, true],
    ['a part of the name', 'usr/lib/ssl/*.so', true, true],
    ['a star that ends at a folder', 'usr/*.so', false, false],
    ['all stars', '**', true, true],
    ['nothing', '/', false, false],
  ])('%s', (_, path, isBelow, isExact) => {
    expect(scopeOf({ packages: [], paths: [path] })(openssl)).toBe(isBelow)
    expect(scopeOf({ packages: [], paths: [path], exactly: true })(openssl)).toBe(isExact)
  })
})

describe('a package', () => {
  test.each<readonly [string, object, boolean]>([
    ['of the distribution', { name: 'openssl', distro: 'debian' }, true],
    ['of its release', { name: 'openssl', distro: 'debian-12' }, true],
    ['of another release', { name: 'openssl', distro: 'debian-1' }, false],
    ['of another distribution', { name: 'openssl', distro: 'ubuntu' }, false],
    ['and a part of it', { purl: 'pkg:deb/debian/openssl#lib' }, false],
  ])('%s', (_, scope, expected) => expect(scopeOf({ packages: [scope], paths: [] })(openssl)).toBe(expected))

  test('of a distribution that is not known is of none', () =>
    expect(scopeOf({ packages: [{ name: 'openssl', distro: 'debian' }], paths: [] })({ ...openssl, full: [] })).toBe(false))
})

test('each way to name a package finds its exception, and the one that lasts longest counts', () => {
  const scopes = [
    [],
    [{ purl: 'pkg:deb/debian/openssl' }],
    [{ name: 'openssl' }],
    [{ type: 'deb' }],
    [{ name: 'zlib' }, { version: '3.0.1' }],
  ]
  const found = scopes.map((packages, at) => exception({ packages, origin: `e.yaml, exception ${at}`, ends: at }))
  for (const one of found) expect(longestOf([one], ({ id }) => id)(['CVE-2026-1'], openssl)).toBe(one)
  expect(longestOf(found, ({ id }) => id)(['CVE-0', 'CVE-2026-1'], openssl)).toBe(found[4])
  expect(longestOf(found, ({ id }) => id)(['CVE-0'], openssl)).toBeUndefined()
})
