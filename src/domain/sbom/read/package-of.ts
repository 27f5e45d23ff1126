import type { Distro, Package, PackageType } from '../../packages/package.ts'
import { parsePurl } from './parse-purl.ts'

const types: readonly PackageType[] = ['deb', 'apk', 'rpm', 'npm', 'pypi', 'golang', 'maven', 'cargo', 'nuget', 'gem', 'composer']

/** The package that a package URL means, as far as the URL says it; undefined for one of a kind that is not known. */
export function packageOf(purl: string, system: Distro | undefined): Package | undefined {
  const parts = parsePurl(purl)
  const type = types.find((known) => known === parts?.type)
  if (parts === undefined || type === undefined) return undefined
  const { namespace, name, version = '', qualifiers } = parts
  const isOfSystem = type === 'deb' || type === 'apk' || type === 'rpm'
  const [, source = '', sourceVersion] = /^(.*?)(?:@(.*))?$/s.exec(qualifiers['upstream'] ?? '') ?? []
  const { epoch, arch } = qualifiers
  const full = type === 'rpm' && epoch !== undefined && !version.includes(':') ? `${epoch}:${version}` : version
  const distro = isOfSystem ? distroOf(namespace, qualifiers['distro'], system) : undefined
  return {
    ...{ type, name, version: full, purl, licenses: [], locations: [] },
    ...(namespace === undefined || isOfSystem ? {} : { namespace }),
    ...(source === '' ? {} : { source: { name: source, version: sourceVersion ?? full } }),
    ...(distro === undefined ? {} : { distro }),
    ...(isOfSystem && arch !== undefined ? { arch } : {}),
  }
}

/** `debian-12` of the qualifier, else the operating system of the document. */
function distroOf(namespace: string | undefined, given: string | undefined, system: Distro | undefined): Distro | undefined {
  const [, id, version] = /^([a-z][\w.-]*?)-v?(\d[\w.]*)$/.exec(given ?? '') ?? []
  if (id !== undefined && version !== undefined) return { id, version }
  if (system !== undefined) return system
  return namespace === undefined ? undefined : { id: namespace.toLowerCase(), version: '' }
}
