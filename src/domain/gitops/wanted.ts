import type { Address, Part } from './address.ts'
import { gitopsTarget } from './errors.ts'
import type { Place } from './find.ts'
import { type NewImage, referenceOf, versionOf } from './image.ts'
import { entryOf, type MapNode, textAt } from './tree.ts'

/** Fields to set in a map, each with the one that it stands behind when it is new; or one text. */
export type Wanted =
  | { readonly text: string }
  | { readonly fields: readonly { readonly key: string; readonly text: string; readonly after?: string }[] }

/** What an image puts in a place. */
export function wantedAt(address: Address, place: Place, image: NewImage): Wanted {
  if (address.kind === 'manifest') return { text: referenceOf(image) }
  if (address.kind === 'kustomize') return { fields: kustomizeFields(place, image) }
  if (address.kind === 'pointer') return { text: partOf(address.part, image) }
  if (place.kind === 'map') return { fields: helmFields(place.map, image) }
  return { text: partOf(partLike(address.path.at(-1) ?? '', textOf(place)), image) }
}

/** With a tag beside the digest Kustomize writes `name:tag@digest`. */
function kustomizeFields(place: Place, { name, tag, digest }: NewImage): readonly { key: string; text: string; after?: string }[] {
  const map = place.kind === 'map' ? place.map : undefined
  const old = textAt(map, 'name')
  const renamed = old !== name || entryOf(map, 'newName') !== undefined
  const hasTag = entryOf(map, 'newTag') !== undefined
  // The tag of another image beside this digest would be a lie.
  const newTag = tag ?? (hasTag ? '' : undefined)
  return [
    ...(renamed ? [{ key: 'newName', text: name, after: 'name' }] : []),
    ...(newTag === undefined ? [] : [{ key: 'newTag', text: newTag, after: renamed ? 'newName' : 'name' }]),
    { key: 'digest', text: digest, after: newTag !== undefined ? 'newTag' : renamed ? 'newName' : 'name' },
  ]
}

/** A registry of its own stays apart from the repository, as charts put them together. */
function helmFields(map: MapNode, image: NewImage): readonly { key: string; text: string; after?: string }[] {
  const { name, tag, digest } = image
  const registry = textAt(map, 'registry')
  const slash = name.indexOf('/')
  const isApart = registry !== undefined && registry !== ''
  const repository = isApart ? name.slice(slash + 1) : name
  const has = (key: string): boolean => entryOf(map, key) !== undefined
  return [
    ...(isApart ? [{ key: 'registry', text: name.slice(0, slash) }] : []),
    ...(has('repository') ? [{ key: 'repository', text: repository }] : []),
    ...(has('name') && !has('repository') ? [{ key: 'name', text: repository }] : []),
    // Charts without a field for the digest take it with the tag.
    ...(has('digest') ? [{ key: 'digest', text: digest }, ...(tag === undefined || !has('tag') ? [] : [{ key: 'tag', text: tag }])] : []),
    ...(has('digest') ? [] : [{ key: 'tag', text: versionOf(image) }]),
  ]
}

/** The text of an image, or a part of it. @throws SW-GITOPS-TARGET where there is no such part */
export function partOf(part: Part, image: NewImage): string {
  switch (part) {
    case 'reference':
      return referenceOf(image)
    case 'version':
      return versionOf(image)
    case 'repository':
      return image.name
    case 'digest':
      return image.digest
    case 'tag':
      if (image.tag !== undefined) return image.tag
      throw gitopsTarget(`A tag was to be written, and none is known of ${image.name}@${image.digest}.`, { hint: 'Set `tag`.' })
  }
}

/** What a lone value of a chart is, by its name, else by what it has. */
function partLike(key: string, old: string): Part {
  if (/digest$/i.test(key)) return 'digest'
  if (/(tag|version)$/i.test(key)) return 'version'
  if (/repository$/i.test(key)) return 'repository'
  return /image$/i.test(key) || /^(?:~|null|)$/i.test(old) || old.includes('/') ? 'reference' : 'version'
}

/** What stands in a place, for people. */
export function textOf(place: Place): string {
  if (place.kind === 'value') return place.value.kind === 'scalar' ? place.value.text : ''
  const texts = ['newName', 'newTag', 'registry', 'repository', 'tag', 'digest'].flatMap((key) => textAt(place.map, key) ?? [])
  return texts.join(' ')
}
