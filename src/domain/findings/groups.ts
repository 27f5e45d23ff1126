import type { Advisory } from '../advisories/advisory.ts'

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
  const heads = new Map<string, string>()
  const headOf = (name: string): string => {
    let head = name
    for (let next = heads.get(head); next !== undefined && next !== head; next = heads.get(head)) head = next
    heads.set(name, head)
    return head
  }
  const sorted = advisories.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const advisory of sorted) {
    for (const name of namesOf(advisory)) heads.set(headOf(name), headOf(advisory.id))
  }
  const groups = new Map<string, Advisory[]>()
  for (const advisory of sorted) {
    const head = headOf(advisory.id)
    const group = groups.get(head)
    if (group === undefined) groups.set(head, [advisory])
    else group.push(advisory)
  }
  return [...groups.values()].map((group) => ({ names: ranked(group), advisories: group }))
}

function namesOf({ id, aliases, upstream }: Advisory): readonly string[] {
  return [id, ...aliases, ...(upstream.length === 1 ? upstream : [])]
}

const kinds = [/^CVE-/, /^GHSA-/]

function ranked(group: readonly Advisory[]): readonly string[] {
  const rank = (name: string): number => kinds.findIndex((kind) => kind.test(name)) >>> 0
  return [...new Set(group.flatMap(namesOf))].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
