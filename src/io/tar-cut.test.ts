import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { giveMemory, takeMemory } from './piece-memory.ts'
import { longestPiece, type TarPiece } from './tar-cut.ts'
import { cutTar, type TarEntry, tarPieces } from './tar-writer.ts'

const common = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1 } as const

function file(path: string, size: number, fill = path): TarEntry {
  return { ...common, path, size, content: Buffer.alloc(size, fill), stamp: `${path} ${size} ${fill}` }
}

/** As a project has them: most are small, some are larger than a piece. */
function project(files = 400): readonly TarEntry[] {
  return Array.from({ length: files }, (_, index) =>
    file(`src/file-${String(index).padStart(5, '0')}.js`, index % 97 === 50 ? 2_500_000 : (index * 7919) % 60_000),
  )
}

async function cut(entries: readonly TarEntry[]): Promise<TarPiece[]> {
  const pieces: TarPiece[] = []
  for await (const { bytes, stamp } of cutTar(entries)) pieces.push({ bytes: Buffer.from(bytes), stamp })
  return pieces
}

const digestOf = ({ bytes }: TarPiece): string => createHash('sha256').update(bytes).digest('hex')

/** How many pieces of the second archive the first one does not have. */
async function fresh(before: readonly TarEntry[], after: readonly TarEntry[]): Promise<number> {
  const known = new Set((await cut(before)).map(digestOf))
  return (await cut(after)).filter((piece) => !known.has(digestOf(piece))).length
}

describe('the pieces of an archive', () => {
  it('are those bytes, none longer than a piece may be', async () => {
    const pieces = await cut(project())
    const whole: Buffer[] = []
    for await (const bytes of tarPieces(project())) whole.push(Buffer.from(bytes))
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(Buffer.concat(whole))).toBe(true)
    expect(Math.max(...pieces.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(longestPiece)
    expect(pieces.length).toBeLessThan(80)
  })

  const before = project()
  const at = 200

  it.each([
    ['the content of one file', before.map((entry, index) => (index === at ? file(entry.path, entry.size, 'other') : entry)), 1],
    ['the length of one file', before.map((entry, index) => (index === at ? file(entry.path, entry.size + 5000) : entry)), 4],
    ['one more file', [...before.slice(0, at), file('src/file-00199a.js', 20_000), ...before.slice(at)], 4],
    ['one file less', before.filter((_, index) => index !== at), 4],
    ['one more at the beginning', [file('src/a.js', 100), ...before], 4],
    [
      'a block in a large file',
      before.map((entry, index) => (index === 147 ? { ...entry, content: Buffer.alloc(2_500_000, entry.path).fill('x', 10, 20) } : entry)),
      1,
    ],
  ])('stay but for a few when this changes: %s', async (_, after, most) => {
    const changed = await fresh(before, after)
    expect(changed).toBeGreaterThan(0)
    expect(changed).toBeLessThanOrEqual(most)
  })

  it('are cut by paths and sizes only', async () => {
    const lengths = async (entries: readonly TarEntry[]): Promise<number[]> => (await cut(entries)).map(({ bytes }) => bytes.length)
    expect(await lengths(before.map((entry) => file(entry.path, entry.size, 'x')))).toEqual(await lengths(before))
  })
})

describe('what a piece is known by', () => {
  it('differs where its bytes do, and nowhere else', async () => {
    const sizes = fc.array(fc.nat({ max: 400_000 }), { minLength: 1, maxLength: 8 })
    const change = fc.record({ index: fc.nat({ max: 7 }), what: fc.constantFrom('content', 'mode', 'path', 'owner', 'nothing') })
    await fc.assert(
      fc.asyncProperty(sizes, change, async (list, { index, what }) => {
        const one = list.map((size, place) => file(`f${place}`, size))
        const other = one.map((entry, place): TarEntry => {
          if (place !== index % list.length || what === 'nothing') return entry
          if (what === 'content') return file(entry.path, entry.size, `changed ${entry.path}`)
          return { ...entry, ...(what === 'mode' ? { mode: 0o755 } : what === 'path' ? { path: `g${place}` } : { uid: 7 }) }
        })
        const [first, second] = [await cut(one), await cut(other)]
        const stamps = new Map(first.map((piece) => [piece.stamp, digestOf(piece)]))
        for (const piece of second) if (stamps.has(piece.stamp)) expect(digestOf(piece)).toBe(stamps.get(piece.stamp))
        if (what === 'nothing') expect(second.map(({ stamp }) => stamp)).toEqual(first.map(({ stamp }) => stamp))
      }),
      { numRuns: 40 },
    )
  })

  it('is nothing where one file has no stamp', async () => {
    const entries = [file('a', 900_000), { ...file('b', 900_000), stamp: undefined }, file('c', 900_000)]
    expect((await cut(entries)).map(({ stamp }) => stamp === undefined)).toEqual([false, true, false])
  })

  it('differs for each block of a large file', async () => {
    const stamps = (await cut([file('zeros', 5_000_000, '\0')])).map(({ stamp }) => stamp)
    expect(new Set(stamps).size).toBe(stamps.length)
  })
})

it('memory that was given back is used again', async () => {
  const used = new Set<ArrayBufferLike>()
  for await (const { bytes, release } of cutTar(project(300))) {
    used.add(bytes.buffer)
    release?.()
  }
  expect(used.size).toBeLessThan(6)
})

it('memory of an archive that nobody cuts to its end is used again', async () => {
  const held = Array.from({ length: 40 }, () => takeMemory())
  const marked = held.slice(0, 4)
  for (const memory of marked) giveMemory(memory)
  for await (const { release } of cutTar(project(300))) {
    release?.()
    break
  }
  const again = new Set(marked.map(() => takeMemory()))
  expect(marked.every((memory) => again.has(memory))).toBe(true)
})
