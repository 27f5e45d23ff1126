import type { Log } from '../../spec/ports.ts'
import type { Address } from './address.ts'
import type { Credentials } from './environment.ts'
import { repositoryInvalid } from './errors.ts'

/** The account for an address; none without a password. @throws SW-SOURCE-REPOSITORY where the address takes none */
export function credentialsFor(
  { username, password }: { readonly username: string; readonly password: string | undefined },
  { url, scheme }: Address,
  log: Log,
): Credentials | undefined {
  if (password === undefined) return undefined
  if (scheme !== 'https' && scheme !== 'http')
    throw repositoryInvalid(`A password was given, and ${url} takes none: it is for https.`, {
      hint: 'Leave `password` out, or use the https address.',
    })
  if (scheme === 'http') log.warn('the password goes to the server without TLS', { repository: url })
  return { username, password }
}
