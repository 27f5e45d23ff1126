import type { SecurityTokens } from '../../cloud/aws/web-identity.ts'
import { type Environment, setting } from '../../cloud/environment.ts'
import { checkedEndpoint } from '../../cloud/exchange.ts'
import type { ServiceReference } from '../keys/service-reference.ts'
import { kmsUnset } from './errors.ts'

export interface AwsEndpoint {
  readonly url: URL
  readonly region: string
  readonly tokens: SecurityTokens
}

type AwsReference = Extract<ServiceReference, { service: 'awskms' }>

const variable = 'AWS_ENDPOINT_URL_KMS'
const regionPattern = '[a-z]{2,5}(?:-[a-z0-9]+){2,4}'
const domain = '(?:amazonaws\\.com(?:\\.cn)?|amazonaws\\.eu)'
/** AWS’s own, its validated and its dual-stack ones, and those that a private network has for itself. */
const own = [
  new RegExp(`^kms(?:-fips)?\\.(${regionPattern})\\.${domain}$`),
  new RegExp(`^kms(?:-fips)?\\.(${regionPattern})\\.api\\.(?:aws|amazonwebservices\\.com\\.cn)$`),
  new RegExp(`^vpce-[a-z0-9-]+\\.kms\\.(${regionPattern})\\.vpce\\.${domain}$`),
]

/**
 * Where the key service is asked, and in which region. A host that is not AWS’s is asked only when AWS_ENDPOINT_URL_KMS names it as
 * well: a reference may come out of a file that somebody else wrote. Throws SW-KMS-UNSET, SW-CREDENTIAL-KEYLESS.
 */
export function awsEndpoint({ host, region: named }: AwsReference, environment: Environment): AwsEndpoint {
  const hostRegion = host === undefined ? undefined : regionOf(host)
  const region = named ?? hostRegion ?? setting(environment, 'AWS_REGION') ?? setting(environment, 'AWS_DEFAULT_REGION')
  if (region === undefined || !new RegExp(`^${regionPattern}$`).test(region)) {
    const seen = region === undefined ? 'No region is given for the key' : `The region of the key is ${JSON.stringify(region)}`
    throw kmsUnset(`${seen}, expected one such as eu-west-1.`, { hint: 'Set AWS_REGION, or give the key by its ARN.' })
  }
  if (hostRegion !== undefined && hostRegion !== region)
    throw kmsUnset(`The key is of the region ${region}, and ${host} of ${hostRegion}.`, { hint: 'awskms:///arn:aws:kms:…, without a host' })
  const suffix = suffixOf(region)
  const tokens = { sts: `https://sts.${region}.${suffix}`, audience: 'sts.amazonaws.com' }
  return { url: urlOf(host, environment) ?? new URL(`https://kms.${region}.${suffix}/`), region, tokens }
}

function urlOf(host: string | undefined, environment: Environment): URL | undefined {
  const given = setting(environment, variable)
  if (host !== undefined && regionOf(host) !== undefined) return new URL(`https://${host}/`)
  const allowed = given === undefined ? undefined : new URL('/', checkedEndpoint(given, variable))
  if (host === undefined || host === allowed?.host) return allowed
  throw kmsUnset(
    `The key is at ${host}, which is no host of AWS’s, and ${variable} ${given === undefined ? 'is not set' : 'names another'}.`,
    {
      hint: `${variable}=https://${host}, if requests signed as this run shall go there`,
      safe: 'nothing was sent',
    },
  )
}

function regionOf(host: string): string | undefined {
  return own.map((pattern) => pattern.exec(host)?.[1]).find((region) => region !== undefined)
}

function suffixOf(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn'
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com'
}
