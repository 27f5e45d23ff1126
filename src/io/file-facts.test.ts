import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { compareBytes, exists, facts, factsOrNothing, list, walk } from './files.ts'
import { fill, temporaryFolder } from './fixtures/folder.ts'

const folder = temporaryFolder()
const path = (name: string): string => join(folder, name)
fill(folder, { 'tree/b/c.txt': '12345', 'tree/a.txt': '', 'tree/é': '', 'tree/a/x': '', 'tree/B': '' })
chmodSync(path('tree/a.txt'), 0o4755)
utimesSync(path('tree/a.txt'), 1000, 2000)
symlinkSync('../b', path('tree/a/loop'))
symlinkSync('nowhere', path('tree/broken'))
linkSync(path('tree/b/c.txt'), path('tree/b/d.txt'))

describe('facts', () => {
  it('tell kind, size, mode and time', async () => {
    expect(await facts(path('tree/a.txt'))).toMatchObject({ kind: 'file', size: 0, mode: 0o4755, modified: 2_000_000 })
    expect(await facts(path('tree'))).toMatchObject({ kind: 'directory' })
    expect(await facts('/dev/null')).toMatchObject({ kind: 'other' })
  })

  it('are those of a link itself', async () => {
    expect(await facts(path('tree/a/loop'))).toMatchObject({ kind: 'symlink', target: '../b' })
    expect(await factsOrNothing(path('tree/a/loop'))).toMatchObject({ kind: 'directory' })
  })

  it('show hard links', async () => {
    const [one, other] = [await facts(path('tree/b/c.txt')), await facts(path('tree/b/d.txt'))]
    expect([one.links, one.inode, one.device]).toEqual([2, other.inode, other.device])
  })

  test.each([
    ['tree', true],
    ['tree/none', false],
    ['tree/a.txt/none', false],
    ['tree/broken', false],
  ])('%s exists: %s', async (name, expected) => {
    expect(await exists(path(name))).toBe(expected)
  })

  it('name what is missing', async () => {
    await expect(facts(path('none'))).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
  })
})

describe('list', () => {
  it('is sorted by bytes', async () => {
    expect((await list(path('tree'))).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'B file',
      'a directory',
      'a.txt file',
      'b directory',
      'broken symlink',
      'é file',
    ])
  })

  it('refuses a name that is not UTF-8', async () => {
    mkdirSync(path('names'))
    writeFileSync(Buffer.concat([Buffer.from(path('names/')), Buffer.from([0xff])]), '')
    await expect(list(path('names'))).rejects.toMatchObject({ code: 'SW-FILE-NAME', message: expect.stringContaining('not UTF-8') })
  })
})

describe('walk', () => {
  const paths = async (options = {}): Promise<string[]> => {
    const found: string[] = []
    for await (const file of walk(path('tree'), options)) found.push(`${file.path} ${file.kind}`)
    return found
  }

  it('gives folders before their content, and does not follow links', async () => {
    expect(await paths()).toEqual([
      'B file',
      'a directory',
      'a/loop symlink',
      'a/x file',
      'a.txt file',
      'b directory',
      'b/c.txt file',
      'b/d.txt file',
      'broken symlink',
      'é file',
    ])
  })

  it('does not enter what is not taken', async () => {
    expect(await paths({ take: (name: string) => name !== 'a' && name !== 'é' })).toEqual([
      'B file',
      'a.txt file',
      'b directory',
      'b/c.txt file',
      'b/d.txt file',
      'broken symlink',
    ])
  })

  it('carries facts and where to open the file', async () => {
    for await (const file of walk(path('tree/b'))) expect(file).toMatchObject({ absolute: join(path('tree/b'), file.path), size: 5 })
  })

  it('fails when a file vanishes, by its name', async () => {
    fill(folder, { 'moving/a': '', 'moving/b': '' })
    const seen: string[] = []
    const walking = async (): Promise<void> => {
      for await (const file of walk(path('moving'))) {
        seen.push(file.path)
        if (file.path === 'a') renameSync(path('moving/b'), path('moving/c'))
      }
    }
    await expect(walking()).rejects.toMatchObject({ code: 'SW-FILE-MISSING', message: expect.stringContaining('moving/b') })
    expect(seen).toEqual(['a'])
  })

  it('takes a folder deeper than the stack', async () => {
    const deep = path('deep')
    mkdirSync(join(deep, 'd/'.repeat(1500)), { recursive: true })
    let count = 0
    for await (const file of walk(deep)) count += file.kind === 'directory' ? 1 : 0
    expect(count).toBe(1500)
    execFileSync('rm', ['-r', deep])
  })
})

describe('compareBytes', () => {
  it('is the order of the UTF-8 bytes', () => {
    const unit = fc.constantFrom('a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '😁', '\u{10ffff}')
    const word = fc.string({ unit, maxLength: 4 })
    fc.assert(
      fc.property(word, word, (a, b) => expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))),
      { numRuns: 1000 },
    )
  })
})
