import * as v from 'valibot'
import type { Http } from '../../../spec/ports.ts'
import { answerOf, parseAnswer, strangeAnswer } from '../answer.ts'
import { type ArgoPlace, askArgo } from '../ask.ts'
import { argocdBroken, argocdLogin } from '../errors.ts'
import { saidIn } from '../refusals.ts'
import { type ArgoTokens, fetchedToken } from './tokens.ts'

export interface Password {
  readonly username: string
  readonly password: string
}

const session = v.object({ token: v.pipe(v.string(), v.nonEmpty()) })
const [timeout, mostBytes] = [30_000, 64 * 1024]

/**
 * Sessions of an account, which `open` hides. A password that was refused once is not tried again by whoever asks next: hundreds who wait would
 * lock the account.
 */
export function sessionTokens(password: Password, open: (password: Password) => Promise<string>): ArgoTokens {
  let refused: unknown
  return fetchedToken(async () => {
    if (refused !== undefined) throw refused
    try {
      return await open(password)
    } catch (error) {
      if (argocdLogin.is(error)) refused = error
      throw error
    }
  }, `the session of ${password.username}`)
}

/**
 * A session’s token for a name and a password, good for 24 h unless Argo CD says otherwise. Not sent again by itself: five refusals within
 * five minutes lock the account. Throws SW-ARGOCD-LOGIN.
 */
export async function openSession(http: Http, place: ArgoPlace, { username, password }: Password): Promise<string> {
  const body = JSON.stringify({ username, password })
  const question = { method: 'POST', path: '/api/v1/session', headers: { accept: 'application/json' }, body, timeout } as const
  const answer = await answerOf(await askArgo(http, place, question), mostBytes)
  const { server } = place
  if (answer.status === 200) return parseAnswer(answer, { schema: session, server }).token
  const said = saidIn(answer.text)
  const message = `Argo CD at ${server.base} answered ${answer.status} and does not log in ${username}: ${said.message}.`
  if (answer.status >= 500) throw argocdBroken(message, { retryable: true })
  if (said.code === undefined) throw strangeAnswer(answer, { server, what: 'is no answer to a login' })
  throw argocdLogin(message, {
    hint: 'Check username and password; the account needs `login` in argocd-cm, and an SSO account has no password.',
  })
}
