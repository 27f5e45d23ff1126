/**
 * A vulnerability has a few dozen names at most, over all distributions. Lists that would join more of them say nothing: their names stay apart,
 * so that nothing is lost, and every finding does not carry the names of all others.
 */
const mostNames = 100

/**
 * Puts names together that mean the same: those of one list do, and so do those of lists that share a name. Gives for each name the one that
 * stands for its group.
 */
export function namesTogether(lists: Iterable<readonly string[]>): (name: string) => string {
  const heads = new Map<string, string>()
  const sizes = new Map<string, number>()
  const headOf = (name: string): string => {
    const head = heads.get(name)
    return head === undefined ? name : headOf(head)
  }
  for (const [first, ...others] of lists) {
    if (first === undefined) continue
    for (const name of others) {
      const [one, other] = [headOf(first), headOf(name)]
      const [sizeOfOne, sizeOfOther] = [sizes.get(one) ?? 1, sizes.get(other) ?? 1]
      if (one === other || sizeOfOne + sizeOfOther > mostNames) continue
      // The smaller below the larger: a name is never more than seven steps from its head.
      const [head, below] = sizeOfOne >= sizeOfOther ? [one, other] : [other, one]
      heads.set(below, head)
      sizes.set(head, sizeOfOne + sizeOfOther)
    }
  }
  return headOf
}

const kinds = [/^CVE-/, /^GHSA-/]

/** Each name once: the one that most others know first, the others sorted. */
export function ranked(names: Iterable<string>): readonly string[] {
  const rank = (name: string): number => kinds.findIndex((kind) => kind.test(name)) >>> 0
  return [...new Set(names)].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}
