import { algorithmOf, type Digest, hexOf, sha256 } from '../../base/digest.ts'
import { blobMissing, pushNotVerified, tagImmutable } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import { findManifest, type Put, putManifest } from './manifests.ts'
import { letOthersWrite, oneAtATime } from './one-at-a-time.ts'
import { both } from './parallel.ts'
import type { Repository } from './registry.ts'
import { asReferrer } from './schema.ts'
import { type Index, mediaTypes } from './types.ts'

const attempts = 5

/** The tag that lists what refers to a digest where there is no referrers API: `sha256-<hex>`, cut to 64 digits. */
export function fallbackTag(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest).slice(0, 64)}`
}

/** The index under the fallback tag; empty when there is none. */
export async function fallbackReferrers(repository: Repository, digest: Digest): Promise<Index> {
  const found = await findManifest(repository, fallbackTag(digest))
  return found?.content.kind === 'index' ? found.content.index : { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }
}

/**
 * Adds a manifest to the index under the fallback tag of its subject: read, merge, write, and read again until it stays. Writers in this
 * run and on this machine take turns. One on another machine that has read before we wrote writes without our entry a moment later: a
 * second look comes after that moment, but at a registry on loopback, which has no writers elsewhere. Nothing is written before the
 * manifest is put, nor when the registry then says that it took note of the subject.
 */
export async function addFallbackReferrer(repository: Repository, subject: Digest, manifest: Loaded, put: Promise<Put>): Promise<void> {
  const enter = (): Promise<boolean> => add(repository, subject, manifest, put)
  const hasWritten = await oneAtATime(repository, `referrers of ${subject}`, enter)
  if (!hasWritten || !(await letOthersWrite(repository))) return
  if ((await listed(repository, subject, manifest)).isThere) return
  await oneAtATime(repository, `referrers of ${subject}`, enter)
}

/** Says whether it had to write. */
async function add(repository: Repository, subject: Digest, manifest: Loaded, put: Promise<Put>): Promise<boolean> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const [{ referrer }, { isThere, index }] = await both(put, listed(repository, subject, manifest))
    if (isThere || referrer) return attempt > 1
    const entry = asReferrer(manifest.content, manifest.descriptor)
    await write(repository, subject, { ...index, manifests: [...index.manifests, entry] })
    // The next round reads what is there now; registries that answer before they know get some time.
    if (attempt > 1) await repository.clock.sleep(250 * 2 ** attempt * Math.random())
  }
  if ((await listed(repository, subject, manifest)).isThere) return true
  throw pushNotVerified(
    `${repository.name}: ${manifest.descriptor.digest} does not stay in the list of referrers under tag ${fallbackTag(subject)}.`,
  )
}

async function listed(
  repository: Repository,
  subject: Digest,
  { descriptor }: Loaded,
): Promise<{ readonly index: Index; readonly isThere: boolean }> {
  const index = await fallbackReferrers(repository, subject)
  return { index, isThere: index.manifests.some(({ digest }) => digest === descriptor.digest) }
}

async function write(repository: Repository, subject: Digest, index: Index): Promise<void> {
  try {
    await putManifest(repository, loadedOf(index), fallbackTag(subject))
  } catch (cause) {
    if (blobMissing.is(cause)) {
      // An entry whose manifest was deleted keeps registries from taking the list: it goes.
      const there = await Promise.all(index.manifests.map(async ({ digest }) => (await findManifest(repository, digest)) !== undefined))
      const manifests = index.manifests.filter((_, at) => there[at] === true)
      await putManifest(repository, loadedOf({ ...index, manifests }), fallbackTag(subject))
    } else if (tagImmutable.is(cause)) {
      throw tagImmutable(`${cause.message} It lists referrers, since ${repository.registry} has no referrers API.`, {
        cause,
        hint: 'Exempt the tags sha256-* from the immutability rule.',
      })
    } else throw cause
  }
}

function loadedOf(index: Index): Loaded {
  const bytes = Buffer.from(JSON.stringify({ ...index, schemaVersion: 2, mediaType: mediaTypes.index }))
  const descriptor = { mediaType: mediaTypes.index, digest: sha256(bytes), size: bytes.length }
  return { descriptor, bytes, content: { kind: 'index', index } }
}
