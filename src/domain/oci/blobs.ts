import { Readable } from 'node:stream'
import { type Digest, shortDigest } from '../../base/digest.ts'
import type { BodySource } from '../../spec/ports.ts'
import { repositoryScope } from './auth/scope.ts'
import { blobMissing, manifestTooLarge } from './errors.ts'
import type { Repository } from './registry.ts'
import { manifestLimits } from './schema.ts'
import { unreachable } from './unreachable.ts'
import { type Promised, verified } from './verify.ts'

/** A blob to push: what it is, and how to open its bytes, again for every attempt. */
export interface BlobSource extends Promised, BodySource {}

/** Whether the repository has a blob: its size, or undefined. */
export async function headBlob(
  repository: Repository,
  digest: Digest,
  scopes = [repositoryScope(repository.path, 'pull')],
): Promise<number | undefined> {
  const response = await repository.send({
    method: 'HEAD',
    url: blobUrl(repository, digest),
    scopes,
    doing: `look for blob ${shortDigest(digest)} in`,
    expect: [200, 404],
  })
  await response.discard()
  if (response.status === 404) return undefined
  remember(repository, digest)
  return Number(response.header('content-length') ?? 0)
}

/** A blob as a stream, checked while it is read. Fails with SW-BLOB-MISSING, SW-DIGEST-MISMATCH, and what `send` throws. */
export function pullBlob(repository: Repository, promised: Promised): Readable {
  return Readable.from(piecesOf(repository, promised), { objectMode: false, highWaterMark: 1024 * 1024 })
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

/** Notes that a repository has a blob, as a source for mounts. */
export function remember(repository: Repository, digest: Digest): void {
  const paths = repository.seen.get(digest) ?? new Set()
  repository.seen.set(digest, paths.add(repository.path))
}

/** Milliseconds: a blob may take as long as 100 kB/s take, and five minutes more. */
export function blobDeadline(size: number): number {
  return 300_000 + size / 100
}

function blobUrl({ path }: Repository, digest: Digest): string {
  return `/v2/${path}/blobs/${digest}`
}

async function* piecesOf(repository: Repository, promised: Promised): AsyncGenerator<Uint8Array> {
  const { digest, size } = promised
  const response = await repository.send({
    method: 'GET',
    url: blobUrl(repository, digest),
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: `pull blob ${shortDigest(digest)} from`,
    expect: [200, 404],
    priority: 'blob',
    deadline: blobDeadline(size),
  })
  if (response.status === 404) {
    await response.discard()
    throw blobMissing(`${repository.name} has no blob ${digest}.`)
  }
  remember(repository, digest)
  const where = `Blob ${shortDigest(digest)} from ${repository.name}`
  try {
    yield* verified(response.body, promised, where)
  } catch (cause) {
    throw unreachable(cause, where)
  }
}
