/** An Azure registry’s cloud. */
export interface AzureCloud {
  readonly suffix: string
  /** Microsoft Entra’s origin there. */
  readonly authority: string
}

/** Whom the token is for, in every cloud; registries that refuse tokens for the resource manager take it as well. */
export const registryResource = 'https://containerregistry.azure.net'

const clouds: readonly AzureCloud[] = [
  { suffix: 'azurecr.io', authority: 'https://login.microsoftonline.com' },
  { suffix: 'azurecr.cn', authority: 'https://login.chinacloudapi.cn' },
  { suffix: 'azurecr.us', authority: 'https://login.microsoftonline.us' },
]

/** The cloud of `NAME.azurecr.io` and its sovereign siblings; undefined for any other host. */
export function azureCloud(registry: string): AzureCloud | undefined {
  const [, suffix] = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(azurecr\.[a-z]{2})$/.exec(registry) ?? []
  return clouds.find((cloud) => cloud.suffix === suffix)
}
