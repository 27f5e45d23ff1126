import type { Location } from '../../packages/package.ts'
import type { RawComponent } from './cyclonedx-schema.ts'
import { isUnknown, type SbomComponent, stated, type Unknown } from './document.ts'
import { locationOf } from './location.ts'
import { add } from './multimap.ts'
import { partiesOf } from './party.ts'

/** What each ref needs, as far as something is said; `open` are those of which it is said that there may be more. */
export interface Graph {
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly open: ReadonlySet<string>
}

type Properties = SbomComponent['properties']

const topics = ['producer', 'version', 'identifier', 'hash', 'license', 'dependency'] as const satisfies readonly Unknown[]

/** A component of CycloneDX with what Syft, Trivy and we add to it in properties. */
export function cycloneDxComponent(raw: RawComponent, { needs, open }: Graph): SbomComponent {
  const { type, group, name, version, purl, cpe, swid, hashes } = raw
  const ref = raw['bom-ref'] ?? purl ?? `${group ?? ''}/${name}@${version ?? ''}`
  const properties = propertiesOf(raw)
  const source = sourceOf(properties)
  const of = needs.get(ref)
  const isOpen = open.has(ref) && (of ?? []).length === 0
  const producers = partiesOf({ entities: [raw.manufacturer, raw.supplier], authors: raw.authors, names: [raw.author, raw.publisher] })
  return {
    ...{ ref, kind: type, name: group === undefined || group === '' ? name : `${group}/${name}`, producers },
    ...(stated(version) === undefined ? {} : { version: version ?? '' }),
    ...(stated(purl) === undefined ? {} : { purl: purl ?? '' }),
    identifiers: [purl, cpe, swid?.tagId, ...raw.omniborId, ...raw.swhid].flatMap((one) => stated(one) ?? []),
    hashes: hashes.filter(({ content }) => content !== '').map(({ alg, content }) => ({ algorithm: alg, hex: content.toLowerCase() })),
    licenses: licensesOf(raw),
    ...(source === undefined ? {} : { source }),
    locations: locationsOf(raw, properties),
    ...(of === undefined || isOpen ? {} : { needs: of }),
    properties,
    references: raw.externalReferences.map((one) => ({ type: one.type, url: one.url, algorithms: one.hashes.map(({ alg }) => alg) })),
    unknown: unknownOf(raw, { properties, isOpen }),
  }
}

function propertiesOf({ properties }: RawComponent): Properties {
  const byName = new Map<string, string[]>()
  for (const { name, value } of properties) add(byName, name, value)
  return byName
}

function licensesOf({ licenses }: RawComponent): SbomComponent['licenses'] {
  return licenses.flatMap(({ license, expression, acknowledgement }) => {
    const text = stated(expression ?? license?.id ?? license?.name)
    return text === undefined ? [] : [{ text, is: license?.acknowledgement ?? acknowledgement }]
  })
}

/** Occurrences are CycloneDX's own place for it; Syft counts its locations, Trivy has at most one. */
function locationsOf({ evidence }: RawComponent, properties: Properties): readonly Location[] {
  const occurrences = (evidence?.occurrences ?? []).map(({ location, additionalContext }) =>
    locationOf(location, /(?:^|\s)layer (sha(?:256|512):[0-9a-f]+)/.exec(additionalContext ?? '')?.[1]),
  )
  if (occurrences.length > 0) return occurrences
  const first = (name: string): string | undefined => properties.get(name)?.[0]
  const found: Location[] = []
  for (let place = 0; ; place += 1) {
    const path = first(`syft:location:${place}:path`)
    if (path === undefined) break
    found.push(locationOf(path, first(`syft:location:${place}:layerID`)))
  }
  const path = first('aquasecurity:trivy:FilePath')
  return path === undefined ? found : [...found, locationOf(path, first('aquasecurity:trivy:LayerDigest'))]
}

/** The source package of a distribution under the names of Trivy, which we write too: epoch, version and release apart. */
function sourceOf(properties: Properties): SbomComponent['source'] {
  const [name, epoch, version, release] = ['SrcName', 'SrcEpoch', 'SrcVersion', 'SrcRelease'].map(
    (key) => properties.get(`aquasecurity:trivy:${key}`)?.[0],
  )
  if (name === undefined || version === undefined) return undefined
  const isEpoch = epoch !== undefined && epoch !== '0' && epoch !== ''
  return { name, version: `${isEpoch ? `${epoch}:` : ''}${version}${release === undefined || release === '' ? '' : `-${release}`}` }
}

/** What a component says that it does not know: by a property of ours, or by a word in the place of a value. */
function unknownOf(
  { version, manufacturer, supplier, author, publisher, licenses }: RawComponent,
  { properties, isOpen }: { readonly properties: Properties; readonly isOpen: boolean },
): ReadonlySet<Unknown> {
  const own = (properties.get('slipway:unknown') ?? []).flatMap((value) => value.split(', '))
  return new Set([
    ...topics.filter((topic) => own.includes(topic)),
    ...(isUnknown(version) ? (['version'] as const) : []),
    ...([manufacturer?.name, supplier?.name, author, publisher].some(isUnknown) ? (['producer'] as const) : []),
    ...(licenses.some(({ license, expression }) => isUnknown(expression ?? license?.name)) ? (['license'] as const) : []),
    ...(isOpen ? (['dependency'] as const) : []),
  ])
}
