import { createHash, createHmac } from 'node:crypto'

/** What requests to AWS are signed with. */
export interface AwsKeys {
  readonly id: string
  readonly secret: string
  readonly session: string | undefined
  /** For messages: `AWS_ACCESS_KEY_ID`, `the role … by web identity`. */
  readonly source: string
}

export interface SignedRequest {
  readonly method: string
  readonly url: URL
  /** Names in lower case; all are signed. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SigningScope {
  readonly region: string
  readonly service: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** The headers of a request with those that sign it (AWS Signature Version 4, for paths without escapes). */
export function signed(
  request: SignedRequest,
  keys: Pick<AwsKeys, 'id' | 'secret' | 'session'>,
  scope: SigningScope,
): Record<string, string> {
  const time = new Date(scope.now).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const headers = {
    ...request.headers,
    host: request.url.host,
    'x-amz-date': time,
    ...(keys.session === undefined ? {} : { 'x-amz-security-token': keys.session }),
  }
  const names = Object.keys(headers).sort()
  const place = [time.slice(0, 8), scope.region, scope.service, 'aws4_request'].join('/')
  const text = ['AWS4-HMAC-SHA256', time, place, sha256(canonical(request, headers, names))].join('\n')
  const signature = hmac(signingKey(keys.secret, place), text).toString('hex')
  const credential = `Credential=${keys.id}/${place}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${credential}` }
}

function canonical({ method, url, body }: SignedRequest, headers: Readonly<Record<string, string>>, names: readonly string[]): string {
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort()
  const lines = names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}`)
  return [method, url.pathname, query.join('&'), ...lines, '', names.join(';'), sha256(body)].join('\n')
}

/** The key of one day, region and service. */
export function signingKey(secret: string, place: string): Buffer {
  return place.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

/** RFC 3986: what `encodeURIComponent` leaves is escaped too. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
