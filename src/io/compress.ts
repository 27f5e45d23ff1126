import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { blocks } from './blocks.ts'
import { gzipCodec } from './compress-gzip.ts'
import { frameVersion, zstdCodec } from './compress-zstd.ts'
import { joinCrc32 } from './crc32.ts'
import { deflateVersion } from './deflate/deflate.ts'
import { streamPiece } from './file-read.ts'
import { inOrder } from './in-order.ts'
import { cutVersion, type TarPiece } from './tar-cut.ts'

export type Compression = 'gzip' | 'zstd' | 'none'

export interface CompressOptions {
  readonly algorithm: Compression
  /** gzip 0–9, zstd 1–19; default 1. */
  readonly level?: number | undefined
}

/** What is known of a piece before it is compressed. */
export interface PieceFacts {
  readonly stamp?: string | undefined
  /** CRC-32 of its bytes, and of what is carried over from the piece before. */
  readonly crc: number
  readonly dictionaryCrc: number
  /** In bytes, before compression. */
  readonly size: number
}

export interface CompressedPiece {
  readonly bytes: Buffer
  /** Gives the memory back, when nobody reads the bytes any more. */
  release?(): void
}

export interface FoundPiece extends CompressedPiece {
  readonly isTrusted: boolean
}

/** Where compressed pieces may be found again. */
export interface PieceStore {
  /** A piece as it was compressed before; `isTrusted` when nobody but us can have written it. */
  find(facts: PieceFacts): FoundPiece | undefined
  /** Told of each piece in its order: where it begins in the compressed stream, and how many bytes it takes there. */
  note(facts: PieceFacts, place: { readonly start: number; readonly size: number }): void
}

/** How pieces are compressed and put together. */
export interface Codec {
  readonly head: Buffer
  /** Bytes of the piece before that one is compressed with. */
  readonly carryOver: number
  compress(piece: Buffer, dictionary: Buffer): Promise<CompressedPiece>
  /** Whether compressed bytes of unknown origin are those of a piece, and leave nothing open behind them. */
  confirms(compressed: Buffer, piece: Buffer, dictionary: Buffer): Promise<boolean>
  /** What ends the stream, from the CRC-32 and size of all pieces. */
  tail(crc: number, size: number): Buffer
}

/** Pieces at work, in the thread pool and waiting for it: what bounds the memory, and never the bytes. */
const atOnce = 8

/** Compresses with the same bytes for the same input on one {@link encoderId}, however the input comes and however many processors work. */
export function compress(source: AsyncIterable<Uint8Array>, options: CompressOptions): Readable {
  const pieces = async function* (): AsyncGenerator<TarPiece> {
    for await (const bytes of blocks(source, streamPiece)) yield { bytes }
  }
  const copies = async function* (): AsyncGenerator<Buffer> {
    for await (const bytes of compressPieces(pieces(), options)) yield Buffer.from(bytes)
  }
  return Readable.from(copies(), { objectMode: false, highWaterMark: streamPiece })
}

/**
 * As {@link compress}, of pieces that are cut already, each taken from the store where that has it. A piece stays as it is until the
 * next but one is asked for: then its memory is used again.
 */
export async function* compressPieces(
  pieces: AsyncIterable<TarPiece>,
  options: CompressOptions,
  store?: PieceStore,
): AsyncGenerator<Buffer> {
  if (options.algorithm === 'none') return yield* bytesOf(pieces)
  const codec = options.algorithm === 'gzip' ? gzipCodec(levelOf(options)) : zstdCodec(levelOf(options))
  const total = { crc: 0, size: 0 }
  yield codec.head
  let start = codec.head.length
  let before: CompressedPiece | undefined
  for await (const { facts, compressed } of inOrder(chained(pieces, codec, total), atOnce, (link) => compressLink(link, codec, store))) {
    const { bytes } = compressed
    store?.note(facts, { start, size: bytes.length })
    start += bytes.length
    yield bytes
    before?.release?.()
    before = compressed
  }
  yield codec.tail(total.crc, total.size)
  before?.release?.()
}

/** Names everything that the compressed bytes depend on besides the input: program or library, algorithm, level, cutting rule, processor. */
export function encoderId(options: CompressOptions): string {
  if (options.algorithm === 'none') return 'none'
  const cut = `${options.algorithm}-${levelOf(options)}/cut-${cutVersion}`
  // Our own is the same program wherever it runs.
  if (cut.startsWith('gzip-1/')) return `slipway-deflate-${deflateVersion}/${cut}`
  const library = options.algorithm === 'gzip' ? `zlib-${process.versions.zlib}` : `zstd-${process.versions['zstd']}/frame-${frameVersion}`
  return `${library}/${cut}/${process.arch}`
}

function levelOf({ level = 1 }: CompressOptions): number {
  return level
}

interface Link {
  readonly facts: PieceFacts
  readonly bytes: Buffer
  readonly dictionary: Buffer
  release?(): void
}

async function* chained(pieces: AsyncIterable<TarPiece>, codec: Codec, total: { crc: number; size: number }): AsyncGenerator<Link> {
  let dictionary = Buffer.alloc(0)
  let before: string | undefined = ''
  for await (const piece of pieces) {
    const { bytes, stamp } = piece
    const facts = { stamp: joined(before, stamp), crc: crc32(bytes), dictionaryCrc: crc32(dictionary), size: bytes.length }
    total.crc = joinCrc32(total.crc, facts.crc, bytes.length)
    total.size += bytes.length
    const link = { ...piece, dictionary, facts }
    before = codec.carryOver === 0 ? '' : stamp
    // A copy, made while the piece is certainly there.
    dictionary = codec.carryOver === 0 ? dictionary : Buffer.from(bytes.subarray(-codec.carryOver))
    yield link
  }
}

/** A piece is compressed with what comes before it, and so known by both. */
function joined(before: string | undefined, stamp: string | undefined): string | undefined {
  return before === undefined || stamp === undefined ? undefined : before + stamp
}

async function compressLink(
  { facts, bytes, dictionary, release }: Link,
  codec: Codec,
  store: PieceStore | undefined,
): Promise<{ facts: PieceFacts; compressed: CompressedPiece }> {
  const found = store?.find(facts)
  const isRight = found !== undefined && (found.isTrusted || (await codec.confirms(found.bytes, bytes, dictionary)))
  if (found !== undefined && !isRight) found.release?.()
  const compressed = isRight ? found : await codec.compress(bytes, dictionary)
  release?.()
  return { facts, compressed }
}

async function* bytesOf(pieces: AsyncIterable<TarPiece>): AsyncGenerator<Buffer> {
  let before: TarPiece | undefined
  for await (const piece of pieces) {
    yield piece.bytes
    before?.release?.()
    before = piece
  }
}
