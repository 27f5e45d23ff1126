import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty())

/** Azure Container Registry’s `/oauth2/exchange`. */
export const ExchangeAnswer = v.object({ refresh_token: text })

/** What is read of a token to know when it dies; its signature is the registry’s to check. */
export const Claims = v.object({ exp: v.number() })
