import type { Distro, Package, PackageType } from '../packages/package.ts'
import type { Scheme } from '../versions/compare.ts'

/** How the advisories of an ecosystem name a package, and by which rules they order its versions. */
export interface Coordinates {
  /** `npm`, `Debian`: with a release after a colon in the records of distributions. */
  readonly ecosystem: string
  /** Names of the release, any of which a record may have; empty where an ecosystem has none. */
  readonly releases: readonly string[]
  /** Names that records may have for it: of the package, and of its source. */
  readonly names: readonly string[]
  readonly version: string
  readonly scheme: Scheme
}

const languages = {
  npm: { ecosystem: 'npm', scheme: 'semver', between: '/' },
  pypi: { ecosystem: 'PyPI', scheme: 'pep440', between: '/' },
  golang: { ecosystem: 'Go', scheme: 'semver', between: '/' },
  maven: { ecosystem: 'Maven', scheme: 'maven', between: ':' },
  cargo: { ecosystem: 'crates.io', scheme: 'semver', between: '/' },
  nuget: { ecosystem: 'NuGet', scheme: 'nuget', between: '/' },
  gem: { ecosystem: 'RubyGems', scheme: 'gem', between: '/' },
  composer: { ecosystem: 'Packagist', scheme: 'packagist', between: '/' },
} as const satisfies Partial<Record<PackageType, { readonly ecosystem: string; readonly scheme: Scheme; readonly between: string }>>

/** Distributions by the `ID` of their os-release: the ecosystem, and how it writes the release. */
const distributions: Readonly<Record<string, readonly [ecosystem: string, releases: (version: string) => readonly string[]]>> = {
  debian: ['Debian', (version) => [major(version)]],
  ubuntu: ['Ubuntu', (version) => [version, `${version}:LTS`]],
  alpine: ['Alpine', (version) => [`v${version.split('.').slice(0, 2).join('.')}`]],
  wolfi: ['Wolfi', () => []],
  chainguard: ['Chainguard', () => []],
  rhel: ['Red Hat', (version) => [`enterprise_linux:${major(version)}`]],
  rocky: ['Rocky Linux', (version) => [major(version)]],
  almalinux: ['AlmaLinux', (version) => [major(version)]],
}

const orders = { deb: 'dpkg', apk: 'apk', rpm: 'rpm' } as const

/** Where the advisories of a package are to be found; a text says why there can be none, for people. */
export function coordinatesOf({ type, namespace, name, version, source, distro }: Package): Coordinates | string {
  if (type === 'deb' || type === 'apk' || type === 'rpm') {
    const known = distro === undefined || !Object.hasOwn(distributions, distro.id) ? undefined : distributions[distro.id]
    if (distro === undefined || known === undefined) return `no advisories are known of ${nameOf(distro)}`
    const [ecosystem, releases] = known
    const isSource = source !== undefined && type !== 'rpm'
    return {
      ...{ ecosystem, releases: releases(distro.version), scheme: orders[type] },
      names: type === 'rpm' ? [...new Set([name, source?.name ?? name])] : [source?.name ?? name],
      version: isSource && source.version !== '' ? source.version : version,
    }
  }
  const { ecosystem, scheme, between } = languages[type]
  const full = namespace === undefined || namespace === '' ? name : `${namespace}${between}${name}`
  return { ecosystem, releases: [], names: [full], version, scheme }
}

/** Whether a record's ecosystem, with or without a release, is the one of a package. */
export function isOfEcosystem(given: string, { ecosystem, releases }: Pick<Coordinates, 'ecosystem' | 'releases'>): boolean {
  if (given === ecosystem) return true
  if (!given.startsWith(`${ecosystem}:`)) return false
  const release = given.slice(ecosystem.length + 1)
  return releases.length === 0 || releases.some((one) => release === one || (ecosystem === 'Red Hat' && release.startsWith(`${one}::`)))
}

/** A name as its ecosystem compares it: Python by PEP 503, NuGet and Packagist without letter case, others as they are. */
export function canonicalName(ecosystem: string, name: string): string {
  if (ecosystem === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-')
  return ecosystem === 'NuGet' || ecosystem === 'Packagist' ? name.toLowerCase() : name
}

function major(version: string): string {
  return version.split('.')[0] ?? version
}

function nameOf(distro: Distro | undefined): string {
  return distro === undefined ? 'a system without os-release' : `${distro.id} ${distro.version}`.trim()
}
