import { createHash, timingSafeEqual } from 'node:crypto'
import type { Asked } from './exchange.ts'
import { Refusal } from './refusal.ts'

export interface RegistryCredentials {
  readonly username: string
  readonly password: string
}

/** Lets nobody in without the credentials, when there are any, and nobody write when the registry is read-only. */
export function requireAccess(
  { method, headers }: Asked,
  { credentials, readOnly }: { credentials?: RegistryCredentials | undefined; readOnly?: boolean | undefined },
): void {
  if (credentials !== undefined && !isBasic(headers.authorization, credentials)) {
    throw new Refusal(401, 'UNAUTHORIZED', 'authentication required', {
      'www-authenticate': 'Basic realm="slipway registry", charset="UTF-8"',
    })
  }
  if (readOnly === true && !['GET', 'HEAD'].includes(method)) throw new Refusal(405, 'UNSUPPORTED', 'this registry is read-only')
}

/** Whether a header gives the credentials (RFC 7617). Compares hashes, so that the time taken tells nothing of the password. */
export function isBasic(header: string | undefined, { username, password }: RegistryCredentials): boolean {
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? []
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(Buffer.from(encoded, 'base64').toString('utf8')), hash(`${username}:${password}`))
}
