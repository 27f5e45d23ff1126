import type { Digest } from '../../base/digest.ts'
import type { Http } from '../../spec/ports.ts'
import { BlobAhead, cancelUpload, patience } from './blob-ahead.ts'
import { takesChunks } from './chunk-rule.ts'
import type { Known } from './known.ts'
import type { Repository } from './registry.ts'
import { hasTags } from './tags.ts'
import type { Upload } from './upload-session.ts'
import type { Promised } from './verify.ts'

/** A blob on its way to a repository while it is being written, and its digest is not known. No image needs it before it is committed. */
export interface AheadUpload {
  /** So many bytes of it are in the file at a path by now. */
  readonly grew: (path: string, size: number) => void
  /** It is written: whoever pushes it commits the upload. */
  whole(blob: Promised): void
  /** It will not be. */
  abandon(): void
}

/** Bytes before compression from which on an upload ahead saves more than its requests take. */
const worthSending = 8 * 2 ** 20
/** Milliseconds that a run waits at its end for a registry to hear what was given up. */
const farewell = 1000

interface Target {
  readonly repository: Repository
  /** Whether any image is there; asked for once. */
  readonly hasImages: () => Promise<boolean>
}

const targets = new WeakMap<Http, Target>()

/** Lets blobs that are made over these connections from now on go to a repository while they are made, or nowhere. */
export function sendAheadTo(http: Http, repository: Repository | undefined): void {
  targets.delete(http)
  // One request for a whole blob is more than a proxy may take, or all that is kept of it.
  if (repository === undefined || repository.chunkSize !== undefined || !takesChunks(repository.registry)) return
  let asked: Promise<boolean> | undefined
  const hasImages = (): Promise<boolean> => {
    asked ??= hasTags(repository, { attempts: 1, deadline: patience })
    return asked
  }
  targets.set(http, { repository, hasImages })
}

/** Whether a blob of about so many bytes goes to where the run will push it while it is made, if the registry lacks it. */
export function goesAhead(http: Http | undefined, size: number): boolean {
  return http !== undefined && targets.has(http) && size >= worthSending
}

/**
 * Begins to send a blob of about so many bytes to where the run will push it; undefined where that is not known, or not worth it. Only what
 * the registry surely lacks is sent: all that is made for a repository without images, elsewhere what `isNew` says is new.
 */
export function beginAhead(http: Http | undefined, size: number, isNew: () => boolean): AheadUpload | undefined {
  const target = http === undefined ? undefined : targets.get(http)
  if (http === undefined || target === undefined || size < worthSending) return undefined
  const { repository, hasImages } = target
  const news = Promise.withResolvers<boolean>()
  const blobs = blobsOf(repository)
  const blob = new BlobAhead(repository, size, async () => !(await hasImages()) || news.promise)
  blobs.open.add(blob)
  registries.set(http, (registries.get(http) ?? new Set()).add(blobs))
  return {
    grew(path, written) {
      blob.file.grew(path, written)
      if (isNew()) news.resolve(true)
    },
    whole(written) {
      blob.file.end()
      news.resolve(false)
      const key = keyOf(repository, written.digest)
      // Two layers of the same bytes: one is enough.
      if (blobs.whole.has(key)) giveUp(blobs, blob)
      else blobs.whole.set(key, blob)
    },
    abandon() {
      news.resolve(false)
      giveUp(blobs, blob)
    },
  }
}

/** What a run sends to one registry before it is to be pushed. */
interface Blobs {
  /** Those that nobody has taken, or given up. */
  readonly open: Set<BlobAhead>
  /** Those of them that are written, by repository and digest. */
  readonly whole: Map<string, BlobAhead>
  /** Those given up, of which the registry has not heard yet. */
  readonly ending: Set<Promise<void>>
}

const byRegistry = new WeakMap<Known, Blobs>()
const registries = new WeakMap<Http, Set<Blobs>>()

function blobsOf({ known }: Repository): Blobs {
  const found = byRegistry.get(known) ?? { open: new Set(), whole: new Map(), ending: new Set() }
  byRegistry.set(known, found)
  return found
}

/**
 * The upload of a blob that is only to be committed, when all of it has been sent; once. Undefined when there is none. `onSent` is told
 * how many bytes are sent meanwhile.
 */
export async function takeAhead(
  repository: Repository,
  { digest, size }: Promised,
  onSent: ((bytes: number) => void) | undefined,
): Promise<Upload | undefined> {
  const blobs = blobsOf(repository)
  const blob = blobs.whole.get(keyOf(repository, digest))
  blobs.whole.delete(keyOf(repository, digest))
  const upload = await blob?.taken(size, onSent)
  if (blob !== undefined && upload === undefined) giveUp(blobs, blob)
  else if (blob !== undefined) blobs.open.delete(blob)
  return upload
}

/** Gives up what was sent of a blob that the repository has: the registry may throw it away. Nobody waits for that. */
export function dropAhead(repository: Repository, { digest }: Promised): void {
  const blobs = blobsOf(repository)
  const key = keyOf(repository, digest)
  const blob = blobs.whole.get(key)
  blobs.whole.delete(key)
  if (blob !== undefined) giveUp(blobs, blob)
}

/** Gives up an upload that the registry did not make a blob of. */
export function refuseAhead(repository: Repository, upload: Upload): void {
  end(blobsOf(repository), cancelUpload(repository, upload))
}

/** Gives up, at the end of a run, all that nobody has pushed; registries have a second to hear of it. Never rejects. */
export async function endAhead(http: Http): Promise<void> {
  const ended = [...(registries.get(http) ?? [])]
  targets.delete(http)
  registries.delete(http)
  for (const blobs of ended) {
    blobs.whole.clear()
    for (const blob of blobs.open) giveUp(blobs, blob)
  }
  const told = Promise.all(ended.flatMap(({ ending }) => [...ending]))
  const enough = AbortSignal.timeout(farewell)
  await Promise.race([told, new Promise((resolve) => enough.addEventListener('abort', resolve, { once: true }))])
}

function giveUp(blobs: Blobs, blob: BlobAhead): void {
  blobs.open.delete(blob)
  end(blobs, blob.giveUp())
}

function end({ ending }: Blobs, told: Promise<void>): void {
  ending.add(told)
  void told.then(() => ending.delete(told))
}

function keyOf({ path }: Repository, digest: Digest): string {
  return `${path} ${digest}`
}
