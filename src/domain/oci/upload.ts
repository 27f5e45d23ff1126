import { type BlobSource, headBlob } from './blobs.ts'
import { takesChunks } from './chunk-rule.ts'
import { pushNotVerified, registryRefused } from './errors.ts'
import { forget, isKnown, otherPath, remember } from './known.ts'
import { mountBlob } from './mount.ts'
import type { Repository } from './registry.ts'
import { telling } from './sending.ts'
import { waitFor } from './settle.ts'
import { dropAhead, refuseAhead, takeAhead } from './upload-ahead.ts'
import { sendChunks } from './upload-chunks.ts'
import { commitUpload, type Sent } from './upload-send.ts'
import { askUpload, doing, type Limits, pushScopes, startUpload, type Upload } from './upload-session.ts'
import type { Promised } from './verify.ts'

export interface PushBlobOptions {
  /** Another repository of the same registry that has the blob. */
  readonly from?: string | undefined
  /** Whether the repository has the blob, where that was asked already; undefined where that gave no answer. */
  readonly there?: Promise<boolean | undefined> | undefined
  /** The registry said that it has the blob, and has not: it is sent whatever is known, and not mounted. */
  readonly absent?: boolean
  /** Who pushes it looks by {@link requireStored} whether it is there, beside what comes next. */
  readonly unseen?: boolean
  /** Told how many bytes are sent of a blob that was on its way before. */
  readonly onSent?: (bytes: number) => void
}

/** How a blob came to be in the repository. */
export type Pushed = 'present' | 'mounted' | 'uploaded'

/** How often in a row sending fails; this many bytes more at the registry make it a new row. */
const attempts = 4
const progress = 2 ** 20
/** Bytes from which on it is asked what the registry kept of an upload that was cut. */
const worthResuming = 8 * 2 ** 20

/**
 * Makes sure that the repository has a blob: it is there, or it is mounted from a repository that has it, or it is uploaded in
 * one PUT, in chunks only where the registry's settings ask for them. Two pushes of the same blob to one registry take turns: the
 * second finds or mounts what the first sent.
 */
export async function pushBlob(repository: Repository, blob: BlobSource, options: PushBlobOptions = {}): Promise<Pushed> {
  return repository.known.turns.take(`blob ${blob.digest}`, async () => {
    if (options.absent === true) forget(repository, blob.digest)
    const pushed = await pushOnce(repository, blob, options)
    // Of one that nobody has seen yet another push asks for itself.
    if (pushed !== 'uploaded' || options.unseen !== true) remember(repository, blob.digest)
    return pushed
  })
}

async function pushOnce(
  repository: Repository,
  blob: BlobSource,
  { absent = false, unseen = false, there, from, onSent }: PushBlobOptions,
): Promise<Pushed> {
  if (!absent && (isKnown(repository, blob.digest) || ((await there) ?? (await isThere(repository, blob))))) {
    dropAhead(repository, blob)
    return 'present'
  }
  const source = absent ? undefined : (from ?? otherPath(repository, blob.digest))
  const begun = source === undefined ? undefined : await mountBlob(repository, blob, source)
  if (begun === 'mounted') {
    dropAhead(repository, blob)
    return 'mounted'
  }
  const ahead = await takeAhead(repository, blob, onSent)
  if (ahead === undefined || !(await isTaken(repository, blob, ahead))) await uploadBlob(repository, blob, begun)
  if (!unseen) await requireStored(repository, blob)
  return 'uploaded'
}

/** Whether the repository has a blob, in the words of whoever wants to push it. */
export async function isThere(repository: Repository, { digest }: Promised, limits: Limits = {}): Promise<boolean> {
  return (await headBlob(repository, digest, pushScopes(repository), limits)) !== undefined
}

/** Whether the registry makes a blob of what was sent before; where it refuses that, it has not refused the blob itself. */
async function isTaken(repository: Repository, blob: BlobSource, ahead: Upload): Promise<boolean> {
  try {
    await uploadBlob(repository, blob, ahead)
    return true
  } catch (error) {
    refuseAhead(repository, ahead)
    if (!registryRefused.is(error)) throw error
    repository.log.debug('what was sent while it was packed is sent again', { blob: blob.digest, reason: error.message })
    return false
  }
}

/** Sends until the registry has taken all: on from what it kept, or anew, as most lose an upload that was cut (distribution 2.8). */
async function uploadBlob(repository: Repository, blob: BlobSource, begun: Upload | undefined): Promise<void> {
  let upload = begun ?? (await startUpload(repository, doing(blob)))
  let farthest = upload.offset
  for (let attempt = 1; ; attempt += 1) {
    const sent = await sendRest(repository, blob, upload)
    if (sent.how === 'stored') return
    if (attempt === attempts) throw sent.error
    repository.log.debug('an upload was cut', { blob: blob.digest, attempt, reason: sent.error.message })
    // Once, as what follows is careful.
    if (sent.how === 'stale') attempt = 0
    else await repository.clock.sleep(500 * 2 ** attempt * Math.random())
    const kept = sent.how === 'lost' ? undefined : await keptOf(repository, blob, upload)
    // Farther than ever: a registry that keeps a part and then forgets it would else be sent the same for ever.
    if (kept !== undefined && kept.offset - farthest >= progress) [attempt, farthest] = [0, kept.offset]
    upload = { ...(kept ?? (await startUpload(repository, doing(blob)))), isCareful: true }
  }
}

async function sendRest(repository: Repository, blob: BlobSource, upload: Upload): Promise<Sent> {
  const { chunkSize = Number.POSITIVE_INFINITY } = repository
  const leave = await repository.known.sending.enter(blob.size)
  try {
    if (upload.offset > 0 || blob.size > chunkSize) return await sendChunks(repository, blob, upload, chunkSize)
    return await commitUpload(repository, blob, { upload, body: telling(blob, leave) })
  } finally {
    leave()
  }
}

/** The upload, when the registry has kept a part that is worth going on from. */
async function keptOf(repository: Repository, blob: BlobSource, upload: Upload): Promise<Upload | undefined> {
  if (!takesChunks(repository.registry) || (blob.size < worthResuming && repository.chunkSize === undefined)) return undefined
  const kept = await askUpload(repository, { doing: doing(blob), size: blob.size }, upload)
  return kept === undefined || kept.offset === 0 ? undefined : kept
}

/**
 * Some registries answer 201 and keep nothing: looks, with patience for those that answer before they know.
 * Throws SW-PUSH-NOT-VERIFIED.
 */
export async function requireStored(repository: Repository, blob: Promised): Promise<void> {
  const stored = await waitFor(repository.clock, async () => ((await isThere(repository, blob)) ? true : undefined))
  if (stored === undefined) throw pushNotVerified(`${repository.name} took blob ${blob.digest} (${blob.size} bytes) and does not have it.`)
}
