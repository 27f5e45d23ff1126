import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { type Digest, hexOf } from '../../base/digest.ts'
import { walk } from '../../io/files.ts'
import { completeEntries, type LayerEntry, placeFiles } from '../build/entries.ts'
import { fill, type Tree, tree } from '../build/fixtures/tree.ts'
import { type LayerOptions, writeLayer } from '../build/layer-writer.ts'
import { createLayout, openLayout } from '../oci/layout.ts'
import { blobPath, readBlob } from '../oci/layout-blobs.ts'
import { type CacheOptions, openCache } from './cache.ts'

/** Some pieces of small files, and one file of several pieces. */
const files: Tree = {
  ...Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [`src/${index}.js`, `export const n${index} = ${index}\n`.repeat(200 + index * 7)]),
  ),
  'data.json': JSON.stringify(Array.from({ length: 160_000 }, (_, index) => index * 7)),
}

/** A project, a cache, the secret of its user, and layouts to build into. */
async function place(content: Tree = files): Promise<Place & AsyncDisposable> {
  const made = await tree({})
  const path = (name: string): string => join(made.folder, name)
  await fill(path('project'), content)
  await settled()
  return { path, [Symbol.asyncDispose]: () => made[Symbol.asyncDispose]() }
}

interface Place {
  path(name: string): string
}

/** A file that was just changed is not known again: its next change might not show. */
const settled = (): Promise<void> => delay(30)

async function entriesOf({ path }: Place): Promise<readonly LayerEntry[]> {
  const found = []
  for await (const file of walk(path('project'))) found.push(file)
  return completeEntries(placeFiles(found, { to: 'app' }))
}

interface How {
  readonly cache?: Partial<CacheOptions> | 'none'
  readonly layout?: string
  readonly entries?: readonly LayerEntry[]
  readonly compression?: LayerOptions['compression']
}

async function build(where: Place, { cache = {}, layout = 'layout', entries, compression }: How = {}): Promise<Digest> {
  const options = { folder: where.path('cache'), secretFile: where.path('home/secret'), limit: 2 ** 31, clock: Date }
  const opened = cache === 'none' ? undefined : await openCache({ ...options, ...cache })
  const target = await createLayout(where.path(layout))
  const { descriptor, diffId } = await writeLayer(target, entries ?? (await entriesOf(where)), { cache: opened, compression })
  await opened?.trim()
  // Whatever the cache has done: the blob is what its digest says, and holds the tar that its diffID says.
  const bytes = await readBlob(target, descriptor, 2 ** 28)
  if (descriptor.mediaType.endsWith('gzip')) expect(`sha256:${createHash('sha256').update(gunzipSync(bytes)).digest('hex')}`).toBe(diffId)
  return descriptor.digest
}

/** What a build without a cache makes of the same files. */
const expected = (where: Place): Promise<Digest> => build(where, { cache: 'none', layout: 'expected' })

/** The same entries, of files that are not there: whoever reads one fails. */
function unreadable(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  return entries.map((entry) =>
    entry.kind === 'file' && 'from' in entry.content ? { ...entry, content: { ...entry.content, from: '/nowhere' } } : entry,
  )
}

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

  it('that were changed a moment before the build are not known again', async () => {
    await using where = await place()
    await fill(where.path('project'), { 'src/3.js': 'just now' })
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
    ['same length', { 'src/50.js': 'x'.repeat(28 * 550) }],
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
    const cache = await openCache({ folder: where.path('cache'), secretFile: where.path('home/secret'), limit: 2 ** 31, clock: Date })
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

/** What somebody who can write the cache, and nothing else, may do to it. */
const attacks: Readonly<Record<string, (where: Place, digest: Digest) => Promise<void>>> = {
  'a blob is cut': async ({ path }, digest) => truncate(blob(path, digest), 1000),
  'a blob is emptied': async ({ path }, digest) => truncate(blob(path, digest), 0),
  'a blob is removed': async ({ path }, digest) => rm(blob(path, digest)),
  'a blob has a bit flipped and its time set back': async ({ path }, digest) => {
    const { atime, mtime, size } = await stat(blob(path, digest))
    const bytes = await readFile(blob(path, digest))
    bytes.writeUInt8(bytes.readUInt8(Math.floor(size / 2)) ^ 1, Math.floor(size / 2))
    await writeFile(blob(path, digest), bytes)
    await utimes(blob(path, digest), atime, mtime)
  },
  'a blob is another layer': async ({ path }, digest) => writeFile(blob(path, digest), gzipSync('another layer')),
  'a blob is a folder': async ({ path }, digest) => {
    await rm(blob(path, digest))
    await mkdir(blob(path, digest))
  },
  'records are garbage': (where) => eachRecord(where, () => 'garbage'),
  'records are empty': (where) => eachRecord(where, () => ''),
  'records are cut': (where) => eachRecord(where, (text) => text.slice(0, text.length / 2)),
  'records are sealed with another secret': (where) => eachRecord(where, (text) => text.replace(/^.*/, 'f'.repeat(64))),
  'records lead to another blob': async (where, digest) => {
    const other = gzipSync('another layer')
    const named = createHash('sha256').update(other).digest('hex')
    await writeFile(where.path(`cache/blobs/sha256/${named}`), other)
    await eachRecord(where, (text) => text.replaceAll(digest, `sha256:${named}`))
  },
  'records lead to wrong places': (where) =>
    eachRecord(where, (text) => text.replace(/,(\d+),(\d+)\]/g, (_, start, size) => `,${Number(start) + 5},${size}]`)),
  'records have absurd sizes': (where) => eachRecord(where, (text) => text.replace(/,(\d+)\]/g, ',9999999999999]')),
  'trees have changed their names': async ({ path }) => {
    const [one = '', other = ''] = await readdir(path('cache/trees'))
    await rename(path(`cache/trees/${one}`), path('cache/aside'))
    await rename(path(`cache/trees/${other}`), path(`cache/trees/${one}`))
    await rename(path('cache/aside'), path(`cache/trees/${other}`))
  },
  'layers have changed their names': async ({ path }) => {
    const [one = '', other = ''] = await readdir(path('cache/layers'))
    await rename(path(`cache/layers/${one}`), path('cache/aside'))
    await rename(path(`cache/layers/${other}`), path(`cache/layers/${one}`))
    await rename(path('cache/aside'), path(`cache/layers/${other}`))
  },
}

const blob = (path: Place['path'], digest: Digest): string => path(`cache/blobs/sha256/${hexOf(digest)}`)

async function eachRecord({ path }: Place, change: (text: string) => string): Promise<void> {
  for (const kind of ['layers', 'trees']) {
    for (const name of await readdir(path(`cache/${kind}`))) {
      const file = path(`cache/${kind}/${name}`)
      await writeFile(file, change(await readFile(file, 'utf8')))
    }
  }
}

describe.each(Object.entries(attacks))('when in the cache %s', (_, attack) => {
  it.each<[string, Tree]>([
    ['unchanged', {}],
    ['changed', { 'src/50.js': 'changed' }],
  ])('%s files give the right image', async (_, change) => {
    await using where = await place()
    // Two layers, so that one may stand for the other.
    await build(where, { compression: { algorithm: 'gzip', level: 2 } })
    const digest = await build(where)
    // The layout has blobs of its own here: another file system, say.
    await rm(where.path('layout'), { recursive: true })
    await attack(where, digest)
    await fill(where.path('project'), change)
    await settled()
    expect(await build(where)).toBe(await expected(where))
    // And the cache is whole again.
    expect(await build(where, { layout: 'again', entries: unreadable(await entriesOf(where)) })).toBe(await expected(where))
  })
})

describe('a cache from elsewhere', () => {
  it.each([
    ['another secret', { secretFile: 'elsewhere/secret' }],
    ['no secret', { secretFile: undefined }],
    ['a secret that cannot be made', { secretFile: 'project/data.json/secret' }],
  ])('with %s is used, and everything in it proven', async (_, { secretFile }) => {
    await using where = await place()
    const digest = await build(where)
    const cache = { secretFile: secretFile === undefined ? undefined : where.path(secretFile) }
    await expect(build(where, { cache, entries: unreadable(await entriesOf(where)) })).rejects.toMatchObject({ code: 'SW-FILE-MISSING' })
    expect(await build(where, { cache, layout: 'second' })).toBe(digest)
  })

  it('that proposes other content of the same checksum is not believed', async () => {
    await using where = await place({ 'a.txt': 'the real content' })
    const digest = await build(where)
    await eachRecord(where, (text) => text.replace(/^.*/, 'unsealed'))
    const packed = await readFile(blob(where.path, digest))
    // The same piece, deflated from other bytes, where the record says.
    await writeFile(blob(where.path, digest), Buffer.concat([packed.subarray(0, 10), Buffer.alloc(packed.length - 10, 0)]))
    expect(await build(where, { layout: 'second' })).toBe(await expected(where))
  })

  it('is an OCI layout', async () => {
    await using where = await place()
    const digest = await build(where)
    const layout = await openLayout(where.path('cache'))
    expect(existsSync(blobPath(layout, digest))).toBe(true)
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

describe('what is kept', () => {
  it('takes no more than the limit: what was used longest ago goes', async () => {
    await using where = await place()
    const sizeOf = async (): Promise<number> =>
      (
        await Promise.all((await readdir(where.path('cache/blobs/sha256'))).map((name) => stat(where.path(`cache/blobs/sha256/${name}`))))
      ).reduce((sum, { size }) => sum + size, 0)
    const first = await build(where)
    const one = await sizeOf()
    const cache = { limit: Math.round(one * 2.5) }
    for (const text of ['one', 'two', 'three']) {
      await fill(where.path('project'), { 'src/0.js': text })
      await settled()
      await build(where, { cache })
      expect(await sizeOf()).toBeLessThanOrEqual(cache.limit)
    }
    expect(existsSync(blob(where.path, first))).toBe(false)
    expect(await readdir(where.path('cache/layers'))).toHaveLength(2)
    expect(await build(where, { entries: unreadable(await entriesOf(where)), cache })).toBe(await expected(where))
  })

  it('is nothing larger than the limit', async () => {
    await using where = await place()
    expect(await build(where, { cache: { limit: 1000 } })).toBe(await expected(where))
    expect(await readdir(where.path('cache/blobs/sha256'))).toEqual([])
  })

  it('is rid of what killed runs left, when it is old', async () => {
    await using where = await place()
    await build(where)
    const old = where.path(`cache/layers/.cut.tmp`)
    const young = where.path(`cache/.incoming-young`)
    for (const file of [old, young]) await writeFile(file, 'x')
    await utimes(old, 1000, 1000)
    await build(where)
    expect([existsSync(old), existsSync(young)]).toEqual([false, true])
  })
})
