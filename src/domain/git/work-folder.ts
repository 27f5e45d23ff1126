import { basename, dirname, join } from 'node:path'
import { appendLine, ensureFolder, exists, factsOrNothing, list, readText, removeTree, writeAtomic } from '../../io/files.ts'
import { isSameRepository } from './address.ts'
import { folderTaken, sourceChanged } from './errors.ts'
import type { Git } from './git.ts'

/** How far an earlier checkout in the same folder came. */
export interface Earlier {
  /** Whether there is a commit that was checked out. */
  readonly isCheckout: boolean
  /** The commit whose files were being written when a run was killed. */
  readonly unfinished?: string
}

/** Where what is being checked out is noted until it is done. */
const mark = 'slipway-unfinished'

/** What a killed git leaves behind; without its own note of a run of ours they may be another git's, which is at work. */
const locks = ['index.lock', 'shallow.lock', 'config.lock', 'HEAD.lock', 'packed-refs.lock']

/** What a volume or we ourselves put into an empty folder. */
const ours = ['.git', '.slipway', 'lost+found']

/**
 * Looks at the folder, and makes its `.git` ready to be a repository.
 * @throws SW-SOURCE-FOLDER when it holds anything else, SW-FILE-UNWRITABLE
 */
export async function claimFolder({ settings: { folder, address }, ask }: Git): Promise<Earlier> {
  await ensureFolder(folder)
  const git = join(folder, '.git')
  const others = (await list(folder)).filter(({ name }) => !ours.includes(name))
  if (others.length > 0 && (await factsOrNothing(git))?.kind !== 'directory') throw taken(folder, `holds ${names(others)} and no checkout`)
  const isRepository = await exists(join(git, 'HEAD'))
  const origin = isRepository ? await ask('config', '--get', 'remote.origin.url') : undefined
  if (origin === undefined && others.length > 0) throw taken(folder, `holds ${names(others)} and a repository without origin`)
  if (origin !== undefined && !isSameRepository(origin, address.url)) throw taken(folder, 'is a checkout of another repository')
  const unfinished = await unfinishedIn(git)
  await ensureFolder(join(git, 'info'))
  if (unfinished !== undefined) for (const lock of locks) await removeTree(join(git, lock))
  else await note(folder, '')
  const isCheckout = isRepository && (await ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')) !== undefined
  return { isCheckout, ...(unfinished ? { unfinished } : {}) }
}

/** Notes the commit whose files are about to be written; an empty text for none yet. */
export async function note(folder: string, commit: string): Promise<void> {
  await writeAtomic(join(folder, '.git', mark), commit)
}

/** Everything is there: the next run starts from a whole checkout. */
export async function forgetNote(folder: string): Promise<void> {
  await removeTree(join(folder, '.git', mark))
}

/** Keeps what the tasks hand to one another out of git's sight. */
export async function exclude(folder: string, state: string): Promise<void> {
  if (dirname(state) !== folder) return
  const path = join(folder, '.git', 'info', 'exclude')
  const line = `/${basename(state)}/`
  const known = (await exists(path)) ? (await readText(path)).split('\n') : []
  if (!known.includes(line)) await appendLine(path, line, { mode: 0o644 })
}

/** @throws SW-SOURCE-CHANGED when files of the commit were changed, or commits were made that are nowhere else */
export async function refuseChanges({ settings: { folder }, run }: Git): Promise<void> {
  const changed = await run('status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all')
  const safe = 'nothing was changed'
  if (changed !== '') throw sourceChanged(`${folder} has changes: ${changed.split('\n').slice(0, 5).join(', ')}.`, { safe })
  const own = await run('rev-list', '--max-count=1', 'HEAD', '--not', '--remotes', '--tags', '--glob=refs/slipway/*')
  if (own !== '') throw sourceChanged(`${folder} has commits that were made here, ${own} the last of them.`, { safe })
}

async function unfinishedIn(git: string): Promise<string | undefined> {
  const path = join(git, mark)
  return (await exists(path)) ? (await readText(path)).trim() : undefined
}

function names(files: readonly { readonly name: string }[]): string {
  const shown = files.slice(0, 3).map(({ name }) => JSON.stringify(name))
  return shown.length < files.length ? `${shown.join(', ')} and ${files.length - shown.length} more` : shown.join(', ')
}

function taken(folder: string, why: string): Error {
  return folderTaken(`${folder} ${why}; expected it empty, or a checkout of the same repository.`, { safe: 'nothing was changed' })
}
