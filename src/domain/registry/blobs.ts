import type { Digest } from '../../base/digest.ts'
import { contentReply } from './content.ts'
import type { Asked, Reply } from './exchange.ts'
import { Refusal } from './refusal.ts'
import { contentPath, contentSize, linked, type Store, unlink } from './store.ts'

interface BlobRoute {
  readonly name: string
  readonly digest: Digest
}

/** GET and HEAD of a blob, whole or a range; DELETE takes it from the repository. */
export async function handleBlob(store: Store, { name, digest }: BlobRoute, asked: Asked): Promise<Reply> {
  const { method } = asked
  if (method === 'DELETE') return deleteBlob(store, { name, digest })
  if (method !== 'GET' && method !== 'HEAD')
    throw new Refusal(405, 'UNSUPPORTED', 'a blob is read or deleted', { allow: 'GET, HEAD, DELETE' })
  const size = await blobSize(store, { name, digest })
  if (size === undefined) throw new Refusal(404, 'BLOB_UNKNOWN', 'the repository has no such blob')
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest, etag: `"${digest}"` }
  return contentReply(asked, { path: contentPath(store, digest), size, headers })
}

/** The size in bytes of a blob that the repository has, or undefined. */
export async function blobSize(store: Store, { name, digest }: BlobRoute): Promise<number | undefined> {
  const has = (await linked(store, name, { kind: '_blobs', digest })) !== undefined
  return has ? contentSize(store, digest) : undefined
}

async function deleteBlob(store: Store, { name, digest }: BlobRoute): Promise<Reply> {
  if (!(await unlink(store, name, { kind: '_blobs', digest }))) throw new Refusal(404, 'BLOB_UNKNOWN', 'the repository has no such blob')
  return { status: 202, headers: {} }
}
