import { type Address, describeAddress, type MarkerAddress } from './address.ts'
import { applyEdits, type Edit } from './edit.ts'
import { gitopsTarget } from './errors.ts'
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
  if (text !== source) requireOnly(documents, parseTree(text, where), what)
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

/** Read again, the file has the same values at the same paths, but for those below one map or the one text: whatever else came of the edit is a fault of ours. */
function requireOnly(before: readonly Node[], after: readonly Node[], what: string): void {
  const [old, now] = [new Map(before.flatMap((one, at) => paths(one, `${at}`))), new Map(after.flatMap((one, at) => paths(one, `${at}`)))]
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path))
  const parents = new Set(changed.map((path) => path.slice(0, path.lastIndexOf('\0'))))
  if (parents.size > 1) throw gitopsTarget(`${what}: the change would not stay in its place; write it by hand once.`)
}

function paths(node: Node, at: string): readonly (readonly [string, string])[] {
  if (node.kind === 'map') return node.entries.flatMap(({ key, value }) => paths(value, `${at}\0${key.text}`))
  if (node.kind === 'list') return node.items.flatMap((one, place) => paths(one, `${at}\0${place}`))
  return [[at, node.kind === 'alias' ? `*${node.name}` : `=${node.text}`]]
}
