import { parsePurl } from '../sbom/read/parse-purl.ts'

/** A package as a scan knows it. */
export interface PackageFacts {
  /** Without qualifiers. */
  readonly purl: string
  /** The same with qualifiers, one for each that the image has; empty where they are not known. */
  readonly full: readonly string[]
}

/**
 * Whether a package URL of a file means a package: without a version it means all of them. Qualifiers that it names must be those of the
 * package, of each where there are several; where the package's are not known it means none: an excuse is never wider than it says.
 */
export function meansPackage(wanted: string, { purl, full }: PackageFacts): boolean {
  const [asked, seen] = [parsed(wanted), parsed(purl)]
  // A subpath is a part of a package, and a finding is of all of it.
  if (asked === undefined || seen === undefined || wanted.includes('#')) return false
  if (asked.type !== seen.type || asked.name !== seen.name || asked.namespace !== seen.namespace) return false
  if (asked.version !== undefined && asked.version !== seen.version) return false
  const qualifiers = Object.entries(asked.qualifiers)
  if (qualifiers.length === 0) return true
  return full.length > 0 && full.every((one) => has(parsed(one)?.qualifiers ?? {}, qualifiers))
}

/** Of a package URL what is the same for all versions of the package; undefined when it is none. */
export function packageKey(purl: string): string | undefined {
  const parts = parsed(purl)
  return parts && JSON.stringify([parts.type, parts.namespace, parts.name])
}

function has(seen: Readonly<Record<string, string>>, wanted: readonly (readonly [string, string])[]): boolean {
  return wanted.every(([key, value]) => Object.hasOwn(seen, key) && seen[key] === value)
}

const known = new Map<string, ReturnType<typeof parsePurl>>()
const mostKnown = 50_000

/** Each statement and exception asks about the same package URLs again. */
function parsed(purl: string): ReturnType<typeof parsePurl> {
  const seen = known.get(purl)
  if (seen !== undefined || known.has(purl)) return seen
  if (known.size >= mostKnown) known.clear()
  const parts = parsePurl(purl)
  known.set(purl, parts)
  return parts
}
