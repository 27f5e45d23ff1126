import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { inventoryOfLayers } from '../image.fake.ts'
import type { Inventory } from '../package.ts'
import { parseRpmHeader } from './rpm-header.ts'

const folder = temporaryFolder()

/** A header as rpm writes it: texts, lists of texts and numbers by tag. */
function header(fields: Readonly<Record<number, string | readonly string[] | number>>): Buffer {
  const entries: Buffer[] = []
  const data: Buffer[] = []
  let offset = 0
  for (const [tag, value] of Object.entries(fields)) {
    const type = typeof value === 'number' ? 4 : typeof value === 'string' ? 6 : 8
    const bytes =
      typeof value === 'number'
        ? Buffer.alloc(4)
        : Buffer.from(
            [value]
              .flat()
              .map((one) => `${one}\0`)
              .join(''),
          )
    if (typeof value === 'number') bytes.writeUInt32BE(value)
    const entry = Buffer.alloc(16)
    for (const [place, number] of [Number(tag), type, offset, Array.isArray(value) ? value.length : 1].entries())
      entry.writeUInt32BE(number, place * 4)
    entries.push(entry)
    data.push(bytes)
    offset += bytes.length
  }
  const lead = Buffer.alloc(8)
  lead.writeUInt32BE(entries.length)
  lead.writeUInt32BE(offset, 4)
  return Buffer.concat([lead, ...entries, ...data])
}

function database(headers: readonly Buffer[]): Buffer {
  const path = join(mkdtempSync(join(folder, 'rpm-')), 'rpmdb.sqlite')
  const made = new DatabaseSync(path)
  made.exec('CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)')
  for (const one of headers) made.prepare('INSERT INTO Packages (blob) VALUES (?)').run(one)
  made.close()
  return readFileSync(path)
}

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

test.each(['var/lib/rpm', 'usr/lib/sysimage/rpm'])('packages of rpm are read from its SQLite database in %s', async (place) => {
  const { packages, unscannable } = await inventory(`${place}/rpmdb.sqlite`, database([glibc, openssl]))
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

test.each<[string, Buffer | string, RegExp]>([
  ['var/lib/rpm/Packages', 'x', /Berkeley DB/],
  ['usr/lib/sysimage/rpm/Packages.db', 'x', /ndb/],
  ['var/lib/rpm/rpmdb.sqlite-wal', 'x', /changes/],
  ['var/lib/rpm/rpmdb.sqlite', 'no database', /./],
  ['var/lib/rpm/rpmdb.sqlite', database([glibc.subarray(0, 60)]), /cut/],
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
