import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterAll, describe, expect, it, test } from '@jest/globals'
import { type ZipFile, zipOf } from './fixtures/zip.ts'
import { readZip, readZipEntry } from './zip-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-zip-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const written = (bytes: Uint8Array): string => {
  files += 1
  const path = join(folder, `${files}.zip`)
  writeFileSync(path, bytes)
  return path
}
const archive = (...content: readonly ZipFile[]): string => written(zipOf(content))

describe('an archive', () => {
  it('gives paths, sizes and contents, stored and deflated, also behind a program', async () => {
    const long = 'text '.repeat(50_000)
    const bytes = zipOf([{ path: 'a/' }, { path: 'a/stored', text: 'kept' }, { path: 'a/é', text: long, method: 8 }])
    for (const whole of [bytes, Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar "$0"\n'), bytes])]) {
      const path = written(whole)
      const entries = await readZip(path)
      expect(entries.map((entry) => [entry.path, entry.size, entry.method])).toEqual([
        ['a/', 0, 'stored'],
        ['a/stored', 4, 'stored'],
        ['a/é', long.length, 'deflate'],
      ])
      const texts = []
      for (const entry of entries) texts.push((await readZipEntry(path, entry)).toString())
      expect(texts).toEqual(['', 'kept', long])
    }
  })

  it('that Python wrote to a pipe, with sizes after the content and a comment like an end record, reads the same', async () => {
    const path = join(import.meta.dirname, 'fixtures/archives/python.zip')
    const [entry, ...more] = await readZip(path)
    expect([entry?.path, more]).toEqual(['x/y.txt', []])
    if (entry !== undefined) expect((await readZipEntry(path, entry)).toString()).toBe('y'.repeat(1000))
  })

  it('looks only at what is asked for', async () => {
    const path = archive({ path: 'META-INF/MANIFEST.MF', text: 'x' }, { path: 'twice' }, { path: 'twice' })
    expect((await readZip(path, { take: (name) => name.startsWith('META-INF/') })).map((entry) => entry.path)).toEqual([
      'META-INF/MANIFEST.MF',
    ])
  })
})

describe('a hostile or broken archive', () => {
  test.each<[string, () => string, string, string]>([
    ['no archive', () => written(Buffer.from('text')), 'SW-ZIP-MALFORMED', 'no end record'],
    ['cut at its beginning', () => written(zipOf([{ path: 'a', text: 'abc' }]).subarray(40)), 'SW-ZIP-MALFORMED', 'is cut'],
    ['a path that climbs', () => archive({ path: '../etc/passwd' }), 'SW-ZIP-MALFORMED', 'expected a relative path'],
    ['a path that climbs inside', () => archive({ path: 'a/../../b' }), 'SW-ZIP-MALFORMED', 'expected a relative path'],
    ['an absolute path', () => archive({ path: '/etc/passwd' }), 'SW-ZIP-MALFORMED', 'expected a relative path'],
    ['a backslash', () => archive({ path: '..\\x' }), 'SW-ZIP-MALFORMED', 'expected a relative path'],
    ['a NUL', () => archive({ path: 'a\0b' }), 'SW-ZIP-MALFORMED', 'expected a relative path'],
    ['a name that is no UTF-8', () => archive({ path: Buffer.from([0xff]) }), 'SW-ZIP-MALFORMED', 'in UTF-8'],
    ['a symbolic link', () => archive({ path: 'l', text: '/etc', mode: 0o120777 }), 'SW-ZIP-MALFORMED', 'symbolic link'],
    ['an encrypted entry', () => archive({ path: 'a', flags: 1 }), 'SW-ZIP-MALFORMED', 'encrypted'],
    ['another method', () => archive({ path: 'a', method: 14 }), 'SW-ZIP-MALFORMED', 'method 14'],
    ['a path twice', () => archive({ path: 'a' }, { path: 'a' }), 'SW-ZIP-MALFORMED', 'twice'],
    ['a file and a folder of one name', () => archive({ path: 'a' }, { path: 'a/' }), 'SW-ZIP-MALFORMED', 'twice'],
    ['a path below a file', () => archive({ path: 'a' }, { path: 'a/b' }), 'SW-ZIP-MALFORMED', 'below a file'],
    [
      'entries that share bytes',
      () => archive({ path: 'a', text: 'abcdef' }, { path: 'b', text: 'abcdef', offset: 0 }),
      'SW-ZIP-MALFORMED',
      'overlap',
    ],
    ['fewer entries than announced', () => written(zipOf([{ path: 'a' }], { count: 2 })), 'SW-ZIP-MALFORMED', 'announces 2'],
    ['a bomb', () => archive({ path: 'a', text: 'x', method: 8, size: 2 ** 31 }), 'SW-ZIP-LIMIT', 'expected at most 250 times'],
    [
      'too much in all',
      () => archive({ path: 'a', method: 8, size: 2 ** 32 - 2 }, { path: 'b', method: 8, size: 2 ** 31 }),
      'SW-ZIP-LIMIT',
      'expected at most 4294967296',
    ],
  ])('%s is refused before anything is unpacked', async (_name, make, code, message) => {
    await expect(readZip(make())).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('with more entries than asked for is refused', async () => {
    await expect(readZip(archive({ path: 'a' }, { path: 'b' }), { entries: 1 })).rejects.toMatchObject({ code: 'SW-ZIP-LIMIT' })
  })

  test.each<[string, ZipFile]>([
    ['more bytes than announced', { path: 'a', text: 'x'.repeat(1000), method: 8, size: 10 }],
    ['fewer bytes than announced', { path: 'a', text: 'x', method: 8, size: 10 }],
    ['another checksum', { path: 'a', text: 'x', crc: 1 }],
    ['bytes that do not inflate', { path: 'a', packed: Buffer.from([0xff, 0xff]), size: 1, method: 8 }],
    ['a stream that is cut', { path: 'a', packed: deflateRawSync('x'.repeat(99)).subarray(0, 4), size: 99, method: 8 }],
  ])('an entry with %s is refused while it is read', async (_name, file) => {
    const path = archive(file)
    const [entry] = await readZip(path)
    if (entry === undefined) throw new Error('expected an entry')
    await expect(readZipEntry(path, entry)).rejects.toMatchObject({ code: 'SW-ZIP-MALFORMED' })
  })

  it('an entry larger than the reader takes is refused', async () => {
    const path = archive({ path: 'a', text: 'abc' })
    const [entry] = await readZip(path)
    if (entry !== undefined) await expect(readZipEntry(path, entry, 2)).rejects.toMatchObject({ code: 'SW-ZIP-LIMIT' })
    expect(entry?.size).toBe(3)
  })
})
