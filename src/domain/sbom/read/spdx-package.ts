import type { Location } from '../../packages/package.ts'
import { isUnknown, type SbomComponent, stated, type Unknown } from './document.ts'
import { locationOf } from './location.ts'
import { add } from './multimap.ts'
import { parseParty } from './party.ts'
import type { SpdxLinks } from './spdx-links.ts'
import type { RawPackage } from './spdx-schema.ts'

interface Around {
  readonly links: SpdxLinks
  /** What a `LicenseRef-` of the document stands for. */
  readonly licenses: ReadonlyMap<string, string | undefined>
}

/** A package of SPDX 2 with what Syft, Trivy and we write into its texts. */
export function spdxComponent(raw: RawPackage, { links, licenses }: Around): SbomComponent {
  const { SPDXID: ref, name, versionInfo, externalRefs, checksums } = raw
  const purl = externalRefs.find(({ referenceType }) => referenceType === 'purl')?.referenceLocator
  const properties = propertiesOf(raw)
  const source = /^built package from: (\S+) (\S+)$/.exec(raw.sourceInfo ?? '')
  const needs = links.needs.get(ref)
  return {
    ...{ ref, name, kind: kindOf(raw), properties },
    ...(stated(versionInfo) === undefined ? {} : { version: versionInfo ?? '' }),
    ...(stated(purl) === undefined ? {} : { purl: purl ?? '' }),
    identifiers: externalRefs
      .filter(({ referenceType }) => /^(?:purl|cpe2[23]Type|swid|gitoid|swh)$/.test(referenceType))
      .flatMap(({ referenceLocator }) => stated(referenceLocator) ?? []),
    hashes: checksums.map((one) => ({
      algorithm: one.algorithm.replace(/^SHA(?=[125]|384)/, 'SHA-'),
      hex: one.checksumValue.toLowerCase(),
    })),
    licenses: [...licenseOf(raw.licenseDeclared, 'declared', licenses), ...licenseOf(raw.licenseConcluded, 'concluded', licenses)],
    producers: [raw.originator, raw.supplier].flatMap((one) => parseParty((one ?? '').replace(/^(?:Person|Organization):\s*/, ''))),
    ...(source === null ? {} : { source: { name: source[1] ?? '', version: source[2] ?? '' } }),
    locations: locationsOf(raw, links, properties),
    ...(needs === undefined ? {} : { needs }),
    references:
      stated(raw.downloadLocation) === undefined ? [] : [{ type: 'distribution', url: raw.downloadLocation ?? '', algorithms: [] }],
    unknown: unknownOf(raw, { isOpen: links.open.has(ref) && needs === undefined, properties }),
  }
}

function kindOf({ primaryPackagePurpose: purpose = 'LIBRARY' }: RawPackage): string {
  return purpose.toLowerCase().replaceAll('_', '-')
}

/** Trivy had its facts in attribution texts before they became annotations. */
function propertiesOf({ annotations, attributionTexts }: RawPackage): SbomComponent['properties'] {
  const byName = new Map<string, string[]>()
  for (const one of [...annotations.map(({ comment }) => comment), ...attributionTexts]) {
    const [, key, value] = /^([\w:.-]{1,100}): (.*)$/s.exec(one) ?? []
    if (key !== undefined && value !== undefined) add(byName, key, value)
  }
  return byName
}

function licenseOf(text: string | undefined, is: 'declared' | 'concluded', extracted: Around['licenses']): SbomComponent['licenses'] {
  const meant = stated(text)
  return meant === undefined ? [] : [{ text: extracted.get(meant) ?? meant, is }]
}

/** Ours are annotations; others have files, and Syft names them in a sentence as well. */
function locationsOf({ SPDXID, sourceInfo }: RawPackage, links: SpdxLinks, properties: SbomComponent['properties']): readonly Location[] {
  const own = (properties.get('Location') ?? []).flatMap((value) => {
    const [, path, layer] = /^(.*?)(?: layer (sha\d+:[0-9a-f]+))?$/s.exec(value) ?? []
    return path === undefined ? [] : [locationOf(path, layer)]
  })
  const files = own.length > 0 ? own : (links.locations.get(SPDXID) ?? [])
  if (files.length > 0) {
    const [layer] = properties.get('LayerDigest') ?? []
    return files.map((one) => (one.layer === undefined ? locationOf(one.path, layer) : one))
  }
  const [, paths] = /^acquired package info from [^:]{1,200}: (.*)$/s.exec(sourceInfo ?? '') ?? []
  return paths === undefined ? [] : paths.split(', ').map((path) => locationOf(path, undefined))
}

function unknownOf(
  { versionInfo, supplier, originator, licenseDeclared }: RawPackage,
  { isOpen, properties }: { readonly isOpen: boolean; readonly properties: SbomComponent['properties'] },
): ReadonlySet<Unknown> {
  const own = (properties.get('Unknown') ?? []).flatMap((value) => value.split(', '))
  return new Set([
    ...(['hash', 'identifier'] as const).filter((topic) => own.includes(topic)),
    ...(isUnknown(versionInfo) ? (['version'] as const) : []),
    ...([supplier, originator].some(isUnknown) ? (['producer'] as const) : []),
    ...(isUnknown(licenseDeclared) ? (['license'] as const) : []),
    ...(isOpen ? (['dependency'] as const) : []),
  ])
}
