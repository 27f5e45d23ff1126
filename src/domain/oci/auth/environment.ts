import { cloudEnvironment } from '../../cloud/environment.ts'

/** What a task that talks to registries declares under `environment`: where logins are kept, and what keyless logins are made of. */
export const registryEnvironment = [
  ...['DOCKER_AUTH_CONFIG', 'DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'HOME'],
  ...['GITHUB_TOKEN', 'GITHUB_ACTOR', 'GITHUB_SERVER_URL'],
  ...['CI_REGISTRY', 'CI_REGISTRY_USER', 'CI_REGISTRY_PASSWORD', 'CI_JOB_TOKEN'],
  ...cloudEnvironment,
  ...['AWS_ENDPOINT_URL_ECR', 'AWS_ENDPOINT_URL_ECR_PUBLIC'],
  'SLIPWAY_QUAY_ROBOT',
] as const
