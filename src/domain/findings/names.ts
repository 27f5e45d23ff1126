/**
 * Puts names together that mean the same: those of one list do, and so do those of lists that share a name. Gives for each name the one that
 * stands for its group.
 */
export function namesTogether(lists: Iterable<readonly string[]>): (name: string) => string {
  const heads = new Map<string, string>()
  const headOf = (name: string): string => {
    let head = name
    for (let next = heads.get(head); next !== undefined && next !== head; next = heads.get(head)) head = next
    heads.set(name, head)
    return head
  }
  for (const [first, ...others] of lists) {
    if (first === undefined) continue
    for (const name of others) heads.set(headOf(name), headOf(first))
  }
  return headOf
}

const kinds = [/^CVE-/, /^GHSA-/]

/** Each name once: the one that most others know first, the others sorted. */
export function ranked(names: Iterable<string>): readonly string[] {
  const rank = (name: string): number => kinds.findIndex((kind) => kind.test(name)) >>> 0
  return [...new Set(names)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
