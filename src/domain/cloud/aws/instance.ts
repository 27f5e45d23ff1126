import { setting } from '../environment.ts'
import { ask, checkedEndpoint, readAnswer } from '../exchange.ts'
import type { KeylessPorts } from '../keyless-ports.ts'
import { MetadataKeys } from './schema.ts'
import type { AwsKeys } from './sigv4.ts'

const service = 'The EC2 metadata service'
const variable = 'AWS_EC2_METADATA_SERVICE_ENDPOINT'
const seconds = '300'

/** Keys of the instance’s role (EC2 user guide, IMDSv2); undefined elsewhere than on EC2, and on an instance without a role. */
export async function instanceKeys({ http, environment, machine, secrets }: KeylessPorts): Promise<AwsKeys | undefined> {
  const given = setting(environment, variable)
  if (setting(environment, 'AWS_EC2_METADATA_DISABLED') === 'true' || (given === undefined && (await machine()) !== 'amazon'))
    return undefined
  const origin = given === undefined ? 'http://169.254.169.254' : checkedEndpoint(given, variable).origin
  const got = await ask(http, {
    service,
    method: 'PUT',
    url: `${origin}/latest/api/token`,
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': seconds },
  })
  const token = got?.toString('utf8') ?? ''
  secrets.mask(token)
  const headers = { 'x-aws-ec2-metadata-token': token }
  const roles = `${origin}/latest/meta-data/iam/security-credentials/`
  const list = await ask(http, { service, method: 'GET', url: roles, headers, nothing: [404] })
  const role = list?.toString('utf8').split('\n', 1)[0]?.trim()
  if (role === undefined || role === '') return undefined
  const answer = await ask(http, { service, method: 'GET', url: roles + encodeURIComponent(role), headers })
  const keys = readAnswer(answer ?? '', MetadataKeys, service)
  return { id: keys.AccessKeyId, secret: keys.SecretAccessKey, session: keys.Token, source: `the instance role ${role}` }
}
