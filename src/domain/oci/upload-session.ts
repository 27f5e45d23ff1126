import { shortDigest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { HttpResponse } from '../../spec/ports.ts'
import { repositoryScope, type Scope } from './auth/scope.ts'
import type { BlobSource } from './blobs.ts'
import { registryRefused } from './errors.ts'
import type { Repository } from './registry.ts'
import type { RegistryRequest } from './session.ts'

/** An upload that was begun. */
export interface Upload {
  /** Where its next request goes; registries change it with each answer. */
  readonly location: string
  /** Bytes that the registry has. */
  readonly offset: number
  /** Bytes that a chunk must have at least, but for the last (`OCI-Chunk-Min-Length`). */
  readonly leastChunk: number
  /**
   * After a cut, bodies wait for the server's consent on a connection of their own: a refusal (413) is then read, where it was a broken
   * connection before.
   */
  readonly isCareful?: boolean
}

/** How long and how often a registry is asked. */
export type Limits = Pick<RegistryRequest, 'attempts' | 'deadline' | 'signal'>

/** POST: begins an upload (distribution-spec §Pushing blobs). */
export async function startUpload(repository: Repository, what: string, limits: Limits = {}): Promise<Upload> {
  const response = await repository.send({
    method: 'POST',
    url: `/v2/${repository.path}/blobs/uploads/`,
    scopes: pushScopes(repository),
    doing: what,
    expect: [202],
    headers: { 'content-length': '0' },
    // An upload session that nobody uses harms nobody.
    idempotent: true,
    ...limits,
  })
  await response.discard()
  return begunUpload(repository, response)
}

/** The upload that a 202 tells of. */
export async function begunUpload(repository: Repository, response: HttpResponse): Promise<Upload> {
  const least = Number(response.header('oci-chunk-min-length') ?? 0)
  return { location: await locationOf(repository, response), offset: 0, leastChunk: Number.isSafeInteger(least) ? Math.max(0, least) : 0 }
}

/** GET: how far an upload has come. Undefined when the registry does not know it any more, or does not say. */
export async function askUpload(
  repository: Repository,
  { doing: what, size, limits }: { readonly doing: string; readonly size: number; readonly limits?: Limits },
  upload: Upload,
): Promise<Upload | undefined> {
  try {
    const response = await repository.send({
      method: 'GET',
      url: upload.location,
      scopes: pushScopes(repository),
      doing: what,
      expect: [200, 202, 204, 400, 404, 405],
      // Whoever cannot answer this soon is better asked for a new upload.
      deadline: 30_000,
      ...limits,
    })
    await response.discard()
    const offset = response.status < 300 ? offsetOf(response) : undefined
    if (offset === undefined || offset > size) return undefined
    const location = response.header('location') === undefined ? upload.location : await locationOf(repository, response)
    return { ...upload, location, offset }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return undefined
  }
}

/** Bytes that the registry has, from `Range: 0-99`; `0-0` stands for none as well as for one, and means none to most. */
export function offsetOf(response: HttpResponse): number | undefined {
  const last = /^(?:bytes[= ])?0-(\d{1,15})$/.exec(response.header('range')?.trim() ?? '')?.[1]
  if (last === undefined) return undefined
  return last === '0' ? 0 : Number(last) + 1
}

/** Location may be relative, and carries state in its query that must stay as it is. */
export async function locationOf(repository: Repository, response: HttpResponse): Promise<string> {
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

export function pushScopes({ path }: Repository): readonly Scope[] {
  return [repositoryScope(path, 'pull', 'push')]
}

/** For messages. */
export function doing({ digest }: BlobSource): string {
  return `push blob ${shortDigest(digest)} to`
}
