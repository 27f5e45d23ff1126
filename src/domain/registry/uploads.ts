import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { contentMismatch } from '../../io/errors.ts'
import { ensureFolder, exists, facts, list, openRead, readText, removeTree, writeAtomic, writeStream } from '../../io/files.ts'
import { Turns } from '../oci/turns.ts'
import { blobSize } from './blobs.ts'
import type { Asked, Reply } from './exchange.ts'
import { Refusal } from './refusal.ts'
import { digestOf, nameOf } from './route.ts'
import { contentPath, link, type Store, uploadsPath } from './store.ts'

interface Upload {
  readonly name: string
  readonly id: string
}

const mostChunks = 10_000
const turns = new Turns()

/** POST: mounts a blob, takes it whole in this request, or begins an upload (distribution-spec §Pushing blobs). */
export async function handleUploads(store: Store, name: string, asked: Asked): Promise<Reply> {
  const { method, query } = asked
  if (method !== 'POST') throw new Refusal(405, 'UNSUPPORTED', 'uploads are begun by POST', { allow: 'POST' })
  const [mount, from, digest] = [query.get('mount'), query.get('from'), query.get('digest')]
  if (mount !== null && from !== null && (await blobSize(store, { name: nameOf(from), digest: digestOf(mount) })) !== undefined) {
    await link(store, name, { kind: '_blobs', digest: digestOf(mount) })
    return created(name, digestOf(mount))
  }
  const upload = { name, id: randomUUID() }
  if (digest !== null) return commit(store, upload, { asked, digest: digestOf(digest) })
  await ensureFolder(folderOf(store, upload))
  await writeAtomic(join(folderOf(store, upload), 'repository'), name)
  return { status: 202, headers: { location: locationOf(upload), range: '0-0', 'docker-upload-uuid': upload.id } }
}

/** PATCH adds a chunk, PUT the last one and the digest, GET tells how far it is, DELETE gives it up. */
export async function handleUpload(store: Store, upload: Upload, asked: Asked): Promise<Reply> {
  await requireUpload(store, upload)
  return turns.take(folderOf(store, upload), async () => {
    switch (asked.method) {
      case 'GET':
        return { status: 204, headers: await stateOf(store, upload) }
      case 'PATCH':
        await addChunk(store, upload, asked)
        return { status: 202, headers: await stateOf(store, upload) }
      case 'PUT':
        await announcedSize(store, upload, asked)
        return commit(store, upload, { asked, digest: digestOf(asked.query.get('digest') ?? '') })
      case 'DELETE':
        await removeTree(folderOf(store, upload))
        return { status: 204, headers: {} }
      default:
        throw new Refusal(405, 'UNSUPPORTED', 'an upload takes GET, PATCH, PUT and DELETE', { allow: 'GET, PATCH, PUT, DELETE' })
    }
  })
}

/** Each chunk is a file named by where it begins: one that was cut leaves none, so what is there is always whole. */
async function addChunk(store: Store, upload: Upload, { headers, body }: Asked): Promise<void> {
  const chunks = await chunksOf(store, upload)
  if (chunks.length >= mostChunks) throw new Refusal(400, 'BLOB_UPLOAD_INVALID', `an upload has at most ${mostChunks} chunks`)
  const size = await announcedSize(store, upload, { headers })
  const path = join(folderOf(store, upload), String(await sizeOf(store, upload)).padStart(16, '0'))
  const written = await receiving(() => writeStream(path, body, size === undefined ? {} : { size }))
  if (written.size === 0) await removeTree(path)
}

/**
 * The bytes that `content-range` announces, if there is one. Throws 416 unless they are those that come next, as do words that are no
 * range. Nothing is `5-4`, or `0-0` as distribution itself says it: cuelabs’ client ends uploads so.
 */
async function announcedSize(store: Store, upload: Upload, { headers }: Pick<Asked, 'headers'>): Promise<number | undefined> {
  const range = headers['content-range']
  if (range === undefined) return undefined
  const [, first = -1, last = -1] = /^(?:bytes )?(\d{1,15})-(\d{1,15})$/.exec(range)?.map(Number) ?? []
  const size = last - first + 1
  if (size < 0 || first !== (await sizeOf(store, upload))) throw await outOfOrder(store, upload)
  const length = Number(headers['content-length'] ?? size)
  if (length === size || (length === 0 && last === 0)) return length
  throw new Refusal(400, 'SIZE_INVALID', 'content-range and content-length differ')
}

/** Makes the blob of all chunks and the body, if it has the digest. The upload ends with it, and stays when it has not. */
async function commit(store: Store, upload: Upload, { asked, digest }: { asked: Asked; digest: Digest }): Promise<Reply> {
  if ((await sizeOf(store, upload)) > 0 && asked.headers['content-range'] !== undefined) await addChunk(store, upload, asked)
  const chunks = (await chunksOf(store, upload)).map((chunk) => join(folderOf(store, upload), chunk))
  const path = contentPath(store, digest)
  await ensureFolder(join(path, '..'))
  await receiving(() => writeStream(path, joined(chunks, asked), { digest, mode: 0o644 }))
  await link(store, upload.name, { kind: '_blobs', digest })
  await removeTree(folderOf(store, upload))
  return created(upload.name, digest)
}

async function* joined(chunks: readonly string[], { body }: Asked): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield* openRead(chunk)
  yield* body
}

async function receiving<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (!contentMismatch.is(error)) throw error
    throw new Refusal(400, 'DIGEST_INVALID', 'the content received does not have the digest or the length that was announced')
  }
}

async function requireUpload(store: Store, upload: Upload): Promise<void> {
  const known = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(upload.id)
  const owner = join(folderOf(store, upload), 'repository')
  if (known && (await exists(owner)) && (await readText(owner)) === upload.name) return
  throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload, or it has ended')
}

async function stateOf(store: Store, upload: Upload): Promise<Record<string, string>> {
  const size = await sizeOf(store, upload)
  return { location: locationOf(upload), range: `0-${Math.max(0, size - 1)}`, 'docker-upload-uuid': upload.id }
}

async function outOfOrder(store: Store, upload: Upload): Promise<Refusal> {
  return new Refusal(
    416,
    'BLOB_UPLOAD_INVALID',
    'content-range is no range that begins where the last chunk ended',
    await stateOf(store, upload),
  )
}

async function chunksOf(store: Store, upload: Upload): Promise<readonly string[]> {
  if (!(await exists(folderOf(store, upload)))) return []
  return (await list(folderOf(store, upload))).flatMap(({ name }) => (/^\d{16}$/.test(name) ? [name] : []))
}

async function sizeOf(store: Store, upload: Upload): Promise<number> {
  const last = (await chunksOf(store, upload)).at(-1)
  if (last === undefined) return 0
  const { size } = await facts(join(folderOf(store, upload), last))
  return Number(last) + size
}

function created(name: string, digest: Digest): Reply {
  return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } }
}

function folderOf(store: Store, { id }: Upload): string {
  return join(uploadsPath(store), id)
}

function locationOf({ name, id }: Upload): string {
  return `/v2/${name}/blobs/uploads/${id}`
}
