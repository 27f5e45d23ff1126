import { copyFile, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import type { Digest } from '../../base/digest.ts'
import { fill, type Tree } from '../build/fixtures/tree.ts'
import { openCache } from './cache.ts'
import { build, entriesOf, expected, failing, files, type Place, place, settled, unreadable } from './fixtures/place.ts'

describe('files in the same state', () => {
  it('give the same layer without being read', async () => {
    await using where = await place()
    const digest = await build(where)
    expect(digest).toBe(await expected(where))
    expect(await build(where, { entries: unreadable(await entriesOf(where)) })).toBe(digest)
  })

  it('also in another layout, and when the first is gone', async () => {
    await using where = await place()
    const digest = await build(where)
    await rm(where.path('layout'), { recursive: true })
    for (const layout of ['second', 'third'])
      expect(await build(where, { layout, entries: unreadable(await entriesOf(where)) })).toBe(digest)
  })

  it('give another layer in each compression', async () => {
    await using where = await place()
    const all = [{ algorithm: 'gzip' }, { algorithm: 'gzip', level: 6 }, { algorithm: 'zstd' }, { algorithm: 'none' }] as const
    const digests: Digest[] = []
    for (const compression of all) digests.push(await build(where, { compression }))
    expect(new Set(digests).size).toBe(4)
    for (const [index, compression] of all.entries())
      expect(await build(where, { compression, entries: unreadable(await entriesOf(where)) })).toBe(digests[index])
  })

  it.each([
    ['touched', async ({ path }: Place) => utimes(path('project/src/3.js'), 1, 1)],
    [
      'replaced by the same',
      async ({ path }: Place) =>
        copyFile(path('project/src/3.js'), path('copy')).then(() => rename(path('copy'), path('project/src/3.js'))),
    ],
  ])('that were %s are read again, with the same digest', async (_, change) => {
    await using where = await place()
    const digest = await build(where)
    await change(where)
    await settled()
    await expect(build(where, { entries: unreadable(await entriesOf(where)) })).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
    expect(await build(where)).toBe(digest)
  })

  it('that were changed less than a moment ago are not known again', async () => {
    await using where = await place()
    // In an hour, as the moment itself may be over before the build begins.
    const soon = new Date(Date.now() + 3_600_000)
    await utimes(where.path('project/src/3.js'), soon, soon)
    await build(where)
    await settled()
    await expect(build(where, { entries: unreadable(await entriesOf(where)) })).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
  })
})

describe('files of which one has changed', () => {
  it.each<[string, Tree]>([
    ['content', { 'src/50.js': 'changed' }],
    ['one more', { 'src/500.js': 'more' }],
    ['a large one', { 'data.json': JSON.stringify(Array.from({ length: 160_000 }, (_, index) => index * 7 + (index === 80_000 ? 1 : 0))) }],
    ['same length', { 'src/50.js': 'x'.repeat(String(files['src/50.js']).length) }],
  ])('%s: give what they give without a cache', async (_, change) => {
    await using where = await place()
    const before = await build(where)
    await fill(where.path('project'), change)
    await settled()
    const after = await build(where)
    expect(after).not.toBe(before)
    expect(after).toBe(await expected(where))
  })

  it('need only the pieces that have changed', async () => {
    await using where = await place()
    await build(where)
    const cache = await openCache({
      folder: where.path('cache'),
      secretFile: where.path('home/secret'),
      limit: 2 ** 31,
      clock: Date,
      log: failing,
    })
    const [name = ''] = await readdir(where.path('cache/layers'))
    const record = JSON.parse((await readFile(where.path(`cache/layers/${name}`), 'utf8')).split('\n')[1] ?? '')
    const shelf = await cache.pieces(record.encoder)
    expect(record.pieces.length).toBeGreaterThan(3)
    for (const [stamp, crc, dictionaryCrc, size] of record.pieces) {
      expect(shelf.find({ stamp, crc, dictionaryCrc, size })).toMatchObject({ isTrusted: true })
      expect(shelf.find({ stamp: 'another', crc, dictionaryCrc, size })).toMatchObject({ isTrusted: false })
      expect(shelf.find({ stamp, crc: crc ^ 1, dictionaryCrc, size })).toBeUndefined()
      expect(shelf.find({ stamp, crc, dictionaryCrc: dictionaryCrc ^ 1, size })).toBeUndefined()
    }
    shelf.close()
  })
})

describe('a cache that does not work', () => {
  it.each([
    ['layers', /^the cache of layers does not work, the build goes on without it .*cache\/layers/],
    ['trees', /cache\/trees/],
  ])('as %s is no folder, says so once, and the build goes on', async (name, said) => {
    await using where = await place()
    await build(where)
    await rm(where.path(`cache/${name}`), { recursive: true })
    await writeFile(where.path(`cache/${name}`), 'in the way')
    const lines: string[] = []
    const log = { warn: (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`) }
    expect(await build(where, { cache: { log }, layout: 'second' })).toBe(await expected(where))
    expect(lines).toEqual([expect.stringMatching(said)])
  })
})

describe('runs at the same time', () => {
  it('share a cache', async () => {
    await using where = await place()
    const builds = Array.from({ length: 4 }, (_, index) =>
      build(where, { layout: `layout-${index}`, cache: { limit: index === 0 ? 1000 : 2 ** 31 } }),
    )
    expect(new Set(await Promise.all(builds)).size).toBe(1)
  })
})
