import * as v from 'valibot'
import { credentialKeyless } from '../errors.ts'
import { ask, checkedEndpoint, form, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { readToken } from '../token-file.ts'
import { googleEndpoint } from './endpoint.ts'
import { type ExternalAccount, ImpersonationAnswer, TokenAnswer } from './schema.ts'
import { type AccessToken, cloudScope } from './token.ts'

interface Around {
  readonly ports: KeylessPorts
  readonly source: string
}

/** Trades a token of another issuer for one of Google’s, and that for a service account’s when one is named (RFC 8693, AIP-4117). */
export async function externalAccountToken(account: ExternalAccount, around: Around): Promise<AccessToken> {
  const { http, clock, secrets } = around.ports
  const subject = await subjectToken(account, around)
  secrets.mask(subject)
  const service = 'Google’s security token service'
  const fields = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: account.audience,
    scope: cloudScope,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: account.subject_token_type,
    subject_token: subject,
  }
  const refused =
    'The provider of the workload identity pool must name the issuer of this run, and its attribute condition must fit the subject.'
  const answer = await ask(http, { service, refused, url: googleEndpoint(account.token_url, 'token_url').href, ...form(fields) })
  const { access_token: value, expires_in } = readAnswer(answer ?? '', TokenAnswer, service)
  secrets.mask(value)
  const federated = { value, expires: clock.now() + expires_in * 1000, source: around.source }
  return account.service_account_impersonation_url === undefined
    ? federated
    : impersonate(account.service_account_impersonation_url, federated, around)
}

async function impersonate(address: string, federated: AccessToken, { ports, source }: Around): Promise<AccessToken> {
  const service = 'Google’s IAM credentials service'
  const answer = await ask(ports.http, {
    service,
    refused: 'Give the identity of this run roles/iam.workloadIdentityUser on the service account.',
    url: googleEndpoint(address, 'service_account_impersonation_url').href,
    headers: { authorization: `Bearer ${federated.value}`, 'content-type': 'application/json' },
    body: JSON.stringify({ scope: [cloudScope], lifetime: '3600s' }),
  })
  const { accessToken, expireTime } = readAnswer(answer ?? '', ImpersonationAnswer, service)
  return { value: accessToken, expires: Date.parse(expireTime), source }
}

async function subjectToken({ credential_source: from }: ExternalAccount, { ports, source }: Around): Promise<string> {
  const text =
    from.file !== undefined ? await readToken(from.file, `credential_source of ${source}`) : await fetched(from, { ports, source })
  if (from.format.type === 'text') return text.trim()
  const field = from.format.subject_token_field_name ?? 'access_token'
  const answer = readAnswer(text, v.record(v.string(), v.unknown()), `The credential_source of ${source}`)
  const value = Object.hasOwn(answer, field) ? answer[field] : undefined
  if (typeof value === 'string' && value !== '') return value
  throw credentialKeyless(`The credential_source of ${source} gave no text in the field ${JSON.stringify(field)}.`)
}

async function fetched({ url, headers }: ExternalAccount['credential_source'], { ports, source }: Around): Promise<string> {
  if (url === undefined)
    throw credentialKeyless(`The credential_source of ${source} names neither a file nor a URL: programs are not run, AWS keys not traded.`)
  for (const value of Object.values(headers)) ports.secrets.mask(value.replace(/^bearer /i, ''))
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const isMetadata = url.startsWith('http://169.254.169.254/')
  const address = isMetadata ? new URL(url) : checkedEndpoint(url, `The credential_source of ${source}`)
  const answer = await ask(ports.http, {
    service: 'The token source of the external account',
    method: 'GET',
    url: address.href,
    headers: named,
  })
  return answer?.toString('utf8') ?? ''
}
