import { posix } from 'node:path'
import { type Frame, framesOf } from './frames.ts'
import type { TestCase } from './model.ts'

/** The checkout that a report's paths are looked for in. */
export interface Ground {
  /** Absolute. */
  readonly workspace: string
  /** Folders, relative to the workspace, that relative paths may start from; the likeliest first, `''` for the workspace. */
  readonly bases: readonly string[]
  /** Whether a file of this path, relative to the workspace, is there. */
  exists(path: string): Promise<boolean>
}

/** A place in the user's source; `file` is relative to the workspace, with `/`. */
export interface Place {
  readonly file: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

const javaRoots = ['test', 'main', 'integrationTest', 'it'].flatMap((set) =>
  ['java', 'kotlin', 'groovy', 'scala'].map((language) => `src/${set}/${language}/`),
)

const foreign = /(?:^|\/)(?:node_modules|vendor|site-packages|dist-packages|\.venv|\.cargo|\.git)\//

const mostFolders = 16

/**
 * Finds where a failed test stands: the line of its own file that the failure's stack passes through, else the first line of the
 * stack within the workspace, else the test itself. Paths of another machine are matched by their ends.
 */
export async function locate(found: TestCase, ground: Ground): Promise<Place | undefined> {
  const frames = [...framesOf(found.details ?? ''), ...framesOf(found.message ?? '')]
  const own = await firstThere(ownFiles(found, frames, ground), ground)
  let first: Place | undefined
  for (const frame of frames) {
    const file = await firstThere(candidates(frame, found.suite, ground), ground)
    if (file === undefined) continue
    const place = { file, line: frame.line, column: frame.column }
    if (file === own || isOwnClass(frame, found.suite)) return place
    first ??= place
  }
  if (own === undefined) return first
  return found.line === undefined && first !== undefined ? first : { file: own, line: found.line }
}

async function firstThere(paths: Iterable<string>, ground: Ground): Promise<string | undefined> {
  for (const path of paths) {
    if (await ground.exists(path)) return path
  }
  return undefined
}

/** The file that the report gives to the test, or that its class name stands for in Python. */
function ownFiles({ file, suite }: TestCase, frames: readonly Frame[], ground: Ground): string[] {
  if (file !== undefined) return candidates({ file, line: 0 }, suite, ground)
  if (!frames.some((frame) => frame.file.endsWith('.py'))) return []
  const parts = suite.split('.')
  return parts.flatMap((_, index) => candidates({ file: `${parts.slice(0, parts.length - index).join('/')}.py`, line: 0 }, '', ground))
}

function isOwnClass({ owner }: Frame, suite: string): boolean {
  return owner !== undefined && outerClass(owner) === outerClass(suite)
}

function outerClass(name: string): string {
  return name.split('$')[0] ?? name
}

/** Every path, relative to the workspace, that a frame may mean; the likeliest first. */
function candidates({ file, owner }: Frame, suite: string, { workspace, bases }: Ground): string[] {
  const path = plainPath(file)
  if (path.startsWith(`${workspace}/`)) return inside([path.slice(workspace.length + 1)])
  if (path.startsWith('/')) return inside(under(bases, endings(path.slice(1))))
  if (owner !== undefined)
    return inside(
      under(
        bases,
        [...javaRoots, ''].map((root) => `${root}${path}`),
      ),
    )
  // Go names a bare file; its folder is the package without the path of the module.
  const folders = path.includes('/') || !suite.includes('/') ? [] : endings(suite).map((folder) => `${folder}/${path}`)
  return inside(under(bases, [...folders, path]))
}

function plainPath(file: string): string {
  const path = file.startsWith('file://') ? decoded(file.slice('file://'.length)) : file
  return path.replaceAll('\\', '/').replace(/^\/?[A-Za-z]:(?=\/)/, '')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** `a/b/c` → `a/b/c`, `b/c`, `c`. */
function endings(path: string): string[] {
  const parts = path.split('/').slice(-mostFolders)
  return parts.map((_, index) => parts.slice(index).join('/'))
}

function under(bases: readonly string[], paths: readonly string[]): string[] {
  return paths.flatMap((path) => bases.map((base) => posix.join(base, path)))
}

function inside(paths: readonly string[]): string[] {
  const normal = paths.map((path) => posix.normalize(path))
  return normal.filter((path) => !path.startsWith('../') && !path.startsWith('/') && path !== '.' && !foreign.test(path))
}
