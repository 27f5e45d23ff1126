import { join } from 'node:path'
import { type Digest, isDigest, sha256 } from '../../base/digest.ts'
import { isTag } from '../../base/reference.ts'
import { ensureFolder, readBytes, writeAtomic } from '../../io/files.ts'
import { digestMismatch, manifestInvalid } from '../oci/errors.ts'
import {
  type Content,
  childrenOf,
  declaredType,
  isIndexType,
  isManifestType,
  manifestLimits,
  parseContent,
  subjectOf,
} from '../oci/schema.ts'
import { isForeign } from '../oci/types.ts'
import { verify } from '../oci/verify.ts'
import { blobSize } from './blobs.ts'
import { contentReply } from './content.ts'
import type { Asked, Reply } from './exchange.ts'
import { forgetReferrer, noteReferrer } from './referrers.ts'
import { Refusal } from './refusal.ts'
import { contentPath, contentSize, link, linked, readTag, removeTag, type Store, tagsOf, unlink, writeTag } from './store.ts'

interface ManifestRoute {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
}

/** GET, HEAD, PUT and DELETE of a manifest or index by tag or digest. */
export async function handleManifest(store: Store, route: ManifestRoute, asked: Asked): Promise<Reply> {
  switch (asked.method) {
    case 'GET':
    case 'HEAD':
      return getManifest(store, route, asked)
    case 'PUT':
      return putManifest(store, route, asked)
    case 'DELETE':
      return deleteManifest(store, route)
    default:
      throw new Refusal(405, 'UNSUPPORTED', 'a manifest takes GET, HEAD, PUT and DELETE', { allow: 'GET, HEAD, PUT, DELETE' })
  }
}

async function getManifest(store: Store, { name, reference }: ManifestRoute, asked: Asked): Promise<Reply> {
  const digest = await resolve(store, { name, reference })
  const mediaType = digest === undefined ? undefined : await linked(store, name, { kind: '_manifests', digest })
  const size = digest === undefined ? undefined : await contentSize(store, digest)
  if (digest === undefined || mediaType === undefined || size === undefined) throw unknown()
  const headers = { 'content-type': mediaType, 'docker-content-digest': digest, etag: `"${digest}"` }
  return contentReply(asked, { path: contentPath(store, digest), size, headers })
}

async function putManifest(store: Store, { name, reference }: ManifestRoute, asked: Asked): Promise<Reply> {
  const bytes = await received(asked)
  const digest = isDigest(reference) ? reference : sha256(bytes)
  const { content, mediaType } = parsed(bytes, { digest, given: asked.headers['content-type'] })
  await requireChildren(store, name, content)
  const tags = isDigest(reference) ? asked.query.getAll('tag') : [reference]
  if (!tags.every(isTag)) throw new Refusal(400, 'MANIFEST_INVALID', 'the parameter tag is not a tag')
  await ensureFolder(join(contentPath(store, digest), '..'))
  await writeAtomic(contentPath(store, digest), bytes, { mode: 0o644 })
  await link(store, name, { kind: '_manifests', digest, text: mediaType })
  await noteReferrer(store, name, { content, descriptor: { mediaType, digest, size: bytes.length } })
  for (const tag of tags) await writeTag(store, name, { tag, digest })
  const subject = subjectOf(content)
  const headers = {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject === undefined ? {} : { 'oci-subject': subject.digest }),
    ...(isDigest(reference) && tags.length > 0 ? { 'oci-tag': tags } : {}),
  }
  return { status: 201, headers }
}

async function deleteManifest(store: Store, { name, reference }: ManifestRoute): Promise<Reply> {
  if (isDigest(reference)) await deleteByDigest(store, name, reference)
  else if ((await readTag(store, name, reference)) === undefined) throw unknown()
  else await removeTag(store, name, reference)
  return { status: 202, headers: {} }
}

async function deleteByDigest(store: Store, name: string, digest: Digest): Promise<void> {
  const mediaType = await linked(store, name, { kind: '_manifests', digest })
  if (mediaType === undefined) throw unknown()
  const content = parseContent(await readBytes(contentPath(store, digest), manifestLimits.push), mediaType, digest)
  await forgetReferrer(store, name, { content, digest })
  for (const tag of await tagsOf(store, name)) if ((await readTag(store, name, tag)) === digest) await removeTag(store, name, tag)
  await unlink(store, name, { kind: '_manifests', digest })
}

async function resolve(store: Store, { name, reference }: ManifestRoute): Promise<Digest | undefined> {
  return isDigest(reference) ? reference : readTag(store, name, reference)
}

/** The body, in memory: it is small, or refused at the first byte too many. */
async function received({ body }: Asked): Promise<Buffer> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > manifestLimits.push)
      throw new Refusal(413, 'MANIFEST_INVALID', `a manifest has at most ${manifestLimits.push} bytes`, { connection: 'close' })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function parsed(bytes: Buffer, { digest, given }: { digest: Digest; given: string | undefined }): { content: Content; mediaType: string } {
  try {
    verify(bytes, { digest }, 'the manifest')
    const mediaType = given?.split(';', 1)[0]?.trim() ?? declaredType(bytes) ?? ''
    return { content: parseContent(bytes, mediaType, 'the body'), mediaType }
  } catch (error) {
    if (digestMismatch.is(error)) throw new Refusal(400, 'DIGEST_INVALID', error.message)
    if (manifestInvalid.is(error)) throw new Refusal(400, 'MANIFEST_INVALID', error.message)
    throw error
  }
}

/** An image or index must be whole when it is pushed; its subject may come later. */
async function requireChildren(store: Store, name: string, content: Content): Promise<void> {
  for (const child of childrenOf(content)) {
    if (isForeign(child)) continue
    const { digest } = child
    const isManifest = content.kind === 'index' && (isManifestType(child.mediaType) || isIndexType(child.mediaType))
    const has = isManifest ? await linked(store, name, { kind: '_manifests', digest }) : await blobSize(store, { name, digest })
    if (has === undefined) throw new Refusal(400, 'MANIFEST_BLOB_UNKNOWN', `the repository does not have ${digest}`)
  }
}

function unknown(): Refusal {
  return new Refusal(404, 'MANIFEST_UNKNOWN', 'the repository has no such manifest')
}
