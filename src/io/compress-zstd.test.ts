import { createHash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { zstdCodec } from './compress-zstd.ts'
import { runAlone } from './fixtures/own-process.ts'

const mebibyte = 2 ** 20
const noise = createHash('shake256', { outputLength: mebibyte }).update('noise').digest()
const text = Buffer.from('a line of a program that is much like the next\n'.repeat(30_000)).subarray(0, mebibyte)
const mixed = Buffer.concat([text.subarray(0, mebibyte / 2), noise.subarray(0, mebibyte / 2)])
const nothing = Buffer.alloc(0)

const pieces = {
  'noise of the usual length': noise,
  'text of the usual length': text,
  'half text, half noise': mixed,
  'an odd length': noise.subarray(1),
  'a byte': text.subarray(0, 1),
  nothing,
  'a short part': mixed.subarray(mebibyte / 2 - 60_000, mebibyte / 2 + 10_000),
  'more than a piece has': Buffer.concat([text, noise]),
} satisfies Record<string, Buffer>

/** A codec that has spent on noise what it does without a thread. */
async function spent(level: number): Promise<ReturnType<typeof zstdCodec>> {
  const codec = zstdCodec(level)
  for (let times = 0; times < 2; times += 1) await codec.compress(noise, nothing)
  return codec
}

describe.each([1, 3, 12, 13])('a frame at level %i', (level) => {
  it.each(Object.entries(pieces))('of %s is the same by a thread and without, whatever was before', async (_, piece) => {
    const { bytes: here } = await zstdCodec(level).compress(piece, nothing)
    const codec = await spent(level)
    const there = await Promise.all([mixed, piece, text, piece].map((one) => codec.compress(one, nothing)))
    expect([1, 3].map((at) => there[at]?.bytes.equals(here))).toEqual([true, true])
    expect(zstdDecompressSync(here).equals(piece)).toBe(true)
  })

  it('does not depend on how much more room than enough there is', async () => {
    const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 }
    for (const piece of Object.values(pieces))
      expect((await zstdCodec(level).compress(piece, nothing)).bytes.equals(zstdCompressSync(piece, { params, chunkSize: 2 ** 23 }))).toBe(
        true,
      )
  })
})

/** RFC 8878 §3.1.1.1: the descriptor, a window if not in one segment, and the size of the content. */
it.each([
  ['short', text.subarray(0, 200), 200],
  ['usual', text, mebibyte],
])('a %s frame tells the size of its content, and has a checksum', async (_, piece, size) => {
  const { bytes } = await zstdCodec(1).compress(piece, nothing)
  const descriptor = bytes[4] ?? 0
  const at = 5 + ((descriptor & 0x20) === 0 ? 1 : 0)
  expect(descriptor >> 6 === 0 ? bytes[at] : bytes.readUInt32LE(at)).toBe(size)
  expect(descriptor & 4).toBe(4)
})

const prelude = `
  import { createHash } from 'node:crypto'
  const { zstdCodec } = await import(${JSON.stringify(new URL('./compress-zstd.ts', import.meta.url).href)})
  const piece = Buffer.from(Array.from({ length: 1024 * 1024 }, (_, index) => (index * index) >> 7))
  // Of half entropy, which the highest level looks at for hundreds of milliseconds.
  const slow = Buffer.from(createHash('shake256', { outputLength: 512 * 1024 }).update('').digest('hex'))
  const [usual, highest] = [zstdCodec(3), zstdCodec(19)]
  const many = (count, codec = usual, bytes = piece) => Promise.all(Array.from({ length: count }, () =>
    codec.compress(bytes, Buffer.alloc(0)).then(({ bytes }) => createHash('sha256').update(bytes).digest('hex'), ({ code }) => code)))
`
const run = (program: string, flags?: readonly string[]) => runAlone(prelude + program, flags)

describe('threads', () => {
  it('are as many as there are processors beside one, at most four', () => {
    const { lines, status } = run(`
      const { availableParallelism } = await import('node:os')
      say(new Set(await many(40)).size, workers.length === Math.max(1, Math.min(4, availableParallelism() - 1)))
    `)
    expect({ lines, status }).toEqual({ lines: ['1 true'], status: 0 })
  })

  it('lose only their own pieces when they end early, and others go on', () => {
    // The first has not begun when it is ended.
    const { lines, status } = run(`
      process.once('worker', (worker) => worker.terminate())
      const first = await many(4, highest, slow)
      const [right, other] = await many(2, highest, slow)
      say(first.includes('SW-THREAD-FAILED'), first.every((one) => [right, 'SW-THREAD-FAILED'].includes(one)))
      say(right.length === 64 && right === other, workers.length > 1)
    `)
    expect({ lines, status }).toEqual({ lines: ['true true', 'true true'], status: 0 })
  })

  it('that the system does not allow are done without, with the same bytes', () => {
    const lines = (flags: readonly string[]) => run('say(...new Set(await many(40))); say(workers.length > 0)', flags).lines
    const [digest, some] = lines([])
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(some).toBe('true')
    expect(lines(['--permission', '--allow-fs-read=*'])).toEqual([digest, 'false'])
  })

  it('are alone with pieces of a slow level, so that signals are heard meanwhile, and one more of them', () => {
    const { lines } = run(`
      const zlib = process.getBuiltinModule('node:zlib')
      const { zstdCompressSync } = zlib
      let here = 0
      zlib.zstdCompressSync = (...given) => {
        here += 1
        return zstdCompressSync(...given)
      }
      await many(20, zstdCodec(13))
      say(here, workers.length === Math.max(2, Math.min(4, (await import('node:os')).availableParallelism())))
      await many(1, zstdCodec(13), piece.subarray(0, 1000))
      say(here)
    `)
    expect(lines).toEqual(['0 true', '1'])
  })

  it.each([1, 12, 13, 19])('are four at most at level %i as well, however many processors there are', (level) => {
    const many =
      "process.getBuiltinModule('node:os').availableParallelism = () => 64; process.getBuiltinModule('node:module').syncBuiltinESMExports()"
    const { lines } = runAlone(`${many}\n${prelude} await many(20, zstdCodec(${level}), piece.subarray(0, 300_000)); say(workers.length)`)
    expect(lines).toEqual(['4'])
  })

  it('do not keep a process that has no piece for them', () => {
    expect(run('await many(40); say("done")')).toEqual({ lines: ['done'], status: 0 })
  })
})
