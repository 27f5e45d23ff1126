import { algorithmOf, hexOf } from '../../base/digest.ts'
import type { Distro, Inventory, Package } from '../packages/package.ts'
import { type Bill, imagePurl, stableUuid } from './bill.ts'
import { isLicenseExpression, isLicenseId } from './licenses.ts'

/** A component as we write it; everything that is left out is not known. */
interface Component {
  readonly type: 'container' | 'operating-system' | 'library' | 'application'
  readonly 'bom-ref': string
  readonly group?: string
  readonly name: string
  readonly version?: string
  readonly description?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly object[]
  readonly purl?: string
  readonly properties?: readonly Property[]
  readonly evidence?: object
}

interface Property {
  readonly name: string
  readonly value: string
}

const mostLocations = 1000

/** The SBOM as CycloneDX 1.6 in JSON: the same text for the same image, without findings (BSI TR-03183-2 §8.1.14). */
export function cycloneDx(bill: Bill): string {
  const { subject, inventory, created, toolVersion } = bill
  const container = containerOf(bill)
  const system = inventory.distro === undefined ? undefined : systemOf(inventory.distro)
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${stableUuid(`cyclonedx ${subject.digest}`)}`,
    version: 1,
    metadata: {
      timestamp: created,
      lifecycles: [{ phase: 'post-build' }],
      tools: { components: [{ type: 'application', name: 'slipway', version: toolVersion }] },
      component: container,
      properties: inventory.unscannable.map(({ path, why }) => ({ name: 'slipway:unscannable', value: `${path}: ${why}` })),
    },
    components: [...(system === undefined ? [] : [system]), ...inventory.packages.map(componentOf)],
    dependencies: dependenciesOf(inventory, container['bom-ref'], system?.['bom-ref']),
    // What lies in an image without a record of its own (a copied binary) is in no list of packages.
    compositions: [{ aggregate: inventory.unscannable.length > 0 ? 'incomplete' : 'unknown', assemblies: [container['bom-ref']] }],
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function containerOf({ subject }: Bill): Component {
  const purl = imagePurl(subject)
  const alg = algorithmOf(subject.digest) === 'sha512' ? 'SHA-512' : 'SHA-256'
  return {
    type: 'container',
    'bom-ref': purl,
    name: subject.repository ?? subject.name,
    version: subject.digest,
    hashes: [{ alg, content: hexOf(subject.digest) }],
    purl,
    properties: [{ name: 'slipway:platform', value: subject.platform }],
  }
}

function systemOf({ id, version, prettyName }: Distro): Component {
  return {
    type: 'operating-system',
    'bom-ref': `os:${id}@${version}`,
    name: id,
    version,
    ...(prettyName === undefined ? {} : { description: prettyName }),
  }
}

function componentOf(found: Package): Component {
  const { purl, namespace, name, version, licenses, locations, hashes = [] } = found
  const layers = [...new Set(locations.flatMap(({ layer }) => layer ?? []))]
  return {
    type: 'library',
    'bom-ref': purl,
    ...(namespace === undefined ? {} : { group: namespace }),
    name,
    version,
    ...(hashes.length === 0 ? {} : { hashes: hashes.map(({ algorithm, hex }) => ({ alg: algorithm, content: hex })) }),
    ...(licenses.length === 0 ? {} : { licenses: licensesOf(licenses) }),
    purl,
    properties: [...sourceProperties(found), ...layers.map((layer) => ({ name: 'slipway:layer', value: layer }))],
    evidence: {
      occurrences: locations.slice(0, mostLocations).map(({ path, layer }) => ({
        location: path,
        ...(layer === undefined ? {} : { additionalContext: `layer ${layer}` }),
      })),
    },
  }
}

/** The schema takes one expression alone, or licences one by one. */
function licensesOf(licenses: readonly string[]): readonly object[] {
  const [only, ...others] = licenses
  if (only !== undefined && others.length === 0 && !isLicenseId(only) && isLicenseExpression(only)) return [{ expression: only }]
  return licenses.map((license) => ({ license: isLicenseId(license) ? { id: license } : { name: license } }))
}

/** Under the names by which Trivy finds the source package that advisories of distributions are about. */
function sourceProperties({ type, source }: Package): readonly Property[] {
  if (source === undefined) return []
  const [, epoch, upstream, release] = (type === 'deb' ? /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/ : /^()(.*)()$/).exec(source.version) ?? []
  const values = { SrcName: source.name, SrcEpoch: epoch, SrcVersion: upstream, SrcRelease: release }
  return Object.entries(values).flatMap(([name, value]) => (value ? [{ name: `aquasecurity:trivy:${name}`, value }] : []))
}

/** The image needs the system and what nothing else needs; the system its packages. Each component is there, also one that needs nothing. */
function dependenciesOf({ packages }: Inventory, container: string, system: string | undefined): readonly object[] {
  const needed = new Set(packages.flatMap(({ dependsOn = [] }) => dependsOn))
  const ofSystem = system === undefined ? [] : packages.filter(({ distro }) => distro !== undefined)
  const isOfSystem = new Set(ofSystem.map(({ purl }) => purl))
  const roots = packages.filter(({ purl }) => !isOfSystem.has(purl) && !needed.has(purl)).map(({ purl }) => purl)
  return [
    { ref: container, dependsOn: [...(system === undefined ? [] : [system]), ...roots] },
    ...(system === undefined ? [] : [{ ref: system, dependsOn: [...isOfSystem] }]),
    ...packages.map(({ purl, dependsOn = [] }) => ({ ref: purl, dependsOn })),
  ]
}
