import { crc32 } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { TarEntry } from './tar-entry.ts'
import { outlineTar, readOutlined } from './tar-outline.ts'
import { cutTar } from './tar-writer.ts'

const file = (path: string, size: number): TarEntry => ({
  ...({ type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1 } as const),
  ...{ path, size, content: Buffer.alloc(size, path), stamp: path === 'unknown' ? undefined : `${path} ${size}` },
})

const many = Array.from({ length: 300 }, (_, index) => file(`file-${String(index).padStart(3, '0')}`, (index * 7919) % 60_000))

describe.each<[string, readonly TarEntry[]]>([
  ['no member', []],
  ['a small member', [file('a', 10)]],
  ['many members', many],
  ['large members among small ones', [...many.slice(0, 100), file('large', 2_500_000), file('whole', 2 ** 20 - 512), ...many.slice(100)]],
  ['a member that is known by nothing', [...many, file('unknown', 3_000_000), file('z', 100)]],
])('the outline of an archive of %s', (_, entries) => {
  it('has the pieces that are cut, each of which can be read by itself', async () => {
    const outline = [...outlineTar(entries)]
    let at = 0
    for await (const { bytes, stamp } of cutTar(entries)) {
      const piece = outline[at]
      expect(piece).toMatchObject({ size: bytes.length })
      expect(piece?.stamp).toBe(stamp)
      if (piece !== undefined) expect((await readOutlined(entries, piece)).bytes.equals(bytes)).toBe(true)
      at += 1
    }
    expect(outline).toHaveLength(at)
  })
})

it('the outline of an archive reads nothing', () => {
  const content = (): Buffer => {
    throw new Error('read')
  }
  expect([...outlineTar(many.map((entry) => ({ ...entry, content })))].length).toBeGreaterThan(3)
})

it('the outline of a large file takes the memory of one piece', () => {
  const before = process.memoryUsage().arrayBuffers
  let count = 0
  for (const { size } of outlineTar([{ ...file('large', 0), size: 4 * 2 ** 30 }])) count += size > 0 ? 1 : 0
  expect(count).toBe(4097)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20)
})

it('the outline is that of what is cut, whatever the members are', async () => {
  const edge = fc.constantFrom(0, 1, 511, 512, 513, 2 ** 18, 2 ** 20 - 1024, 2 ** 20 - 512, 2 ** 20 - 511, 2 ** 20, 2 ** 20 + 512, 2 ** 21)
  const member = fc.record({
    ...{ size: fc.oneof(edge, fc.nat({ max: 300_000 })), hasStamp: fc.boolean(), name: fc.constantFrom('a', 'ä', 'n'.repeat(120)) },
    ...{ kind: fc.constantFrom('file', 'stream', 'directory', 'symlink'), link: fc.constantFrom('x', 'x'.repeat(150)) },
  })
  await fc.assert(
    fc.asyncProperty(fc.array(member, { maxLength: 12 }), async (members) => {
      const entries = members.map(({ size, hasStamp, name, kind, link }, index): TarEntry => {
        const plain = file(`${index}/${name}`, kind === 'file' || kind === 'stream' ? size : 0)
        const stamp = hasStamp ? plain.stamp : undefined
        if (kind === 'directory') return { ...plain, type: 'directory', content: Buffer.alloc(0), stamp }
        if (kind === 'symlink') return { ...plain, type: 'symlink', link, content: Buffer.alloc(0), stamp }
        return {
          ...plain,
          stamp,
          ...(kind === 'stream' ? { content: () => [Buffer.alloc(size >> 1), Buffer.alloc(size - (size >> 1))] } : {}),
        }
      })
      const outline = [...outlineTar(entries)]
      const cut: { size: number; stamp: string | undefined; crc: number }[] = []
      for await (const { bytes, stamp, release } of cutTar(entries)) {
        cut.push({ size: bytes.length, stamp, crc: crc32(bytes) })
        release?.()
      }
      expect(outline.map(({ size, stamp }) => ({ size, stamp }))).toEqual(cut.map(({ size, stamp }) => ({ size, stamp })))
      for (const [at, piece] of outline.entries()) {
        const { bytes, release } = await readOutlined(entries, piece)
        expect(crc32(bytes)).toBe(cut[at]?.crc)
        release?.()
      }
    }),
    { numRuns: 60 },
  )
})
