import { describe, expect, it } from '@jest/globals'
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
    const outline = outlineTar(entries)
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
  expect(outlineTar(many.map((entry) => ({ ...entry, content }))).length).toBeGreaterThan(3)
})
