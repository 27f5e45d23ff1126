import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compiledProgram, deflate, firstFree, longestInput, longestOutput, pages, window } from './deflate.ts'

const noise = createHash('shake256', { outputLength: longestInput }).update('noise').digest()
const code = readFileSync(import.meta.filename)

async function deflated(piece: Uint8Array, before: Uint8Array = Buffer.alloc(0)): Promise<Buffer> {
  const into = Buffer.from(new SharedArrayBuffer(longestOutput))
  return into.subarray(0, await deflate({ piece, before, into }))
}

/** By zlib, with the block that ends a stream behind. */
function inflated(bytes: Buffer, before: Uint8Array = Buffer.alloc(0)): Buffer {
  return inflateRawSync(Buffer.concat([bytes, Buffer.from([3, 0])]), before.length === 0 ? {} : { dictionary: before })
}

/** Bytes whose frequencies are those of Fibonacci: the longest codes that so many bytes can have. */
function fibonacci(symbols: number): Buffer {
  const parts: Buffer[] = []
  for (let [index, one, two] = [0, 1, 1]; index < symbols; index++, [one, two] = [two, one + two]) parts.push(Buffer.alloc(one, index))
  const bytes = Buffer.concat(parts)
  // In an order without repetitions: what is not found again is a literal.
  for (let at = bytes.length - 1, state = 1; at > 0; at--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    const other = state % (at + 1)
    const kept = bytes[at] ?? 0
    bytes[at] = bytes[other] ?? 0
    bytes[other] = kept
  }
  return bytes
}

/** Each four bytes are found again and no fifth, in the longest block: more matches than it can note. */
function words(): Buffer {
  const word = (value: number): Buffer => Buffer.from([value, ...noise.subarray(3 * value, 3 * value + 3)])
  return Buffer.concat(Array.from({ length: 72 * 256 }, (_, index) => word((index * (2 * (index >> 8) + 1)) & 255)))
}

/** Four bytes from as far away as can be, then others: the most bits for the fewest bytes. */
function farAway(): Buffer {
  const bytes = Buffer.concat([noise.subarray(0, window), Buffer.alloc(300_000)])
  for (let at = window; at < bytes.length; at += 4) bytes.copyWithin(at, at - window + ((noise[at] ?? 0) % 8), at - window + 12)
  return bytes
}

describe('a piece', () => {
  it.each<[string, Buffer]>([
    ['of nothing', Buffer.alloc(0)],
    ['of one byte', Buffer.from('x')],
    ['of eleven bytes', Buffer.from('abcdefghijk')],
    ['of thirteen bytes, all alike', Buffer.alloc(13, 'x')],
    ['of the longest size, zeros', Buffer.alloc(longestInput)],
    ['of the longest size, noise', noise],
    ['of code', code],
    [
      'of noise and zeros in turn',
      Buffer.concat(Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? noise.subarray(0, 9000) : Buffer.alloc(8000)))),
    ],
    ['of two bytes in turn', Buffer.alloc(200_000, 'ab')],
    ['with codes of every length', fibonacci(24)],
    ['of each byte once', Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    [
      'repeated at the distance of the window',
      Buffer.concat([noise.subarray(0, window), noise.subarray(0, window), noise.subarray(0, 100)]),
    ],
    ['of words of four bytes', words()],
    ['of four bytes from the end of the window', farAway()],
    ['that codes hardly make shorter', Buffer.from(noise.map((byte) => (byte > 250 ? 0 : byte)))],
    ['repeated just beyond the window', Buffer.concat([noise.subarray(0, window + 1), noise.subarray(0, window + 1)])],
  ])('%s comes back', async (_, piece) => {
    const bytes = await deflated(piece)
    expect(inflated(bytes).equals(piece)).toBe(true)
    expect(bytes.length).toBeLessThanOrEqual(piece.length + piece.length / 4096 + 64)
    expect(bytes.subarray(-4)).toEqual(Buffer.from([0, 0, 0xff, 0xff]))
  })

  it('is found again in what comes before it', async () => {
    const before = noise.subarray(0, window)
    const bytes = await deflated(before, before)
    expect(bytes.length).toBeLessThan(2000)
    expect(inflated(bytes, before).equals(before)).toBe(true)
  })

  it('whatever it is made of, comes back, after anything', async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 3000 })).map(([value, size]) => new Uint8Array(size).fill(value)),
      fc.tuple(fc.nat(2000), fc.nat(4000)).map(([from, size]) => code.subarray(from, from + size)),
      fc.tuple(fc.nat(60_000), fc.nat(60_000)).map(([from, size]) => noise.subarray(from, from + size)),
    )
    const parts = fc.array(part, { maxLength: 40 }).map((list) => Buffer.concat(list))
    await fc.assert(
      fc.asyncProperty(parts, parts, async (piece, carried) => {
        const before = carried.subarray(-window)
        expect(inflated(await deflated(piece, before), before).equals(piece)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['code', Buffer.concat(Array.from({ length: 40 }, () => code))],
    ['noise', noise],
  ])('of %s has the same bytes beside others, in any thread', async (_, piece) => {
    const alone = await deflated(piece)
    const others = Array.from({ length: 12 }, (_value, index) => (index % 3 === 0 ? piece : randomBytes(200_000)))
    const all = await Promise.all(others.map((other) => deflated(other)))
    for (const [index, bytes] of all.entries()) if (index % 3 === 0) expect(bytes.equals(alone)).toBe(true)
  })

  it('too long for a thread’s memory is refused', async () => {
    await expect(deflated(Buffer.alloc(longestInput + 1))).rejects.toThrow('a piece of 1048577 bytes')
    await expect(deflated(Buffer.alloc(1), Buffer.alloc(window + 1))).rejects.toThrow('after 32769')
  })
})

describe('the program', () => {
  it('keeps its variables below what it is given', () => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    const { firstFree: ends } = new WebAssembly.Instance(compiledProgram(), { env: { memory } }).exports
    const end: unknown = typeof ends === 'function' ? ends() : undefined
    expect(end).toBeGreaterThan(0)
    expect(end).toBeLessThanOrEqual(firstFree)
  })
})
