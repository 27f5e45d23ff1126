import type { SecurityTokens } from '../../../cloud/aws/web-identity.ts'

/** An ECR registry, as its host name tells it. */
export interface EcrRegistry extends SecurityTokens {
  readonly service: 'ecr' | 'ecr-public'
  readonly region: string
  /** Origin of the API that gives out passwords, and the variable that may replace it. */
  readonly api: string
  readonly apiVariable: 'AWS_ENDPOINT_URL_ECR' | 'AWS_ENDPOINT_URL_ECR_PUBLIC'
  /** `x-amz-target` of that call. */
  readonly target: string
}

/** Domains below which registries are, those of the APIs there, and whether those speak IPv6 as well and so have other names. */
const domains = [
  { suffix: 'amazonaws.com', api: 'amazonaws.com', sts: 'amazonaws.com', dual: false },
  { suffix: 'amazonaws.com.cn', api: 'amazonaws.com.cn', sts: 'amazonaws.com.cn', dual: false },
  { suffix: 'amazonaws.eu', api: 'amazonaws.eu', sts: 'amazonaws.eu', dual: false },
  { suffix: 'on.aws', api: 'api.aws', sts: 'amazonaws.com', dual: true },
  { suffix: 'on.amazonwebservices.com.cn', api: 'api.amazonwebservices.com.cn', sts: 'amazonaws.com.cn', dual: true },
] as const

const host = /^\d{12}\.dkr([.-])ecr(-fips)?\.([a-z]{2,5}(?:-[a-z0-9]+){2,4})\.([a-z.]+)$/

const publicRegistry: EcrRegistry = {
  service: 'ecr-public',
  region: 'us-east-1',
  api: 'https://api.ecr-public.us-east-1.amazonaws.com',
  apiVariable: 'AWS_ENDPOINT_URL_ECR_PUBLIC',
  target: 'SpencerFrontendService.GetAuthorizationToken',
  sts: 'https://sts.us-east-1.amazonaws.com',
  audience: 'sts.amazonaws.com',
}

/** The registry behind `ACCOUNT.dkr.ecr[-fips].REGION.amazonaws.com[.cn]`, its dual-stack names, or public.ecr.aws; undefined for any other host. */
export function ecrRegistry(registry: string): EcrRegistry | undefined {
  if (registry === 'public.ecr.aws') return publicRegistry
  const [, joint, fips, region = '', suffix] = host.exec(registry) ?? []
  const domain = domains.find((candidate) => candidate.suffix === suffix && candidate.dual === (joint === '-'))
  if (domain === undefined) return undefined
  const name = fips !== undefined ? 'ecr-fips' : domain.dual ? 'ecr' : 'api.ecr'
  // GovCloud’s plain endpoints are the validated ones already.
  const sts = fips !== undefined && !region.startsWith('us-gov-') ? 'sts-fips' : 'sts'
  return {
    service: 'ecr',
    region,
    api: `https://${name}.${region}.${domain.api}`,
    apiVariable: 'AWS_ENDPOINT_URL_ECR',
    target: 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    sts: `https://${sts}.${region}.${domain.sts}`,
    audience: 'sts.amazonaws.com',
  }
}
