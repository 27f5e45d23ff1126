import type { Digest } from '../../base/digest.ts'
import { repositoryScope } from './auth/scope.ts'
import { pushNotVerified, registryRefused } from './errors.ts'
import type { Loaded } from './layout-blobs.ts'
import { findManifest, putManifest, putWithTags, resolveTag } from './manifests.ts'
import { pagesOf } from './pages.ts'
import { both } from './parallel.ts'
import type { Repository } from './registry.ts'
import { parseTagList } from './schema.ts'
import { waitFor } from './settle.ts'
import type { Descriptor } from './types.ts'
import type { Limits } from './upload-session.ts'

/** Tags in one request: registries must take ten at least (distribution-spec after 1.1, §Pushing Manifests). */
const atOnce = 10

/** As {@link moveTags}, for one; says whether it was moved. */
export async function moveTag(repository: Repository, manifest: Loaded, tag: string): Promise<boolean> {
  return (await moveTags(repository, manifest, [tag])).length > 0
}

/**
 * Points tags to a manifest that the repository has, several in one request where the registry takes that, and reads them back.
 * One that points there already is left alone, so that doing it again works on immutable tags too; `known` says of each whether it does,
 * where that was asked. Gives those that were moved.
 * Throws SW-TAG-IMMUTABLE, SW-PUSH-NOT-VERIFIED.
 */
export async function moveTags(
  repository: Repository,
  manifest: Loaded,
  tags: readonly string[],
  known?: readonly boolean[],
): Promise<readonly string[]> {
  const { digest } = manifest.descriptor
  const there = known ?? (await whichPointThere(repository, manifest, tags))
  const moving = tags.filter((_, at) => there[at] === false)
  const moved = await moveTogether(repository, manifest, moving)
  for (const tag of moving) if (!moved.has(tag)) await putManifest(repository, manifest, tag)
  await Promise.all(moving.map((tag) => requireMoved(repository, { tag, digest }, () => nowPointsThere(repository, manifest, tag))))
  return moving
}

/** Of each tag whether it points to a manifest already. */
export function whichPointThere(repository: Repository, manifest: Loaded, tags: readonly string[]): Promise<readonly boolean[]> {
  return Promise.all(tags.map((tag) => pointsThere(repository, manifest, tag)))
}

/** By HEAD, and where that says so by the bytes: a cache in front of a registry may answer for a tag that was never moved. */
async function pointsThere(repository: Repository, manifest: Loaded, tag: string): Promise<boolean> {
  return isSame(await resolveTag(repository, tag), manifest) && leadsTo(await findManifest(repository, tag), manifest)
}

/** The same of a tag that was moved just now: both are asked at once, as both should say so. */
async function nowPointsThere(repository: Repository, manifest: Loaded, tag: string): Promise<boolean> {
  const [head, whole] = await both(resolveTag(repository, tag), findManifest(repository, tag))
  return isSame(head, manifest) && leadsTo(whole, manifest)
}

function isSame(seen: Descriptor | undefined, { descriptor }: Loaded): boolean {
  return seen?.digest === descriptor.digest
}

function leadsTo(seen: Loaded | undefined, { bytes }: Loaded): boolean {
  return seen?.bytes.equals(bytes) === true
}

/** The tags that the registry moved in one request; none where it does not take that, which is tried once for each registry. */
async function moveTogether(repository: Repository, manifest: Loaded, tags: readonly string[]): Promise<ReadonlySet<string>> {
  const moved = new Set<string>()
  for (let from = 0; tags.length - from > 1 && repository.known.takesTags !== false; from += atOnce) {
    const noted = await putTogether(repository, manifest, tags.slice(from, from + atOnce))
    repository.known.takesTags = noted.length > 0
    for (const tag of noted) moved.add(tag)
  }
  return moved
}

/** A refusal may be for one of them: asked one by one, the registry says for which. */
async function putTogether(repository: Repository, manifest: Loaded, tags: readonly string[]): Promise<readonly string[]> {
  try {
    return (await putWithTags(repository, manifest, tags)).tags
  } catch (error) {
    if (!registryRefused.is(error)) throw error
    return []
  }
}

async function requireMoved(
  { clock, name }: Repository,
  { tag, digest }: { readonly tag: string; readonly digest: Digest },
  look: () => Promise<boolean>,
): Promise<void> {
  if ((await waitFor(clock, async () => ((await look()) ? true : undefined))) === true) return
  throw pushNotVerified(`${name} took tag ${tag} for ${digest}, and it does not point there.`)
}

/** All tags of the repository, in the registry's order; none when it does not exist. */
export async function listTags(repository: Repository): Promise<readonly string[]> {
  const tags: string[] = []
  for await (const page of tagPages(repository, { size: 1000 })) tags.push(...page)
  return tags
}

/** Whether the repository exists and has a tag. */
export async function hasTags(repository: Repository, limits: Limits): Promise<boolean> {
  for await (const page of tagPages(repository, { size: 1, ...limits })) if (page.length > 0) return true
  return false
}

async function* tagPages(
  repository: Repository,
  { size, ...limits }: Limits & { readonly size: number },
): AsyncGenerator<readonly string[]> {
  const request = {
    url: `/v2/${repository.path}/tags/list?n=${size}`,
    scopes: [repositoryScope(repository.path, 'pull')],
    doing: 'list the tags of',
    ...limits,
  }
  for await (const page of pagesOf(repository, { ...request, expect: [200, 404] })) {
    if (page.response.status === 404) return
    yield parseTagList(page.bytes, `The list of tags of ${repository.name}`)
  }
}
