import type { Asked } from '../exchange.ts'

/**
 * How a registry asks for authorisation. `bearer`: distribution's token flow · `harbor`: the same, and Basic is taken as well, and
 * what is refused with credentials present is a 401 with a Basic challenge, never 403 · `forgejo`: Bearer and Basic in one header ·
 * `basic`: no token service.
 */
export interface Dialect {
  readonly mode: 'bearer' | 'harbor' | 'forgejo' | 'basic'
  /** The path of the token service. Default `/token`. */
  readonly tokenPath?: string
  /** What the challenge names as realm. Default: the token service's URL, and for Basic a text that is no URL. */
  readonly realm?: string
  readonly service?: string
  /** Which methods the token service takes; others are 405. Default GET and POST. */
  readonly methods?: readonly string[]
  /** Only the first scope of a question counts. */
  readonly firstScopeOnly?: boolean
  /** What those may do who give no credentials. Default: nothing. */
  readonly anonymous?: readonly string[]
}

/** A dialect with its one account. */
export interface AuthOptions extends Dialect {
  readonly username: string
  readonly password: string
  /** An identity token that is traded by POST. */
  readonly refreshToken?: string
  /** Seconds that a token lives, counted by `now`. Default 300. */
  readonly life?: number
  /** Milliseconds. Default: the machine's clock. */
  readonly now?: () => number
  /** Which actions are given on a scope (`repository:team/app:pull,push`). Default: all to the user, `anonymous` to everyone. */
  readonly grant?: (scope: string, user: string | undefined) => readonly string[]
  /** Fields of the token answer beside `expires_in`. Default `{token}`, and to a POST `{access_token}`. */
  readonly answer?: (token: string) => object
  /** Told of each question to the token service. */
  readonly onQuestion?: (question: TokenQuestion) => void
}

export interface TokenQuestion {
  readonly method: string
  readonly authorization: string | undefined
  readonly parameters: URLSearchParams
}

/** Whether a request is for the token service. */
export function isTokenRequest({ path }: Pick<Asked, 'path'>, { mode, tokenPath = '/token' }: Dialect): boolean {
  return mode !== 'basic' && path === tokenPath
}
