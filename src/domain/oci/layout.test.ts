import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { graphOf } from './graph.ts'
import { addEntry, createLayout, entriesOf, type Layout, nameOf, openLayout, referrersIn, removeEntry, resolveEntry } from './layout.ts'
import { blobPath, hasBlob, openBlob, readBlob, readManifest, writeBlob, writeManifest } from './layout-blobs.ts'
import { blobsOf, removeAbandoned, removeOutdated } from './layout-garbage.ts'
import { type Descriptor, mediaTypes } from './types.ts'

let folder: string
let layout: Layout

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-layout-'))
  layout = await createLayout(join(folder, 'layout'))
})
afterEach(() => rm(folder, { recursive: true }))

async function image(content: string): Promise<Descriptor> {
  const config = { mediaType: mediaTypes.config, ...(await writeBlob(layout, `{"of":"${content}"}`)) }
  const layer = { mediaType: mediaTypes.layerGzip, ...(await writeBlob(layout, content)) }
  return writeManifest(layout, { schemaVersion: 2, config, layers: [layer] })
}

const index = (manifests: Descriptor[]) => writeManifest(layout, { schemaVersion: 2, manifests })

describe('a layout', () => {
  it('has the files of image-layout.md', async () => {
    expect(await readFile(join(layout.folder, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}')
    expect(JSON.parse(await readFile(join(layout.folder, 'index.json'), 'utf8'))).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [],
    })
    expect((await readdir(layout.folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
  })

  it('made again is opened as it is', async () => {
    await addEntry(layout, await image('a'))
    expect(await entriesOf(await createLayout(layout.folder))).toHaveLength(1)
  })

  it.each([
    ['an unknown version', async () => writeFile(join(layout.folder, 'oci-layout'), '{"imageLayoutVersion":"9"}'), 'SW-LAYOUT-CORRUPT'],
    ['a cut index.json', async () => truncate(join(layout.folder, 'index.json'), 9), 'SW-LAYOUT-CORRUPT'],
    ['no index.json', async () => rm(join(layout.folder, 'index.json')), 'SW-LAYOUT-CORRUPT'],
    ['no oci-layout', async () => rm(join(layout.folder, 'oci-layout')), 'SW-LAYOUT-MISSING'],
    ['nothing', async () => rm(layout.folder, { recursive: true }), 'SW-LAYOUT-MISSING'],
  ])('does not open with %s', async (_, damage, code) => {
    await damage()
    await expect(openLayout(layout.folder)).rejects.toMatchObject({ code })
  })
})

describe('a blob', () => {
  it('is written under its digest from text, bytes or a stream, and read back', async () => {
    for (const source of ['hello', Buffer.from('hello'), Readable.from([Buffer.from('hel'), Buffer.from('lo')])]) {
      expect(await writeBlob(layout, source)).toEqual({ digest: sha256('hello'), size: 5 })
    }
    expect(await readBlob(layout, { digest: sha256('hello'), size: 5 })).toEqual(Buffer.from('hello'))
    expect((await buffer(openBlob(layout, { digest: sha256('hello'), size: 5 }))).toString()).toBe('hello')
    expect(await hasBlob(layout, { digest: sha256('hello'), size: 5 })).toBe(true)
    expect(await hasBlob(layout, { digest: sha256('hello'), size: 6 })).toBe(false)
    expect(await hasBlob(layout, { digest: sha256('other'), size: 5 })).toBe(false)
  })

  it('that is there already is not written again, and counts as written now', async () => {
    const path = blobPath(layout, (await writeBlob(layout, 'hello')).digest)
    await utimes(path, 1, 1)
    const before = await stat(path)
    expect(await writeBlob(layout, 'hello')).toEqual({ digest: sha256('hello'), size: 5 })
    const after = await stat(path)
    expect(after.ino).toBe(before.ino)
    expect(after.mtimeMs).toBeGreaterThan(before.mtimeMs)
  })

  it.each(['hellO', 'hell', 'hello and more'])('of which the layout has %s instead is written', async (instead) => {
    const blob = await writeBlob(layout, 'hello')
    await writeFile(blobPath(layout, blob.digest), instead)
    await writeBlob(layout, 'hello')
    expect(await readBlob(layout, blob)).toEqual(Buffer.from('hello'))
  })

  it('may be empty', async () => {
    const empty = await writeBlob(layout, '')
    expect(await readBlob(layout, empty)).toHaveLength(0)
    expect(await buffer(openBlob(layout, empty))).toHaveLength(0)
  })

  it('with a sha512 digest is kept apart', async () => {
    const digest = `sha512:${(await import('node:crypto')).createHash('sha512').update('hello').digest('hex')}` as const
    await writeBlob(layout, 'hello', { digest, size: 5 })
    expect(await readBlob(layout, { digest, size: 5 })).toEqual(Buffer.from('hello'))
    expect(blobPath(layout, digest)).toContain('/blobs/sha512/')
  })

  it.each([
    ['other bytes', 'hellO'],
    ['too few', 'hell'],
    ['too many', 'hello!'],
  ])('that is promised and comes with %s is refused, and leaves nothing', async (_, bytes) => {
    await expect(writeBlob(layout, bytes, { digest: sha256('hello'), size: 5 })).rejects.toMatchObject({ code: 'SW-DIGEST-MISMATCH' })
    expect(await blobsOf(layout)).toEqual([])
    expect((await readdir(layout.folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
  })

  it('whose source breaks leaves nothing', async () => {
    async function* broken() {
      yield Buffer.from('hel')
      throw new Error('cut')
    }
    await expect(writeBlob(layout, broken())).rejects.toThrow()
    expect(await blobsOf(layout)).toEqual([])
    expect((await readdir(layout.folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
  })

  it.each([
    ['gone', async (path: string) => rm(path), 'SW-LAYOUT-CORRUPT'],
    ['changed', async (path: string) => writeFile(path, 'hellO'), 'SW-DIGEST-MISMATCH'],
    ['cut', async (path: string) => truncate(path, 2), 'SW-DIGEST-MISMATCH'],
    ['longer', async (path: string) => writeFile(path, 'hello and more'), 'SW-DIGEST-MISMATCH'],
  ])('that is %s is noticed when read', async (_, damage, code) => {
    const blob = await writeBlob(layout, 'hello')
    await damage(blobPath(layout, blob.digest))
    await expect(readBlob(layout, blob)).rejects.toMatchObject({ code })
    await expect(buffer(openBlob(layout, blob))).rejects.toMatchObject({ code })
  })
})

describe('index.json', () => {
  it('names images: a name has one image, an image may have several names', async () => {
    const [first, second] = [await image('a'), await image('b')]
    await addEntry(layout, first)
    await addEntry(layout, first, '1.0')
    await addEntry(layout, first, 'latest')
    await addEntry(layout, second, 'latest')
    expect((await entriesOf(layout)).map((entry) => [nameOf(entry), entry.digest])).toEqual([
      ['1.0', first.digest],
      ['latest', second.digest],
    ])
    await addEntry(layout, second, 'latest')
    expect(await entriesOf(layout)).toHaveLength(2)
    await removeEntry(layout, first.digest)
    expect((await entriesOf(layout)).map(nameOf)).toEqual(['latest'])
  })

  it('loses no entry when many are added at once', async () => {
    const images = await Promise.all([...'abcdefgh'].map(image))
    await Promise.all(images.map((descriptor, at) => addEntry(layout, descriptor, `t${at}`)))
    expect((await entriesOf(layout)).map(nameOf).sort()).toEqual(['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7'])
  })

  it('is where a digest is looked up, at the top or in an index below', async () => {
    const [arm, amd] = [{ ...(await image('arm')), platform: { os: 'linux', architecture: 'arm64' } }, await image('amd')]
    const both = await index([arm, amd])
    await addEntry(layout, both)
    expect(await resolveEntry(layout)).toEqual(both)
    expect(await resolveEntry(layout, both.digest)).toEqual(both)
    expect(await resolveEntry(layout, arm.digest)).toEqual(arm)
    await expect(resolveEntry(layout, sha256('nothing'))).rejects.toMatchObject({ code: 'SW-MANIFEST-MISSING' })
    await addEntry(layout, await image('third'))
    await expect(resolveEntry(layout)).rejects.toMatchObject({ code: 'SW-MANIFEST-MISSING' })
  })

  it('finds what refers to an image', async () => {
    const subject = await image('a')
    const config = { mediaType: mediaTypes.empty, ...(await writeBlob(layout, '{}')) }
    const signature = await writeManifest(layout, { schemaVersion: 2, artifactType: 'x/sig', config, layers: [], subject })
    await addEntry(layout, subject)
    await addEntry(layout, signature)
    expect(await referrersIn(layout, subject.digest)).toEqual([signature])
    expect(await referrersIn(layout, signature.digest)).toEqual([])
  })
})

describe('the graph of an image', () => {
  it('has children before parents, and each digest once', async () => {
    const [a, b] = [await image('same'), await image('other')]
    const inner = await index([a, b])
    const root = await index([inner, a])
    const graph = await graphOf(root, (descriptor) => readManifest(layout, descriptor))
    expect(graph.manifests.map(({ descriptor }) => descriptor.digest)).toEqual([a.digest, b.digest, inner.digest, root.digest])
    expect(graph.blobs).toHaveLength(4)
  })

  it('takes what is no manifest in an index as a blob', async () => {
    const layer = { mediaType: mediaTypes.layer, ...(await writeBlob(layout, 'layer')) }
    const graph = await graphOf(await index([layer]), (descriptor) => readManifest(layout, descriptor))
    expect(graph.blobs).toEqual([layer])
  })

  it('is refused when it nests without sense', async () => {
    let root = await image('a')
    for (let depth = 0; depth < 20; depth += 1) root = await index([root])
    await expect(graphOf(root, (descriptor) => readManifest(layout, descriptor))).rejects.toMatchObject({ code: 'SW-MANIFEST-INVALID' })
  })
})

describe('what a layout loses', () => {
  const tomorrow = (): number => Date.now() + 25 * 60 * 60 * 1000

  it('is what no entry leads to, and what killed runs left, when it is a day old', async () => {
    const [kept, dropped] = [await image('kept'), await image('dropped')]
    const root = await index([kept])
    await addEntry(layout, root, 'v1')
    await addEntry(layout, dropped, 'v0')
    await removeEntry(layout, dropped.digest)
    await writeFile(join(layout.folder, '.incoming-dead'), 'half')
    await writeFile(join(layout.folder, '..incoming-dead.0123.tmp'), 'half')
    const before = await graphOf(root, (descriptor) => readManifest(layout, descriptor))
    const all = await blobsOf(layout)
    for (const [now, lost] of [
      [Date.now(), 0],
      [tomorrow(), 3],
    ] as const) {
      await removeAbandoned(layout, now)
      await removeOutdated(layout, now)
      expect(all.length - (await blobsOf(layout)).length).toBe(lost)
    }
    expect(await graphOf(root, (descriptor) => readManifest(layout, descriptor))).toEqual(before)
    for (const blob of before.blobs) expect(await hasBlob(layout, blob)).toBe(true)
    expect((await readdir(layout.folder)).sort()).toEqual(['blobs', 'index.json', 'oci-layout'])
  })

  it('is nothing of an index whose children were never here', async () => {
    const absent = { mediaType: mediaTypes.manifest, digest: sha256('absent'), size: 6 }
    await addEntry(layout, await index([absent]))
    const all = await blobsOf(layout)
    await removeOutdated(layout, tomorrow())
    expect(await blobsOf(layout)).toEqual(all)
  })
})
