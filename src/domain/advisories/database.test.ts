import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { TaskError } from '../../base/errors.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { type ZipFile, zipOf } from '../../io/fixtures/zip.ts'
import { type Answers, readDatabase } from './database.ts'
import type { Coordinates } from './ecosystem.ts'

const root = temporaryFolder()
const asked = [{ ecosystem: 'npm', releases: [], names: ['@a/b'], version: '1.0.0', scheme: 'semver' as const }]

function record(id: string, name: string, more: object = {}): string {
  const affected = [{ package: { ecosystem: 'npm', name }, versions: ['1.0.0'] }]
  return JSON.stringify({ id, modified: '2026-11-20T00:00:00Z', affected, ...more })
}

function database(files: readonly ZipFile[], loose: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(root, 'database-'))
  mkdirSync(join(folder, 'npm'))
  if (files.length > 0) writeFileSync(join(folder, 'npm', 'all.zip'), zipOf(files))
  for (const [path, text] of Object.entries(loose)) writeFileSync(join(folder, path), text)
  return folder
}

const read = (folder: string): Promise<Answers> => readDatabase(folder, asked, new AbortController().signal)
const ids = ({ advisories }: Answers): readonly string[] => [...advisories.values()].flat().map(({ id }) => id)

describe('a database', () => {
  it('is archives and files in one pass, of which only what is asked for is kept', async () => {
    const folder = database(
      [
        { path: 'A.json', text: record('A', '@a/b'), method: 8 },
        { path: 'B.json', text: record('B', '@a/c'), method: 8 },
        { path: 'C.json', text: record('C', '@a/b', { modified: '2026-11-21T00:00:00Z' }) },
        { path: 'README.md', text: 'no record' },
      ],
      { 'D.json': record('D', '@a/b') },
    )
    const answers = await read(folder)
    expect([ids(answers), answers.records, answers.modified]).toEqual([['A', 'C', 'D'], 4, '2026-11-21T00:00:00Z'])
    expect([...answers.ecosystems]).toEqual(['npm'])
  })

  it('has the digest of its content', async () => {
    const same = [
      await read(database([{ path: 'A.json', text: record('A', 'a') }])),
      await read(database([{ path: 'A.json', text: record('A', 'a') }])),
    ]
    const other = await read(database([{ path: 'A.json', text: record('B', 'a') }]))
    expect([same[0]?.digest === same[1]?.digest, same[0]?.digest === other.digest]).toEqual([true, false])
  })

  it('is one file as well, an archive or a record', async () => {
    const folder = database([{ path: 'A.json', text: record('A', '@a/b') }], { 'D.json': record('D', '@a/b') })
    expect([ids(await read(join(folder, 'npm', 'all.zip'))), ids(await read(join(folder, 'D.json')))]).toEqual([['A'], ['D']])
  })

  it('has of a record that comes twice the one that was changed last', async () => {
    const later = { modified: '2026-11-21T00:00:00Z' }
    const files = [
      { path: 'A.json', text: record('A', '@a/b', later) },
      { path: 'B.json', text: record('B', '@a/b') },
    ]
    const gone = record('B', '@a/b', { ...later, withdrawn: '2026-11-21T00:00:00Z' })
    expect(ids(await read(database(files, { 'A.json': record('A', '@a/c'), 'B.json': gone })))).toEqual(['A'])
  })

  it('is not read where it is of other ecosystems: OSV publishes a gigabyte of them', async () => {
    const folder = database([{ path: 'A.json', text: record('A', '@a/b') }])
    for (const [name, text] of [
      ['Packagist', 'no archive'],
      ['Ubuntu', 'no archive'],
      ['mine', '{}'],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'all.zip'), name === 'mine' ? zipOf([{ path: 'B.json', text: record('B', '@a/b') }]) : text)
    }
    expect(ids(await read(folder)).toSorted()).toEqual(['A', 'B'])
  })

  it('says of each ecosystem how new it is, whatever the release, and is as old as the one that is behind most', async () => {
    const of = (ecosystem: string, modified: string): string =>
      JSON.stringify({ id: `${ecosystem} ${modified}`, modified, affected: [{ package: { ecosystem, name: 'x' } }] })
    const folder = database([], {
      '1.json': of('npm', '2026-11-21T00:00:00Z'),
      '2.json': of('Debian:12', '2026-11-01T00:00:00Z'),
      '3.json': of('Debian:11', '2026-11-10T00:00:00Z'),
      '4.json': of('RubyGems', '2026-11-05T00:00:00Z'),
      '5.json': of('PyPI', '2020-01-01T00:00:00Z'),
    })
    const more = (ecosystem: string): Coordinates => ({ ecosystem, releases: [], names: ['y'], version: '1', scheme: 'gem' })
    const { dates, modified } = await readDatabase(folder, [...asked, more('Debian'), more('RubyGems')], new AbortController().signal)
    expect([dates.map(({ what, date }) => `${what} ${date.slice(0, 10)}`), modified]).toEqual([
      ['npm 2026-11-21', 'Debian 2026-11-10', 'RubyGems 2026-11-05'],
      // RubyGems may be silent for two weeks.
      '2026-11-10T00:00:00Z',
    ])
  })

  it('has what links in it lead to', async () => {
    const [there, folder] = [database([{ path: 'A.json', text: record('A', '@a/b') }], { 'D.json': record('D', '@a/b') }), database([])]
    symlinkSync(join(there, 'npm', 'all.zip'), join(folder, 'npm', 'all.zip'))
    symlinkSync(join(there, 'D.json'), join(folder, 'D.json'))
    expect(ids(await read(folder))).toEqual(['A', 'D'])
    symlinkSync(join(there, 'nowhere'), join(folder, 'E.json'))
    await expect(read(folder)).rejects.toBeInstanceOf(TaskError)
  })

  it('finds a name that is written with escapes', async () => {
    expect(ids(await read(database([{ path: 'A.json', text: record('A', '@a/b').replace('@a/b', '\\u0040a\\/b') }])))).toEqual(['A'])
  })

  it('finds a package whose member is named with escapes', async () => {
    const text = record('A', '@a/b').replace('"package"', '"\\u0070ackage"').replace('"affected"', '"\\u0061ffected"')
    const answers = await read(database([{ path: 'A.json', text }]))
    expect([ids(answers), [...answers.ecosystems], answers.modified]).toEqual([['A'], ['npm'], '2026-11-20T00:00:00Z'])
  })

  it('has of a record that comes in parts, or in both ecosystems, all that they say', async () => {
    const more: Coordinates = { ecosystem: 'PyPI', releases: [], names: ['c'], version: '1', scheme: 'pep440' }
    const affected = [{ package: { ecosystem: 'PyPI', name: 'c' } }]
    const folder = database(
      [
        { path: 'A.json', text: record('A', '@a/b') },
        { path: 'B.json', text: record('A', '@a/b') },
      ],
      { 'C.json': record('A', 'c', { affected }) },
    )
    const { advisories } = await readDatabase(folder, [...asked, more], new AbortController().signal)
    expect([...advisories].map(([key, all]) => [key, all.map((one) => one.affected.length)])).toEqual([
      ['npm @a/b', [1]],
      ['PyPI c', [1]],
    ])
  })

  test.each(['2026-11-20T00:00:00.5Z', '2026-11-20T01:00:00+00:00'])(
    'has a record that was withdrawn at %s as such, in any order',
    async (modified) => {
      const gone = record('A', '@a/b', { modified, withdrawn: modified })
      const there = record('A', '@a/b')
      const seen = [
        database([{ path: 'A.json', text: gone }], { 'B.json': there }),
        database([{ path: 'A.json', text: there }], { 'B.json': gone }),
      ]
      expect(await Promise.all(seen.map(async (one) => ids(await read(one))))).toEqual([[], []])
    },
  )

  test.each<readonly [string, readonly ZipFile[], string]>([
    ['a file that is no record', [{ path: 'A.json', text: '{"name":"@a/b"}' }], 'SW-ADVISORIES-INVALID'],
    ['no record', [{ path: 'a.txt', text: 'a' }], 'SW-ADVISORIES-MISSING'],
    [
      'a record that is none, where it is asked for',
      [{ path: 'A.json', text: '{"affected":[{"package":{"name":"@a/b"}}]}' }],
      'SW-ADVISORIES-INVALID',
    ],
    ['JSON 200,000 deep', [{ path: 'A.json', text: `{"package":{"name":"@a/b"},"x":${'['.repeat(200_000)}` }], 'SW-ADVISORIES-INVALID'],
    ['a path that leads out', [{ path: '../A.json', text: record('A', '@a/b') }], 'SW-ZIP-MALFORMED'],
    [
      'two records of one name',
      [
        { path: 'A.json', text: 'a' },
        { path: 'A.json', text: 'a' },
      ],
      'SW-ZIP-MALFORMED',
    ],
  ])('with %s is refused', async (_, files, code) => {
    await expect(read(database(files))).rejects.toMatchObject({ code })
  })

  it('that is damaged is refused', async () => {
    const folder = mkdtempSync(join(root, 'database-'))
    const bytes = zipOf([{ path: 'A.json', text: record('A', '@a/b') }])
    bytes.writeUInt8(bytes.readUInt8(45) ^ 1, 45)
    writeFileSync(join(folder, 'all.zip'), bytes)
    await expect(read(folder)).rejects.toBeInstanceOf(TaskError)
  })
})
