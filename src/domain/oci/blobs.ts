import { Readable } from 'node:stream'
import { type Digest, shortDigest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { BodySource, HttpResponse } from '../../spec/ports.ts'
import { repositoryScope, type Scope } from './auth/scope.ts'
import { blobMissing, manifestTooLarge, registryRefused } from './errors.ts'
import { forget, remember } from './known.ts'
import type { Repository } from './registry.ts'
import { manifestLimits } from './schema.ts'
import type { RegistryRequest } from './session.ts'
import { unreachable } from './unreachable.ts'
import { type Promised, verified } from './verify.ts'

/** How often in a row a download is cut before it fails; this many bytes in between make it a new row. */
const attempts = 5
const progress = 2 ** 20

/** A blob to push: what it is, and how to open its bytes, again for every attempt. */
export interface BlobSource extends Promised, BodySource {}

/** A blob to pull. */
export interface Wanted extends Promised {
  /** Set when it is read by an upload to the same host, which has a place there: two such might each wait for the place of the other. */
  readonly holdsNoPlace?: boolean
}

/** Whether the repository has a blob: its size, or undefined. */
export async function headBlob(
  repository: Repository,
  digest: Digest,
  scopes: readonly Scope[] = [repositoryScope(repository.path, 'pull')],
  limits: Pick<RegistryRequest, 'attempts' | 'deadline' | 'signal'> = {},
): Promise<number | undefined> {
  const response = await repository.send({
    method: 'HEAD',
    url: blobUrl(repository, digest),
    scopes,
    doing: `look for blob ${shortDigest(digest)} in`,
    expect: [200, 404],
    ...limits,
  })
  await response.discard()
  if (response.status === 404) {
    forget(repository, digest)
    return undefined
  }
  remember(repository, digest)
  return Number(response.header('content-length') ?? 0)
}

/** A blob as a stream, checked while it is read, continued after a cut. Fails with SW-BLOB-MISSING, SW-DIGEST-MISMATCH, and what `send` throws. */
export function pullBlob(repository: Repository, promised: Promised): Readable {
  return Readable.from(kept(pullPieces(repository, promised)), { objectMode: false, highWaterMark: 1024 * 1024 })
}

/** The bytes of {@link pullBlob} as they come, in memory that is used again, for whoever passes them on. */
export async function* pullPieces(repository: Repository, promised: Wanted): AsyncGenerator<Uint8Array> {
  yield* verified(resumed(repository, promised), promised, named(repository, promised))
}

/** A small blob whole, such as an image's configuration; over 8 MiB is SW-MANIFEST-TOO-LARGE. */
export async function pullBytes(repository: Repository, promised: Promised): Promise<Buffer> {
  if (promised.size > manifestLimits.pull) {
    throw manifestTooLarge(
      `Blob ${promised.digest} of ${repository.name} has ${promised.size} bytes, expected at most ${manifestLimits.pull}.`,
    )
  }
  return Buffer.concat(await pullBlob(repository, promised).toArray())
}

/** Milliseconds: a blob may take as long as 100 kB/s take, and five minutes more. */
export function blobDeadline(size: number): number {
  return 300_000 + size / 100
}

function blobUrl({ path }: Repository, digest: Digest): string {
  return `/v2/${path}/blobs/${digest}`
}

/** A stream reads ahead. */
async function* kept(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

async function* resumed(repository: Repository, promised: Wanted): AsyncGenerator<Uint8Array> {
  let seen = 0
  let since = 0
  for (let attempt = 1; ; attempt += 1) {
    try {
      for await (const piece of bytesFrom(repository, promised, seen)) {
        seen += piece.length
        yield piece
      }
      return
    } catch (cause) {
      const error = unreachable(cause, named(repository, promised))
      if (seen - since >= progress) attempt = 1
      if (attempt === attempts || !(error instanceof TaskError) || !error.retryable) throw error
      since = seen
      repository.log.debug('a download was cut and goes on', { blob: promised.digest, at: seen, attempt, reason: error.code })
      await repository.clock.sleep(500 * 2 ** attempt * Math.random())
    }
  }
}

/** The bytes of a blob after the first so many (RFC 9110 §14); a registry that knows no ranges sends all, and they are passed over. */
async function* bytesFrom(repository: Repository, promised: Wanted, start: number): AsyncGenerator<Uint8Array> {
  const response = await getBlob(repository, promised, start)
  const range = /^bytes (\d+)-/.exec(response.header('content-range') ?? '')?.[1]
  if (response.status === 206 && Number(range) !== start) {
    await response.discard()
    throw registryRefused(`${repository.registry} sends blob ${promised.digest} from byte ${range ?? '?'}, asked for ${start}.`)
  }
  let skip = response.status === 206 ? 0 : start
  for await (const piece of response.pieces()) {
    if (skip < piece.length) yield skip === 0 ? piece : piece.subarray(skip)
    skip = Math.max(0, skip - piece.length)
  }
}

async function getBlob(repository: Repository, { digest, size, holdsNoPlace = false }: Wanted, start: number): Promise<HttpResponse> {
  const response = await repository.send({
    method: 'GET',
    url: blobUrl(repository, digest),
    ...(start === 0 ? {} : { headers: { range: `bytes=${start}-` } }),
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: `pull blob ${shortDigest(digest)} from`,
    expect: start === 0 ? [200, 404] : [200, 206, 404],
    priority: 'blob',
    holdsNoPlace,
    deadline: blobDeadline(size),
  })
  if (response.status !== 404) {
    remember(repository, digest)
    return response
  }
  await response.discard()
  throw blobMissing(`${repository.name} has no blob ${digest}.`)
}

function named(repository: Repository, { digest }: Promised): string {
  return `Blob ${shortDigest(digest)} from ${repository.name}`
}
