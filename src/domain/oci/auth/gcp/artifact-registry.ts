import { accessToken } from '../../../cloud/gcp/access-token.ts'
import { renewalOf } from '../../../cloud/kept.ts'
import type { KeylessPorts } from '../../../cloud/keyless-ports.ts'
import type { PasswordCredential } from '../credential.ts'
import { isArtifactRegistry } from './registry.ts'

/** A password for Artifact Registry; undefined when this run has no Google identity. Throws SW-CREDENTIAL-KEYLESS. */
export async function artifactRegistryLogin(registry: string, ports: KeylessPorts): Promise<PasswordCredential | undefined> {
  const token = isArtifactRegistry(registry) ? await accessToken(ports) : undefined
  if (token === undefined) return undefined
  const { value: password, expires, source } = token
  const renew = expires === undefined ? undefined : renewalOf(expires, ports.clock.now())
  return { kind: 'password', username: 'oauth2accesstoken', password, source: `a Google access token (${source})`, renew }
}
