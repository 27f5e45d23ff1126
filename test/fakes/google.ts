import { createVerify } from 'node:crypto'
import { type CloudAnswer, type CloudRequest, type CloudService, formOf } from './cloud.ts'

export interface FakeGoogleOptions {
  readonly now: () => number
  /** Seconds that access tokens live. */
  readonly life?: number
  /** The identity that the pool trusts. */
  readonly federation?: {
    readonly audience: string
    readonly subjectType: string
    readonly subject: string
    readonly serviceAccount?: string
  }
  /** The account whose key was given out. */
  readonly account?: { readonly email: string; readonly publicKey: string }
  /** Whether the machine has a service account. */
  readonly machine?: boolean
  /** What GitHub's token service answers to the bearer of its request token. */
  readonly runner?: { readonly bearer: string; readonly value: string }
}

const scope = 'https://www.googleapis.com/auth/cloud-platform'

/** The security token service, IAM credentials, the token service, the metadata server, and GitHub's token service. */
export function fakeGoogle(options: FakeGoogleOptions): CloudService & { readonly tokens: string[] } {
  const tokens: string[] = []
  const services: Readonly<Record<string, (request: CloudRequest) => CloudAnswer>> = {
    'sts.googleapis.com': exchange,
    'iamcredentials.googleapis.com': impersonate,
    'oauth2.googleapis.com': (request) => (isSigned(request) ? { status: 200, body: fresh('account') } : refused('invalid_grant')),
    '169.254.169.254': metadata,
    'metadata.google.internal': metadata,
    'pipelines.actions.githubusercontent.com': runner,
  }
  return Object.assign((request: CloudRequest) => services[request.url.host]?.(request), { tokens })

  function fresh(kind: string): { access_token: string; expires_in: number; token_type: string } {
    tokens.push(`${kind}-token-${tokens.length + 1}`)
    return { access_token: tokens.at(-1) ?? '', expires_in: options.life ?? 3600, token_type: 'Bearer' }
  }

  function exchange(request: CloudRequest): CloudAnswer {
    const form = formOf(request)
    const { federation } = options
    const wanted = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: federation?.audience,
      subject_token_type: federation?.subjectType,
      subject_token: federation?.subject,
      scope,
    }
    // “Do not send the Authorization header”: the real one may fail then.
    const isGood = request.method === 'POST' && request.url.pathname === '/v1/token' && request.headers['authorization'] === undefined
    if (!isGood || Object.entries(wanted).some(([name, value]) => form?.get(name) !== value)) return refused('invalid_grant')
    return { status: 200, body: { ...fresh('federated'), issued_token_type: wanted.requested_token_type } }
  }

  function impersonate({ url, headers, body }: CloudRequest): CloudAnswer {
    const path = `/v1/projects/-/serviceAccounts/${options.federation?.serviceAccount}:generateAccessToken`
    const isBearer = tokens.some((token) => token.startsWith('federated-') && headers['authorization'] === `Bearer ${token}`)
    const asked = JSON.parse(body) as { scope?: unknown; lifetime?: unknown }
    if (url.pathname !== path || !isBearer || String(asked.scope) !== scope)
      return {
        status: 403,
        body: { error: { code: 403, message: "Permission 'iam.serviceAccounts.getAccessToken' denied", status: 'PERMISSION_DENIED' } },
      }
    const { access_token, expires_in } = fresh('impersonated')
    return { status: 200, body: { accessToken: access_token, expireTime: new Date(options.now() + expires_in * 1000).toISOString() } }
  }

  function isSigned(request: CloudRequest): boolean {
    const form = formOf(request)
    const [head = '', claims = '', signature = ''] = form?.get('assertion')?.split('.') ?? []
    const read = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
    const { iss, aud, iat, exp, scope: asked } = read(claims)
    const now = options.now() / 1000
    const isTimely = Number(iat) <= now + 1 && Number(exp) > now && Number(exp) - Number(iat) <= 3600
    const isHis =
      iss === options.account?.email && aud === 'https://oauth2.googleapis.com/token' && asked === scope && read(head)['alg'] === 'RS256'
    const verify = createVerify('RSA-SHA256').update(`${head}.${claims}`)
    const isGrant = form?.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    return isGrant && isTimely && isHis && verify.verify(options.account?.publicKey ?? '', signature, 'base64url')
  }

  function metadata({ url, headers }: CloudRequest): CloudAnswer {
    if (headers['metadata-flavor'] !== 'Google' || headers['x-forwarded-for'] !== undefined)
      return { status: 403, body: 'Missing Metadata-Flavor' }
    const isToken = url.pathname === '/computeMetadata/v1/instance/service-accounts/default/token'
    return options.machine === true && isToken ? { status: 200, body: fresh('machine') } : { status: 404, body: 'not found' }
  }

  function runner({ headers }: CloudRequest): CloudAnswer {
    if (options.runner === undefined || headers['authorization'] !== `bearer ${options.runner.bearer}`) return { status: 401, body: '' }
    return { status: 200, body: { value: options.runner.value } }
  }
}

function refused(error: string): CloudAnswer {
  return { status: 400, body: { error, error_description: 'The fake does not know this identity.' } }
}
