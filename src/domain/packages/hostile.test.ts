import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { type ZipFile, zipOf } from '../../io/fixtures/zip.ts'
import { checksumOf } from '../../io/tar-header.ts'
import { type Descriptor, mediaTypes } from '../oci/types.ts'
import { inventoryOfLayers, type LayerFiles } from './image.fake.ts'
import { inventoryOf } from './inventory.ts'
import type { Inventory } from './package.ts'
import { ndbDatabase, rpmHeader } from './system/rpm-database.fake.ts'

const folder = temporaryFolder()
const inventory = (...layers: readonly LayerFiles[]): Promise<Inventory> => inventoryOfLayers(mkdtempSync(join(folder, 'layout-')), layers)
const npm = (name: string): string => JSON.stringify({ name, version: '1.0.0' })
const found = ({ packages }: Inventory): readonly string[] => packages.map(({ purl }) => purl)

const header = (path: string, size: number, type = '0'): Buffer => {
  const block = Buffer.alloc(512)
  block.write(path)
  block.write('0000644\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write('00000000001\0', 136)
  block.write(type, 156)
  block.write('ustar\x0000', 257)
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
const member = (path: string, content: string, type = '0'): Buffer => {
  const bytes = Buffer.from(content)
  return Buffer.concat([header(path, bytes.length, type), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** An image of one layer, not compressed and never whole in memory. */
function ofTar(pieces: () => Iterable<Buffer>): Promise<Inventory> {
  const descriptor: Descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256('layer'), size: 1 }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { ...descriptor, mediaType: mediaTypes.config },
    layers: [descriptor],
  } as const
  return inventoryOf(manifest, async function* () {
    yield* pieces()
    yield Buffer.alloc(1024)
  })
}

describe('files that are made to be expensive', () => {
  const nested = (depth: number, inner: readonly ZipFile[]): Buffer =>
    depth === 0 ? zipOf(inner) : zipOf([{ path: 'x.jar', text: nested(depth - 1, inner), method: 8 }])

  test.each<[string, string, string | Buffer, RegExp]>([
    ['archives 100 deep', 'a.jar', nested(100, []), /more than 5 deep/],
    [
      'an archive of archives of zeros',
      'a.jar',
      nested(2, [{ path: 'b.jar', text: Buffer.alloc(70 * 2 ** 20), method: 8 }]),
      /times as much/,
    ],
    ['a gemspec of empty lines', 'x/specifications/a.gemspec', '\n'.repeat(2 ** 22), /without a plain name/],
    ['a deps.json 200,000 deep', 'a.deps.json', `{"libraries":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, /./],
    ['an rpm database of one package in all slots', 'var/lib/rpm/Packages.db', oneBlob(), /two slots/],
    ['an rpm database of a view without an end', 'var/lib/rpm/rpmdb.sqlite', endless(), /no plain table/],
  ])('%s is named as not read', async (_, path, content, why) => {
    const { packages, unscannable } = await inventory({ [path]: Buffer.from(content), 'package.json': npm('beside') })
    expect([packages.map(({ name }) => name), unscannable]).toEqual([['beside'], [{ path, why: expect.stringMatching(why) }]])
  })

  test.each<[string, string, string, readonly string[]]>([
    [
      'metadata of a field of a million blanks',
      'a.dist-info/METADATA',
      `Name: a\nVersion: 1\nx:${' '.repeat(2 ** 20)}y\u2028z\n`,
      ['pkg:pypi/a@1'],
    ],
    [
      'metadata of a requirement of a million semicolons',
      'a.dist-info/METADATA',
      `Name: a\nVersion: 1\nRequires-Dist: b${';'.repeat(2 ** 20)}\n`,
      ['pkg:pypi/a@1'],
    ],
    [
      'a gemspec of 300,000 lists without an end',
      'x/specifications/a.gemspec',
      `s.name = "a"\ns.version = "1"\n${'.licenses=['.repeat(300_000)}`,
      ['pkg:gem/a@1'],
    ],
    [
      'a gemspec of 200,000 needs without an end',
      'x/specifications/a.gemspec',
      `s.name = "a"\ns.version = "1"\n${'.add_dependency(%q<'.repeat(200_000)}`,
      ['pkg:gem/a@1'],
    ],
    [
      'a package.json 200,000 deep',
      'package.json',
      `{"name":"a","version":"1.0.0","x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
      ['pkg:npm/a@1.0.0'],
    ],
    [
      'a status of dpkg with a field of a million lines',
      'var/lib/dpkg/status',
      `Package: a\nStatus: install ok installed\nVersion: 1\nDescription: x\n${' x\n'.repeat(1e6)}`,
      ['pkg:deb/a@1'],
    ],
    ['an os-release of blanks', 'etc/os-release', `A=${' '.repeat(60_000)}x`, []],
    ['a database of apk of empty lines', 'lib/apk/db/installed', `${'\n '.repeat(1e6)}\n\nP:a\nV:1\n`, ['pkg:apk/a@1']],
    ['metadata of Python of colons', 'a.dist-info/METADATA', `Name: a\nVersion: 1\nLicense: ${': '.repeat(1e6)}\n`, ['pkg:pypi/a@1']],
    ['a copyright of one word', 'usr/share/doc/a/copyright', `Format: x\nLicense: ${'or '.repeat(1e6)}`, []],
  ])('%s costs no more than its length', async (_, path, content, purls) => {
    expect(found(await inventory({ [path]: content }))).toEqual(purls)
  })

  test('properties of Maven of empty lines cost no more than their length', async () => {
    const pom = { path: 'META-INF/maven/g/a/pom.properties', text: '\n'.repeat(2 ** 20), method: 8 }
    expect(found(await inventory({ 'a-1.jar': zipOf([pom]) }))).toEqual(['pkg:maven/a@1'])
  })
})

describe('layers that are made to mislead', () => {
  test.each<[string, readonly LayerFiles[], readonly string[]]>([
    ['links to each other', [{ a: ['symlink', 'b'], b: ['symlink', 'a'], 'a/package.json': npm('a') }], ['pkg:npm/a@1.0.0']],
    ['a hard link to itself', [{ 'x/package.json': ['hardlink', 'x/package.json'], 'y/package.json': npm('b') }], ['pkg:npm/b@1.0.0']],
    ['a hard link to a whiteout', [{ 'x/package.json': npm('a') }, { '.wh.x': '', 'y/package.json': ['hardlink', '.wh.x'] }], []],
    ['a hard link out of the image', [{ 'package.json': ['hardlink', '../../../../etc/passwd'] }], []],
    [
      'a hard link to a file below',
      [{ 'x/package.json': npm('a') }, { 'y/package.json': ['hardlink', 'x/package.json'], '.wh.x': '' }],
      ['pkg:npm/a@1.0.0'],
    ],
    [
      'a whiteout of nothing and of itself',
      [{ '.wh.': '', '.wh..wh.x': '', '.wh.gone': '', 'package.json': npm('a') }],
      ['pkg:npm/a@1.0.0'],
    ],
    ['a path of nothing but dots', [{ '../..': npm('a'), './././package.json': npm('b') }], ['pkg:npm/b@1.0.0']],
  ])('%s', async (_, layers, purls) => {
    expect(found(await inventory(...layers))).toEqual(purls)
  })

  test('a name with commands of a runner stays data', async () => {
    const { unscannable } = await inventory({ 'x\r\n::error::y/package.json': '{' })
    expect(unscannable.map(({ path }) => path)).toEqual(['x\r\n::error::y/package.json'])
  })
})

describe('archives of many members', () => {
  test('a hundred thousand files are passed over', async () => {
    const pieces = function* (): Generator<Buffer> {
      for (let index = 0; index < 100_000; index += 1) yield header(`f/${index % 1000}/${index}`, 0)
      yield member('package.json', npm('last'))
    }
    expect(found(await ofTar(pieces))).toEqual(['pkg:npm/last@1.0.0'])
  }, 120_000)

  test('a database beyond all measure is not read into memory', async () => {
    const pieces = function* (): Generator<Buffer> {
      yield header('var/lib/dpkg/status', 129 * 2 ** 20)
      for (let piece = 0; piece < 129; piece += 1) yield Buffer.alloc(2 ** 20, 10)
      yield member('package.json', npm('beside'))
    }
    const { packages, unscannable } = await ofTar(pieces)
    expect([packages.length, unscannable]).toEqual([
      1,
      [{ path: 'var/lib/dpkg/status', why: expect.stringContaining('at most 134217728') }],
    ])
  })

  test('extended attributes are passed over, and refused beyond a measure', async () => {
    const attributes = (size: number): Buffer => {
      const record = ` SCHILY.xattr.user.x=${'v'.repeat(size)}\n`
      const length = String(record.length + 6).padStart(6, '0')
      return member('x', `${length}${record}`, 'x')
    }
    expect(found(await ofTar(() => [attributes(1000), member('package.json', npm('a'))]))).toEqual(['pkg:npm/a@1.0.0'])
    await expect(ofTar(() => [attributes(2 * 2 ** 20), member('package.json', npm('a'))])).rejects.toMatchObject({ code: 'SW-TAR-LIMIT' })
  })
})

function oneBlob(): Buffer {
  const database = ndbDatabase([rpmHeader({ 1000: 'a', 1001: '1', 1002: '1' })])
  for (let at = 48; at < 4096; at += 16) database.copy(database, at, 32, 48)
  return database
}

function endless(): Buffer {
  const path = join(mkdtempSync(join(folder, 'rpm-')), 'rpmdb.sqlite')
  const made = new DatabaseSync(path)
  made.exec(
    "CREATE VIEW Packages AS WITH RECURSIVE n(hnum) AS (SELECT 1 UNION ALL SELECT hnum + 1 FROM n) SELECT hnum, x'00' AS blob FROM n",
  )
  made.close()
  return readFileSync(path)
}
