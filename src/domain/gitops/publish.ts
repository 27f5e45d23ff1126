import { ensureFolder } from '../../io/files.ts'
import { type GitPorts, openGit } from '../git/git.ts'
import { fetchBranches, history, isWithin, openBranch, tipRef } from './branch.ts'
import { changesIn } from './changes.ts'
import { gitopsContended } from './errors.ts'
import { requireAllowed } from './guards.ts'
import { type Change, messageOf, type Publication, type Published, pathsOf } from './publication.ts'
import { byPush, type Send } from './send.ts'
import { readSnapshot } from './snapshot.ts'

/** Milliseconds that a pause between two attempts is not longer than. */
const longestPause = 10_000

/**
 * Writes an image into files of a branch. When others are faster it is done anew on what they wrote: an edit by meaning meets no
 * conflict, and nothing is ever forced. A run whose answer was lost finds its own commit again. @throws SW-GITOPS-… and the errors of git
 */
export async function publish(publication: Publication, ports: GitPorts, send: Send = byPush): Promise<Published> {
  const { timeout, author, order } = publication
  const { clock, progress } = ports
  const git = openGit(publication.git, ports)
  await ensureFolder(publication.git.folder)
  const branch = await openBranch(git, publication.branch)
  const message = messageOf(publication)
  const until = clock.now() + timeout
  const unsure = new Map<string, readonly Change[]>()
  let isUnsure = false
  for (let attempts = 1; ; attempts += 1) {
    const begin = clock.now()
    progress.doing(attempts === 1 ? `fetching ${branch}` : `fetching ${branch} again`)
    await fetchBranches(git, { [tipRef]: branch }, order !== undefined || unsure.size > 0 ? history : 1)
    const tip = await readSnapshot(git, tipRef, pathsOf(publication))
    for (const [commit, changes] of unsure)
      if (await isWithin(git, commit, tip.commit)) return { commit, branch, isChanged: true, changes, attempts }
    const { files, changes } = changesIn(tip, publication)
    // What an API was asked for has no name before it answers, and is known by its message.
    if (files.length === 0) return { commit: tip.commit, branch, isChanged: isUnsure && tip.message === message.trim(), changes, attempts }
    await requireAllowed(git, tip, { changes, publication, branch })
    const sent = await send(git, { branch, parent: tip.commit, files, message, author, now: clock.now() })
    if (sent.end === 'done') return { commit: sent.commit, branch, isChanged: true, changes, attempts }
    // An answer may be lost on the way: what was sent is known again on the branch.
    if (sent.end === 'unknown') {
      isUnsure = true
      if (sent.commit !== undefined) unsure.set(sent.commit, changes)
    }
    if (clock.now() >= until)
      throw sent.end === 'unknown'
        ? sent.error
        : gitopsContended(`${branch} moved ${attempts} times in ${timeout} ms while this run wrote to it.`, { retryable: true })
    await clock.sleep(pauseAfter(attempts, { took: clock.now() - begin, left: until - clock.now() }))
  }
}

/** Milliseconds to wait after an attempt that lost. The longer one takes, the more there are who try: those that lost spread over more and more such times, in what is left. */
export function pauseAfter(attempts: number, { took, left }: { readonly took: number; readonly left: number }): number {
  return Math.random() * Math.min(longestPause, Math.max(0, left), Math.max(100, took) * 2 ** Math.min(attempts, 4))
}
