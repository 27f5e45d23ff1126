import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { TaskError } from '../../base/errors.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { type ZipFile, zipOf } from '../../io/fixtures/zip.ts'
import { type Answers, readDatabase } from './database.ts'

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

  it('finds a name that is written with escapes', async () => {
    expect(ids(await read(database([{ path: 'A.json', text: record('A', '@a/b').replace('@a/b', '\\u0040a\\/b') }])))).toEqual(['A'])
  })

  test.each<readonly [string, readonly ZipFile[], string]>([
    ['no record', [{ path: 'a.txt', text: 'a' }], 'SW-ADVISORIES-MISSING'],
    [
      'a record that is none, where it is asked for',
      [{ path: 'A.json', text: '{"affected":[{"package":{"name":"@a/b"}}]}' }],
      'SW-ADVISORIES-INVALID',
    ],
    ['JSON 200,000 deep', [{ path: 'A.json', text: `{"name":"@a/b","x":${'['.repeat(200_000)}` }], 'SW-ADVISORIES-INVALID'],
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
