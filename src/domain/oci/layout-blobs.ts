import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { algorithmOf, type Digest, hexOf, sha256, shortDigest } from '../../base/digest.ts'
import { contentMismatch } from '../../io/errors.ts'
import {
  ensureFolder,
  factsOrNothing,
  move,
  readBytes,
  readPiecesSync,
  readSmallSync,
  type StreamWriteOptions,
  streamPiece,
  touch,
  writeStream,
} from '../../io/files.ts'
import { piecesOf } from '../../io/pieces.ts'
import type { Pieces } from '../../spec/ports.ts'
import { digestMismatch, layoutCorrupt } from './errors.ts'
import type { Layout } from './layout.ts'
import { type Content, manifestLimits, parseContent } from './schema.ts'
import { type Descriptor, type Index, type Manifest, mediaTypes } from './types.ts'
import { type Promised, verified, verify } from './verify.ts'

/** A manifest or index with the very bytes that its digest is over. */
export interface Loaded {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
  readonly content: Content
}

/** Whether the layout has a blob of that digest and size; its bytes are checked when they are read. */
export async function hasBlob(layout: Layout, { digest, size }: Promised): Promise<boolean> {
  const facts = await factsOrNothing(blobPath(layout, digest))
  return facts?.kind === 'file' && facts.size === size
}

/** A blob piece by piece, checked while it is read. Fails with SW-LAYOUT-CORRUPT, SW-DIGEST-MISMATCH. */
export function openBlob(layout: Layout, promised: Promised): Pieces {
  return piecesOf(readPieces(layout, promised))
}

/** A blob whole; over `limit` bytes (default 8 MiB) is SW-LAYOUT-CORRUPT. */
export async function readBlob(layout: Layout, promised: Promised, limit: number = manifestLimits.pull): Promise<Buffer> {
  if (promised.size > limit) throw layoutCorrupt(`${named(layout, promised.digest)} has ${promised.size} bytes, expected at most ${limit}.`)
  await requireBlob(layout, promised)
  const bytes = await readBytes(blobPath(layout, promised.digest))
  verify(bytes, promised, named(layout, promised.digest))
  return bytes
}

/** A manifest or index, checked and parsed. Throws SW-LAYOUT-CORRUPT, SW-DIGEST-MISMATCH, SW-MANIFEST-INVALID. */
export async function readManifest(layout: Layout, descriptor: Descriptor): Promise<Loaded> {
  const bytes = await readBlob(layout, descriptor)
  return { descriptor, bytes, content: parseContent(bytes, descriptor.mediaType, named(layout, descriptor.digest)) }
}

/**
 * Writes a blob from a stream or bytes, and says what it became; it appears when it is whole, and again is no error.
 * With what it is promised to be, anything else is SW-DIGEST-MISMATCH and leaves nothing.
 */
export async function writeBlob(
  layout: Layout,
  source: AsyncIterable<Uint8Array> | Uint8Array | string,
  promised: Partial<Promised> & Pick<StreamWriteOptions, 'onWritten'> = {},
): Promise<Promised> {
  const given = typeof source === 'string' || source instanceof Uint8Array ? Buffer.from(source) : source
  const held = Buffer.isBuffer(given) ? await holding(layout, given) : undefined
  if (held !== undefined && isSame(held, { ...held, ...promised })) return held
  const incoming = join(layout.folder, `.incoming-${randomUUID()}`)
  const stream = Buffer.isBuffer(given) ? Readable.from([given]) : given
  try {
    const written = await writeStream(incoming, stream, { mode: 0o644, ...promised })
    await ensureFolder(join(layout.folder, 'blobs', algorithmOf(written.digest)))
    await move(incoming, blobPath(layout, written.digest))
    return written
  } catch (cause) {
    if (contentMismatch.is(cause)) throw digestMismatch(cause.message, { cause, retryable: cause.retryable })
    throw cause
  }
}

/** Writes a manifest or index as JSON; its descriptor has the media type that it names. It is not entered in `index.json`. */
export async function writeManifest(layout: Layout, manifest: Manifest | Index): Promise<Descriptor> {
  const mediaType = manifest.mediaType ?? ('manifests' in manifest ? mediaTypes.index : mediaTypes.manifest)
  const written = await writeBlob(layout, JSON.stringify({ ...manifest, mediaType }))
  return { mediaType, ...written }
}

/** Where the layout keeps a blob. */
export function blobPath(layout: Layout, digest: Digest): string {
  return join(layout.folder, 'blobs', algorithmOf(digest), hexOf(digest))
}

/** What bytes are as a blob that is there already, and counts as written now: nothing waits for the disk then. */
async function holding(layout: Layout, bytes: Buffer): Promise<Promised | undefined> {
  const own = { digest: sha256(bytes), size: bytes.length }
  if (!(await hasBlob(layout, own))) return undefined
  const path = blobPath(layout, own.digest)
  try {
    if (readSmallSync([path], bytes.length)[0]?.equals(bytes) !== true) return undefined
    await touch(path)
    return own
  } catch {
    // Another user's, or gone just now: it is written.
    return undefined
  }
}

function isSame(one: Promised, other: Promised): boolean {
  return one.digest === other.digest && one.size === other.size
}

/** Read synchronously, into memory that is used again: as streams of Node's it took three times as long. */
async function* readPieces(layout: Layout, promised: Promised): AsyncGenerator<Uint8Array> {
  await requireBlob(layout, promised)
  const size = Math.min(promised.size + 1, streamPiece)
  const buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)]
  yield* verified(readPiecesSync(blobPath(layout, promised.digest), buffers), promised, named(layout, promised.digest))
}

async function requireBlob(layout: Layout, { digest, size }: Promised): Promise<void> {
  const facts = await factsOrNothing(blobPath(layout, digest))
  if (facts?.kind !== 'file') throw layoutCorrupt(`${named(layout, digest)} is missing.`)
  if (facts.size !== size) throw digestMismatch(`${named(layout, digest)} has ${facts.size} bytes, expected ${size}.`)
}

function named(layout: Layout, digest: Digest): string {
  return `Blob ${shortDigest(digest)} of the layout at ${layout.folder}`
}
