import type { Finding } from '../findings/finding.ts'
import { isLike } from '../sigstore/verify/glob.ts'
import { meansPackage } from '../vex/match-purl.ts'
import type { Exception, PackageScope } from './exception.ts'

/** What an exception may be about: a package at its places, with its package URLs with qualifiers where they are known. */
export type Scoped = Pick<Finding, 'purl' | 'package' | 'locations'> & { readonly full: readonly string[] }

/** Whether a package is within the scope of an exception. */
export function isWithin({ packages, paths }: Pick<Exception, 'packages' | 'paths'>, one: Scoped): boolean {
  if (packages.length > 0 && !packages.some((scope) => isOf(scope, one))) return false
  // Every place must be within the scope: the same package elsewhere is not excused.
  return paths.length === 0 || (one.locations.length > 0 && one.locations.every(({ path }) => paths.some((scope) => isAt(scope, path))))
}

function isOf({ purl, name, version, type }: PackageScope, one: Scoped): boolean {
  if (purl !== undefined && !meansPackage(purl, one)) return false
  if (name !== undefined && name !== one.package.name) return false
  return (version === undefined || version === one.package.version) && (type === undefined || type === one.package.type)
}

function isAt(scope: string, path: string): boolean {
  const root = scope.replace(/^\/+/, '').replace(/\/+$/, '')
  if (!root.includes('*')) return path === root || path.startsWith(`${root}/`)
  return isLike(path, root) || (root.startsWith('**/') && isLike(path, root.slice(3)))
}
