import { messageOf } from '../../base/errors.ts'
import { decompress } from '../../io/decompress.ts'
import type { ReadHeader, TarMember } from '../../io/tar-reader.ts'
import { readTar } from '../../io/tar-reader.ts'
import type { Descriptor } from '../oci/types.ts'
import type { Cataloguer, Find, LayerFile, Told } from './cataloguer.ts'
import { layerUnreadable } from './errors.ts'
import { FileTree } from './file-tree.ts'

export interface LayerSource {
  readonly descriptor: Descriptor
  /** The blob's bytes, checked while they are read. */
  open(): AsyncIterable<Uint8Array>
}

/** A file to be read in a second reading: again, or by the name of a hard link to it that a cataloguer wants. */
interface Pending {
  readonly path: string
  readonly target: string
  readonly cataloguer: Cataloguer
}

interface Surroundings {
  readonly cataloguers: readonly Cataloguer[]
  readonly lower: FileTree<Find>
  readonly upper: FileTree<Find>
  readonly links: ReadonlyMap<string, Pending>
}

const mostFinds = 500_000

/**
 * Lays a layer over what the ones below it told (image-spec, layer.md §Changeset over existing files): whiteouts and replaced files
 * take from those only, and of a path that a layer has twice the later one counts. No file is written.
 */
export async function applyLayer(lower: FileTree<Find>, source: LayerSource, cataloguers: readonly Cataloguer[]): Promise<void> {
  const upper = new FileTree<Find>()
  const links = new Map<string, Pending>()
  const layer = source.descriptor.digest
  let finds = 0
  for await (const member of membersOf(source)) {
    const path = pathOf(member.header.path)
    if (path === undefined || applyWhiteout(lower, path)) continue
    if (member.header.type === 'directory') {
      lower.removeFile(path)
      upper.removeFile(path)
      continue
    }
    lower.remove(path)
    upper.remove(path)
    links.delete(path)
    const told = await toldBy(member, path, { cataloguers, lower, upper, links })
    if (told === undefined) continue
    if ('target' in told) links.set(path, told)
    else {
      finds += 1
      if (finds > mostFinds) throw layerUnreadable(`Layer ${layer} has more than ${mostFinds} files that tell of packages.`)
      upper.set(path, { told, layer })
    }
  }
  await follow([...links.values()], upper, source)
  for (const [path, find] of upper.entries()) lower.set(path, find)
}

async function* membersOf({ descriptor: { mediaType }, open }: LayerSource): AsyncGenerator<TarMember> {
  if (/[+.]zstd$/.test(mediaType)) yield* readTar(decompress(copied(open()), 'zstd'))
  else if (/[+.]gzip$/.test(mediaType)) yield* readTar(decompress(copied(open()), 'gzip'))
  else yield* readTar(open())
}

/** Decoders read ahead, and the memory of a piece is used again. */
async function* copied(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

/** What a member tells, if anything; of a hard link what its target told, or that somebody wants to know. */
async function toldBy(
  { header, body }: TarMember,
  path: string,
  { cataloguers, lower, upper, links }: Surroundings,
): Promise<Told | Pending | undefined> {
  const file = fileOf(header, path)
  const cataloguer = cataloguers.find((one) => one.wants(file))
  if (header.type === 'hardlink') {
    const target = pathOf(header.link) ?? ''
    const reader = links.get(target)?.cataloguer ?? cataloguer
    return (upper.get(target) ?? lower.get(target))?.told ?? (reader === undefined ? undefined : { path, target, cataloguer: reader })
  }
  if (header.type !== 'file' || cataloguer === undefined) return undefined
  const told = await tell(cataloguer, file, body)
  if (told.again !== undefined) return { path, target: path, cataloguer: told.again }
  return isEmpty(told) ? undefined : told
}

function isEmpty({ packages, distro, unscannable, licensesOf }: Told): boolean {
  return packages.length === 0 && distro === undefined && unscannable === undefined && licensesOf === undefined
}

/** Links are followed, and files read again, in a second reading of the layer, which few images need. */
async function follow(links: readonly Pending[], upper: FileTree<Find>, source: LayerSource): Promise<void> {
  if (links.length === 0) return
  const byTarget = Map.groupBy(links, ({ target }) => target)
  const found = new Set<string>()
  const set = (path: string, told: Told): void => upper.set(path, { told, layer: source.descriptor.digest })
  for await (const { header, body } of membersOf(source)) {
    const target = pathOf(header.path) ?? ''
    const [first, ...others] = byTarget.get(target) ?? []
    if (first === undefined || header.type !== 'file') continue
    found.add(target)
    const told = await tell(first.cataloguer, fileOf(header, first.path), body)
    for (const { path } of [first, ...others]) set(path, told)
  }
  for (const { path, target } of links.filter((link) => !found.has(link.target)))
    set(path, { packages: [], unscannable: `it is a hard link to ${JSON.stringify(target)}, which its layer does not have` })
}

/** A file that cannot be read is told of; it does not hide what the others say. */
async function tell(cataloguer: Cataloguer, file: LayerFile, body: AsyncIterable<Buffer>): Promise<Told> {
  try {
    return await cataloguer.read(file, body)
  } catch (error) {
    return { packages: [], unscannable: messageOf(error) }
  }
}

function applyWhiteout(lower: FileTree<Find>, path: string): boolean {
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  if (!name.startsWith('.wh.')) return false
  const folder = path.slice(0, Math.max(0, slash - 1))
  if (name === '.wh..wh..opq') lower.empty(folder)
  else if (!name.startsWith('.wh..wh.')) lower.remove(`${path.slice(0, slash)}${name.slice(4)}`)
  return true
}

/** Where a path leads inside of the image: `..` stops at its root, as it does in a container. Undefined for the root itself. */
function pathOf(written: string): string | undefined {
  const parts: string[] = []
  for (const part of written.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.length === 0 ? undefined : parts.join('/')
}

function fileOf({ size, mode }: ReadHeader, path: string): LayerFile {
  return { path, size, isExecutable: (mode & 0o111) !== 0 }
}
