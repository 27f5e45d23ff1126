/** What a token is asked for: `repository:team/app:pull,push` (distribution, token scope). */
export type Scope = string

/** The scope for actions in a repository. */
export function repositoryScope(repository: string, ...actions: readonly ('pull' | 'push' | 'delete')[]): Scope {
  return `repository:${repository}:${actions.join(',')}`
}

/**
 * All of two lists, each resource once with the actions of both. Those of `first` come first: some token services look at the
 * first scope only, so it must be the one that was missing.
 */
export function unionOf(first: readonly Scope[], second: readonly Scope[]): readonly Scope[] {
  const resources = new Map<string, Set<string>>()
  for (const scope of [...first, ...second]) {
    const colon = scope.lastIndexOf(':')
    const resource = scope.slice(0, Math.max(colon, 0))
    const actions = resources.get(resource) ?? new Set()
    resources.set(resource, actions)
    for (const action of scope.slice(colon + 1).split(',')) actions.add(action)
  }
  return [...resources].map(([resource, actions]) => (resource === '' ? [...actions].join(',') : `${resource}:${[...actions].join(',')}`))
}

/** Whether two lists ask for the same. */
export function isSameScope(a: readonly Scope[], b: readonly Scope[]): boolean {
  return scopeKey(a) === scopeKey(b)
}

/** The same text for the same scopes in any order. */
export function scopeKey(scopes: readonly Scope[]): string {
  const sorted = unionOf(scopes, []).map((scope) => {
    const colon = scope.lastIndexOf(':')
    return (
      scope.slice(0, colon + 1) +
      scope
        .slice(colon + 1)
        .split(',')
        .sort()
        .join(',')
    )
  })
  return sorted.sort().join(' ')
}
