import { isLoopback } from '../../../base/loopback.ts'
import { setting } from '../environment.ts'
import { credentialKeyless } from '../errors.ts'
import { ask, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { TokenAnswer } from './schema.ts'
import type { AccessToken } from './token.ts'

const variable = 'GCE_METADATA_HOST'
const service = 'Google’s metadata server'
const known = ['metadata.google.internal', 'metadata.google.internal.', '169.254.169.254', '169.254.169.252']

/** The token of this machine’s or pod’s service account; undefined elsewhere than on Google Cloud, and when it has none. */
export async function metadataToken({ http, clock, environment, machine }: KeylessPorts): Promise<AccessToken | undefined> {
  const given = setting(environment, variable)
  if (given === undefined && (await machine()) !== 'google') return undefined
  const host = given ?? '169.254.169.254'
  if (!known.includes(host) && !isLoopback(host))
    throw credentialKeyless(`${variable} is ${JSON.stringify(host)}, expected ${known[0]}, ${known[2]} or a port of this machine.`)
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`
  const answer = await ask(http, { service, method: 'GET', url, headers: { 'metadata-flavor': 'Google' }, nothing: [404] })
  if (answer === undefined) return undefined
  const { access_token: value, expires_in } = readAnswer(answer, TokenAnswer, service)
  return { value, expires: clock.now() + expires_in * 1000, source: service }
}
