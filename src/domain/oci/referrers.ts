import type { Digest } from '../../base/digest.ts'
import { repositoryScope } from './auth/scope.ts'
import type { Loaded } from './layout-blobs.ts'
import { type Put, putManifest } from './manifests.ts'
import { pagesOf } from './pages.ts'
import { both } from './parallel.ts'
import { addFallbackReferrer, fallbackReferrers } from './referrers-fallback.ts'
import type { Repository } from './registry.ts'
import { parseIndex, subjectOf } from './schema.ts'
import type { Descriptor } from './types.ts'

/**
 * What refers to a manifest (signatures, attestations, SBOMs), of one artifact type or all: from the referrers API, or where the
 * registry has none from the fallback tag (distribution-spec §Listing Referrers).
 */
export async function listReferrers(repository: Repository, digest: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
  const found: Descriptor[] = []
  const request = {
    url: `/v2/${repository.path}/referrers/${digest}${query}`,
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: `list the referrers of ${digest} in`,
    // 404 is the specification's "no such API"; the others are what registries before it answer to an unknown path.
    expect: [200, 400, 404, 405, 406],
  }
  for await (const { response, bytes } of pagesOf(repository, request)) {
    repository.known.lacksReferrers = response.status !== 200
    if (response.status !== 200) return ofType((await fallbackReferrers(repository, digest)).manifests, artifactType)
    const { manifests } = parseIndex(bytes, `The list of referrers of ${digest} in ${repository.name}`)
    const filtered = (response.header('oci-filters-applied') ?? '').split(',').some((name) => name.trim() === 'artifactType')
    found.push(...(filtered ? manifests : ofType(manifests, artifactType)))
  }
  return found
}

/**
 * Puts a manifest or index under its digest, and where the registry has no referrers API enters it in the list of its subject.
 * Throws what {@link putManifest} throws.
 */
export async function pushManifest(repository: Repository, manifest: Loaded): Promise<void> {
  const put = putManifest(repository, manifest)
  await both(put, enterReferrer(repository, manifest, put))
}

/**
 * Enters a manifest that is being put in the list of its subject, where it has one and the registry takes no note of it. Throws what
 * putting it does.
 */
export async function enterReferrer(repository: Repository, manifest: Loaded, put: Promise<Put>): Promise<void> {
  const subject = subjectOf(manifest.content)
  // A list that will have to be changed is read meanwhile.
  const isExpected = subject !== undefined && repository.known.lacksReferrers === true
  if (!isExpected && (await put).referrer) return
  if (subject !== undefined) await addFallbackReferrer(repository, subject.digest, manifest, put)
}

function ofType(manifests: readonly Descriptor[], artifactType: string | undefined): readonly Descriptor[] {
  return artifactType === undefined ? manifests : manifests.filter((manifest) => manifest.artifactType === artifactType)
}
