import { createSign } from 'node:crypto'
import { credentialKeyless } from '../errors.ts'
import { ask, form, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { googleEndpoint } from './endpoint.ts'
import { type ServiceAccount, TokenAnswer } from './schema.ts'
import { type AccessToken, cloudScope } from './token.ts'

const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** A token for an assertion signed by the account’s key, which itself never leaves this process (RFC 7523 §2.1). */
export async function serviceAccountToken(
  account: ServiceAccount,
  { ports, source }: { readonly ports: KeylessPorts; readonly source: string },
): Promise<AccessToken> {
  const { http, clock, secrets } = ports
  secrets.mask(account.private_key)
  const now = clock.now()
  const assertion = jwtOf(account, Math.floor(now / 1000))
  secrets.mask(assertion)
  const service = 'Google’s token service'
  const url = googleEndpoint(account.token_uri, 'token_uri').href
  const answer = await ask(http, { service, url, ...form({ grant_type: grant, assertion }) })
  const { access_token: value, expires_in } = readAnswer(answer ?? '', TokenAnswer, service)
  return { value, expires: now + expires_in * 1000, source }
}

/** RFC 7515, RS256; `now` in seconds since 1970. */
function jwtOf({ client_email: iss, private_key, private_key_id: kid, token_uri: aud }: ServiceAccount, now: number): string {
  const parts = [
    { alg: 'RS256', typ: 'JWT', ...(kid === undefined ? {} : { kid }) },
    { iss, scope: cloudScope, aud, iat: now, exp: now + 3600 },
  ]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(private_key, 'base64url')}`
  } catch {
    // OpenSSL’s words say nothing here, and a cause could hold the key.
    throw credentialKeyless('private_key of GOOGLE_APPLICATION_CREDENTIALS is not a PEM private key.', {
      hint: 'Store the key file whole, with its line breaks as \\n.',
    })
  }
}
