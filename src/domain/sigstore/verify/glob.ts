/**
 * Whether a whole text is of a pattern: `*` stands for any characters but `/`, `**` for any, all else for itself. Takes time in
 * the product of the lengths at most: every place of the text is tried against every place of the pattern once.
 */
export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.match(/\*\*|\*|[^*]/gsu) ?? []
  const letters = [...text]
  // Which lengths of the text the pattern's parts so far can stand for.
  let reached: readonly boolean[] = [true, ...letters.map(() => false)]
  for (const part of parts) {
    const isStar = part === '*' || part === '**'
    const next: boolean[] = []
    for (const length of reached.keys()) {
      const letter = letters[length - 1]
      const more = next[length - 1] === true && letter !== undefined && (part === '**' || letter !== '/')
      next[length] = isStar ? reached[length] === true || more : letter === part && reached[length - 1] === true
    }
    reached = next
  }
  return reached.at(-1) === true
}
