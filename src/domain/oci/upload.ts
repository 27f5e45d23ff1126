import { shortDigest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { HttpResponse } from '../../spec/ports.ts'
import { repositoryScope } from './auth/scope.ts'
import { type BlobSource, blobDeadline, headBlob, remember } from './blobs.ts'
import { digestMismatch, pushNotVerified, registryRefused } from './errors.ts'
import type { Repository } from './registry.ts'
import { diagnosticsOf, wordsOf } from './session.ts'
import { waitFor } from './settle.ts'

export interface PushBlobOptions {
  /** Another repository of the same registry that has the blob. */
  readonly from?: string | undefined
  /** The blob was looked for already, and is not there. */
  readonly absent?: boolean
}

/** How a blob came to be in the repository. */
export type Pushed = 'present' | 'mounted' | 'uploaded'

const attempts = 4

/**
 * Makes sure that the repository has a blob: it is there, or it is mounted from a repository that has it, or it is uploaded in
 * one PUT. A cut upload begins anew, as registries lose the session (distribution 2.8 answers 404 BLOB_UPLOAD_INVALID).
 */
export async function pushBlob(repository: Repository, blob: BlobSource, options: PushBlobOptions = {}): Promise<Pushed> {
  if (options.absent !== true && (await headBlob(repository, blob.digest, pushScopes(repository))) !== undefined) return 'present'
  const from = options.from ?? otherPath(repository, blob)
  let location = from === undefined ? undefined : await mount(repository, blob, from)
  if (location === 'mounted') {
    remember(repository, blob.digest)
    return 'mounted'
  }
  for (let attempt = 1; ; attempt += 1) {
    location ??= await startUpload(repository, blob)
    const again = await putBlob(repository, blob, { location, last: attempt === attempts })
    if (again === undefined) break
    repository.log.debug('an upload was cut and begins anew', { blob: blob.digest, attempt, reason: again })
    location = undefined
    await repository.clock.sleep(500 * 2 ** attempt * Math.random())
  }
  await requireStored(repository, blob)
  return 'uploaded'
}

/**
 * `mounted`, or where to upload since the registry would not (202), or undefined when it does not take the question. No
 * refusal is an error: no right to read the source (Harbor 401, token services 403), no mounts at all (Artifactory), or a 500.
 */
async function mount(repository: Repository, blob: BlobSource, from: string): Promise<string | undefined> {
  try {
    return await askMount(repository, blob, from)
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    repository.log.debug('a mount failed, uploading instead', { blob: blob.digest, from, reason: error.code })
    return undefined
  }
}

async function askMount(repository: Repository, blob: BlobSource, from: string): Promise<string | undefined> {
  const response = await repository.send({
    method: 'POST',
    url: `/v2/${repository.path}/blobs/uploads/?mount=${blob.digest}&from=${encodeURIComponent(from)}`,
    scopes: [...pushScopes(repository), repositoryScope(from, 'pull')],
    doing: `mount blob ${shortDigest(blob.digest)} from ${from} into`,
    expect: [201, 202],
    headers: { 'content-length': '0' },
  })
  await response.discard()
  return response.status === 201 ? 'mounted' : locationOf(repository, response)
}

async function startUpload(repository: Repository, blob: BlobSource): Promise<string> {
  const response = await repository.send({
    method: 'POST',
    url: `/v2/${repository.path}/blobs/uploads/`,
    scopes: pushScopes(repository),
    doing: `push blob ${shortDigest(blob.digest)} to`,
    expect: [202],
    headers: { 'content-length': '0' },
    // An upload session that nobody uses harms nobody.
    idempotent: true,
  })
  await response.discard()
  return locationOf(repository, response)
}

/** Undefined when the blob was taken, else why to begin anew. */
async function putBlob(
  repository: Repository,
  blob: BlobSource,
  { location, last }: { location: string; last: boolean },
): Promise<string | undefined> {
  try {
    const response = await repository.send({
      method: 'PUT',
      url: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`,
      headers: { 'content-type': 'application/octet-stream' },
      body: blob,
      scopes: pushScopes(repository),
      doing: `push blob ${shortDigest(blob.digest)} to`,
      expect: [200, 201, 204, 400, 404, 416],
      // Not by the transport: a session that was cut does not take a second body.
      idempotent: false,
      priority: 'blob',
      deadline: blobDeadline(blob.size),
    })
    return await restartReason(repository, blob, { response, last })
  } catch (error) {
    if (last || !(error instanceof TaskError) || !error.retryable) throw error
    return error.code
  }
}

async function restartReason(
  repository: Repository,
  blob: BlobSource,
  { response, last }: { response: HttpResponse; last: boolean },
): Promise<string | undefined> {
  const diagnostics = await diagnosticsOf(response)
  if (response.status < 300) return undefined
  const words = wordsOf(response.status, diagnostics)
  if (diagnostics.some(({ code }) => code === 'DIGEST_INVALID' || code === 'SIZE_INVALID')) {
    throw digestMismatch(`${repository.name} received other bytes than those of ${blob.digest} (${blob.size} bytes): ${words}.`)
  }
  const lost = response.status !== 400 || diagnostics.some(({ code }) => code === 'BLOB_UPLOAD_INVALID' || code === 'BLOB_UPLOAD_UNKNOWN')
  if (last || !lost) throw registryRefused(`${repository.registry} refuses blob ${blob.digest} for ${repository.name}: ${words}.`)
  return words
}

/** distribution-spec §Pushing blobs: Location may be relative, and carries state in its query that must stay as it is. */
async function locationOf(repository: Repository, response: HttpResponse): Promise<string> {
  const written = response.header('location')
  const location = written === undefined ? null : URL.parse(written, response.url)
  if (location === null) throw registryRefused(`${repository.registry} started an upload to ${repository.name} and did not say where to.`)
  location.hash = ''
  if (location.protocol === 'http:' && !(await repository.isOurs(location.href))) {
    throw registryRefused(`${repository.registry} wants uploads sent without TLS, to ${location.origin}.`, {
      hint: 'The registry’s external URL is set to http, or a proxy before it does not pass on X-Forwarded-Proto: correct it there.',
    })
  }
  return location.href
}

/** Some registries answer 201 and keep nothing: look, with patience for those that answer before they know. */
async function requireStored(repository: Repository, { digest, size }: BlobSource): Promise<void> {
  const stored = await waitFor(repository.clock, async () => headBlob(repository, digest, pushScopes(repository)))
  if (stored === undefined) throw pushNotVerified(`${repository.name} took blob ${digest} (${size} bytes) and does not have it.`)
}

function otherPath(repository: Repository, { digest }: BlobSource): string | undefined {
  const paths = repository.seen.get(digest)
  return paths === undefined ? undefined : [...paths].find((path) => path !== repository.path)
}

function pushScopes({ path }: Repository): string[] {
  return [repositoryScope(path, 'pull', 'push')]
}
