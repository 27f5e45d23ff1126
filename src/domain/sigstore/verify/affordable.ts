/**
 * Which of some things to read within a number of bytes for each and for all: the smallest first, for signatures are small, and nothing
 * large that somebody attaches may keep them from being read.
 */
export function affordable<T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  most: { readonly each: number; readonly all: number },
): ReadonlySet<T> {
  let left = most.all
  const within = new Set<T>()
  for (const item of items.toSorted((a, b) => sizeOf(a) - sizeOf(b))) {
    const size = sizeOf(item)
    if (size > most.each || size > left) continue
    left -= size
    within.add(item)
  }
  return within
}
