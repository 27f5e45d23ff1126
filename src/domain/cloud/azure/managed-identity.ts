import { isLoopback } from '../../../base/loopback.ts'
import { setting } from '../environment.ts'
import { ask, checkedEndpoint, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { EntraAnswer } from './schema.ts'

const service = 'Azure’s managed identity service'
const override = 'AZURE_POD_IDENTITY_AUTHORITY_HOST'

/** An access token of Microsoft Entra. */
export interface EntraToken {
  readonly value: string
  /** For messages: `AZURE_FEDERATED_TOKEN_FILE`. */
  readonly source: string
}

/** The token of the identity given to this machine, container app or function; undefined when there is none. */
export async function managedIdentityToken(
  resource: string,
  client: string | undefined,
  ports: KeylessPorts,
): Promise<EntraToken | undefined> {
  const question = appQuestion(ports) ?? (await machineQuestion(ports))
  if (question === undefined) return undefined
  const url = new URL(question.url)
  url.searchParams.set('resource', resource)
  if (client !== undefined) url.searchParams.set('client_id', client)
  // 400: the machine has no identity, as a runner of GitHub’s has none.
  const nothing = client === undefined ? [400, 404] : []
  const answer = await ask(ports.http, { service, method: 'GET', url: url.href, headers: question.headers, nothing })
  return answer === undefined ? undefined : { value: readAnswer(answer, EntraAnswer, service).access_token, source: 'managed identity' }
}

interface Question {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** App Service, Functions and Container Apps. */
function appQuestion({ environment, secrets }: KeylessPorts): Question | undefined {
  const endpoint = setting(environment, 'IDENTITY_ENDPOINT')
  const header = setting(environment, 'IDENTITY_HEADER')
  if (endpoint === undefined || header === undefined) return undefined
  secrets.mask(header)
  const url = URL.parse(endpoint)
  const isPlatform = url?.protocol === 'http:' && (url.hostname.startsWith('169.254.') || isLoopback(url.host))
  const checked = isPlatform ? url : checkedEndpoint(endpoint, 'IDENTITY_ENDPOINT')
  checked.searchParams.set('api-version', '2019-08-01')
  return { url: checked, headers: { 'x-identity-header': header } }
}

/** The instance metadata service of virtual machines. */
async function machineQuestion({ environment, machine }: KeylessPorts): Promise<Question | undefined> {
  const given = setting(environment, override)
  if (given === undefined && (await machine()) !== 'azure') return undefined
  const origin = given === undefined ? 'http://169.254.169.254' : checkedEndpoint(given, override).origin
  return { url: new URL(`${origin}/metadata/identity/oauth2/token?api-version=2018-02-01`), headers: { metadata: 'true' } }
}
