/** How two things stand to one another: below 0, 0 or above 0, as for `Array.sort`; undefined where it cannot be decided. */
export type Order = number | undefined

/** Two texts of decimal digits as numbers of any length. */
export function byNumber(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return left.length - right.length || byText(left, right)
}

/** Two texts by their UTF-16 code units, never by a locale. */
export function byText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Two lists item by item; `fill` stands where one has ended. The first difference decides. */
export function byItems<T>(a: readonly T[], b: readonly T[], { fill, order }: { readonly fill: T; order(a: T, b: T): number }): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const decided = order(a[at] ?? fill, b[at] ?? fill)
    if (decided !== 0) return decided
  }
  return 0
}
