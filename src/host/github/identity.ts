import * as v from 'valibot'
import { messageOf } from '../../base/errors.ts'
import type { Http, Identity } from '../../spec/ports.ts'
import { identityUnavailable } from '../errors.ts'
import type { Environment } from '../process-environment.ts'

const hint = 'add to the job: permissions: id-token: write'

/** What the runner's token service answers. */
const tokenAnswer = v.object({ value: v.pipe(v.string(), v.nonEmpty()) })

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
  const asked = new URL(url)
  asked.searchParams.set('audience', audience)
  return asked.href
}

async function fetchToken(http: Http, { url, bearer }: { readonly url: string; readonly bearer: string }): Promise<string> {
  const headers = { authorization: `Bearer ${bearer}`, accept: 'application/json' }
  const response = await http.request({ method: 'GET', url, headers }).catch((cause: unknown) => {
    throw identityUnavailable(`The runner's token service cannot be asked: ${messageOf(cause)}`, { cause, retryable: true })
  })
  if (response.status !== 200) {
    await response.discard()
    throw identityUnavailable(`The runner's token service answered ${response.status}, expected 200.`, { hint })
  }
  const answer = v.safeParse(tokenAnswer, await response.json())
  if (!answer.success)
    throw identityUnavailable("The runner's token service answered without a token, expected a JSON object with `value`.")
  return answer.output.value
}
