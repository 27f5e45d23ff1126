import { createHash, createHmac } from 'node:crypto'
import { type CloudAnswer, type CloudRequest, type CloudService, formOf } from './cloud.ts'

export interface FakeAwsOptions {
  readonly now: () => number
  /** Secrets by access key. */
  readonly users: Readonly<Record<string, { readonly secret: string; readonly session?: string }>>
  /** The role that may be assumed, and the identity token it takes. */
  readonly role?: { readonly arn: string; readonly token: string; readonly gives: string }
  /** What the agent beside a container gives, and the authorization it wants. */
  readonly container?: { readonly authorization: string | undefined; readonly gives: string }
  /** The role of the instance. */
  readonly instance?: { readonly role: string; readonly gives: string }
}

/** STS, ECR, ECR Public and the metadata services, as strict as AWS: the signature is made again from the bytes that came. */
export function fakeAws(options: FakeAwsOptions): CloudService & { readonly passwords: string[] } {
  const passwords: string[] = []
  const service = (request: CloudRequest): CloudAnswer | undefined => {
    const { host } = request.url
    if (/^sts(?:-fips)?\./.test(host)) return assumeRole(request, options)
    if (host === '169.254.170.2' || host === '169.254.170.23') return container(request, options)
    if (host === '169.254.169.254') return instance(request, options)
    const api = /^(?:api\.(?<name>ecr(?:-public)?)|ecr|ecr-fips)\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/.exec(host)
    return api === null ? undefined : token(request, { name: api.groups?.['name'] ?? 'ecr', region: api.groups?.['region'] ?? '' })
  }
  return Object.assign(service, { passwords })

  function token(request: CloudRequest, { name, region }: { name: string; region: string }): CloudAnswer {
    const fault = signatureFault(request, { ...options, region, service: name })
    if (fault !== undefined) return { status: 400, body: { __type: 'InvalidSignatureException', message: fault } }
    const target = name === 'ecr' ? 'AmazonEC2ContainerRegistry_V20150921' : 'SpencerFrontendService'
    if (
      request.headers['x-amz-target'] !== `${target}.GetAuthorizationToken` ||
      request.headers['content-type'] !== 'application/x-amz-json-1.1'
    )
      return { status: 400, body: { __type: 'UnknownOperationException' } }
    passwords.push(`ecr-password-${passwords.length + 1}`)
    const data = {
      authorizationToken: Buffer.from(`AWS:${passwords.at(-1)}`).toString('base64'),
      expiresAt: options.now() / 1000 + 12 * 3600,
    }
    return { status: 200, body: { authorizationData: name === 'ecr' ? [data] : data } }
  }
}

/** Why a request is not signed by one of the users, in AWS’s words; undefined when it is. */
export function signatureFault(
  { method, url, headers, body }: CloudRequest,
  { now, users, region, service }: Pick<FakeAwsOptions, 'now' | 'users'> & { region: string; service: string },
): string | undefined {
  const header =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id = '', day = '', itsRegion, itsService, names = '', signature] = header.exec(headers['authorization'] ?? '') ?? []
  const user = users[id]
  const time = headers['x-amz-date'] ?? ''
  const sent = Date.parse(time.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'))
  const signedNames = names.split(';')
  const mustBeSigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') || name === 'content-type')
  if (user === undefined) return 'The security token included in the request is invalid.'
  if (itsRegion !== region || itsService !== service) return `Credential should be scoped to ${region}/${service}.`
  if (!(Math.abs(now() - sent) < 300_000) || !time.startsWith(day)) return 'Signature expired.'
  if (headers['x-amz-security-token'] !== user.session) return 'The security token is missing or another.'
  if (!['host', ...mustBeSigned].every((name) => signedNames.includes(name))) return 'A header is not signed.'
  const lines = signedNames.map((name) => `${name}:${name === 'host' ? url.host : headers[name]}\n`).join('')
  const request = `${method}\n${url.pathname}\n\n${lines}\n${names}\n${hash(body)}`
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const key = mac(mac(mac(mac(`AWS4${user.secret}`, day), region), service), 'aws4_request')
  const expected = mac(key, `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/${service}/aws4_request\n${hash(request)}`).toString('hex')
  return expected === signature ? undefined : 'The request signature we calculated does not match the signature you provided.'
}

function assumeRole(request: CloudRequest, { role, users }: FakeAwsOptions): CloudAnswer {
  const form = formOf(request)
  const wanted = { Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn: role?.arn, WebIdentityToken: role?.token }
  const isWanted = Object.entries(wanted).every(([name, value]) => form?.get(name) === value)
  const isNamed = /^[\w+=,.@-]{2,64}$/.test(form?.get('RoleSessionName') ?? '')
  if (role === undefined || request.method !== 'POST' || !isWanted || !isNamed)
    return {
      status: 403,
      body: '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>',
    }
  const { secret, session } = users[role.gives] ?? {}
  const keys = `<AccessKeyId>${role.gives}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>${session}</SessionToken>`
  return {
    status: 200,
    body: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <AssumeRoleWithWebIdentityResult>\n    <Credentials>\n      ${keys}<Expiration>2026-11-21T21:00:00Z</Expiration>\n    </Credentials>\n  </AssumeRoleWithWebIdentityResult>\n</AssumeRoleWithWebIdentityResponse>`,
  }
}

function container({ headers }: CloudRequest, { container: agent, users }: FakeAwsOptions): CloudAnswer {
  if (agent === undefined || headers['authorization'] !== agent.authorization) return { status: 401, body: { code: 'Unauthorized' } }
  return { status: 200, body: metadataKeys(agent.gives, users) }
}

function instance({ method, url, headers }: CloudRequest, { instance: its, users }: FakeAwsOptions): CloudAnswer {
  if (method === 'PUT' && url.pathname === '/latest/api/token')
    return headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined ? { status: 400, body: '' } : { status: 200, body: 'imds-session' }
  if (headers['x-aws-ec2-metadata-token'] !== 'imds-session') return { status: 401, body: '' }
  const folder = '/latest/meta-data/iam/security-credentials/'
  if (its === undefined) return { status: 404, body: '' }
  if (url.pathname === folder) return { status: 200, body: its.role }
  return url.pathname === folder + its.role ? { status: 200, body: metadataKeys(its.gives, users) } : { status: 404, body: '' }
}

function metadataKeys(id: string, users: FakeAwsOptions['users']): object {
  return {
    Code: 'Success',
    AccessKeyId: id,
    SecretAccessKey: users[id]?.secret,
    Token: users[id]?.session,
    Expiration: '2026-11-21T21:00:00Z',
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
