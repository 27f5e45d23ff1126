/** What can be reached from these keys, they themselves included, over what each needs. */
export function reached(from: Iterable<string>, needsOf: (key: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set(from)
  for (const key of seen) for (const need of needsOf(key)) seen.add(need)
  return seen
}

/**
 * Tells what only development needs: whatever is reached from there, and not from what runs. What is reached from neither is taken to run, as
 * nobody knows why it is there.
 */
export function developmentOnly(
  roots: { readonly runtime: readonly string[]; readonly development: readonly string[] },
  needsOf: (key: string) => readonly string[],
): (key: string) => boolean {
  const runtime = reached(roots.runtime, needsOf)
  const development = reached(roots.development, needsOf)
  return (key) => development.has(key) && !runtime.has(key)
}
