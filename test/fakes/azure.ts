import { type CloudAnswer, type CloudRequest, type CloudService, formOf } from './cloud.ts'

export interface FakeAzureOptions {
  readonly tenant: string
  readonly client: string
  /** What the client proves itself by. */
  readonly assertion?: string
  readonly secret?: string
  /** Whether the machine has an identity of its own, and the header of an app's. */
  readonly machine?: boolean
  readonly app?: string
  /** What its tokens are for. Default: registries. */
  readonly resource?: string
  /** The registry that trades tokens of Entra's for its own. */
  readonly registry: string
  readonly refreshToken: string
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Microsoft Entra, the metadata services, and a registry's `/oauth2/exchange`. */
export function fakeAzure(options: FakeAzureOptions): CloudService {
  const { resource = 'https://containerregistry.azure.net' } = options
  return (request) => {
    const { host, pathname } = request.url
    if (/^login\.(?:microsoftonline\.(?:com|us)|chinacloudapi\.cn)$/.test(host)) return entra(request)
    if (host === '169.254.169.254') return metadata(request)
    if (host === '169.254.130.1:8081') return app(request)
    return host === options.registry && pathname === '/oauth2/exchange' ? exchange(request) : undefined
  }

  function entra(request: CloudRequest): CloudAnswer {
    const form = formOf(request)
    const asked = form?.get('grant_type') === 'client_credentials' && form.get('scope') === `${resource}/.default`
    const isHis = request.url.pathname === `/${options.tenant}/oauth2/v2.0/token` && form?.get('client_id') === options.client
    const isAsserted =
      options.assertion !== undefined &&
      form?.get('client_assertion') === options.assertion &&
      form.get('client_assertion_type') === assertionType
    const isSecret = options.secret !== undefined && form?.get('client_secret') === options.secret
    if (request.method === 'POST' && asked && isHis && (isAsserted || isSecret))
      return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: 'entra-token' } }
    return {
      status: 401,
      body: { error: 'invalid_client', error_description: 'AADSTS70021: No matching federated identity record found.' },
    }
  }

  function metadata({ url, headers }: CloudRequest): CloudAnswer {
    if (headers['metadata'] !== 'true' || url.pathname !== '/metadata/identity/oauth2/token')
      return { status: 400, body: { error: 'bad_request' } }
    if (options.machine !== true) return { status: 400, body: { error: 'invalid_request', error_description: 'Identity not found' } }
    const isGood = url.searchParams.get('api-version') === '2018-02-01' && url.searchParams.get('resource') === resource
    return isGood ? { status: 200, body: { access_token: 'entra-token' } } : { status: 400, body: { error: 'invalid_resource' } }
  }

  function app({ url, headers }: CloudRequest): CloudAnswer {
    const isGood =
      headers['x-identity-header'] === options.app &&
      url.searchParams.get('api-version') === '2019-08-01' &&
      url.searchParams.get('resource') === resource
    return isGood ? { status: 200, body: { access_token: 'entra-token' } } : { status: 401, body: '' }
  }

  function exchange(request: CloudRequest): CloudAnswer {
    const form = formOf(request)
    const isGood =
      form?.get('grant_type') === 'access_token' && form.get('service') === options.registry && form.get('access_token') === 'entra-token'
    if (request.method !== 'POST' || !isGood)
      return { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] } }
    return { status: 200, body: { refresh_token: options.refreshToken } }
  }
}
