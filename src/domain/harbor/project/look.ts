import { titleOf } from './change.ts'
import { diff, newSteps, removerOf } from './diff.ts'
import type { Found, Kind, KindName, Place, Secrets, Step, Wanted } from './kind.ts'

/** A kind of settings, and what the file wants of it. */
export interface Asked<P extends Place, S> {
  readonly kind: Kind<P, S>
  readonly wanted: readonly Wanted[]
}

/** What it takes to have all that is wanted of one kind in one place. */
export interface Looked<P extends Place, S> extends Asked<P, S> {
  readonly steps: readonly Step[]
}

/** The kinds that the file has a word on. */
export function askedOf<P extends Place, S>(
  kinds: readonly Kind<P, S>[],
  settings: S,
  { secrets }: { readonly secrets: Secrets },
): readonly Asked<P, S>[] {
  return kinds.flatMap((kind) => {
    const wanted = kind.wanted(settings, secrets)
    return wanted === undefined ? [] : [{ kind, wanted }]
  })
}

/** Reads what Harbor has of each kind, and compares. */
export async function lookAt<P extends Place, S>(
  place: P,
  asked: readonly Asked<P, S>[],
  prune: ReadonlySet<KindName>,
): Promise<readonly Looked<P, S>[]> {
  const looked: Looked<P, S>[] = []
  for (const { kind, wanted } of asked) {
    const isEmpty = place.isNew === true && kind.startsEmpty === true
    const found = isEmpty ? new Map<string, Found>() : await kind.read(place)
    const remove = prune.has(kind.name) ? removerOf(kind, place, found) : undefined
    const steps = diff(wanted, found, remove)
    if (remove !== undefined)
      for (const name of leftOf(found, steps)) place.leave?.(titleOf({ project: place.name, kind: kind.name, name }))
    looked.push({ kind, wanted, steps })
  }
  return looked
}

/** What is there and no step is about: neither wanted nor to be deleted. */
function leftOf(found: ReadonlyMap<string, Found>, steps: readonly Step[]): readonly string[] {
  const named = new Set(steps.map(({ name }) => name))
  return [...found.keys()].filter((name) => !named.has(name))
}

/** The same for a place that is not there yet. */
export function lookAtNothing<P extends Place, S>(asked: readonly Asked<P, S>[]): readonly Looked<P, S>[] {
  return asked.map((one) => ({ ...one, steps: newSteps(one.wanted) }))
}
