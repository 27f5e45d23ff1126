import type { Found, Kind, Place, Step, Wanted } from './kind.ts'
import { isEqual, merged } from './value.ts'

/** What is to be done to get from what Harbor has to what is wanted. Nothing is deleted but where `remove` says so. */
export function diff(
  wanted: readonly Wanted[],
  found: ReadonlyMap<string, Found>,
  remove: ((name: string) => boolean) | undefined,
): readonly Step[] {
  const named = new Set(wanted.map(({ name }) => name))
  const steps = wanted.map(({ name, value, path }): Step => {
    const there = found.get(name)
    const after = merged(there?.value, value)
    const action = there === undefined ? 'create' : isEqual(there.value, after) ? 'unchanged' : 'update'
    return { action, name, before: there?.value, after, found: there, path }
  })
  const gone = [...found].flatMap(([name, there]): readonly Step[] => {
    if (named.has(name) || remove?.(name) !== true) return []
    return [{ action: 'delete', name, before: there.value, after: undefined, found: there, path: [] }]
  })
  return [...steps, ...gone]
}

/** The same where Harbor has no such place yet: all is new. */
export function newSteps(wanted: readonly Wanted[]): readonly Step[] {
  return diff(wanted, new Map(), undefined)
}

/** What `prune` lets a kind delete of what was found in a place; undefined for nothing. */
export function removerOf<P extends Place, S>(
  { canRemove }: Pick<Kind<P, S>, 'canRemove'>,
  place: P,
  found: ReadonlyMap<string, Found>,
): ((name: string) => boolean) | undefined {
  return canRemove === undefined ? undefined : (name) => canRemove(name, place, found)
}
