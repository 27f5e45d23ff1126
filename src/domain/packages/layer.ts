import type { Digest } from '../../base/digest.ts'
import { messageOf } from '../../base/errors.ts'
import { decompress } from '../../io/decompress.ts'
import type { ReadHeader, TarMember } from '../../io/tar-reader.ts'
import { readTar } from '../../io/tar-reader.ts'
import type { Descriptor } from '../oci/types.ts'
import type { Cataloguer, Find, LayerFile, Told } from './cataloguer.ts'
import { layerUnreadable } from './errors.ts'
import { FileTree } from './file-tree.ts'
import { type Changes, changeAt, type Link, pathIn } from './layer-changes.ts'

export interface LayerSource {
  readonly descriptor: Descriptor
  /** The blob's bytes, checked while they are read. */
  open(): AsyncIterable<Uint8Array>
}

const mostFinds = 500_000

interface Reading {
  readonly layer: Digest
  readonly cataloguers: readonly Cataloguer[]
  readonly changes: Changes
  /** By path: hard links, and files that are to be read again. */
  readonly links: Map<string, Link>
}

/**
 * Reads a layer by itself, the ones below it unseen: what its files tell, and what it takes from those. Of a path that it has twice the later
 * one counts. No file is written.
 */
export async function readLayer(source: LayerSource, cataloguers: readonly Cataloguer[]): Promise<Changes> {
  const layer = source.descriptor.digest
  const upper = new FileTree<Find>()
  const changes: Changes = { layer, upper, replaced: new Set(), folders: new Set(), emptied: new Set(), links: [] }
  const reading = { layer, cataloguers, changes, links: new Map<string, Link>() }
  let finds = 0
  for await (const member of membersOf(source)) {
    const path = changeAt(changes, member.header)
    if (path === undefined) continue
    reading.links.delete(path)
    const told = await toldBy(member, path, reading)
    if (told === undefined) continue
    finds += 1
    if (finds > mostFinds) throw layerUnreadable(`Layer ${layer} has more than ${mostFinds} files that tell of packages.`)
    upper.set(path, { told, layer })
  }
  return { ...changes, links: await follow(reading, source) }
}

async function* membersOf({ descriptor: { mediaType }, open }: LayerSource): AsyncGenerator<TarMember> {
  if (/[+.]zstd$/.test(mediaType)) yield* readTar(decompress(open(), 'zstd'))
  else if (/[+.]gzip$/.test(mediaType)) yield* readTar(decompress(open(), 'gzip'))
  else yield* readTar(open())
}

/** What a member tells, if anything; links are kept for later, unless their target has told already. */
async function toldBy({ header, body }: TarMember, path: string, { cataloguers, changes, links }: Reading): Promise<Told | undefined> {
  const file = { path, size: header.size }
  const cataloguer = cataloguers.find((one) => one.wants(file))
  if (header.type === 'hardlink') {
    const target = pathIn(header.link) ?? ''
    const known = changes.upper.get(target)?.told
    if (known === undefined) links.set(path, { path, target, cataloguer: links.get(target)?.cataloguer ?? cataloguer })
    return known
  }
  if (header.type !== 'file' || cataloguer === undefined) return undefined
  const told = await tell(cataloguer, file, body)
  if (told.again !== undefined) links.set(path, { path, target: path, cataloguer: told.again })
  return told.again !== undefined || isEmpty(told) ? undefined : told
}

function isEmpty({ packages, distro, unscannable, licensesOf }: Told): boolean {
  return packages.length === 0 && distro === undefined && unscannable === undefined && licensesOf === undefined
}

/**
 * Links that a cataloguer wants are followed, and files read again, in a second reading of the layer, which few images need. Gives the links
 * into layers below.
 */
async function follow({ links, changes, layer }: Reading, source: LayerSource): Promise<readonly Link[]> {
  const wanted = [...links.values()].filter(({ cataloguer, target }) => cataloguer !== undefined && changes.replaced.has(target))
  const byTarget = Map.groupBy(wanted, ({ target }) => target)
  for await (const { header, body } of byTarget.size === 0 ? [] : membersOf(source)) {
    const [first, ...others] = byTarget.get(pathIn(header.path) ?? '') ?? []
    if (first?.cataloguer === undefined || header.type !== 'file') continue
    const told = await tell(first.cataloguer, fileOf(header, first.path), body)
    for (const { path } of [first, ...others]) changes.upper.set(path, { told, layer })
  }
  return [...links.values()].filter(({ target }) => !changes.replaced.has(target))
}

/** A file that cannot be read is told of; it does not hide what the others say. */
async function tell(cataloguer: Cataloguer, file: LayerFile, body: AsyncIterable<Buffer>): Promise<Told> {
  try {
    return await cataloguer.read(file, body)
  } catch (error) {
    return { packages: [], unscannable: messageOf(error) }
  }
}

function fileOf({ size }: ReadHeader, path: string): LayerFile {
  return { path, size }
}
