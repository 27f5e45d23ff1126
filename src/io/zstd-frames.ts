import type { ByteReader } from './byte-reader.ts'
import { compressedMalformed } from './errors.ts'

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50

/**
 * The frames of a zstd stream (RFC 8878 §3.1), each as the stream of its own bytes, to be read to its end before the next.
 * Node's decoder stops after the first frame without a word, and some versions take a cut frame for a whole one.
 */
export async function* zstdFrames(reader: ByteReader): AsyncGenerator<AsyncGenerator<Buffer>> {
  do {
    const magic = await need(reader, 4)
    if (magic.readUInt32LE() === frameMagic) yield frame(reader, magic)
    else if ((magic.readUInt32LE() & 0xfffffff0) >>> 0 === skippableMagic) await skipFrame(reader)
    else
      throw compressedMalformed(
        `Byte ${reader.position - 4} of the data is 0x${magic.toString('hex')}, expected the beginning of a zstd frame.`,
      )
  } while (!(await reader.atEnd()))
}

async function* frame(reader: ByteReader, magic: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await need(reader, 1)
  const flags = descriptor.readUInt8()
  yield Buffer.concat([magic, descriptor, await need(reader, headerSize(flags))])
  for (let last = false; !last; ) {
    const header = await need(reader, 3)
    const value = header.readUIntLE(0, 3)
    const isRepeated = ((value >> 1) & 3) === 1
    yield Buffer.concat([header, await need(reader, isRepeated ? 1 : value >> 3)])
    last = (value & 1) === 1
  }
  if ((flags & 4) !== 0) yield await need(reader, 4)
}

/** RFC 8878 §3.1.1.1: window descriptor, dictionary id, frame content size. */
function headerSize(flags: number): number {
  const isSingleSegment = (flags & 0x20) !== 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0
  return (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
}

async function skipFrame(reader: ByteReader): Promise<void> {
  const size = (await need(reader, 4)).readUInt32LE()
  if ((await reader.skip(size)) < size) throw cut(reader)
}

async function need(reader: ByteReader, size: number): Promise<Buffer> {
  const bytes = await reader.take(size)
  if (bytes.length < size) throw cut(reader)
  return bytes
}

function cut(reader: ByteReader): Error {
  return compressedMalformed(`The zstd data ends inside a frame, at byte ${reader.position}.`)
}
