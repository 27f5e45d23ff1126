/** What must hold between inputs, as data: checked at run time and printed in the docs. `N` are the names of the inputs. */
export type Rule<N extends string = string> =
  | { readonly exactlyOneOf: readonly N[] }
  | { readonly atMostOneOf: readonly N[] }
  /** The first needs all the others. */
  | { readonly requires: readonly [N, ...N[]] }
  | { readonly conflicts: readonly [N, N] }

/** The sentence for people, with inputs under their public names. */
export function describeRule(rule: Rule, nameOf: (input: string) => string): string {
  const names = (inputs: readonly string[]): string => inputs.map((input) => `\`${nameOf(input)}\``).join(', ')
  if ('exactlyOneOf' in rule) return `exactly one of ${names(rule.exactlyOneOf)} must be given`
  if ('atMostOneOf' in rule) return `at most one of ${names(rule.atMostOneOf)} may be given`
  if ('requires' in rule) return `${names(rule.requires.slice(0, 1))} needs ${names(rule.requires.slice(1))}`
  return `${names(rule.conflicts.slice(0, 1))} cannot be used with ${names(rule.conflicts.slice(1))}`
}

/** Whether the rule holds for the inputs that were given. */
export function holds(rule: Rule, isGiven: (input: string) => boolean): boolean {
  if ('exactlyOneOf' in rule) return rule.exactlyOneOf.filter(isGiven).length === 1
  if ('atMostOneOf' in rule) return rule.atMostOneOf.filter(isGiven).length <= 1
  if ('requires' in rule) return !isGiven(rule.requires[0]) || rule.requires.slice(1).every(isGiven)
  return !rule.conflicts.every(isGiven)
}
