import { setting } from '../environment.ts'
import { credentialKeyless } from '../errors.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { containerKeys } from './container.ts'
import { instanceKeys } from './instance.ts'
import type { AwsKeys } from './sigv4.ts'
import { type SecurityTokens, webIdentityKeys } from './web-identity.ts'

/**
 * The keys that AWS’s own programs would find, in their order: variables, web identity (EKS, GitHub), container (ECS, EKS Pod
 * Identity), instance. Masked; undefined when there are none. Throws SW-CREDENTIAL-KEYLESS.
 */
export async function awsKeys(tokens: SecurityTokens, ports: KeylessPorts): Promise<AwsKeys | undefined> {
  const found = variableKeys(ports) ?? (await webIdentityKeys(tokens, ports)) ?? (await containerKeys(ports)) ?? (await instanceKeys(ports))
  for (const secret of [found?.secret, found?.session]) if (secret !== undefined) ports.secrets.mask(secret)
  return found
}

function variableKeys({ environment }: KeylessPorts): AwsKeys | undefined {
  const id = setting(environment, 'AWS_ACCESS_KEY_ID')
  const secret = setting(environment, 'AWS_SECRET_ACCESS_KEY')
  if (id === undefined && secret === undefined) return undefined
  if (id !== undefined && secret !== undefined)
    return { id, secret, session: setting(environment, 'AWS_SESSION_TOKEN'), source: 'AWS_ACCESS_KEY_ID' }
  const missing = id === undefined ? 'AWS_ACCESS_KEY_ID' : 'AWS_SECRET_ACCESS_KEY'
  throw credentialKeyless(`Of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY one is set, ${missing} is not.`, { hint: `Set ${missing} too.` })
}
