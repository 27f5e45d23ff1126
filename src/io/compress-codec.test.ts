import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { constants, deflateRawSync, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compressPieces, type PieceFacts, type PieceStore } from './compress.ts'
import { gzipCodec } from './compress-gzip.ts'
import { zstdCodec } from './compress-zstd.ts'
import { decompress } from './decompress.ts'
import type { TarPiece } from './tar-cut.ts'

async function* pieces(list: readonly Uint8Array[]): AsyncGenerator<TarPiece> {
  for (const [index, bytes] of list.entries()) yield { bytes: Buffer.from(bytes), stamp: `${index}` }
}

async function joined(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

const text = Buffer.from('a line of a program that is much like the next\n'.repeat(4000))
const noise = createHash('shake256', { outputLength: 40_000 }).update('noise').digest()
const anyPieces = fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.constant(text), fc.constant(noise)), {
  maxLength: 12,
})

describe('any cutting', () => {
  it.each([
    ['gzip', 0],
    ['gzip', 1],
    ['gzip', 6],
    ['zstd', 3],
  ] as const)(
    '%s at level %i comes back',
    async (algorithm, level) => {
      await fc.assert(
        fc.asyncProperty(anyPieces, async (list) => {
          const packed = await joined(compressPieces(pieces(list), { algorithm, level }))
          const whole = Buffer.concat(list)
          expect((algorithm === 'gzip' ? gunzipSync(packed) : await buffer(decompress(pieces1(packed), 'zstd'))).equals(whole)).toBe(true)
        }),
        { numRuns: 60 },
      )
    },
    300_000,
  )
})

it.each(['gzip', 'zstd', 'none'] as const)('%s: what comes stays as it is until the next but one is asked for', async (algorithm) => {
  const list = Array.from({ length: 12 }, (_, index) => Buffer.alloc(50_000, `${index} `))
  const memory: Buffer[] = []
  // Pieces whose memory is filled again as soon as it is given back.
  const source = async function* (): AsyncGenerator<TarPiece> {
    for (const content of list) {
      const bytes = memory.pop() ?? Buffer.alloc(50_000)
      content.copy(bytes)
      yield { bytes, release: () => void memory.push(bytes.fill(0)) }
    }
  }
  let before: { readonly piece: Buffer; readonly copy: Buffer } | undefined
  for await (const piece of compressPieces(source(), { algorithm })) {
    if (before !== undefined) expect(before.piece.equals(before.copy)).toBe(true)
    before = { piece, copy: Buffer.from(piece) }
  }
  expect(memory.length).toBeGreaterThan(0)
})

async function* pieces1(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

/** Hands out for the second piece what a test says, trusted or not. */
function storeOf(bytes: Buffer, isTrusted: boolean): PieceStore & { readonly noted: PieceFacts[] } {
  const noted: PieceFacts[] = []
  return {
    noted,
    find: ({ stamp }) => (stamp === '01' || stamp === '1' ? { bytes, isTrusted } : undefined),
    note: (facts) => void noted.push(facts),
  }
}

const first = Buffer.from('the piece before')
const piece = Buffer.concat([text, noise])
const deflated = (bytes: Buffer, finishFlush: number = constants.Z_SYNC_FLUSH, dictionary = first): Buffer =>
  deflateRawSync(bytes, { finishFlush, dictionary })

describe('a piece of unknown origin', () => {
  const right = deflated(piece)

  it('that is right is taken as it is', async () => {
    const packed = await joined(compressPieces(pieces([first, piece, text]), { algorithm: 'gzip' }, storeOf(right, false)))
    expect(packed.includes(right)).toBe(true)
    expect(gunzipSync(packed).equals(Buffer.concat([first, piece, text]))).toBe(true)
  })

  /** A stored block that swallows what follows: RFC 1951 §3.2.4. */
  const swallowing = Buffer.concat([deflated(piece), Buffer.from([0, 5, 0, 0xfa, 0xff])])
  const wrong: Readonly<Record<string, Buffer>> = {
    'other bytes': deflated(Buffer.from(piece).fill('x', 100, 101)),
    'too few bytes': deflated(piece.subarray(0, -1)),
    'too many bytes': deflated(Buffer.concat([piece, Buffer.from('x')])),
    cut: right.subarray(0, -1),
    'cut in half': right.subarray(0, right.length / 2),
    empty: Buffer.alloc(0),
    'the last of its stream': deflated(piece, constants.Z_FINISH),
    'not ended on a byte': deflated(piece, constants.Z_PARTIAL_FLUSH),
    'with something behind': Buffer.concat([right, Buffer.from([0])]),
    'with an end behind': Buffer.concat([right, Buffer.from([3, 0])]),
    'with an open block behind': swallowing,
    'compressed behind another piece': deflated(
      Buffer.concat([first, first, piece]),
      constants.Z_SYNC_FLUSH,
      Buffer.from('something else'),
    ),
    'a bomb': deflated(Buffer.alloc(50_000_000)),
    noise: noise.subarray(0, 5000),
  }

  it.each(Object.entries(wrong))('that is %s is compressed again', async (_, bytes) => {
    expect(await gzipCodec(1).confirms(bytes, piece, first)).toBe(false)
    const expected = await joined(compressPieces(pieces([first, piece, text]), { algorithm: 'gzip' }))
    const packed = await joined(compressPieces(pieces([first, piece, text]), { algorithm: 'gzip' }, storeOf(bytes, false)))
    expect(packed.equals(expected)).toBe(true)
  })

  const frame = zstdCompressSync(piece)

  it.each([
    ['right', frame, true],
    ['cut', frame.subarray(0, -1), false],
    ['another', zstdCompressSync(text), false],
    ['followed by a byte', Buffer.concat([frame, Buffer.from([0])]), false],
    ['followed by an unfinished frame', Buffer.concat([frame, zstdCompressSync(text).subarray(0, 9)]), false],
    ['empty', Buffer.alloc(0), false],
    ['a bomb', zstdCompressSync(Buffer.alloc(50_000_000)), false],
  ])('zstd: %s', async (_, bytes, expected) => {
    expect(await zstdCodec(3).confirms(bytes, piece, Buffer.alloc(0))).toBe(expected)
  })
})

describe('what a store is told', () => {
  it('is each piece in its order, known by what comes before it as well', async () => {
    const store = storeOf(Buffer.alloc(0), false)
    await joined(compressPieces(pieces([first, piece, text]), { algorithm: 'gzip' }, store))
    expect(store.noted.map(({ stamp, size }) => [stamp, size])).toEqual([
      ['0', first.length],
      ['01', piece.length],
      ['12', text.length],
    ])
  })

  it('trusted pieces are taken unseen', async () => {
    const packed = await joined(compressPieces(pieces([first, piece]), { algorithm: 'zstd' }, storeOf(zstdCompressSync(text), true)))
    expect(zstdDecompressSync(packed.subarray(packed.length - zstdCompressSync(text).length)).equals(text)).toBe(true)
  })
})

/** nodejs/node#66078: an empty frame appended; nodejs/node#59899: cut output with several workers. Neither can happen to frames made one by one. */
it('zstd has one frame for each piece, also when pieces wait', async () => {
  const list = Array.from({ length: 30 }, (_, index) => Buffer.alloc(200_000 + index, `${index} `))
  const packed = await joined(compressPieces(pieces(list), { algorithm: 'zstd' }))
  const params = { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 }
  const frames = Buffer.concat(list.map((bytes) => zstdCompressSync(bytes, { params, chunkSize: 2 ** 20 })))
  expect(packed.equals(frames)).toBe(true)
})
