import * as v from 'valibot'
import { messageOf, TaskError } from '../../base/errors.ts'
import type { Http, Identity } from '../../spec/ports.ts'
import { identityUnavailable } from '../errors.ts'
import type { Environment } from '../process-environment.ts'

const hint = 'add to the job: permissions: id-token: write'

/** What the runner's token service answers. Half of it is the token, so no message may quote what is not of this shape. */
const tokenAnswer = v.pipe(v.string(), v.parseJson(), v.object({ value: v.pipe(v.string(), v.nonEmpty()) }))
/** In bytes: a token has one or two kB. */
const mostBytes = 64 * 1024

/** Tokens of the runner's OIDC service, each fetched when it is asked for: they live about five minutes. */
export function githubIdentity(
  environment: Environment,
  { http, mask }: { readonly http: Http; readonly mask: (token: string) => void },
): Identity {
  return {
    async token(audience) {
      const url = environment['ACTIONS_ID_TOKEN_REQUEST_URL']
      const bearer = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']
      if (!url || !bearer) {
        throw identityUnavailable(
          `The runner offers no identity token (ACTIONS_ID_TOKEN_REQUEST_URL is not set), expected one for audience "${audience}".`,
          { hint },
        )
      }
      const token = await fetchToken(http, { url: withAudience(url, audience), bearer })
      mask(token)
      return token
    },
  }
}

function withAudience(url: string, audience: string): string {
  const asked = URL.parse(url)
  if (asked === null) throw identityUnavailable('ACTIONS_ID_TOKEN_REQUEST_URL is not a URL, expected the address of the token service.')
  asked.searchParams.set('audience', audience)
  return asked.href
}

async function fetchToken(http: Http, { url, bearer }: { readonly url: string; readonly bearer: string }): Promise<string> {
  const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' }
  try {
    const response = await http.request({ method: 'GET', url, headers })
    const text = await response.text(mostBytes)
    if (response.status !== 200)
      throw identityUnavailable(`The runner's token service answered ${response.status}, expected 200.`, { hint })
    const answer = v.safeParse(tokenAnswer, text)
    if (answer.success) return answer.output.value
  } catch (cause) {
    if (identityUnavailable.is(cause)) throw cause
    const retryable = cause instanceof TaskError && cause.retryable
    throw identityUnavailable(`The runner's token service cannot be asked: ${messageOf(cause)}`, { cause, retryable })
  }
  throw identityUnavailable("The runner's token service answered without a token, expected a JSON object with `value`.")
}
