import type { Distro, Package, PackageHash } from '../packages/package.ts'
import type { Bill } from './bill.ts'
import { archiveOf, producerOf, unknownOf, unknownOfSystem } from './known.ts'
import { isLicenseExpression, licenseId } from './licenses.ts'
import type { Party } from './read/document.ts'

/** A component as we write it; what is left out and not named in `slipway:unknown` does not apply. */
export interface Component {
  readonly type: 'container' | 'operating-system' | 'library' | 'application'
  readonly 'bom-ref': string
  readonly manufacturer?: object
  readonly group?: string
  readonly name: string
  readonly version?: string
  readonly description?: string
  readonly scope?: 'excluded'
  readonly hashes?: readonly object[]
  readonly licenses?: readonly object[]
  readonly purl?: string
  readonly externalReferences?: readonly object[]
  readonly properties?: readonly Property[]
  readonly evidence?: object
}

interface Property {
  readonly name: string
  readonly value: string
}

const mostLocations = 1000

/** What the SBOM is about. */
export function subjectComponent({ subject, author, inventory }: Bill): Component {
  const { kind, name, version, purl, hashes, platform, distribution } = subject
  const unknown = [
    ...(hashes.length === 0 ? ['hash'] : []),
    ...(purl === undefined ? ['identifier'] : []),
    'license',
    ...(author === undefined ? ['producer'] : []),
    ...(version === undefined ? ['version'] : []),
  ]
  return {
    type: kind,
    // An application may be in its own list of packages.
    'bom-ref': purl === undefined || inventory.packages.some((one) => one.purl === purl) ? `subject:${purl ?? name}` : purl,
    ...(author === undefined ? {} : { manufacturer: partyEntity(author) }),
    name,
    ...(version === undefined ? {} : { version }),
    ...(hashes.length === 0 ? {} : { hashes: hashesOf(hashes) }),
    ...(purl === undefined ? {} : { purl }),
    ...(distribution === undefined ? {} : { externalReferences: [{ type: 'distribution', url: distribution, hashes: hashesOf(hashes) }] }),
    properties: [
      ...(platform === undefined ? [] : [{ name: 'slipway:platform', value: platform }]),
      ...(kind === 'container' ? fileProperties() : []),
      ...unknownProperties(unknown),
    ],
  }
}

/** The operating system, by which scanners choose their advisories. */
export function systemComponent(distro: Distro): Component {
  const { id, version, prettyName } = distro
  return {
    type: 'operating-system',
    'bom-ref': `os:${id}@${version}`,
    manufacturer: partyEntity(producerOf({ distro }) ?? { name: id }),
    name: id,
    version,
    ...(prettyName === undefined ? {} : { description: prettyName }),
    properties: unknownProperties([...unknownOfSystem, ...(version === '' ? ['version'] : [])]),
  }
}

/** A package with what tells of it. */
export function packageComponent(found: Package): Component {
  const { purl, namespace, name, version, licenses, locations, hashes = [], scope } = found
  const layers = [...new Set(locations.flatMap(({ layer }) => layer ?? []))]
  const producer = producerOf(found)
  const archive = archiveOf(found)
  return {
    type: 'library',
    'bom-ref': purl,
    ...(producer === undefined ? {} : { manufacturer: partyEntity(producer) }),
    ...(namespace === undefined ? {} : { group: namespace }),
    name,
    version,
    ...(scope === undefined ? {} : { scope: 'excluded' }),
    ...(hashes.length === 0 ? {} : { hashes: hashesOf(hashes) }),
    ...(licenses.length === 0 ? {} : { licenses: licensesOf(licenses) }),
    purl,
    properties: [
      ...sourceProperties(found),
      ...layers.map((layer) => ({ name: 'slipway:layer', value: layer })),
      ...(archive === undefined ? [] : [{ name: 'bsi:component:filename', value: archive }, ...fileProperties()]),
      ...unknownProperties(unknownOf(found)),
    ],
    evidence: {
      occurrences: locations.slice(0, mostLocations).map(({ path, layer }) => ({
        location: path,
        ...(layer === undefined ? {} : { additionalContext: `layer ${layer}` }),
      })),
    },
  }
}

/** CycloneDX has no word for what is not known: it would be left out as what does not apply is. */
export function unknownProperties(topics: readonly string[]): readonly Property[] {
  return topics.length === 0 ? [] : [{ name: 'slipway:unknown', value: topics.join(', ') }]
}

/** An organisation with the address that it can be asked at, of mail or of the web. */
export function partyEntity({ name, contact }: Party): object {
  if (contact === undefined) return { name }
  return contact.includes('://') ? { name, url: [contact] } : { name, contact: [{ email: contact }] }
}

/** What BSI TR-03183-2 asks of a file, in the words of its property taxonomy; what we have of single files are archives with a structure. */
function fileProperties(): readonly Property[] {
  const values = { executable: 'executable', archive: 'archive', structured: 'structured' }
  return Object.entries(values).map(([name, value]) => ({ name: `bsi:component:${name}`, value }))
}

function hashesOf(hashes: readonly PackageHash[]): readonly object[] {
  return hashes.map(({ algorithm, hex }) => ({ alg: algorithm, content: hex }))
}

/** The schema takes one expression alone, or licences one by one. */
function licensesOf(licenses: readonly string[]): readonly object[] {
  const [only, ...others] = licenses
  const acknowledgement = 'declared'
  if (only !== undefined && others.length === 0 && licenseId(only) === undefined && isLicenseExpression(only))
    return [{ expression: only, acknowledgement }]
  return licenses.map((license) => {
    const id = licenseId(license)
    return { license: { ...(id === undefined ? { name: license } : { id }), acknowledgement } }
  })
}

/** Under the names by which Trivy finds the source package that advisories of distributions are about. */
function sourceProperties({ type, source }: Package): readonly Property[] {
  if (source === undefined) return []
  const [, epoch, upstream, release] = (type === 'deb' ? /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/ : /^()(.*)()$/).exec(source.version) ?? []
  const values = { SrcName: source.name, SrcEpoch: epoch, SrcVersion: upstream, SrcRelease: release }
  return Object.entries(values).flatMap(([name, value]) => (value ? [{ name: `aquasecurity:trivy:${name}`, value }] : []))
}
