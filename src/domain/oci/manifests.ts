import { algorithmOf, type Digest, isDigest, sha256 } from '../../base/digest.ts'
import { isTag } from '../../base/reference.ts'
import { httpTooLarge } from '../../io/errors.ts'
import type { HttpResponse } from '../../spec/ports.ts'
import { repositoryScope } from './auth/scope.ts'
import { blobMissing, digestMismatch, manifestMissing, manifestTooLarge, pushNotVerified, registryRefused, tagImmutable } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import type { Repository } from './registry.ts'
import { type Diagnostic, declaredType, isIndexType, isManifestType, manifestLimits, parseContent } from './schema.ts'
import { diagnosticsOf, wordsOf } from './session.ts'
import { type Descriptor, mediaTypes } from './types.ts'
import { unreachable } from './unreachable.ts'
import { verify } from './verify.ts'

/** Named one by one: Harbor answers 404 to `*`, and registries that know only one family answer what they have. */
const accept = [mediaTypes.index, mediaTypes.manifest, mediaTypes.dockerIndex, mediaTypes.dockerManifest].join(', ')

/**
 * A manifest or index by tag or digest. The bytes are checked against the digest asked for, the one that the registry says,
 * and the size when it is known. Throws SW-MANIFEST-MISSING, SW-DIGEST-MISMATCH, SW-MANIFEST-INVALID, SW-MANIFEST-TOO-LARGE.
 */
export async function getManifest(repository: Repository, reference: string | Pick<Descriptor, 'digest' | 'size'>): Promise<Loaded> {
  const found = await findManifest(repository, reference)
  if (found !== undefined) return found
  throw manifestMissing(`${repository.name} has no manifest ${typeof reference === 'string' ? reference : reference.digest}.`)
}

/** As {@link getManifest}, undefined when there is none. */
export async function findManifest(
  repository: Repository,
  reference: string | Pick<Descriptor, 'digest' | 'size'>,
): Promise<Loaded | undefined> {
  const wanted = typeof reference === 'string' ? reference : reference.digest
  const response = await repository.send({
    method: 'GET',
    url: manifestUrl(repository, wanted),
    headers: { accept },
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: `pull manifest ${wanted} from`,
    expect: [200, 404],
  })
  if (response.status === 404) {
    await response.discard()
    return undefined
  }
  const where = `Manifest ${wanted} from ${repository.name}`
  const bytes = await bytesOf(response, where)
  if (isDigest(wanted)) verify(bytes, { digest: wanted, ...(typeof reference === 'string' ? {} : { size: reference.size }) }, where)
  const digest = checkedDigest(response, isDigest(wanted) ? wanted : sha256(bytes), { bytes, where })
  const mediaType = typeOf(response, bytes)
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, content: parseContent(bytes, mediaType, where) }
}

/** The descriptor that a tag points to, or undefined; by HEAD, or by GET where the registry says too little in the headers. */
export async function resolveTag(repository: Repository, tag: string): Promise<Descriptor | undefined> {
  const response = await repository.send({
    method: 'HEAD',
    url: manifestUrl(repository, tag),
    headers: { accept },
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: `look up ${tag} in`,
    expect: [200, 404, 405],
  })
  await response.discard()
  if (response.status === 404) return undefined
  const digest = response.header('docker-content-digest') ?? ''
  const size = response.header('content-length')
  const mediaType = bareType(response)
  if (response.status === 200 && isDigest(digest) && size !== undefined && isKnown(mediaType))
    return { mediaType, digest, size: Number(size) }
  return (await findManifest(repository, tag))?.descriptor
}

/** What a registry did with a manifest. */
export interface Put {
  /** Whether it took note of the manifest's subject (`OCI-Subject`). */
  readonly referrer: boolean
  /** The tags of the request that it took note of (`OCI-Tag`). */
  readonly tags: readonly string[]
}

/**
 * Puts a manifest or index under its digest, or under a tag. What it names must be there.
 * Throws SW-BLOB-MISSING, SW-MANIFEST-TOO-LARGE, SW-TAG-IMMUTABLE, SW-PUSH-NOT-VERIFIED.
 */
export async function putManifest(repository: Repository, manifest: Loaded, tag?: string): Promise<Put> {
  return put(repository, manifest, { reference: tag ?? manifest.descriptor.digest, tags: [] })
}

/**
 * Puts a manifest under its digest and asks for tags on it in the same request (distribution-spec after 1.1, §Pushing Manifests); a
 * registry that does not know this takes the manifest and names no tag. Throws what {@link putManifest} throws.
 */
export async function putWithTags(repository: Repository, manifest: Loaded, tags: readonly string[]): Promise<Put> {
  return put(repository, manifest, { reference: manifest.descriptor.digest, tags })
}

async function put(
  repository: Repository,
  { descriptor, bytes }: Loaded,
  { reference, tags }: { readonly reference: string; readonly tags: readonly string[] },
): Promise<Put> {
  if (bytes.length > manifestLimits.push) {
    throw manifestTooLarge(`Manifest ${descriptor.digest} has ${bytes.length} bytes, expected at most ${manifestLimits.push}.`)
  }
  const query = tags.map((tag) => `tag=${encodeURIComponent(tag)}`).join('&')
  const response = await repository.send({
    method: 'PUT',
    url: `${manifestUrl(repository, reference)}${tags.length === 0 ? '' : `?${query}`}`,
    headers: { 'content-type': descriptor.mediaType },
    body: bytes,
    scopes: [repositoryScope(repository.path, 'pull', 'push')],
    doing: `push manifest ${reference} to`,
    expect: [200, 201, 202, 204, 400, 404, 409, 412],
  })
  const diagnostics = await diagnosticsOf(response)
  if (response.status >= 400) throw refusal(repository, reference, { status: response.status, diagnostics })
  const said = response.header('docker-content-digest')
  // A registry may name another algorithm's digest; one of the same must be ours.
  if (said !== undefined && said !== descriptor.digest && said.startsWith(`${algorithmOf(descriptor.digest)}:`)) {
    throw pushNotVerified(`${repository.name} says that it stored ${reference} as ${said}, expected ${descriptor.digest}.`)
  }
  const noted = response.headers('oci-tag').flatMap((value) => value.split(',').map((tag) => tag.trim()))
  return { referrer: response.header('oci-subject') !== undefined, tags: tags.filter((tag) => noted.includes(tag)) }
}

/** Removes a manifest; one that is not there is fine. Throws SW-REGISTRY-REFUSED where the registry does not delete. */
export async function deleteManifest(repository: Repository, digest: Digest): Promise<void> {
  const response = await repository.send({
    method: 'DELETE',
    url: manifestUrl(repository, digest),
    scopes: [repositoryScope(repository.path, 'pull', 'delete')],
    doing: `delete manifest ${digest} from`,
    expect: [200, 202, 204, 404],
  })
  await response.discard()
}

function refusal(
  repository: Repository,
  reference: string,
  { status, diagnostics }: { status: number; diagnostics: readonly Diagnostic[] },
): Error {
  const words = wordsOf(status, diagnostics)
  if (diagnostics.some(({ code }) => code === 'MANIFEST_BLOB_UNKNOWN' || code === 'BLOB_UNKNOWN')) {
    return blobMissing(`${repository.name} does not have everything that manifest ${reference} names: ${words}.`)
  }
  if ((status === 409 || status === 412) && !isDigest(reference))
    return tagImmutable(`${repository.registry} does not move tag ${reference} in ${repository.name}: ${words}.`)
  return registryRefused(`${repository.registry} refuses manifest ${reference} for ${repository.name}: ${words}.`)
}

function manifestUrl({ path }: Repository, reference: string): string {
  if (!isTag(reference) && !isDigest(reference)) throw new Error(`${JSON.stringify(reference)} is neither a tag nor a digest`)
  return `/v2/${path}/manifests/${reference}`
}

async function bytesOf(response: HttpResponse, where: string): Promise<Buffer> {
  try {
    return await response.bytes(manifestLimits.pull)
  } catch (cause) {
    if (httpTooLarge.is(cause)) throw manifestTooLarge(`${where} is larger than ${manifestLimits.pull} bytes.`, { cause })
    throw unreachable(cause, where)
  }
}

/** The header may be left out, but when it is there it must be true. */
function checkedDigest(response: HttpResponse, ours: Digest, { bytes, where }: { bytes: Buffer; where: string }): Digest {
  const said = response.header('docker-content-digest')
  if (said === undefined || said === ours) return ours
  if (!isDigest(said)) throw digestMismatch(`${where} came with ${JSON.stringify(said)} as its digest.`)
  verify(bytes, { digest: said }, where)
  return ours
}

/** What the registry says, or what the body says where the answer has a general type. */
function typeOf(response: HttpResponse, bytes: Buffer): string {
  const bare = bareType(response)
  if (isKnown(bare)) return bare
  const inside = declaredType(bytes) ?? ''
  return ['', 'application/json', 'text/plain', 'application/octet-stream'].includes(bare) && isKnown(inside) ? inside : bare
}

function bareType(response: HttpResponse): string {
  return (response.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function isKnown(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType)
}
