import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, test } from '@jest/globals'
import { openSyncReader } from './file-read.ts'
import { temporaryFolder } from './fixtures/folder.ts'
import { tarHeader } from './tar-header.ts'
import { type TarEntry, tarPieces } from './tar-writer.ts'

const folder = temporaryFolder()
const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1, size: 0 } as const

const entries = {
  'a file': { ...plain, path: 'app/index.js', size: 5, content: Buffer.from('hello') },
  'an empty folder': { ...plain, type: 'directory', path: 'app', mode: 0o755 },
  'a symbolic link': { ...plain, type: 'symlink', path: 'bin/app', mode: 0o777, link: '../app/index.js' },
  'a hard link': { ...plain, type: 'hardlink', path: 'bin/copy', link: 'app/index.js' },
  'a path of 100 bytes': { ...plain, path: 'p'.repeat(100) },
  'a path that the prefix takes': { ...plain, path: `${'d'.repeat(155)}/${'f'.repeat(100)}` },
  'a path of 256 bytes': { ...plain, path: `${'d'.repeat(155)}/${'f'.repeat(101)}` },
  'a name of 101 bytes': { ...plain, path: 'n'.repeat(101) },
  'a folder whose slash is one byte too much': { ...plain, type: 'directory', path: 'd'.repeat(100), mode: 0o755 },
  'a path that is not ASCII': { ...plain, path: 'straße/😀' },
  'a link of 101 bytes': { ...plain, type: 'symlink', path: 'l', link: 't'.repeat(101) },
  'a link that is not ASCII': { ...plain, type: 'symlink', path: 'l', link: 'straße' },
  'setuid, setgid and sticky': { ...plain, path: 'sudo', mode: 0o7755 },
  'the largest octal user': { ...plain, path: 'u', uid: 2_097_151, gid: 2_097_151 },
  'a user beyond octal': { ...plain, path: 'u', uid: 2_097_152, gid: 4_000_000_000 },
  'a record whose length grows by its own digits': { ...plain, path: `é${'x'.repeat(89)}` },
} satisfies Record<string, TarEntry>

/** Change these only with a reason: every layer built before gets another digest. */
const golden: Readonly<Record<keyof typeof entries, string>> = {
  'a file': '41c61ae51f41beb3c875169596605b69',
  'an empty folder': '384afe74c2b0e0943ce7db41f2e304f6',
  'a symbolic link': '030fb019e6c0bbad967c347c59c33d52',
  'a hard link': 'b21b88c2f9efa2a71ab99a36846b920f',
  'a path of 100 bytes': 'ad13c918ad0dd273aaabfa8efe362375',
  'a path that the prefix takes': 'c54f5a2384cee4af3120afc6ffdf4d4b',
  'a path of 256 bytes': '1158193883c308300cbf73774707588e',
  'a name of 101 bytes': 'aaed6bee4fb3b6172f2d3bf8e1cdd062',
  'a folder whose slash is one byte too much': '59ac956fe711e74a3bd285c4d26934de',
  'a path that is not ASCII': '29fe202642b958e945dbfb550db899b9',
  'a link of 101 bytes': 'f0b67e99a39dd6c17c5fbfd20c7b1026',
  'a link that is not ASCII': 'b50cdc23af319a8d963ed16a3bc2206b',
  'setuid, setgid and sticky': 'a220b301deda5de84492756a5b3e9664',
  'the largest octal user': '2a29ea480131c624d1a4e45e3b02a1f5',
  'a user beyond octal': '969ac78dd857a35281337c912734547d',
  'a record whose length grows by its own digits': '69bd7ea2c7238b113966b2ff46a789e0',
}

function fileOf(name: string, bytes: Buffer): string {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

/** Fills at most 999 bytes at once, until there were so many. */
function pouring(size: number): (memory: Buffer) => number {
  let left = size
  return (memory) => {
    const some = Math.min(999, left, memory.length)
    memory.fill('x', 0, some)
    left -= some
    return some
  }
}

async function pack(...list: readonly TarEntry[]): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of tarPieces(list)) pieces.push(piece)
  return Buffer.concat(pieces)
}

function gnuTar(archive: Buffer, ...flags: string[]): string {
  const path = join(folder, 'archive.tar')
  writeFileSync(path, archive)
  return execFileSync('tar', [...flags, '-f', path], { encoding: 'utf8', env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } })
}

describe('the bytes never change', () => {
  test.each(Object.entries(entries))('%s', async (name, entry) => {
    const digest = createHash('sha256')
      .update(await pack(entry))
      .digest('hex')
    expect(digest.slice(0, 32)).toBe(new Map(Object.entries(golden)).get(name))
  })
})

const hasGnuTar = spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout?.includes('GNU tar') === true
const whereGnuTarIs = hasGnuTar ? describe : describe.skip

whereGnuTarIs('GNU tar reads the same (skipped only where there is none)', () => {
  test.each(Object.entries(entries))('%s', async (_, entry: TarEntry) => {
    const line = gnuTar(await pack(entry), '-tv', '--numeric-owner', '--full-time', '--quoting-style=literal')
    const slash = entry.type === 'directory' ? '/' : ''
    const arrow = entry.type === 'symlink' ? ` -> ${entry.link}` : entry.type === 'hardlink' ? ` link to ${entry.link}` : ''
    expect(line).toMatch(/^[-dlh][-rwxsStT]{9} /)
    expect(line).toContain(` ${entry.uid}/${entry.gid} `)
    expect(line).toContain(` ${entry.size} 1970-01-01 00:00:01 ${entry.path}${slash}${arrow}\n`)
  })

  it('the permissions', async () => {
    expect(gnuTar(await pack(entries['setuid, setgid and sticky']), '-tv')).toMatch(/^-rwsr-sr-t /)
  })

  it('content of every length around a block', async () => {
    const list = [0, 1, 511, 512, 513, 1024, 70_000, 1_100_000].map((size) => ({
      ...plain,
      path: `f${size}`,
      size,
      content: Buffer.alloc(size, 'x'),
    }))
    const archive = await pack(...list)
    expect(archive.length % 512).toBe(0)
    for (const { path, size } of list) {
      writeFileSync(join(folder, 'archive.tar'), archive)
      expect(execFileSync('tar', ['-xOf', join(folder, 'archive.tar'), path], { maxBuffer: 2 ** 24 }).equals(Buffer.alloc(size, 'x'))).toBe(
        true,
      )
    }
  })

  it('an archive without members', async () => {
    expect(gnuTar(await pack(), '-t')).toBe('')
  })
})

describe('sizes', () => {
  it('beyond 8 GiB are in a pax record', () => {
    const largest = 8 * 2 ** 30 - 1
    expect(tarHeader({ ...plain, path: 'huge', size: largest })).toHaveLength(512)
    expect(tarHeader({ ...plain, path: 'huge', size: largest + 1 }).toString('latin1')).toContain(`size=${largest + 1}\n`)
  })

  it('of no member at all are two blocks', async () => {
    expect(await pack()).toEqual(Buffer.alloc(1024))
  })
})

describe('content', () => {
  const expected = pack({ ...plain, path: 'f', size: 100_000, content: Buffer.alloc(100_000, 'x') })

  test.each([
    ['a function', () => Buffer.alloc(100_000, 'x')],
    ['a stream', () => Readable.from([Buffer.alloc(99_999, 'x'), Buffer.from('x')])],
    ['a file', () => openSyncReader(fileOf('whole', Buffer.alloc(100_000, 'x')))],
    ['a reader that gives a little at once', () => ({ readInto: pouring(100_000), close: () => undefined })],
    ['a stream of small pieces', () => Readable.from(Array.from({ length: 10_000 }, () => Buffer.alloc(10, 'x')))],
  ])('%s gives the same bytes', async (_, content) => {
    expect((await pack({ ...plain, path: 'f', size: 100_000, content })).equals(await expected)).toBe(true)
  })

  test.each([
    ['shorter', Buffer.from('four')],
    ['longer', Buffer.from('sixsix')],
    ['shorter, streamed', () => Readable.from([Buffer.from('four')])],
    ['longer, streamed', () => Readable.from([Buffer.from('four'), Buffer.from('more')])],
    ['shorter, from a file', () => openSyncReader(fileOf('short', Buffer.from('four')))],
    ['longer, from a file', () => openSyncReader(fileOf('long', Buffer.from('sixsix')))],
    ['nothing, from a file', () => openSyncReader(fileOf('empty', Buffer.alloc(0)))],
  ])('%s than its size is an error', async (_, content) => {
    await expect(pack({ ...plain, path: 'f', size: 5, content })).rejects.toMatchObject({
      code: 'SW-FILE-CHANGED',
      message: expect.stringContaining('expected 5'),
    })
  })

  it('of a large file is cut as if it were in memory, and its file closed', async () => {
    const size = 3_000_000
    const bytes = createHash('shake256', { outputLength: size }).update('large').digest()
    let closed = 0
    const { readInto, close } = openSyncReader(fileOf('large', bytes))
    const closing = (): void => {
      closed += 1
      close()
    }
    const content = () => ({ readInto, close: closing })
    const pieces = async (entry: TarEntry): Promise<string[]> => {
      const list: string[] = []
      for await (const piece of tarPieces([{ ...plain, path: 'before', size: 70_000, content: Buffer.alloc(70_000) }, entry]))
        list.push(createHash('sha256').update(piece).digest('hex'))
      return list
    }
    const large = { ...plain, path: 'large', size }
    expect(await pieces({ ...large, content })).toEqual(await pieces({ ...large, content: bytes }))
    expect(closed).toBe(1)
  })

  it('is never changed after it was given', async () => {
    const kept: Buffer[] = []
    const digests: string[] = []
    const list = Array.from({ length: 300 }, (_, index) => ({
      ...plain,
      path: `f${index}`,
      size: 10_000,
      content: Buffer.alloc(10_000, index),
    }))
    for await (const piece of tarPieces(list)) {
      kept.push(piece)
      digests.push(createHash('sha256').update(piece).digest('hex'))
    }
    expect(kept.length).toBeGreaterThan(2)
    expect(kept.map((piece) => createHash('sha256').update(piece).digest('hex'))).toEqual(digests)
  })

  it('reads nothing before it is asked for', async () => {
    const order: string[] = []
    const list = [1, 2].map((index) => ({
      ...plain,
      path: `f${index}`,
      size: 2_000_000,
      content: () => {
        order.push(`opened ${index}`)
        return Buffer.alloc(2_000_000)
      },
    }))
    let size = 0
    for await (const piece of tarPieces(list)) {
      await new Promise(setImmediate)
      order.push('written')
      size += piece.length
    }
    // A member longer than a piece begins one, and its end waits for what follows.
    expect(order).toEqual(['opened 1', 'written', 'opened 2', 'written', 'written', 'written'])
    expect(size).toBe(2 * (512 + 2_000_384) + 1024)
  })
})

describe('what cannot be written', () => {
  test.each([
    ['an absolute path', { path: '/etc/passwd' }],
    ['a way up', { path: 'a/../../b' }],
    ['a dot', { path: './a' }],
    ['a final slash', { path: 'a/' }],
    ['an empty path', { path: '' }],
    ['a NUL', { path: 'a\0b' }],
    ['half a surrogate pair', { path: 'a\ud800' }],
    ['a link without target', { type: 'symlink' }],
    ['a target without link', { link: 'x' }],
    ['a folder with content', { type: 'directory', size: 5 }],
    ['a negative time', { mtime: -1 }],
    ['a fraction of a second', { mtime: 1.5 }],
    ['a negative size', { size: -1 }],
    ['a mode with file type', { mode: 0o100644 }],
    ['no number', { uid: Number.NaN }],
  ] as const)('%s', async (_, change) => {
    await expect(pack({ ...plain, path: 'a', ...change })).rejects.toMatchObject({ code: 'SW-TAR-UNSUPPORTED' })
  })
})
