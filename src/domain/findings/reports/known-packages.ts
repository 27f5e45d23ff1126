import type { Inventory, Location, Package } from '../../packages/package.ts'
import { barePurl, type PurlParts, purlOf } from '../../packages/purl.ts'
import { parsePurl } from '../../sbom/read/parse-purl.ts'
import type { Finding } from '../finding.ts'
import type { ReportedPackage } from './report.ts'

/** A package as all findings about it name it. */
export interface Known extends Pick<Finding, 'purl' | 'package'> {
  readonly locations: readonly Location[]
}

/**
 * Finds the package of an image that a report means, however it spells it: by the parts of its package URL, else by name and version. What the
 * image is not known to hold is kept as the first report spells it; without a package URL as `pkg:generic/…`, so that it counts.
 */
export function knownPackages({ packages }: Inventory): (said: ReportedPackage) => readonly Known[] {
  const byParts = new Map<string, Known[]>()
  const byName = new Map<string, Known[]>()
  const add = (known: Known, parts: PurlParts): Known => {
    put(byParts, keyOf(parts), known)
    const versions = new Set([plainVersion(parts), plainVersion({ ...parts, type: '' })])
    for (const name of namesOf(parts)) for (const version of versions) put(byName, `${name} ${version}`, known)
    return known
  }
  for (const one of packages) add(knownOf(one), partsOf(one))
  return ({ name, version, purl }) => {
    const parts = purl === undefined ? undefined : wholeOf(purl)
    const exact = parts === undefined ? undefined : byParts.get(keyOf(parts))
    if (exact !== undefined) return exact
    const plain = plainVersion({ type: parts?.type ?? '', name, version })
    const spelled = byName.get(`${name.toLowerCase()} ${plain}`)
    const named = spelled ?? (byName.get(`${nameOfPypi(name)} ${plain}`) ?? []).filter((known) => known.package.type === 'pypi')
    const sameType = named.filter((known) => parts === undefined || known.package.type === parts.type)
    if (sameType.length > 0) return sameType
    const { type, namespace } = parts ?? { type: 'generic', namespace: undefined }
    const own = { type, namespace, name: parts?.name ?? name, version: parts?.version ?? version }
    return [add({ purl: purlOf(own), package: { name, version, type }, locations: [] }, own)]
  }
}

function knownOf({ purl, name, version, type, locations }: Package): Known {
  return { purl: barePurl(purl), package: { name, version, type }, locations }
}

/** Syft writes the path inside a repository of a module of Go as the subpath of its package URL. */
function wholeOf(purl: string): PurlParts | undefined {
  const parts = parsePurl(purl)
  const [, subpath = ''] = purl.split('#')
  if (parts?.type !== 'golang' || subpath === '') return parts
  const path = [parts.namespace, parts.name, ...subpath.split('/')].filter((part) => part !== undefined && part !== '')
  return { ...parts, namespace: path.slice(0, -1).join('/'), name: path.at(-1) ?? parts.name }
}

function partsOf({ type, namespace, name, version }: Package): PurlParts {
  return { type, namespace, name, version }
}

/** The vendor of a system's packages says nothing: scanners name it differently. */
function keyOf(parts: PurlParts): string {
  const { type, namespace = '', name } = parts
  const isOfSystem = type === 'deb' || type === 'apk' || type === 'rpm'
  const spelled = `${isOfSystem ? '' : namespace}/${name}`.toLowerCase()
  return `${type} ${type === 'pypi' ? nameOfPypi(spelled) : spelled} ${plainVersion(parts)}`
}

/** As PyPI compares names. */
function nameOfPypi(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** The names that scanners without package URLs give a package. */
function namesOf({ type, namespace = '', name }: PurlParts): readonly string[] {
  const isWhole = namespace === '' || type === 'deb' || type === 'apk' || type === 'rpm'
  const names = isWhole ? [name] : [`${namespace}/${name}`, `${namespace}:${name}`]
  return [...new Set(names.flatMap((one) => (type === 'pypi' ? [one.toLowerCase(), nameOfPypi(one)] : [one.toLowerCase()])))]
}

/** An epoch of rpm may stand in the version or beside it; versions of Go have a `v` or not. */
function plainVersion({ type, version = '' }: PurlParts): string {
  if (type === 'rpm') return version.replace(/^\d+:/, '')
  return version.replace(/^v(?=\d)/, '')
}

function put(map: Map<string, Known[]>, key: string, known: Known): void {
  const there = map.get(key)
  if (there === undefined) map.set(key, [known])
  else if (!there.some(({ purl }) => purl === known.purl)) there.push(known)
}
