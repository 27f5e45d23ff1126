/** Where the bearer token of a connection comes from. */
export interface ArgoTokens {
  /** The token to send; undefined: none, as nobody is logged in. */
  current(): Promise<string | undefined>
  /** Another one in place of a token that was refused by 401; undefined when there is none to be had. */
  renewed(refused: string): Promise<string | undefined>
  /** For messages: `the input token`, `the file /var/run/…`, `the session of admin`. */
  readonly source: string
}

/** A token that someone made: an account's, a project role's, or one of the identity provider's. */
export function fixedToken(token: string, source: string): ArgoTokens {
  return { source, current: async () => token, renewed: async () => undefined }
}

/**
 * A token that is fetched when it is first needed, and once more when the server refuses it; whoever asks meanwhile waits for the same.
 * `obtain` masks what it brings.
 */
export function fetchedToken(obtain: () => Promise<string>, source: string): ArgoTokens {
  let token: Promise<string> | undefined
  const current = (): Promise<string> => {
    const fetched = token ?? obtain()
    token = fetched
    fetched.catch(() => {
      if (token === fetched) token = undefined
    })
    return fetched
  }
  return {
    source,
    current,
    async renewed(refused) {
      const before = token
      // Another request may have renewed it while this one was on its way.
      if (before !== undefined && (await before) === refused && token === before) token = undefined
      const next = await current()
      return next === refused ? undefined : next
    },
  }
}
