import { isAbsolute, join, matchesGlob, relative, resolve } from 'node:path'
import { TaskError } from '../../base/errors.ts'
import { fileName } from '../../io/errors.ts'
import { factsOrNothing, type ListedFile, list } from '../../io/files.ts'

export interface FoundFile {
  /** Absolute. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** Not entered unless a glob names it: dependencies, whose reports are not ours. Hidden folders neither. */
const skipped = new Set(['node_modules', 'vendor'])

const magic = /[*?[{]/

/** Files that match any of the globs, each once, sorted. A glob is absolute, or relative to `root`. */
export async function findFiles(root: string, globs: readonly string[]): Promise<readonly FoundFile[]> {
  const found = new Map<string, FoundFile>()
  for (const [start, patterns] of byStart(root, globs)) {
    for await (const path of candidates(start, patterns)) {
      const file = await factsOrNothing(path)
      if (file?.kind === 'file') found.set(path, { path, modified: file.modified })
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** What follows the folder that a glob starts in, by that folder: `reports/*.xml` need not walk the whole tree. */
function byStart(root: string, globs: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const given of globs) {
    const glob = given.startsWith(`${root}/`) ? given.slice(root.length + 1) : given
    const parts = glob.split('/')
    const literal = parts.findIndex((part) => magic.test(part))
    const split = literal < 0 ? parts.length - 1 : literal
    const start = resolve(root, isAbsolute(glob) ? '/' : '', ...parts.slice(0, split))
    groups.set(start, [...(groups.get(start) ?? []), parts.slice(split).join('/')])
  }
  return groups
}

/** Symbolic links are not followed. */
async function* candidates(start: string, patterns: readonly string[]): AsyncGenerator<string> {
  for (const name of patterns.filter((pattern) => !magic.test(pattern))) yield join(start, name)
  const globs = patterns.filter((pattern) => magic.test(pattern))
  const isNamed = (name: string): boolean => globs.some((glob) => glob.split('/').includes(name))
  const waiting = globs.length === 0 ? [] : [start]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const { name, kind } of await listed(folder)) {
      const path = join(folder, name)
      if (kind === 'directory' && (isNamed(name) || !(skipped.has(name) || name.startsWith('.')))) waiting.push(path)
      else if (kind === 'file' && globs.some((glob) => matchesGlob(relative(start, path), glob))) yield path
    }
  }
}

/** A folder that is not there or may not be read holds no report of ours; one with a name that nobody can spell is told. */
async function listed(folder: string): Promise<readonly ListedFile[]> {
  try {
    return await list(folder)
  } catch (error) {
    if (!(error instanceof TaskError) || fileName.is(error)) throw error
    return []
  }
}
