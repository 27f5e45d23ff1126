import type { WalkedFile } from '../../io/files.ts'
import { formatPlatform, isSamePlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { platformUnfit } from './errors.ts'
import type { ProductionPackages } from './node-lock.ts'

/** Node's names of processors, by OCI's. */
const processors: Readonly<Record<string, string>> = { amd64: 'x64', '386': 'ia32' }

/**
 * Refuses packages that were installed for another platform than the image's: those that say so in the lock, and compiled
 * add-ons when the machine is another one. @throws SW-BUILD-PLATFORM
 */
export function requirePlatform(
  { platform, machine }: { readonly platform: Platform; readonly machine: Platform },
  production: ProductionPackages,
  files: readonly WalkedFile[],
): void {
  const present = new Set(files.map(({ path }) => path))
  for (const [folder, { os, cpu }] of production.packages) {
    if (!present.has(folder) || (fits(os, platform.os) && fits(cpu, processors[platform.architecture] ?? platform.architecture))) continue
    throw unfit(`${folder} is only for ${[...(os ?? []), ...(cpu ?? [])].join(', ')}`, platform)
  }
  const compiled = files.find(({ path }) => path.endsWith('.node'))
  if (compiled !== undefined && !isSamePlatform(platform, machine))
    throw unfit(`${compiled.path} is compiled for ${formatPlatform(machine)}`, platform)
}

/** npm's rule: a list of names, or of names with `!` that are excluded. */
function fits(allowed: readonly string[] | undefined, name: string): boolean {
  if (allowed === undefined || allowed.length === 0) return true
  if (allowed.includes(`!${name}`)) return false
  return allowed.every((entry) => entry.startsWith('!')) || allowed.includes(name) || allowed.includes('any')
}

function unfit(what: string, platform: Platform): Error {
  return platformUnfit(`${what}, and the image is for ${formatPlatform(platform)}.`, {
    hint: `Install for that platform first: npm ci --os=${platform.os} --cpu=${processors[platform.architecture] ?? platform.architecture}, and build each platform on its own.`,
  })
}
