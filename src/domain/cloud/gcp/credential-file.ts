import { messageOf } from '../../../base/errors.ts'
import { readText } from '../../../io/files.ts'
import { setting } from '../environment.ts'
import { credentialKeyless } from '../errors.ts'
import { ask, form, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { externalAccountToken } from './external-account.ts'
import { type AuthorizedUser, CredentialFile, TokenAnswer } from './schema.ts'
import { serviceAccountToken } from './service-account.ts'
import type { AccessToken } from './token.ts'

const variable = 'GOOGLE_APPLICATION_CREDENTIALS'

/** A token by the file that GOOGLE_APPLICATION_CREDENTIALS names: workload identity federation, a service account’s key, or a user’s login. */
export async function credentialFileToken(ports: KeylessPorts): Promise<AccessToken | undefined> {
  const path = setting(ports.environment, variable)
  if (path === undefined) return undefined
  const file = readAnswer(await textOf(path), CredentialFile, `${variable}=${path}`)
  const source = `${variable}=${path}`
  if (file.type === 'external_account') return externalAccountToken(file, { ports, source })
  return file.type === 'service_account' ? serviceAccountToken(file, { ports, source }) : userToken(file, { ports, source })
}

async function textOf(path: string): Promise<string> {
  return readText(path, 64 * 1024).catch((cause: unknown) => {
    throw credentialKeyless(`The file that ${variable} names cannot be read: ${messageOf(cause)}`, { cause })
  })
}

/** RFC 6749 §6 */
async function userToken(user: AuthorizedUser, { ports, source }: { ports: KeylessPorts; source: string }): Promise<AccessToken> {
  const { client_id, client_secret, refresh_token } = user
  for (const secret of [client_secret, refresh_token]) ports.secrets.mask(secret)
  const service = 'Google’s token service'
  const fields = { grant_type: 'refresh_token', client_id, client_secret, refresh_token }
  const answer = await ask(ports.http, { service, url: 'https://oauth2.googleapis.com/token', ...form(fields) })
  const { access_token: value, expires_in } = readAnswer(answer ?? '', TokenAnswer, service)
  return { value, expires: ports.clock.now() + expires_in * 1000, source }
}
