import { packageKey } from '../vex/match-purl.ts'
import type { Exception, PackageScope } from './exception.ts'
import { type Scoped, scopeOf } from './scope.ts'

type Name = string | undefined

interface Ranked {
  readonly rank: number
  readonly exception: Exception
  readonly isWithin: (one: Scoped) => boolean
}

/**
 * Looks up exceptions under names: of several within whose scope a package is the one that lasts longest, then the first by its place, so
 * that their order in files does not matter. Of thousands under one name a package asks those that may mean it.
 */
export function longestOf(
  exceptions: readonly Exception[],
  nameOf: (one: Exception) => Name,
): (names: readonly Name[], one: Scoped) => Exception | undefined {
  const lists = new Map<Name, Map<string, Ranked[]>>()
  for (const [rank, exception] of exceptions.toSorted(byEnd).entries()) {
    const one = { rank, exception, isWithin: scopeOf(exception) }
    const byPackage = lists.get(nameOf(exception)) ?? new Map<string, Ranked[]>()
    lists.set(nameOf(exception), byPackage)
    for (const key of keysOf(exception)) {
      const list = byPackage.get(key)
      if (list === undefined) byPackage.set(key, [one])
      else list.push(one)
    }
  }
  return (names, one) =>
    names
      .flatMap((name) =>
        keysFor(one).flatMap(
          (key) =>
            lists
              .get(name)
              ?.get(key)
              ?.find(({ isWithin }) => isWithin(one)) ?? [],
        ),
      )
      .toSorted((a, b) => a.rank - b.rank)[0]?.exception
}

function byEnd(a: Exception, b: Exception): number {
  return b.ends - a.ends || (a.origin < b.origin ? -1 : 1)
}

const any = 'any'

/** What an exception may mean; a package URL that is none means nothing. */
function keysOf({ packages }: Exception): ReadonlySet<string> {
  return new Set(packages.length === 0 ? [any] : packages.flatMap(keyOf))
}

function keyOf({ purl, name }: PackageScope): string | readonly string[] {
  if (purl !== undefined) return packageKey(purl) ?? []
  return name === undefined ? any : `name ${name}`
}

function keysFor({ purl, package: { name } }: Scoped): readonly string[] {
  return [any, `name ${name}`, packageKey(purl) ?? []].flat()
}
