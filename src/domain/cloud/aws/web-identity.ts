import { setting } from '../environment.ts'
import { credentialKeyless } from '../errors.ts'
import { ask, checkedEndpoint, form } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { readToken } from '../token-file.ts'
import type { AwsKeys } from './sigv4.ts'

const variable = 'AWS_WEB_IDENTITY_TOKEN_FILE'

/** The security token service of a partition and region. */
export interface SecurityTokens {
  /** Its origin. */
  readonly sts: string
  /** Audience that the partition’s identity providers are set up with by default. */
  readonly audience: string
}

/**
 * Keys of the role AWS_ROLE_ARN, for the token in AWS_WEB_IDENTITY_TOKEN_FILE (EKS), or for one of this run’s own identity
 * (GitHub with `id-token: write`); undefined when no role is named.
 */
export async function webIdentityKeys(tokens: SecurityTokens, ports: KeylessPorts): Promise<AwsKeys | undefined> {
  const { environment, identity, secrets } = ports
  const role = setting(environment, 'AWS_ROLE_ARN')
  if (role === undefined) return undefined
  const path = setting(environment, variable)
  const token = path === undefined ? await identity.token(tokens.audience) : await readToken(path, variable)
  secrets.mask(token)
  return assumeRole({ role, token }, tokens, ports)
}

/** AWS STS API, AssumeRoleWithWebIdentity: the one call that needs no signature. */
async function assumeRole(
  { role, token }: { readonly role: string; readonly token: string },
  { sts }: SecurityTokens,
  { http, environment }: KeylessPorts,
): Promise<AwsKeys> {
  const given = setting(environment, 'AWS_ENDPOINT_URL_STS')
  const url = given === undefined ? new URL(`${sts}/`) : checkedEndpoint(given, 'AWS_ENDPOINT_URL_STS')
  const RoleSessionName = setting(environment, 'AWS_ROLE_SESSION_NAME') ?? 'slipway'
  const fields = { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn: role, RoleSessionName, WebIdentityToken: token }
  const service = `AWS STS (AssumeRoleWithWebIdentity for ${role})`
  const refused = 'The trust policy of the role must allow sts:AssumeRoleWithWebIdentity for the issuer, audience and subject of this run.'
  const answer = await ask(http, { service, refused, url: url.href, ...form(fields) })
  const text = answer?.toString('utf8') ?? ''
  const [id, secret, session] = [element(text, 'AccessKeyId'), element(text, 'SecretAccessKey'), element(text, 'SessionToken')]
  if (id === undefined || secret === undefined || session === undefined) throw credentialKeyless(`${service} answered without credentials.`)
  return { id, secret, session, source: `the role ${role} by web identity` }
}

/** The text of an element of the answer; the alphabet of keys needs no XML escapes. */
function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([A-Za-z0-9+/=_-]+)\\s*</${name}>`).exec(xml)?.[1]
}
