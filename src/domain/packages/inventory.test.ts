import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { inventoryOfLayers, type LayerFiles } from './image.fake.ts'

const folder = temporaryFolder()
const inventory = (...layers: readonly LayerFiles[]) => inventoryOfLayers(mkdtempSync(join(folder, 'layout-')), layers)
const purls = async (...layers: readonly LayerFiles[]): Promise<readonly string[]> =>
  (await inventory(...layers)).packages.map(({ purl }) => purl)

const debian = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
const status = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u13
Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)

Package: libgcc-s1
Status: install ok installed
Architecture: amd64
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+deb12u1
Provides: libgcc1 (= 1:12.2.0-14)
Depends: gcc-12-base, libc6 (>= 2.35) | libc-other

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
`
const npm = (name: string, version: string, more: object = {}): string => JSON.stringify({ name, version, ...more })

describe('packages of Debian', () => {
  test('have the distribution, the source package, what they need and where they are in their names', async () => {
    const { packages, distro, unscannable } = await inventory({ 'etc/os-release': debian, 'var/lib/dpkg/status': status })
    expect(unscannable).toEqual([])
    expect(distro).toEqual({ id: 'debian', version: '12', codename: 'bookworm', prettyName: 'Debian GNU/Linux 12 (bookworm)' })
    const [libc, libgcc, ...others] = packages
    expect(others).toEqual([])
    expect(libc).toMatchObject({
      purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u13?arch=amd64&distro=debian-12&upstream=glibc',
      source: { name: 'glibc', version: '2.36-9+deb12u13' },
      locations: [{ path: 'var/lib/dpkg/status' }],
      dependsOn: [libgcc?.purl],
    })
    expect(libgcc).toMatchObject({
      purl: 'pkg:deb/debian/libgcc-s1@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14',
      dependsOn: [libc?.purl],
    })
  })

  test('are found one by one in an image without dpkg (distroless), not in the lists of their files', async () => {
    const one = 'Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n'
    const found = await purls({
      'usr/lib/os-release': debian,
      'var/lib/dpkg/status.d/base-files': one,
      'var/lib/dpkg/status.d/base-files.md5sums': one,
    })
    expect(found).toEqual(['pkg:deb/debian/base-files@12.4%2Bdeb12u5?arch=amd64&distro=debian-12'])
  })
})

test('packages of Alpine have their origin, and need what provides a library', async () => {
  const installed = `C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl\n
C:Q1def=\nP:ssl_client\nV:1.36.1-r5\nA:x86_64\nL:GPL-2.0-only\no:busybox\nD:so:libc.musl-x86_64.so.1 !uclibc\n`
  const { packages } = await inventory({ 'etc/os-release': 'ID=alpine\nVERSION_ID=3.18.4\n', 'lib/apk/db/installed': installed })
  expect(packages.map(({ purl, licenses, dependsOn }) => [purl, licenses, dependsOn])).toEqual([
    ['pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.18.4', ['MIT'], undefined],
    [
      'pkg:apk/alpine/ssl_client@1.36.1-r5?arch=x86_64&distro=alpine-3.18.4&upstream=busybox',
      ['GPL-2.0-only'],
      ['pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.18.4'],
    ],
  ])
})

test('packages of npm are those with a name and a version, each once however often it is there, needing what Node would find', async () => {
  const { packages } = await inventory({
    'app/package.json': npm('app', '1.0.0', { dependencies: { a: '^1' } }),
    'app/node_modules/a/package.json': npm('a', '1.0.0', { license: 'MIT', dependencies: { '@scope/b': '^2' } }),
    'app/node_modules/a/esm/package.json': '{"type":"module"}',
    'app/node_modules/a/node_modules/@scope/b/package.json': npm('@scope/b', '2.0.0'),
    'app/node_modules/@scope/b/package.json': npm('@scope/b', '1.0.0'),
    'app/node_modules/c/node_modules/@scope/b/package.json': npm('@scope/b', '1.0.0'),
  })
  expect(packages.map(({ purl, locations, dependsOn }) => [purl, locations.length, dependsOn])).toEqual([
    ['pkg:npm/%40scope/b@1.0.0', 2, undefined],
    ['pkg:npm/%40scope/b@2.0.0', 1, undefined],
    ['pkg:npm/a@1.0.0', 1, ['pkg:npm/%40scope/b@2.0.0']],
    ['pkg:npm/app@1.0.0', 1, ['pkg:npm/a@1.0.0']],
  ])
})

describe('layers on each other', () => {
  const [a, b] = [npm('a', '1.0.0'), npm('b', '1.0.0')]
  test.each<[string, readonly LayerFiles[], readonly string[]]>([
    ['add up', [{ 'x/package.json': a }, { 'y/package.json': b }], ['a', 'b']],
    ['replace a file', [{ 'x/package.json': a }, { 'x/package.json': b }], ['b']],
    ['remove a file', [{ 'x/package.json': a, 'y/package.json': b }, { 'x/.wh.package.json': '' }], ['b']],
    ['remove a folder', [{ 'x/y/package.json': a, 'x.y/package.json': b }, { '.wh.x': '' }], ['b']],
    [
      'empty a folder, and not what the same layer puts into it',
      [{ 'x/y/package.json': a }, { 'x/package.json': b, 'x/.wh..wh..opq': '' }],
      ['b'],
    ],
    ['empty the root', [{ 'x/package.json': a }, { '.wh..wh..opq': '', 'y/package.json': b }], ['b']],
    ['put a link in place of a folder', [{ 'x/y/package.json': a }, { x: ['symlink', '/elsewhere'], 'z/package.json': b }], ['b']],
    ['put a folder in place of a file', [{ 'x/package.json': a }, { 'x/package.json': null, 'x/package.json/package.json': b }], ['b']],
    ['keep a folder that is only named again', [{ 'x/package.json': a }, { x: null }], ['a']],
    ['bring back what was removed', [{ 'x/package.json': a }, { '.wh.x': '' }, { 'x/package.json': b }], ['b']],
    ['do not remove from the layers above', [{ '.wh.x': '' }, { 'x/package.json': a }], ['a']],
    ['are read without a leading ./', [{ 'x/package.json': a }, { './x/.wh.package.json': '' }], []],
    ['stay in the image whatever their paths say', [{ 'x/package.json': a }, { '/../../x/../x/package.json': b }], ['b']],
  ])('%s', async (_, layers, expected) => {
    expect((await purls(...layers)).map((purl) => /npm\/(.*)@/.exec(purl)?.[1])).toEqual(expected)
  })

  test('name the layer that brought a package', async () => {
    const [first, second] = (await inventory({ 'x/package.json': a }, { 'y/package.json': b })).packages
    expect(first?.locations[0]?.layer).toMatch(/^sha256:/)
    expect(first?.locations[0]?.layer).not.toBe(second?.locations[0]?.layer)
  })

  test.each<[string, LayerFiles, readonly string[]]>([
    [
      'to a file that is read anyway',
      { 'x/package.json': a, 'y/package.json': ['hardlink', 'x/package.json'] },
      ['x/package.json', 'y/package.json'],
    ],
    ['to a file of another name', { 'store/0a': a, 'y/package.json': ['hardlink', './store/0a'] }, ['y/package.json']],
  ])('follow a hard link %s', async (_, layer, paths) => {
    const { packages, unscannable } = await inventory(layer)
    expect([packages.map(({ purl }) => purl), packages[0]?.locations.map(({ path }) => path), unscannable]).toEqual([
      ['pkg:npm/a@1.0.0'],
      paths,
      [],
    ])
  })
})

describe('what cannot be read is named, and never taken for empty', () => {
  test.each<[string, LayerFiles, RegExp]>([
    ['a package.json that is no JSON', { 'x/package.json': '{' }, /JSON/],
    ['a hard link into nothing', { 'x/package.json': ['hardlink', 'gone'] }, /hard link to "gone"/],
    ['a file larger than what is read', { 'x/package.json': Buffer.alloc(9 * 2 ** 20, ' ') }, /9437184 bytes/],
  ])('%s', async (_, layer, why) => {
    const { packages, unscannable } = await inventory(layer, { 'y/package.json': npm('b', '1.0.0') })
    expect(packages).toHaveLength(1)
    expect(unscannable).toEqual([{ path: 'x/package.json', why: expect.stringMatching(why) }])
  })
})

test('names with line ends and commands of a runner stay in one piece, encoded', async () => {
  const name = 'a\r\n::error::x'
  expect(await purls({ 'x/package.json': npm(name, '1\n::set-output') })).toEqual(['pkg:npm/a%0D%0A::error::x@1%0A::set-output'])
})
