import type { Advisory } from '../advisories/advisory.ts'
import { namesTogether, ranked } from './names.ts'

/** Advisories that are about the same vulnerability, with all its names: the best known one first, the others sorted. */
export interface Group {
  readonly names: readonly string[]
  readonly advisories: readonly Advisory[]
}

/**
 * Puts together advisories that share a name: aliases hold both ways and go on. What a distribution's record is about is such a name only
 * where it is one alone: an advisory that mends three vulnerabilities does not make them one.
 */
export function groupsOf(advisories: readonly Advisory[]): readonly Group[] {
  const sorted = advisories.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const headOf = namesTogether(sorted.map(namesOf))
  return [...Map.groupBy(sorted, ({ id }) => headOf(id)).values()].map((group) => ({
    names: ranked(group.flatMap(namesOf)),
    advisories: group,
  }))
}

function namesOf({ id, aliases, upstream }: Advisory): readonly string[] {
  return [id, ...aliases, ...(upstream.length === 1 ? upstream : [])]
}
