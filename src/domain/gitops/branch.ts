import { TaskError } from '../../base/errors.ts'
import { refMissing } from '../git/errors.ts'
import type { Git } from '../git/git.ts'
import { parseRef } from '../git/ref.ts'
import { findRef } from '../git/remote-ref.ts'

/** How many commits are fetched where their messages matter: enough to see what the last pipelines wrote. */
export const history = 200

/** Where a branch that was fetched is kept. */
export const tipRef = 'refs/slipway/tip'

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

/** Fetches branches, each into a ref of ours. @throws the errors of git */
export async function fetchBranches(git: Git, branches: Readonly<Record<string, string>>, depth: number): Promise<void> {
  const options = ['--quiet', '--no-tags', '--force', '--update-shallow', '--no-recurse-submodules', '--no-auto-maintenance']
  const specs = Object.entries(branches).map(([ref, branch]) => `+refs/heads/${branch}:${ref}`)
  await git.reach('fetch', ...options, '--no-write-fetch-head', `--depth=${depth}`, '--', git.settings.address.url, ...specs)
}

/** The commit that a branch is at; undefined where there is none. @throws the errors of git */
export async function tipOf(git: Git, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`
  const lines = (await git.reach('ls-remote', '--quiet', '--', git.settings.address.url, ref)).split('\n').map((line) => line.split('\t'))
  // A pattern also fits the end of longer names.
  return lines.find(([, name]) => name === ref)?.[0]
}

/** Deletes a branch that is still at a commit; another one stays. @throws the errors of git */
export async function deleteBranch(git: Git, branch: string, commit: string): Promise<void> {
  const lease = `--force-with-lease=refs/heads/${branch}:${commit}`
  try {
    await git.run('push', '--quiet', '--no-verify', lease, '--', git.settings.address.url, `:refs/heads/${branch}`)
  } catch (error) {
    if (!isOvertaken(error)) throw error
  }
}

/** Messages of the commits up to a ref, newest first. */
export async function messagesOf(git: Git, ref: string): Promise<readonly string[]> {
  return (await git.run('log', `--max-count=${history}`, '--format=%B%x00', ref)).split('\0').map((message) => message.trim())
}

/** Whether a commit is another one or came before it; both were fetched or made here. */
export async function isWithin(git: Git, commit: string, tip: string): Promise<boolean> {
  return (await git.ask('merge-base', '--is-ancestor', commit, tip)) !== undefined
}

/**
 * Sends a commit to a branch that is where the commit starts from, or, with `instead`, puts it in the place of that commit (empty:
 * of none). False when another writer was faster. @throws SW-GITOPS-REFUSED and the errors of git
 */
export async function pushCommit(git: Git, commit: string, { branch, instead }: Pushing): Promise<boolean> {
  const lease = instead === undefined ? [] : [`--force-with-lease=refs/heads/${branch}:${instead}`]
  try {
    await git.run('push', '--quiet', '--no-verify', ...lease, '--', git.settings.address.url, `${commit}:refs/heads/${branch}`)
    return true
  } catch (error) {
    if (isOvertaken(error)) return false
    throw error
  }
}

export interface Pushing {
  readonly branch: string
  readonly instead?: string | undefined
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
