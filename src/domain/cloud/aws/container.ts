import { isLoopback } from '../../../base/loopback.ts'
import { setting } from '../environment.ts'
import { credentialKeyless } from '../errors.ts'
import { ask, checkedEndpoint, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { readToken } from '../token-file.ts'
import { MetadataKeys } from './schema.ts'
import type { AwsKeys } from './sigv4.ts'

const full = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
const relative = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'
const tokenFile = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'

/** Where ECS and the EKS Pod Identity agent answer, in plain http (AWS SDKs reference guide, container credential provider). */
const agents = ['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']

/** Keys of the task or pod that this runs in, from the agent beside it; undefined when there is none. */
export async function containerKeys({ http, environment, secrets }: KeylessPorts): Promise<AwsKeys | undefined> {
  const url = agentUrl(setting(environment, relative), setting(environment, full))
  if (url === undefined) return undefined
  const path = setting(environment, tokenFile)
  const token = path === undefined ? setting(environment, 'AWS_CONTAINER_AUTHORIZATION_TOKEN') : await readToken(path, tokenFile)
  if (token !== undefined) secrets.mask(token)
  const service = 'The AWS container credentials endpoint'
  const headers = token === undefined ? {} : { authorization: token }
  const answer = await ask(http, { service, method: 'GET', url: url.href, headers })
  const keys = readAnswer(answer ?? '', MetadataKeys, service)
  return { id: keys.AccessKeyId, secret: keys.SecretAccessKey, session: keys.Token, source: 'the AWS container credentials' }
}

function agentUrl(path: string | undefined, uri: string | undefined): URL | undefined {
  if (path !== undefined) {
    const url = URL.parse(`http://169.254.170.2${path}`)
    if (path.startsWith('/') && url?.host === '169.254.170.2') return url
    throw credentialKeyless(`${relative} is ${JSON.stringify(path)}, expected a path.`)
  }
  const url = uri === undefined ? null : URL.parse(uri)
  if (url?.protocol === 'http:' && (agents.includes(url.host) || isLoopback(url.host))) return url
  return uri === undefined ? undefined : checkedEndpoint(uri, full)
}
