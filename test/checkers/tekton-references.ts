/** A `$(…)` in some field. `index` is `*` or a number between brackets, for arrays. */
export interface Reference {
  /** `params`, `results`, `step.results`, `workspaces`, `context`, `steps`, `tasks`, or what else stands first. */
  readonly root: string
  readonly rest: string
  readonly index: string | undefined
  /** The whole text from `$(` to `)`. */
  readonly text: string
}

/** Every reference in a text, in each of the three spellings: `$(params.x)`, `$(params["x"])`, `$(params['x'])`. */
export function references(text: string): readonly Reference[] {
  const found = text.matchAll(/\$\((step\.results|[a-z]+)(?:\.([^()\s]+?)|\["([^"]+)"\]|\['([^']+)'\])(?:\[(\*|\d+)\])?\)/gi)
  return [...found].map(([whole, root = '', dotted, double, single, index]) => ({
    root,
    rest: dotted ?? double ?? single ?? '',
    index,
    text: whole,
  }))
}

/** Every text in a value, with the path to it. */
export function texts(value: unknown, path = ''): readonly { readonly path: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, path === '' ? key : `${path}.${key}`))
}
