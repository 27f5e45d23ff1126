import type { Asked, Reply } from '../exchange.ts'
import type { RequestKind } from './request-kind.ts'

/**
 * When a rule acts on a request: before anything of it is read, within its body, after it took effect and before the answer,
 * within the body of the answer.
 */
export const phases = ['before', 'body', 'after', 'answer'] as const
export type Phase = (typeof phases)[number]

/** What goes wrong. Times are in milliseconds, places and sizes in bytes. */
export type Action =
  /** Answers with a status, and an error body when there is a code. */
  | ({ readonly action: 'status'; readonly status: number; readonly code?: string; readonly message?: string } & Answer)
  /** Resets the connection (RST), or ends it in good order (FIN). */
  | { readonly action: 'reset' | 'cut' }
  /** Says nothing more until the client goes away. */
  | { readonly action: 'stall' }
  | { readonly action: 'delay'; readonly delay: number }
  /** Bytes per second. */
  | { readonly action: 'slow'; readonly rate: number }
  /** Flips a bit at the place. */
  | { readonly action: 'corrupt' }
  /** Leaves bytes out at the end of the answer, or adds some, with a content-length that agrees. */
  | { readonly action: 'truncate' | 'extend'; readonly bytes: number }
  /** Takes the body and says that all is well, without any effect. */
  | { readonly action: 'drop' }
  /** Says that the content is there, and then removes it from the repository. */
  | { readonly action: 'forget' }
  /** For so many reads after a write of the same path, gives what was there before it. */
  | { readonly action: 'stale'; readonly reads: number }
  /** An upload whose body was cut is over. */
  | { readonly action: 'lose' }
  /** Changes the headers of an answer, and the status of one below 300. */
  | {
      readonly action: 'change'
      readonly status?: number
      readonly set?: Readonly<Record<string, string>>
      readonly unset?: readonly string[]
    }
  /** `{path}` stands for the path and query that were asked for. */
  | { readonly action: 'redirect'; readonly to: string; readonly status: 301 | 302 | 303 | 307 | 308 }
  /** Ends all tokens given so far and answers with the challenge. */
  | { readonly action: 'expire' }
  /** Leaves parameters of the query, or headers, out of account. */
  | { readonly action: 'ignore'; readonly parameters?: readonly string[]; readonly headers?: readonly string[] }
  /** In programs only: answers itself, or makes another answer of the registry's. */
  | { readonly action: 'custom'; readonly answer?: (asked: Asked) => Reply; readonly change?: (reply: Reply, asked: Asked) => Reply }

interface Answer {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export type ActionName = Action['action']

/** Which requests a rule is about: all of what is given must fit. */
export interface Match {
  readonly request?: RequestKind | readonly RequestKind[]
  readonly method?: string
  /** Looked for in the path with its query, or in programs in `METHOD path`. */
  readonly path?: RegExp
  readonly line?: RegExp
  /** Parameters of the query that are numbers above these. */
  readonly above?: Readonly<Record<string, number>>
}

/** For which requests, how often and when. */
interface Occasion {
  readonly name: string
  readonly on: Match
  /** Default: the first that the action can have. */
  readonly phase?: Phase
  /** For the phases body and answer, the byte before which it happens. Default: the middle. */
  readonly at?: number
  /** So many fitting requests pass before the first fault. Default 0. */
  readonly skip?: number
  /** Only each so-manieth of the fitting requests after those. Default 1. */
  readonly every?: number
  /** How often it happens at most. Default: always. */
  readonly times?: number
  /** Whether requests are counted together or for each path. Default `rule`. */
  readonly per?: 'rule' | 'path'
}

/** One fault: for which requests, how often, when, and what; the same fields as in a fault file. */
export type Rule = Occasion & Action

/** When each action can happen; the first is the default. */
export const phasesOf: Readonly<Record<ActionName, readonly [Phase, ...Phase[]]>> = {
  status: ['before', 'body', 'after'],
  reset: ['before', 'body', 'after', 'answer'],
  cut: ['before', 'body', 'after', 'answer'],
  stall: ['before', 'body', 'after', 'answer'],
  delay: ['before', 'body', 'after', 'answer'],
  slow: ['answer', 'body'],
  corrupt: ['answer', 'body'],
  truncate: ['answer'],
  extend: ['answer'],
  drop: ['before'],
  forget: ['after'],
  stale: ['before'],
  lose: ['body'],
  change: ['after'],
  redirect: ['before'],
  expire: ['before'],
  ignore: ['before'],
  custom: ['before'],
}

export function phaseOf({ phase, action }: Rule): Phase {
  return phase ?? phasesOf[action][0]
}
