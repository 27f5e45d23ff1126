import { compareVersions } from '../../versions/compare.ts'
import { type Coordinates, canonicalName } from '../ecosystem.ts'

/** A query of the API of OSV: all that it is told of an image. */
export interface Question {
  readonly package: { readonly ecosystem: string; readonly name: string }
  readonly version?: string
}

/** What is asked of an API, each once. */
export interface Questions {
  readonly ofPackages: readonly Question[]
  /** One for each ecosystem and release: whether the service knows it at all. */
  readonly ofEcosystems: readonly Question[]
}

/**
 * An API does not tell "clean" from "never heard of": of these packages every database of their ecosystem has something to tell, and where
 * it has not, nothing is known of the others either.
 */
const wellKnown: Readonly<Record<string, string>> = {
  npm: 'lodash',
  PyPI: 'django',
  Go: 'stdlib',
  Maven: 'org.apache.logging.log4j:log4j-core',
  'crates.io': 'time',
  NuGet: 'Newtonsoft.Json',
  RubyGems: 'rack',
  Packagist: 'symfony/http-foundation',
}
const inDistributions = ['openssl', 'curl', 'kernel']

/** The questions about these packages. One whose version has no order is asked about whole: the service would take it for unaffected. */
export function questionsOf(asked: readonly Coordinates[]): Questions {
  const [packages, probes] = [new Map<string, Question>(), new Map<string, Question>()]
  for (const { ecosystem, releases, names, version, scheme } of asked) {
    for (const place of placesOf({ ecosystem, releases })) {
      for (const name of probeNames(ecosystem)) probes.set(`${place} ${name}`, { package: { ecosystem: place, name } })
      for (const name of names) {
        const about = { ecosystem: place, name: ecosystem === 'PyPI' ? canonicalName(ecosystem, name) : name }
        const question =
          compareVersions(scheme, version, version) === undefined
            ? { package: about }
            : { package: about, version: plain(version, ecosystem) }
        packages.set(JSON.stringify(question), question)
      }
    }
  }
  return { ofPackages: [...packages.values()], ofEcosystems: [...probes.values()] }
}

/** Red Hat's ecosystems name repositories that nobody can list, and SUSE's products: these are asked about whole. */
function placesOf({ ecosystem, releases }: Pick<Coordinates, 'ecosystem' | 'releases'>): readonly string[] {
  const isWhole = releases.length === 0 || ecosystem === 'Red Hat' || ecosystem === 'SUSE'
  return isWhole ? [ecosystem] : releases.map((release) => `${ecosystem}:${release}`)
}

function probeNames(ecosystem: string): readonly string[] {
  const name = wellKnown[ecosystem]
  return name === undefined ? inDistributions : [name]
}

/** Go modules have a `v` that their advisories do not have. */
function plain(version: string, ecosystem: string): string {
  return ecosystem === 'Go' ? version.replace(/^v(?=\d)/, '') : version
}
