import { type Address, describeAddress, type MarkerAddress } from './address.ts'
import { applyEdits, type Edit } from './edit.ts'
import { gitopsFile, gitopsTarget } from './errors.ts'
import { findPlace, type Place } from './find.ts'
import type { NewImage } from './image.ts'
import { findMarker } from './marker.ts'
import { entryOf, type MapNode, type Node, parseTree } from './tree.ts'
import { partOf, textOf, type Wanted, wantedAt } from './wanted.ts'
import { addEntry, setScalar } from './write.ts'

interface Naming {
  readonly image: NewImage
  readonly where: string
}

/** What an update makes of a file. */
export interface Updated {
  readonly text: string
  /** False where the file says so already: then `text` is what was given. */
  readonly isChanged: boolean
  /** What stood there, for people; empty where nothing did. */
  readonly before: string
}

/**
 * A file with another image at one place: only the letters of that place change, and whatever was written around them (comments,
 * quotes, line ends, anchors) stays. `where` names the file. @throws SW-GITOPS-TARGET, SW-GITOPS-FILE
 */
export function updateImage(source: string, address: Address | MarkerAddress, { image, where }: Naming): Updated {
  if (address.kind === 'marker') return updateMarked(source, address, { image, where })
  const documents = parseTree(source, where)
  const place = findPlace(documents, address, where)
  const what = `${where}: ${describeAddress(address)}`
  const wanted = wantedAt(address, place, image)
  const text = applyEdits(source, editsFor(source, place, { wanted, what }))
  if (text !== source) requireOnly(documents, treeAfter(text, { address, wanted, where, isJson: isJson(source) }), { wanted, what })
  return { text, isChanged: text !== source, before: textOf(place) }
}

function updateMarked(source: string, { marker, part }: MarkerAddress, { image, where }: Naming): Updated {
  const { start, end } = findMarker(source, marker, where)
  const text = applyEdits(source, [{ start, end, text: partOf(part, image) }])
  return { text, isChanged: text !== source, before: source.slice(start, end) }
}

function editsFor(source: string, place: Place, { wanted, what }: { readonly wanted: Wanted; readonly what: string }): readonly Edit[] {
  if ('text' in wanted) {
    if (place.kind === 'value') return setScalar(source, place, { text: wanted.text, what })
    throw gitopsTarget(`${what} is a map, expected a text.`)
  }
  if (place.kind === 'value') throw gitopsTarget(`${what} is a text, expected a map.`)
  const { map } = place
  if (entryOf(map, '<<') !== undefined)
    throw gitopsTarget(`${what} has fields of a merge (<<), which others share: name its fields one by one.`)
  const fresh: { after: string; key: string; text: string }[] = []
  const edits = wanted.fields.flatMap(({ key, text, after }) => {
    const entry = entryOf(map, key)
    if (entry !== undefined) return setScalar(source, entry, { text, what: `${what}.${key}` })
    if (after === undefined) throw gitopsTarget(`${what} has no ${key}, expected one: add it to the file once.`)
    fresh.push({ after, key, text })
    return []
  })
  return [...edits, ...additions(source, map, fresh)]
}

/** All new entries behind the last one that is there, in their order. */
function additions(source: string, map: MapNode, fresh: readonly { after: string; key: string; text: string }[]): readonly Edit[] {
  const anchor = fresh.map(({ after }) => after).find((after) => entryOf(map, after) !== undefined)
  if (anchor === undefined && fresh.length > 0) throw gitopsTarget('there is no entry to put another one behind.')
  const added = fresh.flatMap(({ after, ...one }) =>
    addEntry(source, map, { ...one, after: entryOf(map, after) === undefined ? (anchor ?? '') : after }),
  )
  const byPlace = Map.groupBy(added, ({ start }) => start)
  return [...byPlace].map(([start, edits]) => ({ start, end: start, text: edits.map(({ text }) => text).join('') }))
}

interface Expected {
  readonly address: Address
  readonly wanted: Wanted
  readonly where: string
  readonly isJson: boolean
}

/** The file read again, if it says at its place what it should and is JSON if it was; else nothing, as when it cannot be read. */
function treeAfter(text: string, { address, wanted, where, isJson: wasJson }: Expected): readonly Node[] | undefined {
  try {
    const documents = parseTree(text, where)
    const edits = editsFor(text, findPlace(documents, address, where), { wanted, what: where })
    return edits.length === 0 && (!wasJson || isJson(text)) ? documents : undefined
  } catch (error) {
    if (gitopsFile.is(error) || gitopsTarget.is(error)) return undefined
    throw error
  }
}

/** The same values at the same paths, but for the one text or the fields of the one map: whatever else came of the edit is a fault of ours. */
function requireOnly(
  before: readonly Node[],
  after: readonly Node[] | undefined,
  { wanted, what }: { readonly wanted: Wanted; readonly what: string },
): void {
  const [old, now] = [before, after ?? []].map((documents) => new Map(documents.flatMap((one, at) => paths(one, `${at}`))))
  const changed = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].filter((path) => old?.get(path) !== now?.get(path))
  const parents = new Set(changed.map((path) => path.slice(0, path.lastIndexOf('\0'))))
  const most = 'fields' in wanted ? wanted.fields.length : 1
  if (after === undefined || parents.size > 1 || changed.length > most)
    throw gitopsTarget(`${what}: the change would not stay in its place; write it by hand once.`)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\u{FEFF}/u, ''))
    return true
  } catch {
    return false
  }
}

function paths(node: Node, at: string): readonly (readonly [string, string])[] {
  if (node.kind === 'map') return node.entries.flatMap(({ key, value }) => paths(value, `${at}\0${key.text}`))
  if (node.kind === 'list') return node.items.flatMap((one, place) => paths(one, `${at}\0${place}`))
  return [[at, node.kind === 'alias' ? `*${node.name}` : `=${node.text}`]]
}
