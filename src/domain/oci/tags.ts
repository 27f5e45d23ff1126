import { repositoryScope } from './auth/scope.ts'
import { pushNotVerified } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import { putManifest, resolveTag } from './manifests.ts'
import { pagesOf } from './pages.ts'
import type { Repository } from './registry.ts'
import { parseTagList } from './schema.ts'
import { waitFor } from './settle.ts'

/**
 * Points a tag to a manifest that the repository has, and reads it back. A tag that is there already is left alone, so that doing
 * it again works on immutable tags too; says whether it was moved. Throws SW-TAG-IMMUTABLE, SW-PUSH-NOT-VERIFIED.
 */
export async function moveTag(repository: Repository, manifest: Loaded, tag: string): Promise<boolean> {
  const { digest } = manifest.descriptor
  if ((await resolveTag(repository, tag))?.digest === digest) return false
  await putManifest(repository, manifest, tag)
  const moved = await waitFor(repository.clock, async () => ((await resolveTag(repository, tag))?.digest === digest ? true : undefined))
  if (moved === true) return true
  throw pushNotVerified(`${repository.name} took tag ${tag} for ${digest}, and it does not point there.`)
}

/** All tags of the repository, in the registry's order; none when it does not exist. */
export async function listTags(repository: Repository): Promise<readonly string[]> {
  const tags: string[] = []
  const request = {
    url: `/v2/${repository.path}/tags/list?n=1000`,
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: 'list the tags of',
  }
  for await (const page of pagesOf(repository, { ...request, expect: [200, 404] })) {
    if (page.response.status === 404) return []
    tags.push(...parseTagList(page.bytes, `The list of tags of ${repository.name}`))
  }
  return tags
}
