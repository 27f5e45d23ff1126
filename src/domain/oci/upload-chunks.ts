import type { BodySource } from '../../spec/ports.ts'
import { BlobReader } from './blob-reader.ts'
import type { BlobSource } from './blobs.ts'
import { chunksUnsupported, registryRefused } from './errors.ts'
import type { Repository } from './registry.ts'
import { diagnosticsOf, wordsOf } from './session.ts'
import { commitUpload, type Sent, sendUpload, type Unsent } from './upload-send.ts'
import { askUpload, doing, locationOf, offsetOf, type Upload } from './upload-session.ts'

/**
 * Sends what the registry does not have yet in requests of at most `size` bytes (more where it wants more), then commits
 * (distribution-spec §Pushing a blob in chunks). Throws SW-REGISTRY-CHUNKS when it drops any.
 */
export async function sendChunks(repository: Repository, blob: BlobSource, given: Upload, size: number): Promise<Sent> {
  const reader = new BlobReader(blob)
  const most = Math.max(size, given.leastChunk)
  try {
    let upload = given
    while (upload.offset < blob.size) {
      const body = reader.part(upload.offset, Math.min(blob.size, upload.offset + most))
      const next = await sendChunk(repository, blob, { upload, body })
      if ('how' in next) return next
      upload = next
    }
    return await commitUpload(repository, blob, { upload, body: Buffer.alloc(0) })
  } finally {
    reader.close()
  }
}

async function sendChunk(
  repository: Repository,
  blob: BlobSource,
  { upload, body }: { readonly upload: Upload; readonly body: BodySource },
): Promise<Upload | Unsent> {
  const range = `${upload.offset}-${upload.offset + body.size - 1}`
  const answered = await sendUpload(repository, blob, {
    method: 'PATCH',
    url: upload.location,
    body,
    isCareful: upload.isCareful ?? false,
    headers: { 'content-range': range },
    expect: [201, 202, 204, 400, 404, 416],
  })
  if ('how' in answered) return answered
  const words = wordsOf(answered.status, await diagnosticsOf(answered))
  if (answered.status >= 400) {
    const error = registryRefused(`${repository.registry} refuses to ${doing(blob)} ${repository.name}, bytes ${range}: ${words}.`)
    return { how: answered.status === 416 ? 'cut' : 'lost', error }
  }
  const location = answered.header('location') === undefined ? upload.location : await locationOf(repository, answered)
  const next = { ...upload, location, offset: upload.offset + body.size }
  const has = offsetOf(answered) ?? (await askUpload(repository, { doing: doing(blob), size: blob.size }, next))?.offset
  // `0-0` is none or one.
  if (has === next.offset || (has === 0 && next.offset === 1)) return next
  const seen = has === undefined ? 'does not say how many it has' : `has ${has}`
  throw chunksUnsupported(`${repository.registry} took bytes ${range} of blob ${blob.digest} and ${seen}, expected ${next.offset}.`)
}
