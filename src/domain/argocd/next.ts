import type { Pair } from './prove.ts'
import type { ResultName } from './wish.ts'

/** What to do next for an application. */
export type Next =
  /** Look again after so many milliseconds, or when something is heard. */
  | { readonly do: 'wait'; readonly for: number; readonly saying: string }
  | { readonly do: 'refresh'; readonly saying: string }
  /** `revisions` by position; without them it goes to what the application tracks. */
  | { readonly do: 'sync'; readonly revisions?: readonly (string | undefined)[]; readonly saying: string }
  | { readonly do: 'compare'; readonly pair: Pair }
  | { readonly do: 'windows' }
  | { readonly do: 'terminate'; readonly saying: string }
  | { readonly do: 'end'; readonly result: ResultName; readonly why: string }

/** Milliseconds between two looks: usually, and where something is about to change. */
export const pace = { usual: 5000, close: 1500 } as const

/**
 * Milliseconds: until git is looked at again; until a revision that Argo CD does not see in the branch is given to it by name; until git that could not tell is asked
 * again; until the
 * windows are asked for where nothing begins; how long Argo CD may be silent before and after it has answered once.
 */
export const patience = {
  refresh: 15_000,
  mirror: 45_000,
  git: 60_000,
  begin: 10_000,
  firstAnswer: 60_000,
  answer: 300_000,
  silence: 2000,
} as const

export function wait(saying: string, time: number = pace.usual): Next {
  return { do: 'wait', for: time, saying }
}

export function end(result: ResultName, why: string): Next {
  return { do: 'end', result, why }
}
