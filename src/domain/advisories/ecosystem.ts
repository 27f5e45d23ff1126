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

type Releases = (distro: Distro) => readonly string[]

const byMajor: Releases = ({ version }) => [major(version)]
const byVersion: Releases = ({ version }) => [version]
const none: Releases = () => []

/** Distributions by the `ID` of their os-release: the ecosystem, and how it writes the release. */
const distributions: Readonly<Record<string, readonly [ecosystem: string, releases: Releases]>> = {
  debian: ['Debian', ({ version, codename }) => [version === '' ? (codename ?? 'sid') : major(version)]],
  ubuntu: ['Ubuntu', ({ version }) => [version, `${version}:LTS`, `Pro:${version}`, `Pro:${version}:LTS`]],
  alpine: ['Alpine', ({ version }) => [`v${version.split('.').slice(0, 2).join('.')}`]],
  alpaquita: ['Alpaquita', byVersion],
  wolfi: ['Wolfi', none],
  chainguard: ['Chainguard', none],
  minimos: ['MinimOS', none],
  rhel: ['Red Hat', ({ version }) => [`enterprise_linux:${major(version)}`]],
  rocky: ['Rocky Linux', byMajor],
  almalinux: ['AlmaLinux', byMajor],
  mageia: ['Mageia', byMajor],
  photon: ['Photon OS', byVersion],
  'opensuse-leap': ['openSUSE', ({ version }) => [`Leap ${version}`]],
  'opensuse-tumbleweed': ['openSUSE', () => ['Tumbleweed']],
  sles: ['SUSE', servicePack],
  sled: ['SUSE', servicePack],
}

/** Ecosystems of the OSV schema that no package of ours is looked up in. */
const others =
  'Android|BellSoft Hardened Containers|Bioconductor|Bitnami|CleanStart|ConanCenter|CRAN|Docker Hardened Images|Echo|FreeBSD|GHC|GIT|GitHub Actions|Hackage|Hex|Julia|Kubernetes|Linux|opam|openEuler|OSS-Fuzz|Pub|Root|SwiftURL|VSCode'

/** All ecosystems by the names of their archives at OSV. */
export const ecosystems: ReadonlySet<string> = new Set([
  ...Object.values(languages).map(({ ecosystem }) => ecosystem),
  ...Object.values(distributions).map(([ecosystem]) => ecosystem),
  ...others.split('|'),
])

const day = 86_400_000
/**
 * For how long an ecosystem has had nothing to say though all is well: some are told of a few vulnerabilities a month, and releases of
 * distributions fall silent. An archive of OSV has no time of its own (its entries are dated 1980), and the times of files are those of
 * whoever copied them: the records are all there is to tell an old archive by. All others have news every day.
 */
const silences: ReadonlyMap<string, number> = new Map([
  ...['crates.io', 'NuGet', 'RubyGems', 'Packagist', 'Go', 'Maven'].map((name) => [name, 14 * day] as const),
  ...['Mageia', 'Photon OS', 'Alpaquita', 'Alpine', 'AlmaLinux', 'Rocky Linux', 'openSUSE'].map((name) => [name, 14 * day] as const),
])

const orders = { deb: 'dpkg', apk: 'apk', rpm: 'rpm' } as const

/** Where the advisories of a package are to be found; a text says why there can be none, for people. */
export function coordinatesOf({ type, namespace, name, version, source, distro }: Package): Coordinates | string {
  if (type === 'deb' || type === 'apk' || type === 'rpm') {
    const known = distro === undefined || !Object.hasOwn(distributions, distro.id) ? undefined : distributions[distro.id]
    if (distro === undefined || known === undefined) return `no advisories are known of ${nameOf(distro)}`
    const [ecosystem, releases] = known
    const isSource = source !== undefined && type !== 'rpm'
    return {
      ...{ ecosystem, releases: releases(distro), scheme: orders[type] },
      names: isBySource(ecosystem) ? [source?.name ?? name] : [...new Set([name, source?.name ?? name])],
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
  if (releases.length === 0) return true
  // SUSE names the product: the same package is in its server, its modules and its images, later in `Server 15 SP3-LTSS`.
  if (ecosystem === 'SUSE') return releases.some((one) => release.endsWith(` ${one}`) || release.includes(` ${one}-`))
  // Red Hat adds the repository, and since RHEL 10 the minor release: `enterprise_linux:9::appstream`, `enterprise_linux:10.0`.
  const isRedHat = ecosystem === 'Red Hat'
  return releases.some((one) => release === one || (isRedHat && (release.startsWith(`${one}::`) || release.startsWith(`${one}.`))))
}

/** `Debian` of `Debian:12`. */
export function familyOf(ecosystem: string): string {
  const end = ecosystem.indexOf(':')
  return end < 0 ? ecosystem : ecosystem.slice(0, end)
}

/** Milliseconds for which an ecosystem may have nothing new. */
export function silenceOf(family: string): number {
  return silences.get(family) ?? 0
}

/** A name as its ecosystem compares it: Python by PEP 503, NuGet and Packagist without letter case, others as they are. */
export function canonicalName(ecosystem: string, name: string): string {
  if (ecosystem === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-')
  return ecosystem === 'NuGet' || ecosystem === 'Packagist' ? name.toLowerCase() : name
}

/** Distributions whose records name the source package alone; the others name either. */
function isBySource(ecosystem: string): boolean {
  return ['Debian', 'Ubuntu', 'Alpine', 'Alpaquita'].includes(ecosystem)
}

/** `15 SP5` of the version 15.5, as in `SUSE:Linux Enterprise Server 15 SP5`. */
function servicePack({ version }: Distro): readonly string[] {
  const [release = '', pack = ''] = version.split('.')
  return [pack === '' || pack === '0' ? release : `${release} SP${pack}`]
}

function major(version: string): string {
  return version.split('.')[0] ?? version
}

function nameOf(distro: Distro | undefined): string {
  return distro === undefined ? 'a system without os-release' : `${distro.id} ${distro.version}`.trim()
}
