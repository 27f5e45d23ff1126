import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { type CompressOptions, compressPieces } from './compress.ts'
import type { TarPiece } from './tar-cut.ts'
import { cutTar, type TarEntry } from './tar-writer.ts'

const size = 12 * 2 ** 20
const content = randomBytes(size)
const entry: TarEntry = { path: 'noise', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1, size, content }

/** Adds the memory that the pieces of an archive, and what becomes of them, lie in. */
async function pack(options: CompressOptions, seen: Set<ArrayBufferLike>): Promise<void> {
  const pieces = async function* (): AsyncGenerator<TarPiece> {
    for await (const piece of cutTar([entry])) {
      seen.add(piece.bytes.buffer)
      yield piece
    }
  }
  for await (const { buffer, length } of compressPieces(pieces(), options)) if (length > 2 ** 19) seen.add(buffer)
}

describe.each(['gzip', 'zstd'] as const)('the memory that a layer is packed in, with %s', (algorithm) => {
  it('serves the next one: threads hold what they have seen', async () => {
    const seen = new Set<ArrayBufferLike>()
    await pack({ algorithm }, seen)
    const first = seen.size
    for (let times = 0; times < 5; times += 1) await pack({ algorithm }, seen)
    // So many are at work at once, at most; how many of them it takes is as chance has it.
    expect(first).toBeGreaterThan(0)
    expect(seen.size).toBeLessThan(24)
  })
})
