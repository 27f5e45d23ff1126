import { setting } from '../environment.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { credentialFileToken } from './credential-file.ts'
import { metadataToken } from './metadata.ts'
import type { AccessToken } from './token.ts'

/** The token that Google’s own programs would use: a given one, of a credential file, of the machine; masked. Throws SW-CREDENTIAL-KEYLESS. */
export async function accessToken(ports: KeylessPorts): Promise<AccessToken | undefined> {
  const token = givenToken(ports) ?? (await credentialFileToken(ports)) ?? (await metadataToken(ports))
  if (token !== undefined) ports.secrets.mask(token.value)
  return token
}

function givenToken({ environment }: KeylessPorts): AccessToken | undefined {
  const source = 'CLOUDSDK_AUTH_ACCESS_TOKEN'
  const value = setting(environment, source)
  return value === undefined ? undefined : { value, expires: undefined, source }
}
