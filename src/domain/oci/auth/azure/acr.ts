import { safeParse } from 'valibot'
import { entraToken } from '../../../cloud/azure/entra.ts'
import { setting } from '../../../cloud/environment.ts'
import { ask, form, readAnswer } from '../../../cloud/exchange.ts'
import { renewalOf } from '../../../cloud/kept.ts'
import type { KeylessPorts } from '../../../cloud/keyless-ports.ts'
import type { RefreshCredential } from '../credential.ts'
import { azureCloud, registryResource } from './registry.ts'
import { Claims, ExchangeAnswer } from './schema.ts'

const service = 'Azure Container Registry’s token exchange'
/** Milliseconds: what a refresh token lives at least, when it does not say. */
const leastLife = 3_600_000

/**
 * A refresh token of an Azure registry for an Entra token of this run, traded for access tokens at the registry’s token service;
 * undefined when this run has no Azure identity (azure.github.io/acr/AAD-OAuth). Throws SW-CREDENTIAL-KEYLESS.
 */
export async function acrLogin(registry: string, ports: KeylessPorts): Promise<RefreshCredential | undefined> {
  const cloud = azureCloud(registry)
  const entra = cloud === undefined ? undefined : await entraToken({ authority: cloud.authority, resource: registryResource }, ports)
  if (entra === undefined) return undefined
  ports.secrets.mask(entra.value)
  const tenant = setting(ports.environment, 'AZURE_TENANT_ID')
  const fields = { grant_type: 'access_token', service: registry, access_token: entra.value, ...(tenant === undefined ? {} : { tenant }) }
  const refused = `az role assignment create --role AcrPush --assignee CLIENT --scope "$(az acr show --name ${registry.split('.', 1)[0]} --query id --output tsv)"`
  const answer = await ask(ports.http, { service, refused, url: `https://${registry}/oauth2/exchange`, ...form(fields) })
  const { refresh_token: token } = readAnswer(answer ?? '', ExchangeAnswer, service)
  const now = ports.clock.now()
  return { kind: 'refresh', token, source: `Microsoft Entra (${entra.source})`, renew: renewalOf(expiryOf(token) ?? now + leastLife, now) }
}

/** Milliseconds since 1970 (RFC 7519 §4.1.4); undefined when it is no JWT. */
function expiryOf(token: string): number | undefined {
  try {
    const parsed = safeParse(Claims, JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()))
    return parsed.success ? parsed.output.exp * 1000 : undefined
  } catch {
    return undefined
  }
}
