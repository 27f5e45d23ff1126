import type { Digest } from '../../base/digest.ts'
import { piecesOf } from '../../io/pieces.ts'
import type { Pieces } from '../../spec/ports.ts'
import { pushNotVerified } from './errors.ts'
import type { Graph } from './graph.ts'
import type { Repository } from './registry.ts'
import { type Descriptor, isForeign } from './types.ts'
import { type Pushed, pushBlob, requireStored } from './upload.ts'

/**
 * How many blobs are sent or fetched at once: one more than have a place at a host, so that its upload has been begun by the time one
 * is free. A registry hashes each blob in one thread, and answers when it is on its disk: with fewer its processors have nothing to do.
 * How many of them send their bytes is for `Sending` to say.
 */
export const blobsAtOnce = 6

/** How to get a blob. */
export interface BlobOrigin {
  open(): Pieces
  /** A repository of the target's registry that has it. */
  readonly mountFrom?: string | undefined
  /** Whether the target has it, where that was asked already; undefined where that gave no answer. */
  readonly there?: Promise<boolean | undefined> | undefined
}

/** Bytes of blobs: done are those sent, mounted, or found to be there. */
export interface CopyProgress {
  readonly done: number
  readonly total: number
}

/** The blobs of a copy on their way. */
export interface BlobRun {
  readonly counts: Record<Pushed, number>
  /** Bytes of all blobs. */
  readonly total: number
  /** Bytes that were sent. */
  sent(): number
  /** Whether it arrived is for {@link seen} to tell, so that the look holds up no other blob. After a look that failed none is sent. */
  push(blob: Descriptor): Promise<void>
  /** Ends when all that was sent was looked for; throws SW-PUSH-NOT-VERIFIED. */
  seen(): Promise<void>
  /** Sends a blob whatever the registry said of it. */
  resend(blob: Descriptor): Promise<void>
}

/** The blobs of graphs, the largest first, each once. Layers that may not be distributed stay where their `urls` say. */
export function blobsOf(graphs: readonly Pick<Graph, 'blobs'>[]): readonly Descriptor[] {
  const all = graphs.flatMap((graph) => graph.blobs).filter((blob) => !isForeign(blob))
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()].toSorted((a, b) => b.size - a.size)
}

/** Counts and reports what is sent to a repository; `origins` says for every blob how to get it, or that it is there. */
export function startBlobs(
  repository: Repository,
  { blobs, onProgress }: { readonly blobs: readonly Descriptor[]; readonly onProgress: ((progress: CopyProgress) => void) | undefined },
  origins: ReadonlyMap<Digest, BlobOrigin | 'present'>,
): BlobRun {
  const counts: Record<Pushed, number> = { present: 0, mounted: 0, uploaded: 0 }
  const total = blobs.reduce((sum, blob) => sum + blob.size, 0)
  const done = new Map<Digest, number>()
  const looks = new Looks()
  let sum = 0
  let told = 0
  let sent = 0
  const report = (blob: Descriptor, bytes: number): void => {
    sum += bytes - (done.get(blob.digest) ?? 0)
    done.set(blob.digest, bytes)
    // Percents are enough: to tell of every piece costs as much as to check it.
    if (sum < total && Math.abs(sum - told) < total / 100) return
    told = sum
    onProgress?.({ done: sum, total })
  }
  const push = async (blob: Descriptor, absent: boolean): Promise<void> => {
    looks.requireGood()
    const pushed = await send(repository, blob, { origin: origins.get(blob.digest), absent, report })
    if (pushed === 'uploaded') looks.begin(requireStored(repository, blob))
    counts[pushed] += 1
    if (pushed === 'uploaded') sent += blob.size
    report(blob, blob.size)
  }
  return {
    ...{ counts, total },
    sent: () => sent,
    push: (blob) => push(blob, false),
    seen: () => looks.end(),
    resend: async (blob) => {
      await push(blob, true)
      await looks.end()
    },
  }
}

/** Looks that go on beside each other; the first failure stands for all. */
class Looks {
  readonly #failures: unknown[] = []
  readonly #underway = new Set<Promise<void>>()

  begin(look: Promise<void>): void {
    const ended = look.catch((error: unknown) => void this.#failures.push(error)).finally(() => this.#underway.delete(ended))
    this.#underway.add(ended)
  }

  async end(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway)
    this.requireGood()
  }

  requireGood(): void {
    if (this.#failures.length > 0) throw this.#failures[0]
  }
}

interface Sending {
  readonly origin: BlobOrigin | 'present' | undefined
  readonly absent: boolean
  report(blob: Descriptor, bytes: number): void
}

async function send(repository: Repository, blob: Descriptor, { origin, absent, report }: Sending): Promise<Pushed> {
  if (origin === 'present' && !absent) return 'present'
  if (origin === 'present' || origin === undefined) {
    throw pushNotVerified(`${repository.name} said to have blob ${blob.digest}, does not take it for a manifest, and nobody else has it.`)
  }
  const open = (): Pieces => piecesOf(counted(origin.open(), (bytes) => report(blob, bytes)))
  const onSent = (bytes: number): void => report(blob, bytes)
  const options = { from: origin.mountFrom, there: origin.there, absent, onSent, unseen: true }
  return pushBlob(repository, { digest: blob.digest, size: blob.size, open }, options)
}

async function* counted(source: Pieces, report: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const piece of source) {
    yield piece
    bytes += piece.length
    report(bytes)
  }
}
