import { randomBytes, randomInt } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'
import type { Codec } from './compress.ts'
import { deflate, window } from './deflate/deflate.ts'
import { giveMemory, takeMemory } from './piece-memory.ts'

const zlibDeflate = promisify(deflateRaw)

/** An empty block with fixed codes, the last one (RFC 1951 §3.2.3). */
const lastBlock = [3, 0]

/**
 * RFC 1952 over pieces that are deflated by themselves and end on a byte, each looking back on the one before: at level 1 by our
 * own program, at others by zlib. The header is our own, since zlib's depends on the system it was built for: no time, no name,
 * unknown system.
 */
export function gzipCodec(level: number): Codec {
  const extra = level === 9 ? 2 : level === 1 ? 4 : 0
  return {
    head: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 0xff]),
    carryOver: window,
    compress: level === 1 ? ourDeflate : (piece, dictionary) => zlibPiece(piece, dictionary, level),
    confirms,
    tail(crc, size) {
      const tail = Buffer.alloc(10)
      tail.set(lastBlock)
      tail.writeUInt32LE(crc, 2)
      tail.writeUInt32LE(size % 2 ** 32, 6)
      return tail
    },
  }
}

async function ourDeflate(piece: Buffer, before: Buffer): ReturnType<Codec['compress']> {
  const memory = takeMemory()
  const size = await deflate({ piece, before, into: memory })
  return { bytes: memory.subarray(0, size), release: () => giveMemory(memory) }
}

async function zlibPiece(piece: Buffer, dictionary: Buffer, level: number): Promise<{ readonly bytes: Buffer }> {
  const bytes = await zlibDeflate(piece, {
    level,
    finishFlush: constants.Z_SYNC_FLUSH,
    memLevel: 9,
    // Mostly all of the output at once: each further chunk is another turn through the thread pool.
    chunkSize: Math.ceil(piece.length / 2) + 1024,
    ...(dictionary.length === 0 ? {} : { dictionary }),
  })
  return { bytes }
}

/**
 * Inflates with a stored block of random bytes and size behind: only a piece that ends on a byte, outside of any block and
 * without being the last, lets exactly that through.
 */
async function confirms(compressed: Buffer, piece: Buffer, dictionary: Buffer): Promise<boolean> {
  const mark = randomBytes(randomInt(16, 256))
  const size = mark.length
  const marked = Buffer.concat([compressed, Buffer.from([1, size, 0, 0xff - size, 0xff]), mark])
  const expected = piece.length + size
  return new Promise((resolve) => {
    const options = { info: true, maxOutputLength: expected, chunkSize: expected + 64, ...(dictionary.length === 0 ? {} : { dictionary }) }
    inflateRaw(marked, options, (error, result) => {
      if (error !== null) return resolve(false)
      const { buffer, consumed } = told(result)
      resolve(
        consumed === marked.length &&
          buffer.length === expected &&
          buffer.subarray(0, -size).equals(piece) &&
          buffer.subarray(-size).equals(mark),
      )
    })
  })
}

/** With `info`, Node gives the engine as well, which its types do not say. */
function told(result: unknown): { buffer: Buffer; consumed: number } {
  const { buffer, engine } = Object(result)
  return { buffer, consumed: Object(engine).bytesWritten }
}
