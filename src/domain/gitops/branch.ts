import { join } from 'node:path'
import { TaskError } from '../../base/errors.ts'
import { readBytes, writeAtomic } from '../../io/files.ts'
import { gitFailed, refMissing } from '../git/errors.ts'
import type { Git } from '../git/git.ts'
import { parseRef } from '../git/ref.ts'
import { findRef } from '../git/remote-ref.ts'
import { gitopsFile, gitopsSigning, gitopsTarget } from './errors.ts'

/** Who commits, and by what it is signed. */
export interface Author {
  readonly name: string
  readonly email: string
  /** Arguments of git that say how, `-S` of `commit-tree` included; none: unsigned. */
  readonly signing?: { readonly config: readonly string[] } | undefined
}

/** A file in a commit, as git keeps it: no filter and no line end is changed. */
export interface FileInCommit {
  readonly path: string
  readonly mode: string
  readonly text: string
}

const largest = 4 * 2 ** 20

/** How far back the branch is fetched: enough commits to see what the last pipelines wrote. */
const depth = 200

/**
 * Makes the folder of `git` a repository like the one it is for, and says which branch is meant: without a name the one that its
 * HEAD is on. @throws SW-SOURCE-REF-MISSING and others of git
 */
export async function openBranch(git: Git, name: string | undefined): Promise<string> {
  const { ref, objectFormat } = await findRef(git, parseRef(name === undefined ? undefined : `refs/heads/${name}`))
  if (ref === undefined) throw refMissing(`The HEAD of ${git.settings.address.url} is on no branch.`, { hint: 'Set `branch`.' })
  await git.run('init', '--quiet', '--template=', `--object-format=${objectFormat}`)
  return ref.slice('refs/heads/'.length)
}

/** The commit at the tip of a branch, fetched. @throws the errors of git */
export async function fetchTip(git: Git, branch: string): Promise<string> {
  const options = [
    '--quiet',
    '--no-tags',
    '--force',
    '--update-shallow',
    '--no-recurse-submodules',
    '--no-auto-maintenance',
    `--depth=${depth}`,
  ]
  await git.reach('fetch', ...options, '--', git.settings.address.url, `+refs/heads/${branch}:refs/slipway/tip`)
  return git.run('rev-parse', '--verify', 'refs/slipway/tip^{commit}')
}

/** Reads a file of a commit. @throws SW-GITOPS-TARGET, SW-GITOPS-FILE */
export async function readFile(git: Git, commit: string, path: string): Promise<FileInCommit> {
  const listed = await git.run('ls-tree', '-z', commit, '--', path)
  const [, mode, type, hash, name] = /^(\d+) (\w+) ([0-9a-f]+)\t([^\0]*)/.exec(listed) ?? []
  // git takes some names for patterns.
  if (mode === undefined || hash === undefined || name !== path)
    throw gitopsTarget(`${path} is not in the repository at ${commit.slice(0, 12)}.`)
  if (type !== 'blob' || mode === '120000') throw gitopsTarget(`${path} is a ${type === 'blob' ? 'link' : type}, expected a file.`)
  // Of all ways to a file's bytes this is the one without filters, and without a terminal's idea of text.
  const unpacked = join(git.settings.folder, await git.run('unpack-file', hash))
  const bytes = await readBytes(unpacked, largest)
  try {
    return { path, mode, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (cause) {
    throw gitopsFile(`${path} is no text in UTF-8.`, { cause })
  }
}

/** Whether a path is in a commit. */
export async function hasFile(git: Git, commit: string, path: string): Promise<boolean> {
  return (await git.run('ls-tree', '-z', commit, '--', path)) !== ''
}

/** Messages of the last commits, newest first. */
export async function messagesOf(git: Git, commit: string): Promise<readonly string[]> {
  return (await git.run('log', `--max-count=${depth}`, '--format=%B%x00', commit)).split('\0').map((message) => message.trim())
}

/** A commit of files on top of another one; nothing is sent. */
export async function commitFiles(
  git: Git,
  parent: string,
  { files, message, author }: { readonly files: readonly FileInCommit[]; readonly message: string; readonly author: Author },
): Promise<string> {
  await git.run('read-tree', parent)
  for (const [place, { path, mode, text }] of files.entries()) {
    const file = join(git.settings.folder, `.slipway-${place}`)
    await writeAtomic(file, text, { mode: 0o600 })
    const hash = await git.run('hash-object', '-w', '--no-filters', '--', file)
    await git.run('update-index', '--cacheinfo', `${mode},${hash},${path}`)
  }
  const tree = await git.run('write-tree')
  const who = ['-c', `user.name=${author.name}`, '-c', `user.email=${author.email}`]
  const commit = ['commit-tree', '-p', parent, '-m', message, tree]
  if (author.signing === undefined) return git.run(...who, ...commit)
  try {
    return await git.run(...who, ...author.signing.config.flatMap((one) => ['-c', one]), ...commit, '-S')
  } catch (cause) {
    if (!gitFailed.is(cause)) throw cause
    throw gitopsSigning(`The commit could not be signed: ${cause.message}`, { safe: 'nothing was written', cause })
  }
}

/** Whether a commit is another one or came before it; both were fetched or made here. */
export async function isWithin(git: Git, commit: string, tip: string): Promise<boolean> {
  return (await git.ask('merge-base', '--is-ancestor', commit, tip)) !== undefined
}

/** Sends a commit to a branch that is where the commit starts from: false when another writer was faster. @throws SW-GITOPS-REFUSED and the errors of git */
export async function pushCommit(git: Git, commit: string, branch: string): Promise<boolean> {
  try {
    await git.run('push', '--quiet', '--no-verify', '--', git.settings.address.url, `${commit}:refs/heads/${branch}`)
    return true
  } catch (error) {
    if (isOvertaken(error)) return false
    throw error
  }
}

/** As git and its servers say that the branch has moved on, or is being moved. */
function isOvertaken(error: unknown): boolean {
  return (
    error instanceof TaskError &&
    /\[rejected\]|non-fast-forward|fetch first|cannot lock ref|failed to update ref|failed to lock|reference already exists|stale info|incorrect old value|remote ref .* is at/i.test(
      error.message,
    )
  )
}
