import type { Digest } from '../../base/digest.ts'
import type { ReadHeader } from '../../io/tar-reader.ts'
import type { Cataloguer, Find } from './cataloguer.ts'
import type { FileTree } from './file-tree.ts'

/** What a layer's files told, and what it takes from the layers below (image-spec, layer.md §Changeset over existing files). */
export interface Changes {
  readonly layer: Digest
  readonly upper: FileTree<Find>
  /** Of files and links, and what a whiteout names: whatever was there goes, with all below it. */
  readonly replaced: Set<string>
  /** Of folders: a file that was there goes. */
  readonly folders: Set<string>
  /** Folders from which everything goes; `''` is the root. */
  readonly emptied: Set<string>
  /** Hard links into the layers below. */
  readonly links: readonly Link[]
}

export interface Link {
  readonly path: string
  readonly target: string
  /** Who wants the file by the name of the link. */
  readonly cataloguer?: Cataloguer | undefined
}

/** Notes what a member changes below; its path, unless it is a folder or a whiteout, of which nothing is to be read. */
export function changeAt({ upper, replaced, folders, emptied }: Changes, { path: written, type }: ReadHeader): string | undefined {
  const path = pathIn(written)
  if (path === undefined) return undefined
  const slash = path.lastIndexOf('/') + 1
  const name = path.slice(slash)
  if (name === '.wh..wh..opq') emptied.add(path.slice(0, Math.max(0, slash - 1)))
  else if (name.startsWith('.wh.')) {
    if (!name.startsWith('.wh..wh.')) replaced.add(`${path.slice(0, slash)}${name.slice(4)}`)
  } else if (type === 'directory') {
    folders.add(path)
    upper.removeFile(path)
  } else {
    replaced.add(path)
    upper.remove(path)
    return path
  }
  return undefined
}

/** Lays a layer over what the ones below it told. */
export function overlay(lower: FileTree<Find>, { layer, upper, replaced, folders, emptied, links }: Changes): void {
  for (const { path, target, cataloguer } of links) {
    const told = lower.get(target)?.told
    const unscannable = `it is a hard link to ${JSON.stringify(target)}, which no layer has as a file that was read`
    if (told !== undefined) upper.set(path, { told, layer })
    else if (cataloguer !== undefined) upper.set(path, { told: { packages: [], unscannable }, layer })
  }
  for (const path of emptied) lower.empty(path)
  for (const path of replaced) lower.remove(path)
  for (const path of folders) lower.removeFile(path)
  for (const [path, find] of upper.entries()) lower.set(path, find)
}

/** Where a path leads inside of the image: `..` stops at its root, as it does in a container. Undefined for the root itself. */
export function pathIn(written: string): string | undefined {
  // Most are plain, and there are a million of them.
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(written)) return written
  const parts: string[] = []
  for (const part of written.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.length === 0 ? undefined : parts.join('/')
}
