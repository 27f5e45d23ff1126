import { sbomMalformed } from '../errors.ts'
import { type Party, type SbomComponent, type SbomDocument, stated, type Unknown } from './document.ts'
import { add } from './multimap.ts'
import { fitted, mostComponents } from './shape.ts'
import { type Element, spdx3Document } from './spdx3-schema.ts'

/** What an SPDX 3.0 document in JSON-LD says: elements by their identifiers, and relationships between them. @throws SW-SBOM-MALFORMED */
export function readSpdx3(value: unknown, name: string): SbomDocument {
  const graph = fitted(spdx3Document, value, name)['@graph']
  const byId = new Map(graph.map((one) => [one.spdxId ?? one['@id'] ?? '', one]))
  const links = linksOf(graph)
  const packages = graph.filter(({ type }) => type === 'software_Package')
  if (packages.length > mostComponents) throw sbomMalformed(`${name} has ${packages.length} packages, expected at most ${mostComponents}.`)
  const components = packages.map((one) => componentOf(one, { byId, links }))
  const document = graph.find(({ type }) => type === 'SpdxDocument')
  const boms = graph.filter(({ type }) => type === 'software_Sbom')
  const roots = [...boms, ...(document === undefined ? [] : [document])].flatMap(({ rootElement }) => rootElement)
  const subject = components.find(({ ref }) => roots.includes(ref))
  const creation = graph.find(({ type }) => type === 'CreationInfo')
  const serial = document?.spdxId ?? boms[0]?.spdxId
  return {
    ...{ format: 'SPDX', formatVersion: creation?.specVersion ?? '3.0' },
    ...(serial === undefined ? {} : { serial, version: serial }),
    ...(creation?.created === undefined ? {} : { created: creation.created }),
    authors: (creation?.createdBy ?? []).flatMap((id) => partyOf(byId.get(id))),
    tools: (creation?.createdUsing ?? []).flatMap((id) => toolOf(byId.get(id)?.name)),
    contexts: boms.flatMap((one) => one.software_sbomType),
    signature: (document?.verifiedUsing ?? []).some(({ type }) => type === 'Signature') ? 'whole' : 'none',
    ...(subject === undefined ? {} : { subject }),
    components: components.filter((one) => one !== subject),
    vulnerabilities: graph.filter(({ type }) => type === 'security_Vulnerability').length,
    gaps: [],
    unknown: new Set(),
  }
}

interface Links {
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly open: ReadonlySet<string>
  /** The files that a package is deployed as. */
  readonly artifacts: ReadonlyMap<string, readonly string[]>
  readonly licenses: ReadonlyMap<string, readonly { readonly id: string; readonly is: 'declared' | 'concluded' }[]>
}

function linksOf(graph: readonly Element[]): Links {
  const needs = new Map<string, string[]>()
  const open = new Set<string>()
  const artifacts = new Map<string, string[]>()
  const licenses = new Map<string, { id: string; is: 'declared' | 'concluded' }[]>()
  for (const { from, to, relationshipType, completeness } of graph) {
    if (from === undefined) continue
    if (relationshipType === 'dependsOn') {
      const known = to.filter((id) => !/(?:NoAssertion|None)Element$/.test(id))
      if (known.length === 0 && (completeness === 'noAssertion' || to.some((id) => id.endsWith('NoAssertionElement')))) open.add(from)
      else addAll(needs, from, known)
    } else if (relationshipType === 'hasDistributionArtifact') {
      addAll(artifacts, from, to)
    } else if (relationshipType === 'hasDeclaredLicense' || relationshipType === 'hasConcludedLicense') {
      const is = relationshipType === 'hasDeclaredLicense' ? 'declared' : 'concluded'
      for (const id of to) add(licenses, from, { id, is })
    }
  }
  return { needs, open, artifacts, licenses }
}

/** One by one: as arguments of a call, a million values have no place. Without values the key is there all the same. */
function addAll(lists: Map<string, string[]>, key: string, values: readonly string[]): void {
  if (!lists.has(key)) lists.set(key, [])
  for (const value of values) add(lists, key, value)
}

function componentOf(one: Element, { byId, links }: { readonly byId: ReadonlyMap<string, Element>; readonly links: Links }): SbomComponent {
  const ref = one.spdxId ?? ''
  const version = stated(one.software_packageVersion)
  const identifiers = one.externalIdentifier.filter((id) => /^(?:packageUrl|cpe2[23]|swid|gitoid|swhid)$/i.test(id.externalIdentifierType))
  const purl = stated(one.software_packageUrl) ?? identifiers.find((id) => /^packageurl$/i.test(id.externalIdentifierType))?.identifier
  const needs = links.needs.get(ref)
  const licenses = (links.licenses.get(ref) ?? []).map(({ id, is }) => ({ is, text: textOf(byId.get(id), id) }))
  return {
    ...{ ref, name: one.name ?? '', kind: kindOf(one) },
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    identifiers: [
      ...new Set([...(purl === undefined ? [] : [purl]), ...identifiers.flatMap(({ identifier }) => stated(identifier) ?? [])]),
    ],
    hashes: one.verifiedUsing
      .filter(({ hashValue }) => hashValue !== '')
      .map((hash) => ({ algorithm: hashName(hash), hex: hash.hashValue.toLowerCase() })),
    licenses: licenses.flatMap(({ text, is }) => (stated(text) === undefined ? [] : [{ text, is }])),
    producers: [...one.originatedBy, ...(one.suppliedBy === undefined ? [] : [one.suppliedBy])].flatMap((id) => partyOf(byId.get(id))),
    locations: [],
    ...(needs === undefined ? {} : { needs }),
    ...fileFacts(
      (links.artifacts.get(ref) ?? []).flatMap((id) => byId.get(id) ?? []),
      one.software_downloadLocation,
    ),
    unknown: unknownOf({ isOpen: links.open.has(ref) && needs === undefined, licenses }),
  }
}

/** What is said of the files that are deployed, under the names that BSI gives it in CycloneDX (TR-03183-2 §8.2). */
function fileFacts(files: readonly Element[], url: string | undefined): Pick<SbomComponent, 'properties' | 'references'> {
  const [file] = files
  const algorithms = files.flatMap(({ verifiedUsing }) => verifiedUsing.map(hashName))
  const references = url === undefined && algorithms.length === 0 ? [] : [{ type: 'distribution', url: url ?? '', algorithms }]
  if (file === undefined) return { properties: new Map(), references }
  const has = (...purposes: readonly string[]): boolean => file.software_additionalPurpose.some((one) => purposes.includes(one))
  const properties = new Map([
    ...(file.name === undefined ? [] : [['bsi:component:filename', [file.name]] as const]),
    ['bsi:component:executable', [has('executable') ? 'executable' : 'non-executable']] as const,
    ['bsi:component:archive', [has('archive') ? 'archive' : 'no archive']] as const,
    ['bsi:component:structured', [has('firmware') ? 'unstructured' : 'structured']] as const,
  ])
  return { properties, references }
}

function hashName({ algorithm }: { readonly algorithm: string }): string {
  return algorithm.toUpperCase().replace(/^SHA(?=[125]|384)/, 'SHA-')
}

function kindOf({ software_primaryPurpose: purpose = 'library' }: Element): string {
  return purpose === 'operatingSystem' ? 'operating-system' : purpose
}

/** An individual of the model, such as `NoAssertionLicense`, is no element of the graph: its name is the end of its address. */
function textOf(license: Element | undefined, id: string): string {
  if (license?.simplelicensing_licenseExpression !== undefined) return license.simplelicensing_licenseExpression
  if (id.endsWith('NoAssertionLicense')) return 'NOASSERTION'
  return id.endsWith('NoneLicense') ? 'NONE' : (license?.name ?? id.replace(/^.*\//, ''))
}

function unknownOf({
  isOpen,
  licenses,
}: {
  readonly isOpen: boolean
  readonly licenses: readonly { readonly text: string }[]
}): ReadonlySet<Unknown> {
  return new Set([
    ...(isOpen ? (['dependency'] as const) : []),
    ...(licenses.some(({ text }) => text === 'NOASSERTION') ? (['license'] as const) : []),
  ])
}

function partyOf(agent: Element | undefined): readonly Party[] {
  const name = stated(agent?.name)
  if (agent === undefined || name === undefined || agent.type === 'Tool' || agent.type === 'SoftwareAgent') return []
  const contact = agent.externalIdentifier.find((one) => /^(?:email|urlScheme)$/.test(one.externalIdentifierType))?.identifier
  return [{ name, ...(contact === undefined ? {} : { contact }) }]
}

/** A tool has no version of its own: by custom it is the end of its name. */
function toolOf(name: string | undefined): SbomDocument['tools'] {
  if (name === undefined) return []
  const [, tool = name, version] = /^(.+?)[- ]v?(\d\S*)$/.exec(name.slice(0, 200)) ?? []
  return [{ name: tool, ...(version === undefined ? {} : { version }) }]
}
