import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { describe, expect, it, test } from '@jest/globals'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { type ZipFile, zipOf } from '../../io/fixtures/zip.ts'
import { findIn } from '../findings/find.ts'
import { type Answers, readDatabase } from './database.ts'

const root = temporaryFolder()
const asked = [{ ecosystem: 'npm', releases: [], names: ['a'], version: '1.0.0', scheme: 'semver' as const }]
const record = (id: string, more: object = {}): string =>
  JSON.stringify({
    id,
    modified: '2026-11-20T00:00:00Z',
    affected: [{ package: { ecosystem: 'npm', name: 'a' }, versions: ['1.0.0'] }],
    ...more,
  })

function read(files: readonly ZipFile[]): Promise<Answers> {
  const path = join(mkdtempSync(join(root, 'hostile-')), 'all.zip')
  writeFileSync(path, zipOf(files))
  return readDatabase(path, asked, new AbortController().signal)
}

const ids = ({ advisories }: Answers): readonly string[] => [...advisories.values()].flat().map(({ id }) => id)
const good: ZipFile = { path: 'good.json', text: record('good'), method: 8 }
const bomb = deflateRawSync(Buffer.alloc(200 * 2 ** 20))

/** The end of a gzip member and the beginning of the next, as they would stand between two entries. */
function seam(content: string): Buffer {
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(crc32(content), 0)
  tail.writeUInt32LE(content.length, 4)
  return Buffer.concat([tail, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])])
}

describe('an archive is refused', () => {
  const harmless = record('x', { affected: [] })
  test.each<readonly [string, ZipFile, string]>([
    ['that unpacks to more than it says', { path: 'A.json', packed: bomb, method: 8, size: 100, crc: 0 }, 'SW-ZIP-MALFORMED'],
    ['that unpacks to 200 MB, and says so', { path: 'A.json', packed: bomb, method: 8, size: 200 * 2 ** 20, crc: 0 }, 'SW-ZIP-LIMIT'],
    [
      'with a record of 1 GB',
      { path: 'A.json', packed: Buffer.alloc(8 * 2 ** 20), method: 8, size: 2 ** 30, crc: 0 },
      'SW-ADVISORIES-INVALID',
    ],
    ['with another content than it says', { path: 'A.json', text: record('A'), method: 8, crc: 1 }, 'SW-ZIP-MALFORMED'],
    ['with another content, not packed', { path: 'A.json', text: record('A'), crc: 1 }, 'SW-ZIP-MALFORMED'],
    ['with less than it says', { path: 'A.json', text: record('A'), method: 8, size: 5000 }, 'SW-ZIP-MALFORMED'],
    [
      'whose entry is two streams, to put one record in the place of another',
      {
        ...{ path: 'A.json', method: 8, size: harmless.length, crc: crc32(harmless) },
        packed: Buffer.concat([deflateRawSync(record('A')), seam(record('A')), deflateRawSync(harmless)]),
      },
      'SW-ZIP-MALFORMED',
    ],
    ['with a record without a byte', { path: 'A.json', text: '', method: 8 }, 'SW-ADVISORIES-INVALID'],
    ['with a record without a byte, not packed', { path: 'A.json' }, 'SW-ADVISORIES-INVALID'],
    ['with a path that is absolute', { path: '/etc/A.json', text: record('A') }, 'SW-ZIP-MALFORMED'],
    ['with a link', { path: 'A.json', text: '/etc/passwd', mode: 0o120777 }, 'SW-ZIP-MALFORMED'],
  ])('%s', async (_, file, code) => {
    await expect(read([good, file, { ...good, path: 'last.json' }])).rejects.toMatchObject({ code })
  })

  it('but read where it only has bytes that nobody announced', async () => {
    const padded = { ...good, path: 'B.json', packed: Buffer.concat([deflateRawSync(record('good')), Buffer.alloc(50)]) }
    expect(ids(await read([good, { path: 'stored.json', text: harmless }, padded]))).toEqual(['good'])
  })
})

describe('a record is read', () => {
  test.each<readonly [string, object]>([
    ['with a thousand names', { aliases: Array.from({ length: 1000 }, (_, at) => `CVE-${at}`) }],
    ['with an identifier that leads out', { id: '../../../etc/passwd' }],
    ['with an identifier of commands', { id: '\r\n::error::x\u001b[2J' }],
    ['with a summary of 1 MB', { summary: 'x'.repeat(2 ** 20) }],
    ['with members of Object', { __proto__: { a: 1 }, constructor: 'x', database_specific: { severity: 'constructor' } }],
  ])('%s', async (_, more) => {
    const answers = await read([{ path: 'A.json', text: record('A', more), method: 8 }])
    expect(answers.advisories.get('npm a')).toHaveLength(1)
  })

  test.each<readonly [string, object]>([
    ['with 2,000 names', { aliases: Array.from({ length: 2000 }, (_, at) => `CVE-${at}`) }],
    ['with a name of 2,000 characters', { aliases: ['x'.repeat(2000)] }],
    ['without an identifier', { id: '' }],
    ['of no time', { modified: 'yesterday' }],
    [
      'with 4 million versions that are none',
      { affected: [{ package: { ecosystem: 'npm', name: 'a' }, versions: Array(4_000_000).fill(1) }] },
    ],
    ['with versions that are none', { affected: [{ package: { ecosystem: 'npm', name: 'a' }, versions: [1] }] }],
  ])('not %s: that is an error', async (_, more) => {
    await expect(read([{ path: 'A.json', text: record('A', more), method: 8 }])).rejects.toMatchObject({ code: 'SW-ADVISORIES-INVALID' })
  })
})

it('5,000 packages of which each has 20 advisories, all of one vulnerability, are 5,000 findings', async () => {
  const names = Array.from({ length: 5000 }, (_, at) => `p${at}`)
  const files = Array.from({ length: 20 }, (_, at): ZipFile => {
    const affected = names.map((name) => ({ package: { ecosystem: 'npm', name }, versions: ['1.0.0'] }))
    return {
      path: `${at}.json`,
      method: 8,
      text: JSON.stringify({ id: `A-${at}`, aliases: ['CVE-1'], modified: '2026-11-20T00:00:00Z', affected }),
    }
  })
  const path = join(mkdtempSync(join(root, 'many-')), 'all.zip')
  writeFileSync(path, zipOf(files))
  const coordinates = names.map((name) => ({
    ...asked[0],
    ecosystem: 'npm',
    releases: [],
    names: [name],
    version: '1.0.0',
    scheme: 'semver' as const,
  }))
  const answers = await readDatabase(path, coordinates, new AbortController().signal)
  const packages = names.map((name) => ({
    ...{ type: 'npm' as const, name, version: '1.0.0', purl: `pkg:npm/${name}@1.0.0`, licenses: [], locations: [] },
  }))
  const subject = { digest: answers.digest, platform: 'linux/amd64' }
  const { findings } = findIn({ subject, inventory: { packages, unscannable: [] } }, answers)
  expect([findings.length, findings[0]?.id, findings[0]?.claims.length]).toEqual([5000, 'CVE-1', 20])
})
