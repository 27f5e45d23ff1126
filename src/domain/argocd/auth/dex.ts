import * as v from 'valibot'
import { excerpt, neutraliseLine } from '../../../base/untrusted.ts'
import type { Http, Identity, Secrets } from '../../../spec/ports.ts'
import { type ArgoAnswer, answerOf, parseAnswer } from '../answer.ts'
import { type ArgoPlace, askArgo } from '../ask.ts'
import { argocdBroken, argocdLogin } from '../errors.ts'

export interface DexExchange {
  /** The `id` of the connector in `dex.config` that trusts the issuer: `github-actions`. */
  readonly connector: string
  /** For whom the identity token is made; Dex does not look at it. Default the address of Argo CD. */
  readonly audience?: string | undefined
}

export interface DexPorts {
  readonly http: Http
  readonly identity: Identity
  readonly secrets: Secrets
}

const exchanged = v.object({ access_token: v.pipe(v.string(), v.nonEmpty()) })
const refused = v.object({ error: v.string(), error_description: v.optional(v.string(), '') })
const [timeout, mostBytes] = [30_000, 256 * 1024]
/** The public client that Argo CD gives Dex; it has no secret. */
const client = `Basic ${Buffer.from('argo-cd-cli:').toString('base64')}`

/**
 * An identity token of this run exchanged at the Dex of an Argo CD for a token of that Argo CD (RFC 8693; Argo CD documentation, User
 * Management › GitHub Actions). Throws SW-IDENTITY-UNAVAILABLE, SW-ARGOCD-LOGIN.
 */
export async function exchangeAtDex(
  place: ArgoPlace,
  { connector, audience }: DexExchange,
  { http, identity, secrets }: DexPorts,
): Promise<string> {
  const subject = await identity.token(audience ?? place.server.base)
  const form = new URLSearchParams({
    ...{ connector_id: connector, grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' },
    ...{ scope: 'openid email profile federated:id', subject_token: subject },
    ...{
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    },
  })
  const headers = { accept: 'application/json', authorization: client, 'content-type': 'application/x-www-form-urlencoded' }
  // The same token twice is exchanged twice, which harms nobody.
  const question = { method: 'POST', path: '/api/dex/token', headers, body: form.toString(), timeout, idempotent: true } as const
  const answer = await answerOf(await askArgo(http, place, question), mostBytes)
  if (answer.status !== 200) throw refusalOf(answer, place, connector)
  const token = parseAnswer(answer, { schema: exchanged, server: place.server }).access_token
  secrets.mask(token)
  return token
}

/** Where Dex is not set up, the API behind it answers 415 to a form. */
function refusalOf({ status, text }: ArgoAnswer, { server }: ArgoPlace, connector: string): Error {
  const told = v.safeParse(v.pipe(v.string(), v.parseJson(), refused), text)
  const { error, error_description: more } = told.success ? told.output : { error: text.trim(), error_description: '' }
  const said = neutraliseLine(excerpt([error, more].filter((words) => words !== '').join(', '), 500))
  const message = `Dex at ${server.base}/api/dex answered ${status} and does not exchange the identity token by the connector ${connector}: ${said}.`
  if (status >= 500) throw argocdBroken(message, { retryable: true })
  return argocdLogin(message, { hint: hintOf(status, told.success) })
}

function hintOf(status: number, isDex: boolean): string {
  if (!isDex && (status === 415 || status === 404))
    return 'Set up `dex.config` in argocd-cm with a connector for the issuer; Argo CD answers without one.'
  return 'Check that `dex.config` in argocd-cm has a connector of that id, of type oidc, for the issuer of this run’s tokens.'
}
