import type { Digest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { GrowingFile } from '../../io/growing-file.ts'
import type { Http } from '../../spec/ports.ts'
import { blobDeadline } from './blobs.ts'
import { takesChunks } from './chunk-rule.ts'
import type { Known } from './known.ts'
import type { Repository } from './registry.ts'
import { hasTags } from './tags.ts'
import { askUpload, locationOf, offsetOf, pushScopes, startUpload, type Upload } from './upload-session.ts'
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
const doing = 'push a layer to'
/** Milliseconds: longer than that for one request without a body, and the push would wait for what saves it less. */
const patience = 10_000

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
    asked ??= hasTags(repository, patience)
    return asked
  }
  targets.set(http, { repository, hasImages })
}

/**
 * Begins to send a blob of about so many bytes to where the run will push it; undefined where that is not known, or not worth it. Only what
 * the registry surely lacks is sent: all that is made for a repository without images, elsewhere what `isNew` says is new.
 */
export function beginAhead(http: Http | undefined, size: number, isNew: () => boolean): AheadUpload | undefined {
  const target = http === undefined ? undefined : targets.get(http)
  if (target === undefined || size < worthSending) return undefined
  const { repository, hasImages } = target
  const file = new GrowingFile()
  const news = Promise.withResolvers<boolean>()
  const isLacking = async (): Promise<boolean> => !(await hasImages()) || news.promise
  const sent = send(repository, file, { size, isLacking })
  return {
    grew(path, written) {
      file.grew(path, written)
      if (isNew()) news.resolve(true)
    },
    whole(blob) {
      file.end()
      news.resolve(false)
      const others = aheadAt(repository)
      const key = keyOf(repository, blob.digest)
      // Two layers of the same bytes: one is enough.
      if (others.has(key)) void giveUp(repository, { file, sent })
      else others.set(key, { file, sent })
    },
    abandon() {
      file.close()
      news.resolve(false)
    },
  }
}

/** What a run sends of a blob before it is to be pushed. */
interface Ahead {
  readonly file: GrowingFile
  readonly sent: Promise<Sent | undefined>
}

/** By repository and digest. */
const all = new WeakMap<Known, Map<string, Ahead>>()

function aheadAt({ known }: Repository): Map<string, Ahead> {
  const found = all.get(known) ?? new Map<string, Ahead>()
  all.set(known, found)
  return found
}

interface Sent {
  readonly upload: Upload
  /** Whether the registry took all of it. */
  readonly isWhole: boolean
}

/**
 * The upload of a blob that is only to be committed, when all of it has been sent; once. Undefined when there is none. `onSent` is told
 * how many bytes are sent meanwhile.
 */
export async function takeAhead(
  repository: Repository,
  blob: Promised,
  onSent: ((bytes: number) => void) | undefined,
): Promise<Upload | undefined> {
  const ahead = takeFrom(repository, blob)
  ahead?.file.watch(onSent)
  const sent = await ahead?.sent
  return sent?.isWhole === true && sent.upload.offset === blob.size ? sent.upload : undefined
}

/** Gives up what was sent of a blob that the repository has: the registry may throw it away. */
export async function dropAhead(repository: Repository, blob: Promised): Promise<void> {
  const ahead = takeFrom(repository, blob)
  if (ahead !== undefined) await giveUp(repository, ahead)
}

async function giveUp(repository: Repository, { file, sent }: Ahead): Promise<void> {
  file.close()
  const begun = await sent
  if (begun !== undefined) await cancelUpload(repository, begun.upload)
}

function takeFrom(repository: Repository, { digest }: Promised): Ahead | undefined {
  const key = keyOf(repository, digest)
  const ahead = aheadAt(repository).get(key)
  aheadAt(repository).delete(key)
  return ahead
}

function keyOf({ path }: Repository, digest: Digest): string {
  return `${path} ${digest}`
}

/** Never rejects: what is wrong with the registry, the push meets as well, and tells. */
async function send(
  repository: Repository,
  file: GrowingFile,
  { size, isLacking }: { readonly size: number; readonly isLacking: () => Promise<boolean> },
): Promise<Sent | undefined> {
  let upload: Upload | undefined
  try {
    if (!(await isLacking())) return undefined
    upload = await startUpload(repository, doing, patience)
    return { upload: await sendWhole(repository, file, { upload, size }), isWhole: true }
  } catch (error) {
    repository.log.debug('a layer was not sent while it was packed', {
      to: repository.name,
      reason: error instanceof TaskError ? error.code : 'given up',
    })
    return upload === undefined ? undefined : { upload, isWhole: false }
  } finally {
    // Whether anybody takes what was sent or not.
    file.close()
  }
}

async function sendWhole(
  repository: Repository,
  file: GrowingFile,
  { upload, size }: { readonly upload: Upload; readonly size: number },
): Promise<Upload> {
  const answered = await repository.send({
    method: 'PATCH',
    url: upload.location,
    headers: { 'content-type': 'application/octet-stream' },
    body: { open: () => file.read() },
    scopes: pushScopes(repository),
    doing,
    expect: [201, 202, 204],
    idempotent: false,
    priority: 'blob',
    deadline: blobDeadline(size),
  })
  await answered.discard()
  const location = answered.header('location') === undefined ? upload.location : await locationOf(repository, answered)
  const next = { ...upload, location }
  const offset = offsetOf(answered) ?? (await askUpload(repository, { doing, size: Number.POSITIVE_INFINITY }, next))?.offset ?? 0
  return { ...next, offset }
}

/** Registries throw such uploads away by themselves, some after days. Never rejects. */
async function cancelUpload(repository: Repository, { location }: Upload): Promise<void> {
  try {
    const answered = await repository.send({
      method: 'DELETE',
      url: location,
      scopes: pushScopes(repository),
      doing: 'give up an upload to',
      expect: [200, 202, 204, 400, 404, 405],
      deadline: 5000,
    })
    await answered.discard()
  } catch {
    // It costs the registry a little room for a while.
  }
}
