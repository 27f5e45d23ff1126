import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { systemCode } from '../base/errors.ts'
import { pathOutside } from './errors.ts'
import { accessingSync } from './system-errors.ts'

/**
 * The absolute path of something inside a folder, which need not exist yet. `..`, absolute paths and symbolic links that
 * lead out of the folder are `SW-PATH-OUTSIDE`. The answer has no symbolic link left in the part that exists.
 */
export async function resolveInside(root: string, path: string): Promise<string> {
  return accessingSync('read', resolve(root, path), () => {
    const realRoot = realpathSync.native(root)
    const wanted = isAbsolute(path) ? rebased(root, realRoot, path) : resolve(realRoot, path)
    if (!isInside(realRoot, wanted)) throw outside(root, path, wanted)
    const real = realOf(wanted)
    if (!isInside(realRoot, real)) throw outside(root, path, real)
    return real
  })
}

/** Whether an absolute path is a folder or below it, by its letters only. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** An absolute path given through the root's own symbolic link counts as inside. */
function rebased(root: string, realRoot: string, path: string): string {
  const way = relative(resolve(root), resolve(path))
  return isInside(resolve(root), resolve(path)) ? resolve(realRoot, way) : resolve(path)
}

/** As realpath, but what does not exist yet keeps its name; a broken link is followed to where it would create a file. */
function realOf(path: string, hops = 0): string {
  try {
    return realpathSync.native(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error
  }
  const target = linkTarget(path)
  if (target !== undefined && hops < 40) return realOf(resolve(dirname(path), target), hops + 1)
  return join(realOf(dirname(path), hops), path.slice(dirname(path).length).replace(/^[/\\]+/, ''))
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function outside(root: string, path: string, seen: string): Error {
  return pathOutside(`${JSON.stringify(path)} leads to ${seen}, expected a path inside ${root}.`, {
    hint: `Give a path relative to ${root}, without '..' and without links that leave it.`,
  })
}
