import type { Finding } from '../findings/finding.ts'
import { parsePurl } from '../sbom/read/parse-purl.ts'
import { isLike } from '../sigstore/verify/glob.ts'
import { meansPackage } from '../vex/match-purl.ts'
import type { Exception, PackageScope } from './exception.ts'

/** What an exception may be about: a package at its places, with its package URLs with qualifiers where they are known. */
export type Scoped = Pick<Finding, 'purl' | 'package' | 'locations'> & { readonly full: readonly string[] }

/** Whether a package is within the scope of an exception, which is read once. */
export function scopeOf({ packages, paths, exactly }: Pick<Exception, 'packages' | 'paths' | 'exactly'>): (one: Scoped) => boolean {
  const places = paths.map((path) => placeOf(path, exactly === true))
  const isIn = (path: string): boolean => places.some((isAt) => isAt(path))
  return (one) => {
    if (packages.length > 0 && !packages.some((scope) => isOf(scope, one))) return false
    // Every place must be within the scope: the same package elsewhere is not excused.
    return paths.length === 0 || (one.locations.length > 0 && one.locations.every(({ path }) => isIn(path)))
  }
}

function isOf({ purl, name, version, type, distro }: PackageScope, one: Scoped): boolean {
  if (purl !== undefined && !meansPackage(purl, one)) return false
  if (name !== undefined && name !== one.package.name) return false
  if (distro !== undefined && (one.full.length === 0 || !one.full.every((full) => isFrom(distro, full)))) return false
  return (version === undefined || version === one.package.version) && (type === undefined || type === one.package.type)
}

/** Of `debian` each release, of `alpine-3.20` each 3.20.x. */
function isFrom(distro: string, purl: string): boolean {
  const seen = parsePurl(purl)?.qualifiers['distro'] ?? ''
  return seen === distro || seen.startsWith(`${distro}${distro.includes('-') ? '.' : '-'}`)
}

function placeOf(scope: string, exactly: boolean): (path: string) => boolean {
  const root = scope.replace(/^\/+/, '').replace(/\/+$/, '')
  const below = `${root}/`
  if (!root.includes('*')) return (path) => path === root || (!exactly && path.startsWith(below))
  const patterns = [root, ...(root.startsWith('**/') ? [root.slice(3)] : [])].map(patternOf)
  return (path) => patterns.some((isOfPattern) => isOfPattern(path))
}

/** What stands between the stars tells most apart at once. */
function patternOf(pattern: string): (path: string) => boolean {
  const pieces = pattern.split(/\*+/)
  const [first = ''] = pieces
  return (path) => path.startsWith(first) && hasInOrder(path, pieces) && isLike(path, pattern)
}

function hasInOrder(path: string, pieces: readonly string[]): boolean {
  let from = 0
  for (const piece of pieces) {
    const at = path.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return true
}
