import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { inventoryOfLayers } from '../image.fake.ts'
import type { Inventory } from '../package.ts'
import { rpmHeader as header, ndbDatabase, sqliteDatabase } from './rpm-database.fake.ts'
import { parseRpmHeader } from './rpm-header.ts'

const folder = temporaryFolder()

const inventory = (path: string, content: Buffer | string): Promise<Inventory> =>
  inventoryOfLayers(mkdtempSync(join(folder, 'layout-')), [{ 'etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n', [path]: content }])

const glibc = header({
  1000: 'glibc',
  1001: '2.34',
  1002: '100.el9',
  1014: 'LGPLv2+',
  1022: 'x86_64',
  1044: 'glibc-2.34-100.el9.src.rpm',
  1047: ['glibc', 'libc.so.6()(64bit)'],
})
const openssl = header({
  1000: 'openssl-libs',
  1001: '3.0.7',
  1002: '27.el9',
  1003: 1,
  1022: 'x86_64',
  1044: 'openssl-3.0.7-27.el9.src.rpm',
  1049: ['libc.so.6()(64bit)', 'rpmlib(FileDigests)'],
})

test.each<[string, Buffer]>([
  ['var/lib/rpm/rpmdb.sqlite', sqliteDatabase(folder, [glibc, openssl])],
  ['usr/lib/sysimage/rpm/rpmdb.sqlite', sqliteDatabase(folder, [glibc, openssl])],
  ['usr/lib/sysimage/rpm/Packages.db', ndbDatabase([glibc, openssl])],
])('packages of rpm are read from its database %s', async (path, database) => {
  const { packages, unscannable } = await inventory(path, database)
  expect(unscannable).toEqual([])
  const [first, second] = packages
  expect([packages.length, first?.purl, first?.licenses]).toEqual([
    2,
    'pkg:rpm/redhat/glibc@2.34-100.el9?arch=x86_64&distro=rhel-9.4&upstream=glibc-2.34-100.el9.src.rpm',
    ['LGPLv2+'],
  ])
  expect(second).toMatchObject({
    purl: 'pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm',
    version: '1:3.0.7-27.el9',
    source: { name: 'openssl', version: '1:3.0.7-27.el9' },
    dependsOn: [first?.purl],
  })
})

function changed(change: (ndb: Buffer) => void): Buffer {
  const ndb = ndbDatabase([glibc])
  change(ndb)
  return ndb
}

test.each<[string, Buffer | string, RegExp]>([
  ['var/lib/rpm/Packages', 'x', /Berkeley DB/],
  ['usr/lib/sysimage/rpm/Packages.db', 'x', /ndb/],
  ['usr/lib/sysimage/rpm/Packages.db', changed((ndb) => ndb.writeUInt32LE(1, 4)), /version 1/],
  ['usr/lib/sysimage/rpm/Packages.db', changed((ndb) => ndb.writeUInt32LE(9, 12)), /cut/],
  ['usr/lib/sysimage/rpm/Packages.db', changed((ndb) => ndb.write('none', 32)), /slot/],
  ['usr/lib/sysimage/rpm/Packages.db', changed((ndb) => ndb.writeUInt32LE(7, 40)), /no package where/],
  ['usr/lib/sysimage/rpm/Packages.db', changed((ndb) => ndb.writeUInt32LE(99_999, 4096 + 12)), /within a package/],
  ['var/lib/rpm/rpmdb.sqlite-wal', 'x', /changes/],
  ['var/lib/rpm/rpmdb.sqlite', 'no database', /./],
  ['var/lib/rpm/rpmdb.sqlite', sqliteDatabase(folder, [glibc.subarray(0, 60)]), /cut/],
])('%s of %j is named as not read, never taken for empty', async (path, content, why) => {
  expect((await inventory(path, content)).unscannable).toEqual([{ path, why: expect.stringMatching(why) }])
})

describe('a header', () => {
  test.each([
    ['with more entries than it has', Buffer.from('ffffffff00000000', 'hex')],
    ['that is too short', Buffer.from('00000001', 'hex')],
    ['without a name', header({ 1001: '1', 1002: '1' })],
    [
      'whose texts lie outside',
      (() => {
        const one = header({ 1000: 'a', 1001: '1', 1002: '1' })
        one.writeUInt32BE(0xffff_fff0, 16)
        return one
      })(),
    ],
  ])('%s is refused', (_, bytes) => {
    expect(() => parseRpmHeader(bytes)).toThrow()
  })
})
