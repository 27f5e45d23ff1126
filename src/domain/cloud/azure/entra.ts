import { setting } from '../environment.ts'
import { credentialKeyless } from '../errors.ts'
import { ask, checkedEndpoint, form, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { readToken } from '../token-file.ts'
import { type EntraToken, managedIdentityToken } from './managed-identity.ts'
import { EntraAnswer } from './schema.ts'

/** Whom a token is for. */
export interface EntraAudience {
  /** Microsoft Entra’s origin in that cloud. */
  readonly authority: string
  /** The service that takes the token: `https://vault.azure.net`. */
  readonly resource: string
}

type Proof = { readonly source: string } & (
  | { readonly client_assertion: string; readonly client_assertion_type: string }
  | { readonly client_secret: string }
)

/** In the order: federated token file (AKS), client secret, managed identity, this run’s own identity (GitHub). Throws SW-CREDENTIAL-KEYLESS. */
export async function entraToken(audience: EntraAudience, ports: KeylessPorts): Promise<EntraToken | undefined> {
  const client = setting(ports.environment, 'AZURE_CLIENT_ID')
  const tenant = setting(ports.environment, 'AZURE_TENANT_ID')
  if (client === undefined || tenant === undefined) return managedIdentityToken(audience.resource, client, ports)
  const { source, ...proof } = await proofOf(ports)
  const service = `Microsoft Entra (client ${client} by ${source})`
  const fields = { grant_type: 'client_credentials', client_id: client, scope: `${audience.resource}/.default`, ...proof }
  const refused = `az ad app federated-credential list --id ${client}: issuer, subject and audience must be those of this run`
  const answer = await ask(ports.http, { service, refused, url: tokenUrl(audience, tenant, ports), ...form(fields) })
  return { value: readAnswer(answer ?? '', EntraAnswer, service).access_token, source: `client ${client} by ${source}` }
}

async function proofOf({ environment, identity, secrets }: KeylessPorts): Promise<Proof> {
  const file = setting(environment, 'AZURE_FEDERATED_TOKEN_FILE')
  const client_secret = file === undefined ? setting(environment, 'AZURE_CLIENT_SECRET') : undefined
  if (client_secret !== undefined) {
    secrets.mask(client_secret)
    return { source: 'AZURE_CLIENT_SECRET', client_secret }
  }
  const source = file === undefined ? 'this run’s identity' : 'AZURE_FEDERATED_TOKEN_FILE'
  const client_assertion = file === undefined ? await identity.token('api://AzureADTokenExchange') : await readToken(file, source)
  secrets.mask(client_assertion)
  return { source, client_assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }
}

function tokenUrl({ authority }: EntraAudience, tenant: string, { environment }: KeylessPorts): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(tenant))
    throw credentialKeyless(`AZURE_TENANT_ID is ${JSON.stringify(tenant)}, expected the identifier or the domain of a tenant.`)
  const given = setting(environment, 'AZURE_AUTHORITY_HOST')
  const { origin } = given === undefined ? { origin: authority } : checkedEndpoint(given, 'AZURE_AUTHORITY_HOST')
  return `${origin}/${tenant}/oauth2/v2.0/token`
}
