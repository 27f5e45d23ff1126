import { type Address, describeAddress, type Resource } from './address.ts'
import { gitopsTarget } from './errors.ts'
import { entryOf, type MapNode, type Node, type Slot, textAt, valueAt } from './tree.ts'

/** The map that an address leads to, or the one value that it means: under a key, or an item of a list. */
export type Place = { readonly kind: 'map'; readonly map: MapNode } | ({ readonly kind: 'value' } & Slot)

/** The place of an address among the documents of a file; `where` names the file. @throws SW-GITOPS-TARGET */
export function findPlace(documents: readonly Node[], address: Address, where: string): Place {
  const found = placesOf(documents, address)
  const [place, another] = found
  if (place !== undefined && another === undefined) return place
  const what = describeAddress(address)
  if (place === undefined) throw gitopsTarget(`${where} has no ${what}${nearby(documents, address)}.`)
  throw gitopsTarget(`${where} has ${found.length} of ${what}, expected one.`)
}

function placesOf(documents: readonly Node[], address: Address): readonly Place[] {
  switch (address.kind) {
    case 'kustomize':
      return documents.flatMap((one) => itemsNamed(valueAt(one, 'images'), address.image)).map((map) => ({ kind: 'map', map }))
    case 'manifest':
      return documents
        .flatMap(resourcesIn)
        .filter((one) => isResource(one, address.resource))
        .flatMap(containersOf)
        .filter((one) => textAt(one, 'name') === address.container)
        .flatMap((one) => entriesAt(one, 'image'))
    case 'helm':
    case 'pointer':
      return documents.flatMap((one) => follow(one, address.path))
  }
}

function follow(node: Node | undefined, [key, ...rest]: readonly string[]): readonly Place[] {
  if (key === undefined) return []
  const slot: Slot | undefined = entryOf(node, key) ?? itemOf(node, key)
  if (slot === undefined) return []
  if (rest.length > 0) return follow(slot.value, rest)
  return slot.value.kind === 'map' ? [{ kind: 'map', map: slot.value }] : [{ kind: 'value', ...slot }]
}

function itemOf(node: Node | undefined, key: string): Slot | undefined {
  const value = node?.kind === 'list' && /^\d{1,6}$/.test(key) ? node.items[Number(key)] : undefined
  return value === undefined ? undefined : { value }
}

function entriesAt(node: Node, key: string): readonly Place[] {
  const entry = entryOf(node, key)
  return entry === undefined ? [] : [{ kind: 'value', ...entry }]
}

function itemsNamed(list: Node | undefined, name: string): readonly MapNode[] {
  return itemsOf(list).filter((one) => textAt(one, 'name') === name)
}

function itemsOf(list: Node | undefined): readonly MapNode[] {
  return list?.kind === 'list' ? list.items.filter((one) => one.kind === 'map') : []
}

/** A document is a resource, or a List of them. */
function resourcesIn(document: Node): readonly Node[] {
  return textAt(document, 'kind') === 'List' ? itemsOf(valueAt(document, 'items')) : [document]
}

function isResource(node: Node, { kind, name, namespace }: Resource): boolean {
  const metadata = valueAt(node, 'metadata')
  return (
    textAt(node, 'kind') === kind &&
    textAt(metadata, 'name') === name &&
    (namespace === undefined || textAt(metadata, 'namespace') === namespace)
  )
}

/** Of a pod wherever its template is: Pod, workloads, CronJob, and what is made like them. */
function containersOf(resource: Node): readonly MapNode[] {
  const spec = valueAt(resource, 'spec')
  const pods = [spec, ...templatesIn(spec), ...templatesIn(valueAt(valueAt(spec, 'jobTemplate'), 'spec'))]
  return pods.flatMap((pod) => ['containers', 'initContainers'].flatMap((key) => itemsOf(valueAt(pod, key))))
}

function templatesIn(spec: Node | undefined): readonly Node[] {
  const template = valueAt(valueAt(spec, 'template'), 'spec')
  return template === undefined ? [] : [template]
}

/** What is there in its place, so that nobody has to look. */
function nearby(documents: readonly Node[], address: Address): string {
  const names = [...new Set(namesLike(documents, address))].slice(0, 8)
  return names.length === 0 ? '' : `, but ${names.join(', ')}`
}

function namesLike(documents: readonly Node[], address: Address): readonly string[] {
  if (address.kind === 'kustomize')
    return documents.flatMap((one) => itemsOf(valueAt(one, 'images')).flatMap((item) => textAt(item, 'name') ?? []))
  if (address.kind === 'manifest')
    return documents
      .flatMap(resourcesIn)
      .flatMap((one) =>
        isResource(one, address.resource)
          ? containersOf(one).map((container) => `container ${textAt(container, 'name') ?? ''}`)
          : `${textAt(one, 'kind') ?? ''} ${textAt(valueAt(one, 'metadata'), 'name') ?? ''}`,
      )
  return documents.flatMap((one) => (one.kind === 'map' ? one.entries.map(({ key }) => key.text) : []))
}
