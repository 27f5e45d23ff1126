import { closest, distance } from 'fastest-levenshtein'

/** The candidate that a mistyped word most likely means, or undefined when none is near. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || word === '') return undefined
  const prefixed = candidates.filter((candidate) => word.length >= 3 && candidate.startsWith(word))
  if (prefixed.length === 1) return prefixed[0]
  const best = closest(word.toLowerCase(), candidates)
  return distance(word.toLowerCase(), best) <= Math.ceil(word.length / 3) ? best : undefined
}

/** Goes on from a name that nobody knows: `is not a task; did you mean `build`?` */
export function describeUnknown(name: string, { kind, known }: { readonly kind: string; readonly known: readonly string[] }): string {
  const meant = suggest(name, known)
  return `is not ${kind}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`
}
