import type { Location } from '../../packages/package.ts'
import { locationOf } from './location.ts'
import { add } from './multimap.ts'
import type { RawSpdx } from './spdx-schema.ts'

/** What the relationships of an SPDX 2 document say of its packages. */
export interface SpdxLinks {
  /** The package that the document describes. */
  readonly subject?: string
  /** By package: what it needs; a list without entries where it is said that there is nothing. */
  readonly needs: ReadonlyMap<string, readonly string[]>
  /** Packages of which it is said that their needs are not known. */
  readonly open: ReadonlySet<string>
  /** By package: the files that tell of it. */
  readonly locations: ReadonlyMap<string, readonly Location[]>
}

/** Goes over the relationships once. A package may be there as a file as well: what lies in it is where it was found. */
export function spdxLinks({ SPDXID, documentDescribes, relationships, files }: RawSpdx): SpdxLinks {
  const paths = new Map(files.map((one) => [one.SPDXID, locationOf(one.fileName, /layerID: (\S+)/.exec(one.comment ?? '')?.[1])]))
  const needs = new Map<string, string[]>()
  const open = new Set<string>()
  const locations = new Map<string, Location[]>()
  let [subject] = documentDescribes
  for (const { spdxElementId: from, relatedSpdxElement: to, relationshipType: type } of relationships) {
    const place = paths.get(to)
    if (type === 'DESCRIBES' && from === SPDXID) subject ??= to
    else if (type === 'DESCRIBED_BY' && to === SPDXID) subject ??= from
    else if (type === 'DEPENDS_ON') need(from, to)
    else if (/^(?:[A-Z]+_)?DEPENDENCY_OF$/.test(type)) need(to, from)
    else if (place !== undefined && (type === 'OTHER' || type === 'CONTAINS')) add(locations, from, place)
  }
  return { ...(subject === undefined ? {} : { subject }), needs, open, locations }

  function need(from: string, to: string): void {
    if (to === 'NOASSERTION') open.add(from)
    else if (to !== 'NONE') add(needs, from, to)
    else if (!needs.has(from)) needs.set(from, [])
  }
}
