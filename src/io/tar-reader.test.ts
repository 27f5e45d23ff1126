import { readFileSync } from 'node:fs'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { checksumOf } from './tar-header.ts'
import { readTar, type TarLimits } from './tar-reader.ts'
import { type TarEntry, tarPieces } from './tar-writer.ts'

const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1, size: 0 } as const
const end = Buffer.alloc(1024)

async function* cutInto(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(archive: Buffer, limits: TarLimits = {}, piece = 10_000) {
  const members = []
  for await (const { header, body } of readTar(cutInto(archive, piece), limits)) members.push({ ...header, content: await text(body) })
  return members
}

/** A header block with raw fields and a right checksum. */
function block(fields: Readonly<Record<number, string>>, flag = '0'): Buffer {
  const header = Buffer.alloc(512)
  for (const [at, value] of Object.entries({ 0: 'name', 100: '0000644\0', 124: '00000000000\0', 257: 'ustar\0' + '00', ...fields }))
    header.write(value, Number(at), 'latin1')
  header.write(flag, 156, 'latin1')
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

function octal(size: number): string {
  return `${size.toString(8).padStart(11, '0')}\0`
}

function padded(content: string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** A pax record with the length that it has; only for lengths of two digits. */
function record(text: string): string {
  return `${Buffer.byteLength(text) + 4} ${text}\n`
}

function withMeta(flag: string, content: string, header = block({})): Buffer {
  return Buffer.concat([block({ 124: octal(Buffer.byteLength(content)) }, flag), padded(content), header, end])
}

describe('reads what we write', () => {
  it('whatever it is, and however it is cut', async () => {
    const part = fc.stringMatching(/^[a-zé😀 ]{1,60}$/u).filter((name) => name !== '.' && name !== '..')
    const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
    const numbers = { mode: fc.nat(0o7777), uid: fc.nat(4_000_000_000), gid: fc.nat(4_000_000_000), mtime: fc.nat(2 ** 32) }
    const file = fc
      .record({ ...numbers, path, content: fc.string().map((content) => Buffer.from(content)) })
      .map((entry): TarEntry => ({ ...entry, type: 'file', size: entry.content.length }))
    const link = fc
      .record({ ...numbers, path, link: path, type: fc.constantFrom('symlink' as const, 'hardlink' as const) })
      .map((entry): TarEntry => ({ ...entry, size: 0 }))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(file, link), { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (entries, piece) => {
        const members = await read(await buffer(tarPieces(entries)), {}, piece)
        expect(members).toEqual(entries.map(({ content, ...entry }) => ({ link: '', ...entry, content: content?.toString() ?? '' })))
      }),
      { numRuns: 100 },
    )
  })
})

describe('reads what GNU tar has written', () => {
  const archive = (name: string): Buffer => readFileSync(new URL(`fixtures/archives/${name}.tar`, import.meta.url))

  test.each(['ustar', 'pax', 'gnu', 'oldgnu', 'v7'])('--format=%s', async (format) => {
    const byPath = new Map((await read(archive(format))).map((member) => [member.path, member]))
    expect(byPath.get('tree/file')).toMatchObject({ type: 'file', content: 'content', mtime: 1234 })
    expect(byPath.get('tree/hard')).toMatchObject({ type: 'hardlink', link: 'tree/file', size: 0 })
    expect(byPath.get('tree/empty/')).toMatchObject({ type: 'directory' })
    expect(byPath.has('tree/ünïcode')).toBe(true)
    // ustar and v7 have no room for these.
    if (byPath.size === 4) return
    expect(byPath.get(`tree/${'long/'.repeat(30)}name`)).toMatchObject({ content: 'deep' })
    expect(byPath.get('tree/link')).toMatchObject({ type: 'symlink', link: 't'.repeat(150) })
  })

  test.each(['sparse-gnu', 'sparse-pax'])('but not %s', async (name) => {
    await expect(read(archive(name))).rejects.toMatchObject({ code: 'SW-TAR-UNSUPPORTED', message: expect.stringContaining('sparse') })
  })
})

describe('headers of other writers', () => {
  test.each([
    [
      'numbers with blanks and no NUL',
      block({ 108: '  1750 ', 116: '001751 ', 136: '00000001234 ' }),
      { uid: 0o1750, gid: 0o1751, mtime: 0o1234 },
    ],
    ['numbers left out', block({ 108: '\0', 116: '        ' }), { uid: 0, gid: 0 }],
    ['base-256 user', block({ 108: '\x80\0\0\0\xf0\0\0\0' }), { uid: 0xf0000000 }],
    ['base-256 time before 1970', block({ 136: '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe' }), { mtime: -2 }],
    ['a prefix', block({ 345: 'some/prefix' }), { path: 'some/prefix/name' }],
    ['no prefix where GNU has times', block({ 257: 'ustar  \0', 345: '00000000000' }), { path: 'name' }],
    ['a name without NUL', block({ 0: 'n'.repeat(100) }), { path: 'n'.repeat(100) }],
    ['a v7 folder', block({ 0: 'dir/', 257: '\0\0\0\0\0\0\0\0' }, '\0'), { path: 'dir/', type: 'directory' }],
    ['a folder with a size', block({ 124: octal(99) }, '5'), { type: 'directory', size: 0 }],
    ['a contiguous file', block({}, '7'), { type: 'file' }],
    ['a device', block({}, '3'), { type: 'character' }],
    ['mode with file type', block({ 100: '0100755\0' }), { mode: 0o755 }],
  ])('%s', async (_, header, expected) => {
    expect(await read(Buffer.concat([header, end]))).toMatchObject([expected])
  })

  it('a checksum of signed bytes', async () => {
    const header = block({ 0: 'n\xe4me' })
    header.write(`${(checksumOf(header) - 256).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    expect(await read(Buffer.concat([header, end]))).toHaveLength(1)
  })

  test.each([
    ['pax path and link', withMeta('x', record('path=a/b/c') + record('linkpath=d/e'), block({}, '2')), { path: 'a/b/c', link: 'd/e' }],
    ['pax numbers', withMeta('x', record('uid=12345') + record('mtime=1.123456')), { uid: 12_345, mtime: 1 }],
    ['pax wins over GNU', Buffer.concat([block({ 124: octal(4) }, 'L'), padded('gnu\0'), withMeta('x', '12 path=pax\n')]), { path: 'pax' }],
    ['GNU long link', withMeta('K', 'target\0', block({}, '2')), { link: 'target' }],
    ['a global header', withMeta('g', record('uid=1000')), { uid: 1000 }],
    ['unknown keys', withMeta('x', record('SCHILY.xattr.user.x=\x01')), { path: 'name' }],
    [
      'an empty value takes back',
      Buffer.concat([block({ 124: octal(12) }, 'g'), padded('12 uid=1000\n'), withMeta('x', '7 uid=\n')]),
      { uid: 0 },
    ],
  ])('%s', async (_, archive, expected) => {
    expect(await read(archive)).toMatchObject([expected])
  })

  it('global headers last, local ones do not', async () => {
    const archive = Buffer.concat([
      block({ 124: octal(12) }, 'g'),
      padded('12 gid=1000\n'),
      block({ 124: octal(12) }, 'x'),
      padded('12 uid=1000\n'),
      block({}),
      block({}),
      end,
    ])
    expect(await read(archive)).toMatchObject([
      { uid: 1000, gid: 1000 },
      { uid: 0, gid: 1000 },
    ])
  })
})

describe('refuses', () => {
  const body = Buffer.concat([block({ 124: octal(600) }), Buffer.alloc(1024), end])
  const badSum = block({})
  badSum.write('x', 0)

  test.each([
    ['a wrong checksum', Buffer.concat([badSum, end]), 'SW-TAR-MALFORMED', /wrong checksum/],
    ['no archive at all', Buffer.alloc(1024, 'x'), 'SW-TAR-MALFORMED', /checksum "xxxxxxxx"/],
    ['nothing', Buffer.alloc(0), 'SW-TAR-MALFORMED', /cut off at byte 0/],
    ['a cut header', body.subarray(0, 511), 'SW-TAR-MALFORMED', /cut off at byte 511/],
    ['cut content', body.subarray(0, 700), 'SW-TAR-MALFORMED', /cut off at byte 700, within "name"/],
    ['cut padding', body.subarray(0, 1200), 'SW-TAR-MALFORMED', /cut off at byte 1200/],
    ['no end', body.subarray(0, 1536), 'SW-TAR-MALFORMED', /without an end/],
    ['half an end', body.subarray(0, 2048), 'SW-TAR-MALFORMED', /without an end/],
    ['a lone zero block', Buffer.concat([Buffer.alloc(512), block({}), end]), 'SW-TAR-MALFORMED', /lone zero block at byte 0/],
    ['a negative size', Buffer.concat([block({ 124: `\xff${'\xff'.repeat(11)}` }), end]), 'SW-TAR-MALFORMED', /size -1/],
    ['a negative pax size', withMeta('x', '11 size=-1\n'), 'SW-TAR-MALFORMED', /size -1/],
    ['a size beyond all', Buffer.concat([block({ 124: `\x80${'\xff'.repeat(11)}` }), end]), 'SW-TAR-MALFORMED', /more than can be true/],
    ['a size that is no number', Buffer.concat([block({ 124: '0000000009x\0' }), end]), 'SW-TAR-MALFORMED', /octal/],
    ['a pax size that is no number', withMeta('x', '12 size=0x1\n'), 'SW-TAR-MALFORMED', /expected a number/],
    ['a sparse file', Buffer.concat([block({}, 'S'), end]), 'SW-TAR-UNSUPPORTED', /sparse/],
    ['a sparse file by pax', withMeta('x', '22 GNU.sparse.major=1\n'), 'SW-TAR-UNSUPPORTED', /sparse/],
    ['an unknown type', Buffer.concat([block({}, 'M'), end]), 'SW-TAR-UNSUPPORTED', /type "M"/],
    ['a NUL in a pax path', withMeta('x', record('path=ab\0cd')), 'SW-TAR-MALFORMED', /NUL/],
    ['a NUL in a pax link', withMeta('x', record('linkpath=ab\0cd')), 'SW-TAR-MALFORMED', /NUL/],
    ['a pax record without key', withMeta('x', '7 =abc\n'), 'SW-TAR-MALFORMED', /no key/],
    ['a pax record without equals', withMeta('x', '7 abcd\n'), 'SW-TAR-MALFORMED', /no key/],
    ['a pax length too long', withMeta('x', '99 path=abc\n'), 'SW-TAR-MALFORMED', /wrong length/],
    ['a pax length too short', withMeta('x', '5 path=abc\n'), 'SW-TAR-MALFORMED', /wrong length/],
    ['a pax length of nothing', withMeta('x', '0 path=abc\n'), 'SW-TAR-MALFORMED', /wrong length/],
    ['a pax length that is no number', withMeta('x', 'x path=abc\n'), 'SW-TAR-MALFORMED', /wrong length/],
    [
      'a pax header for nothing',
      Buffer.concat([block({ 124: octal(12) }, 'x'), padded('12 path=abc\n'), end]),
      'SW-TAR-MALFORMED',
      /announces a member/,
    ],
    ['a negative pax header', Buffer.concat([block({ 124: `\xff${'\xff'.repeat(11)}` }, 'x'), end]), 'SW-TAR-MALFORMED', /size -1/],
    ['a huge pax header', Buffer.concat([block({ 124: octal(2 ** 32) }, 'x'), end]), 'SW-TAR-LIMIT', /4\.3 GB of names/],
    ['a huge long name', Buffer.concat([block({ 124: octal(2 ** 32) }, 'L'), end]), 'SW-TAR-LIMIT', /of names/],
    ['a path too long', withMeta('L', 'n'.repeat(5000)), 'SW-TAR-LIMIT', /path of 5000 bytes/],
  ])('%s', async (_, archive, code, message) => {
    await expect(read(archive)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test.each([
    ['members', { entries: 2 }, /more than 2 members/],
    ['bytes', { size: 2000 }, /more than 2\.0 kB/],
  ])('too many %s', async (_, limits, message) => {
    const archive = Buffer.concat([block({}), block({}), block({ 124: octal(600) }), Buffer.alloc(1024), end])
    await expect(read(archive, limits)).rejects.toMatchObject({ code: 'SW-TAR-LIMIT', message: expect.stringMatching(message) })
  })

  it('endless data behind the end', async () => {
    const endless = async function* (): AsyncGenerator<Buffer> {
      yield end
      for (;;) yield Buffer.alloc(100_000)
    }
    const reading = async (): Promise<void> => {
      for await (const _ of readTar(endless(), { size: 10_000_000 }));
    }
    await expect(reading()).rejects.toMatchObject({ code: 'SW-TAR-LIMIT' })
  })

  it('whatever bytes come, with an error of its own', async () => {
    const valid = await buffer(tarPieces([{ ...plain, path: 'é'.repeat(100), size: 3, content: Buffer.from('abc') }]))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = Buffer.from(valid)
        for (const [at, value] of changes) damaged[at] = value
        const outcome = await read(damaged).catch((error: { code: string }) => error.code)
        if (typeof outcome === 'string') expect(outcome).toMatch(/^SW-TAR-/)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a body', () => {
  const archive = buffer(
    tarPieces([1, 2, 3].map((index) => ({ ...plain, path: `f${index}`, size: 1000, content: Buffer.alloc(1000, String(index)) }))),
  )

  it('may be left unread, or read in part', async () => {
    const seen: string[] = []
    for await (const { header, body } of readTar(cutInto(await archive, 7))) {
      seen.push(header.path)
      if (header.path === 'f2') for await (const piece of body) if (piece.length > 0) break
    }
    expect(seen).toEqual(['f1', 'f2', 'f3'])
  })

  it('gives nothing once the next member has come', async () => {
    const bodies: AsyncIterable<Buffer>[] = []
    for await (const { body } of readTar(cutInto(await archive, 100))) bodies.push(body)
    for (const body of bodies) expect(await text(body)).toBe('')
  })

  it('lets go of the source when the reader stops early', async () => {
    let closed = false
    const source = async function* (): AsyncGenerator<Buffer> {
      try {
        yield* cutInto(await archive, 100)
      } finally {
        closed = true
      }
    }
    for await (const _ of readTar(source())) break
    expect(closed).toBe(true)
  })
})
