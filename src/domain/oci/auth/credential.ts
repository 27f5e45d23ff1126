/** Proof of who we are to a registry, and by name where it was found: the name is for messages, the secret never is. */
export type Credential = PasswordCredential | RefreshCredential | BearerCredential

interface Found {
  /** `inputs username and password`, `DOCKER_AUTH_CONFIG`, `/root/.docker/config.json`, … */
  readonly source: string
  /** Milliseconds since 1970, from when on it is to be had anew. Default: never. */
  readonly renew?: number | undefined
  /** Nobody chose it for this registry: where it is refused, public images must pull all the same. */
  readonly implied?: boolean
}

export interface PasswordCredential extends Found {
  readonly kind: 'password'
  readonly username: string
  readonly password: string
}

/** An identity token, traded for access tokens at the token service by `grant_type=refresh_token`. */
export interface RefreshCredential extends Found {
  readonly kind: 'refresh'
  readonly token: string
}

/** A token that is sent to the registry as it is. */
export interface BearerCredential extends Found {
  readonly kind: 'bearer'
  readonly token: string
}

/** The secret part, to be masked. */
export function secretOf(credential: Credential): string {
  return credential.kind === 'password' ? credential.password : credential.token
}

/** Some helpers and services give an identity token as the password of the user `<token>`. */
export function passwordOrToken(username: string, secret: string, source: string): Credential {
  if (username === '<token>') return { kind: 'refresh', token: secret, source }
  return { kind: 'password', username, password: secret, source }
}
