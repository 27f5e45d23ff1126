import { posix } from 'node:path'
import type { Git } from '../git/git.ts'
import { gitopsFile, gitopsTarget } from './errors.ts'
import { type GitObject, modeIn, readObjects } from './objects.ts'

/** A file in a commit, as git keeps it: no filter and no line end is changed. */
export interface FileInCommit {
  readonly path: string
  readonly mode: string
  readonly text: string
  /** Of the file as it was read. */
  readonly hash: string
}

/** A commit, and what was asked of its files. */
export interface Snapshot {
  readonly commit: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
  has(path: string): boolean
  /** @throws SW-GITOPS-TARGET, SW-GITOPS-FILE */
  file(path: string): FileInCommit
}

const largest = 4 * 2 ** 20

/** What a ref of this repository leads to, with the files that are named: in one process. */
export async function readSnapshot(git: Git, ref: string, paths: readonly string[]): Promise<Snapshot> {
  const folders = [...new Set(paths.map((path) => posix.dirname(path)))]
  const names = [`${ref}^{commit}`, ...paths.map((path) => `${ref}:${path}`), ...folders.map((folder) => treeName(ref, folder))]
  const [commit, ...rest] = await readObjects(git, names)
  if (commit === undefined) throw new Error(`${ref} was fetched and leads to no commit`)
  const objects = new Map(paths.map((path, at) => [path, rest[at]]))
  const trees = new Map(folders.map((folder, at) => [folder, rest[paths.length + at]]))
  return {
    ...commitFacts(commit),
    has: (path) => objects.get(path) !== undefined,
    file: (path) => fileOf(path, { object: objects.get(path), tree: trees.get(posix.dirname(path)), commit: commit.hash }),
  }
}

function treeName(ref: string, folder: string): string {
  return folder === '.' ? `${ref}^{tree}` : `${ref}:${folder}`
}

function commitFacts({ hash: commit, bytes }: GitObject): Pick<Snapshot, 'commit' | 'tree' | 'parents' | 'message'> {
  const text = bytes.toString('utf8')
  const end = text.indexOf('\n\n')
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n')
  const valuesOf = (name: string): string[] => headers.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))
  return { commit, tree: valuesOf('tree')[0] ?? '', parents: valuesOf('parent'), message: end < 0 ? '' : text.slice(end + 2).trim() }
}

interface Found {
  readonly object: GitObject | undefined
  readonly tree: GitObject | undefined
  readonly commit: string
}

function fileOf(path: string, { object, tree, commit }: Found): FileInCommit {
  const mode = tree?.type === 'tree' ? modeIn(tree, posix.basename(path)) : undefined
  if (object === undefined || mode === undefined) throw gitopsTarget(`${path} is not in the repository at ${commit.slice(0, 12)}.`)
  if (object.type !== 'blob' || mode === '120000')
    throw gitopsTarget(`${path} is a ${object.type === 'blob' ? 'link' : object.type}, expected a file.`)
  if (object.bytes.length > largest) throw gitopsFile(`${path} has ${object.bytes.length} bytes, expected at most ${largest}.`)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(object.bytes)
    return { path, mode, text, hash: object.hash }
  } catch (cause) {
    throw gitopsFile(`${path} is no text in UTF-8.`, { cause })
  }
}
