import { shortDigest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { repositoryScope } from './auth/scope.ts'
import type { BlobSource } from './blobs.ts'
import type { Repository } from './registry.ts'
import { begunUpload, pushScopes, type Upload } from './upload-session.ts'

/**
 * Asks the registry to take a blob over from another of its repositories: `mounted`, or the upload that it began instead (202), or
 * undefined when it does not take the question. No refusal is an error: no right to read the source (Harbor 401, token services
 * 403), no mounts at all (Artifactory), or a 500.
 */
export async function mountBlob(repository: Repository, blob: BlobSource, from: string): Promise<'mounted' | Upload | undefined> {
  try {
    return await askMount(repository, blob, from)
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    repository.log.debug('a mount failed, uploading instead', { blob: blob.digest, from, reason: error.code })
    return undefined
  }
}

async function askMount(repository: Repository, blob: BlobSource, from: string): Promise<'mounted' | Upload> {
  const response = await repository.send({
    method: 'POST',
    url: `/v2/${repository.path}/blobs/uploads/?mount=${blob.digest}&from=${encodeURIComponent(from)}`,
    scopes: [...pushScopes(repository), repositoryScope(from, 'pull')],
    doing: `mount blob ${shortDigest(blob.digest)} from ${from} into`,
    expect: [201, 202],
    headers: { 'content-length': '0' },
  })
  await response.discard()
  return response.status === 201 ? 'mounted' : begunUpload(repository, response)
}
