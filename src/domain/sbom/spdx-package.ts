import { createHash } from 'node:crypto'
import type { Distro, Package, PackageHash } from '../packages/package.ts'
import type { Bill } from './bill.ts'
import { producerOf, unknownOfSystem } from './known.ts'
import { noAssertion, type Party, type Unknown } from './read/document.ts'
import type { LicenseNamer } from './spdx-license.ts'

/** A package as we write it (SPDX 2.3, 7). */
export interface SpdxPackage {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo: string
  readonly supplier: string
  readonly originator: string
  readonly downloadLocation: string
  readonly filesAnalyzed: false
  readonly primaryPackagePurpose: 'CONTAINER' | 'APPLICATION' | 'OPERATING_SYSTEM' | 'LIBRARY'
  readonly checksums?: readonly object[]
  readonly sourceInfo?: string
  readonly licenseConcluded: string
  readonly licenseDeclared: string
  readonly copyrightText: 'NOASSERTION'
  readonly externalRefs?: readonly object[]
  readonly annotations?: readonly object[]
}

/** What all entries of a document share. */
export interface About {
  readonly created: string
  readonly tool: string
  readonly licenses: LicenseNamer
}

const mostLocations = 1000
const plain = {
  downloadLocation: noAssertion,
  filesAnalyzed: false,
  licenseConcluded: noAssertion,
  licenseDeclared: noAssertion,
  copyrightText: noAssertion,
} as const

/** What the document is about. */
export function subjectEntry({ subject, author }: Bill, about: About): SpdxPackage {
  const { kind, name, version = noAssertion, purl, hashes } = subject
  const open = [...(hashes.length === 0 ? (['hash'] as const) : []), ...(purl === undefined ? (['identifier'] as const) : [])]
  const producer = author === undefined ? noAssertion : `Organization: ${spdxParty(author)}`
  return {
    SPDXID: kind === 'container' ? 'SPDXRef-Image' : 'SPDXRef-Source',
    ...{ name, versionInfo: version, supplier: producer, originator: producer, ...plain },
    primaryPackagePurpose: kind === 'container' ? 'CONTAINER' : 'APPLICATION',
    ...(hashes.length === 0 ? {} : { checksums: checksumsOf(hashes) }),
    ...(purl === undefined ? {} : { externalRefs: [purlReference(purl)] }),
    annotations: annotationsOf(open.length === 0 ? [] : [unknownNote(open)], about),
  }
}

/** The operating system, by which scanners choose their advisories. */
export function systemEntry(distro: Distro, about: About): SpdxPackage {
  const producer = `Organization: ${spdxParty(producerOf({ distro }) ?? { name: distro.id })}`
  return {
    SPDXID: 'SPDXRef-OperatingSystem',
    ...{ name: distro.id, versionInfo: distro.version === '' ? noAssertion : distro.version },
    ...{ supplier: producer, originator: producer, ...plain, primaryPackagePurpose: 'OPERATING_SYSTEM' },
    annotations: annotationsOf([unknownNote(unknownOfSystem)], about),
  }
}

/** A package with what tells of it. The source package is in the words of Trivy, which finds it again by them. */
export function packageEntry(found: Package, about: About): SpdxPackage {
  const { purl, namespace, name, version, licenses, locations, hashes = [], source } = found
  const producer = producerOf(found)
  const party = producer === undefined ? noAssertion : `Organization: ${spdxParty(producer)}`
  const places = locations
    .slice(0, mostLocations)
    .map(({ path, layer }) => `Location: ${path}${layer === undefined ? '' : ` layer ${layer}`}`)
  return {
    SPDXID: idOf(found),
    name: namespace === undefined ? name : `${namespace}/${name}`,
    versionInfo: version === '' ? noAssertion : version,
    ...{ supplier: party, originator: party, ...plain, primaryPackagePurpose: 'LIBRARY' },
    ...(hashes.length === 0 ? {} : { checksums: checksumsOf(hashes) }),
    ...(source === undefined ? {} : { sourceInfo: `built package from: ${source.name} ${source.version}` }),
    licenseDeclared: about.licenses.expressionOf(licenses),
    externalRefs: [purlReference(purl)],
    annotations: annotationsOf([...places, ...(hashes.length === 0 ? [unknownNote(['hash'])] : [])], about),
  }
}

/** Notes that a tool makes (SPDX 2.3, 12). */
export function annotationsOf(comments: readonly string[], { created, tool }: About): readonly object[] {
  return comments.map((comment) => ({ annotationDate: created, annotationType: 'OTHER', annotator: `Tool: ${tool}`, comment }))
}

/** Of what has no NOASSERTION of its own: an algorithm has to be named with a checksum, a kind with an identifier. */
function unknownNote(topics: readonly Unknown[]): string {
  return `Unknown: ${topics.filter((topic) => topic === 'hash' || topic === 'identifier').join(', ')}`
}

/** `Name (address)` (SPDX 2.3, 6.8); brackets within the name would end it. */
export function spdxParty({ name, contact }: Party): string {
  return `${name.replace(/[()\r\n]/g, ' ').trim()}${contact === undefined ? '' : ` (${contact})`}`
}

/** Readable, and one for each package URL: letters, digits, dots and hyphens alone (SPDX 2.3, 7.2). */
function idOf({ type, name, purl }: Package): string {
  const readable = `${type}-${name}`.slice(0, 100).replace(/[^A-Za-z0-9.]+/g, '-')
  return `SPDXRef-Package-${readable}-${createHash('sha256').update(purl).digest('hex').slice(0, 16)}`
}

function purlReference(purl: string): object {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }
}

function checksumsOf(hashes: readonly PackageHash[]): readonly object[] {
  return hashes.map(({ algorithm, hex }) => ({ algorithm: algorithm.replace('-', ''), checksumValue: hex }))
}
