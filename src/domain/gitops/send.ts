import { TaskError } from '../../base/errors.ts'
import { forgeLimited } from '../forge/errors.ts'
import type { Forge } from '../forge/forge.ts'
import type { Git } from '../git/git.ts'
import { fetchBranches, isWithin, pushCommit, tipRef } from './branch.ts'
import { type Author, commitFiles } from './commit.ts'
import { gitopsRefused } from './errors.ts'
import { type FileInCommit, readSnapshot } from './snapshot.ts'

/** A commit that is to be made on a branch. */
export interface Outgoing {
  readonly branch: string
  /** The commit that the files were read of. */
  readonly parent: string
  readonly files: readonly FileInCommit[]
  readonly message: string
  readonly author: Author
  /** Milliseconds since 1970. */
  readonly now: number
}

/** How it went; `unknown`: nobody knows whether it has arrived. */
export type Sent =
  | { readonly end: 'done'; readonly commit: string }
  | { readonly end: 'overtaken' }
  | { readonly end: 'unknown'; readonly error: TaskError; readonly commit?: string }

/** Puts a commit on the branch where it still is at its parent. @throws SW-GITOPS-REFUSED and others */
export type Send = (git: Git, outgoing: Outgoing) => Promise<Sent>

/** Makes the commit here and pushes it. */
export const byPush: Send = async (git, { parent, branch, ...commit }) => {
  const made = await commitFiles(git, parent, commit)
  return attempted(git, branch, {
    commit: made,
    act: async () => ((await pushCommit(git, made, { branch })) ? { end: 'done', commit: made } : { end: 'overtaken' }),
  })
}

/** Has the forge make it, and reads it back: it may sign as nobody else can, and it may change what it was given. */
export function byApi(forge: Forge): Send {
  return (git, { branch, parent, message, author, files }) =>
    attempted(git, branch, {
      act: async () => {
        const commit = await forge.commit({ branch, parent, message, author, files })
        if (commit === undefined) return { end: 'overtaken' }
        await requireWritten(git, { branch, commit, files })
        return { end: 'done', commit }
      },
    })
}

async function requireWritten(
  git: Git,
  { branch, commit, files }: { readonly branch: string; readonly commit: string; readonly files: readonly FileInCommit[] },
): Promise<void> {
  await fetchBranches(git, { [tipRef]: branch }, 20)
  const isThere = await isWithin(git, commit, tipRef)
  const { file } = await readSnapshot(
    git,
    isThere ? commit : tipRef,
    files.map(({ path }) => path),
  )
  const wrong = files.find(({ path, mode, text }) => file(path).mode !== mode || file(path).text !== text)
  if (isThere && wrong === undefined) return
  const what = isThere ? `${wrong?.path} has not what it was given` : `it is not on ${branch}`
  throw gitopsRefused(`The forge made the commit ${commit}, and ${what}: look at it, or set \`mode\` to push.`)
}

interface Attempt {
  readonly commit?: string
  readonly act: () => Promise<Sent>
}

/** An answer that was lost is no error yet. */
export async function attempted(git: Git, branch: string, { commit, act }: Attempt): Promise<Sent> {
  try {
    return await act()
  } catch (cause) {
    if (!(cause instanceof TaskError)) throw cause
    const isRefused =
      cause.code === 'SW-SOURCE-DENIED' ||
      /\[remote rejected\]|declined|protected branch|not allowed to push|permission|GH006|GH013/i.test(cause.message)
    if (isRefused && cause.code !== gitopsRefused.code)
      throw gitopsRefused(`${branch} of ${git.settings.address.url} takes no commit of this run: ${cause.message}`, { cause })
    // Who is asked too often is not asked again in a few seconds.
    if (!cause.retryable || forgeLimited.is(cause)) throw cause
    return { end: 'unknown', error: cause, ...(commit === undefined ? {} : { commit }) }
  }
}
