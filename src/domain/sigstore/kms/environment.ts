/** What the services are reached by beside the identity of a run in a cloud; a task that takes key references declares both. */
export const kmsEnvironment = [
  ...['VAULT_ADDR', 'VAULT_TOKEN', 'VAULT_NAMESPACE', 'TRANSIT_SECRET_ENGINE_PATH'],
  ...['VAULT_AUTH_ROLE', 'VAULT_AUTH_PATH', 'VAULT_AUTH_AUDIENCE', 'VAULT_AUTH_TOKEN_FILE'],
  ...['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL_KMS'],
] as const
