import { awsKeys } from '../../../cloud/aws/keys.ts'
import { signed } from '../../../cloud/aws/sigv4.ts'
import { setting } from '../../../cloud/environment.ts'
import { credentialKeyless } from '../../../cloud/errors.ts'
import { ask, checkedEndpoint, readAnswer } from '../../../cloud/exchange.ts'
import { renewalOf } from '../../../cloud/kept.ts'
import type { KeylessPorts } from '../../../cloud/keyless-ports.ts'
import type { PasswordCredential } from '../credential.ts'
import { ecrRegistry } from './registry.ts'
import { AuthorizationAnswer } from './schema.ts'

const service = 'Amazon ECR (GetAuthorizationToken)'

/** A password for an ECR registry, good for twelve hours; undefined when this run has no AWS identity. Throws SW-CREDENTIAL-KEYLESS. */
export async function ecrLogin(host: string, ports: KeylessPorts): Promise<PasswordCredential | undefined> {
  const registry = ecrRegistry(host)
  const keys = registry === undefined ? undefined : await awsKeys(registry, ports)
  if (registry === undefined || keys === undefined) return undefined
  const given = setting(ports.environment, registry.apiVariable)
  const url = given === undefined ? new URL(`${registry.api}/`) : checkedEndpoint(given, registry.apiVariable)
  const now = ports.clock.now()
  const body = '{}'
  const headers = signed(
    { method: 'POST', url, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': registry.target }, body },
    keys,
    { region: registry.region, service: registry.service, now },
  )
  const refused = `Give the role ${registry.service}:GetAuthorizationToken${registry.service === 'ecr' ? '' : ' and sts:GetServiceBearerToken'}, and check its keys.`
  const answer = await ask(ports.http, { service: `${service} with ${keys.source}`, refused, url: url.href, headers, body })
  const [data] = readAnswer(answer ?? '', AuthorizationAnswer, service).authorizationData
  const [, username, password] = /^([^:]+):(.+)$/s.exec(Buffer.from(data?.authorizationToken ?? '', 'base64').toString()) ?? []
  if (data === undefined || username === undefined || password === undefined)
    throw credentialKeyless(`${service} answered with a token that is not base64 of user:password.`)
  return { kind: 'password', username, password, source: `${service} with ${keys.source}`, renew: renewalOf(data.expiresAt * 1000, now) }
}
