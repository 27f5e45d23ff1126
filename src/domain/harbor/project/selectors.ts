import type { Value } from './kind.ts'
import type { WireRule } from './wire.ts'

type Selected = Readonly<Partial<Record<'tags' | 'tags-except' | 'repositories' | 'repositories-except', string | undefined>>>

const tagWords: Readonly<Record<string, string>> = { matches: 'tags', excludes: 'tags-except' }
const repositoryWords: Readonly<Record<string, string>> = { repoMatches: 'repositories', repoExcludes: 'repositories-except' }

/** Which tags of which repositories, in the words of the file, nothing left out. */
export function selectedOf(rule: Selected): Readonly<Record<string, Value>> {
  const { tags, repositories, 'tags-except': tagsExcept, 'repositories-except': repositoriesExcept } = rule
  return {
    ...(tagsExcept === undefined ? { tags: tags ?? '**' } : { 'tags-except': tagsExcept }),
    ...(repositoriesExcept === undefined ? { repositories: repositories ?? '**' } : { 'repositories-except': repositoriesExcept }),
  }
}

/** The same of a rule of Harbor; undefined where it is not one that the file has words for. */
export function selectedOfWire({ tag_selectors: tags, scope_selectors: scopes }: WireRule): Readonly<Record<string, Value>> | undefined {
  const [tag, moreTags] = tags
  const [repository, moreRepositories] = scopes?.['repository'] ?? []
  if (tag?.kind !== 'doublestar' || repository?.kind !== 'doublestar' || moreTags !== undefined || moreRepositories !== undefined)
    return undefined
  if (Object.keys(scopes ?? {}).length !== 1) return undefined
  const tagWord = tagWords[tag.decoration ?? '']
  const repositoryWord = repositoryWords[repository.decoration ?? '']
  if (tagWord === undefined || repositoryWord === undefined) return undefined
  return { [tagWord]: tag.pattern ?? '', [repositoryWord]: repository.pattern ?? '' }
}

/** The words of the file as Harbor takes them; `extras` of the tags is JSON in a text there. */
export function wireSelectors(selected: Readonly<Record<string, Value>>, extras?: string) {
  const isTagsExcept = selected['tags-except'] !== undefined
  const isRepositoriesExcept = selected['repositories-except'] !== undefined
  const tag = {
    ...{ kind: 'doublestar', decoration: isTagsExcept ? 'excludes' : 'matches' },
    ...{ pattern: isTagsExcept ? selected['tags-except'] : (selected['tags'] ?? '**'), ...(extras === undefined ? {} : { extras }) },
  }
  const repository = {
    ...{ kind: 'doublestar', decoration: isRepositoriesExcept ? 'repoExcludes' : 'repoMatches' },
    pattern: isRepositoriesExcept ? selected['repositories-except'] : (selected['repositories'] ?? '**'),
  }
  return { tag_selectors: [tag], scope_selectors: { repository: [repository] } }
}
