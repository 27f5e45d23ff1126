import { TaskError } from '../../base/errors.ts'
import type { BodySource, HttpResponse } from '../../spec/ports.ts'
import { type BlobSource, blobDeadline } from './blobs.ts'
import { digestMismatch, registryRefused } from './errors.ts'
import type { Repository } from './registry.ts'
import type { Diagnostic } from './schema.ts'
import { diagnosticsOf, wordsOf } from './session.ts'
import { doing, pushScopes, type Upload } from './upload-session.ts'

/**
 * How sending ended. `cut`: the registry may have a part. `stale`: so it may, and only the connection was too old. `lost`: it must begin anew.
 * The error is for when that is not tried any more.
 */
export type Sent = { readonly how: 'stored' } | Unsent

export interface Unsent {
  readonly how: 'cut' | 'stale' | 'lost'
  readonly error: TaskError
}

export interface UploadRequest {
  readonly method: 'PATCH' | 'PUT'
  readonly url: string
  readonly isCareful: boolean
  readonly body: BodySource | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly expect: readonly number[]
}

/** The PUT that makes a blob of the upload, with all of its bytes or those that are left. */
export async function commitUpload(
  repository: Repository,
  blob: BlobSource,
  { upload, body }: { readonly upload: Upload; readonly body: BodySource | Buffer },
): Promise<Sent> {
  const { location, offset, isCareful = false } = upload
  const url = `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`
  const answered = await sendUpload(repository, blob, { method: 'PUT', url, body, isCareful, expect: [200, 201, 204, 400, 404, 413, 416] })
  if ('how' in answered) return answered
  const diagnostics = await diagnosticsOf(answered)
  if (answered.status < 300) return { how: 'stored' }
  return refusal(repository, blob, { status: answered.status, diagnostics, isWhole: offset === 0 })
}

/** The answer, or what a cut connection means. */
export async function sendUpload(
  repository: Repository,
  blob: BlobSource,
  { isCareful, ...request }: UploadRequest,
): Promise<HttpResponse | Unsent> {
  const consent = isCareful && !Buffer.isBuffer(request.body) ? { expect: '100-continue' } : {}
  let how: Unsent['how'] = 'cut'
  const onStale = (): void => {
    how = 'stale'
  }
  try {
    return await repository.send({
      ...request,
      headers: { 'content-type': 'application/octet-stream', ...consent, ...request.headers },
      scopes: pushScopes(repository),
      doing: doing(blob),
      // Not by the transport: a session that was cut does not take a second body.
      idempotent: false,
      // The connection that has just begun the upload is likely to be there, and is asked once.
      ...(isCareful ? {} : { onStale }),
      priority: 'blob',
      deadline: blobDeadline(blob.size),
    })
  } catch (error) {
    if (!(error instanceof TaskError) || !error.retryable) throw error
    return { how, error }
  }
}

interface Refused {
  readonly status: number
  readonly diagnostics: readonly Diagnostic[]
  /** Whether the blob was sent in one piece. */
  readonly isWhole: boolean
}

function refusal(repository: Repository, blob: BlobSource, { status, diagnostics, isWhole }: Refused): Unsent {
  const words = wordsOf(status, diagnostics)
  const codes = new Set(diagnostics.map(({ code }) => code))
  const refused = `${repository.registry} refuses to ${doing(blob)} ${repository.name}: ${words}.`
  if (status === 413) throw registryRefused(refused, { hint: tooLarge })
  if (codes.has('DIGEST_INVALID') || codes.has('SIZE_INVALID')) {
    const error = digestMismatch(`${repository.name} received other bytes than those of ${blob.digest} (${blob.size} bytes): ${words}.`)
    // Pieces may have been put together wrong; in one piece it is the last word.
    if (isWhole) throw error
    return { how: 'lost', error }
  }
  if (status === 400 && !codes.has('BLOB_UPLOAD_INVALID') && !codes.has('BLOB_UPLOAD_UNKNOWN')) throw registryRefused(refused)
  return { how: 'lost', error: registryRefused(refused) }
}

const tooLarge = 'A proxy before the registry limits the size of a request: raise that limit, or send less at once: chunk-size: 50MiB'
