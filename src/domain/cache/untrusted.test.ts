import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import type { Digest } from '../../base/digest.ts'
import { fill, type Tree } from '../build/fixtures/tree.ts'
import { openLayout } from '../oci/layout.ts'
import { blobPath } from '../oci/layout-blobs.ts'
import { blob, build, entriesOf, expected, type Place, place, settled, unreadable } from './fixtures/place.ts'

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
