import type { EntraAudience } from '../../cloud/azure/entra.ts'
import { kmsUnset } from './errors.ts'

/** Where key vaults are, and what their tokens are for (Azure Key Vault, “authentication, requests and responses”). */
const clouds = [
  { suffix: 'azure.net', authority: 'https://login.microsoftonline.com' },
  { suffix: 'azure.cn', authority: 'https://login.chinacloudapi.cn' },
  { suffix: 'usgovcloudapi.net', authority: 'https://login.microsoftonline.us' },
] as const

/** The cloud of `NAME.vault.azure.net`, `NAME.managedhsm.azure.net` and their sovereign siblings: tokens go to no other host. Throws SW-KMS-UNSET. */
export function keyVaultCloud(host: string): EntraAudience {
  const [, kind, suffix] = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(vault|managedhsm)\.([a-z.]+)$/.exec(host) ?? []
  const cloud = clouds.find((one) => one.suffix === suffix)
  if (kind !== undefined && cloud !== undefined) return { authority: cloud.authority, resource: `https://${kind}.${cloud.suffix}` }
  throw kmsUnset(`The key is at ${host}, which is no key vault of Azure’s.`, {
    hint: 'azurekms://VAULT.vault.azure.net/KEY',
    safe: 'nothing was sent',
  })
}
