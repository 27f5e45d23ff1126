import { relative } from 'node:path'
import { exists, factsOrNothing, isInside, readText, resolveInside, type WalkedFile, walkAll } from '../../io/files.ts'
import { contextFilter, looksLikeCredential } from './dockerignore.ts'
import { parentsOf } from './entries.ts'
import { contextMissing } from './errors.ts'

/** What a build may take files from. Paths of its files are relative to its root, with `/`. */
export interface Context {
  /** Absolute, without symbolic links. */
  readonly root: string
  /** Each folder before its content. */
  readonly files: readonly WalkedFile[]
  /** Files whose names are those of credentials. */
  readonly credentials: readonly NamedCredential[]
}

/** A file whose name is that of a credential. */
export interface NamedCredential {
  readonly path: string
  /** Whether the user's `.dockerignore` takes it back by name, so that it goes into the image. */
  readonly isTaken: boolean
}

export interface ContextOptions {
  /** Absolute paths that this build writes to. */
  readonly own?: readonly string[]
  /** Folders not to look into. */
  readonly without?: (path: string) => boolean
  readonly signal?: AbortSignal
}

/** The folder without symbolic links on the way, or undefined when the path is a file. @throws SW-BUILD-CONTEXT-MISSING */
export async function contextFolder(path: string): Promise<string | undefined> {
  const kind = (await factsOrNothing(path))?.kind
  if (kind === undefined) throw contextMissing(`The build context ${path} does not exist.`)
  if (kind === 'other') throw contextMissing(`The build context ${path} is neither a folder nor a file.`)
  return kind === 'directory' ? resolveInside('/', path) : undefined
}

/** Everything in a folder that its `.dockerignore` and our own rules leave in. */
export async function readContext(root: string, { own = [], without, signal }: ContextOptions = {}): Promise<Context> {
  const ignoreFile = `${root}/.dockerignore`
  const ours = await inside(root, own)
  const filter = contextFilter((await exists(ignoreFile)) ? await readText(ignoreFile, 2 ** 20) : undefined, ours)
  const credentials: NamedCredential[] = []
  // Folders that are only passed through become entries when something in them does. A folder above what this build
  // writes is one: it may be there only since the last build.
  const passed = new Set(ours.flatMap(parentsOf))
  const take = (path: string, kind: string): boolean => {
    if (without?.(path) === true) return false
    const choice = filter.choose(path, kind === 'directory')
    if (kind !== 'directory' && choice !== 'skip' && looksLikeCredential(path)) credentials.push({ path, isTaken: choice === 'take' })
    if (choice === 'look') passed.add(path)
    return choice === 'take' || choice === 'look'
  }
  const all = await walkAll(root, { take, signal })
  return { root, files: all.filter(({ path }) => !passed.has(path)), credentials }
}

async function inside(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(paths.map((path) => resolveInside('/', path)))
  return real.filter((path) => isInside(root, path) && path !== root).map((path) => relative(root, path))
}
