import type { Git } from '../git/git.ts'
import { isWithin } from './branch.ts'
import { changesIn } from './changes.ts'
import { commitFiles } from './commit.ts'
import { gitopsFile, gitopsTarget } from './errors.ts'
import { imageIn, isAbout, namesTree } from './order.ts'
import { type Publication, pathsOf } from './publication.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'

/** What a branch of ours is at, and the tip of the branch that it is for; both were fetched with their last commits. */
export interface Standing {
  readonly own: Snapshot
  readonly tip: Snapshot
  readonly proposal: Publication
}

/** Merges of the base, one upon the other, that are looked through. */
const mostMerges = 20

/**
 * The message of the commit of ours that a branch consists of; undefined where there is something of others in it. The commit is as we
 * made it when it names its tree. Where a forge has merged the base into it, or has put it onto another base, it still says what our
 * edit says there, and nothing else.
 */
export async function messageOfOurs(git: Git, { own, tip, proposal }: Standing): Promise<string | undefined> {
  const texts = proposal.targets.map(({ text }) => text)
  if (own.parents.length === 1 && namesTree(own.message, own.tree) && isAbout(own.message, texts)) return own.message
  const message = await messageBelowMerges(git, own)
  const base = own.parents.at(-1)
  if (message === undefined || base === undefined || !isAbout(message, texts)) return undefined
  if (!(await isWithin(git, base, tip.commit))) return undefined
  return (await treeUpon(git, base, { message, proposal })) === own.tree ? message : undefined
}

/** Undefined where the history that was fetched ends before. */
async function messageBelowMerges(git: Git, own: Snapshot): Promise<string | undefined> {
  let at = own
  for (let merges = 0; merges < mostMerges; merges += 1) {
    const [first, second, another] = at.parents
    if (another !== undefined || first === undefined || (await git.ask('rev-list', '--max-count=1', '--ignore-missing', first)) !== first)
      return undefined
    if (second === undefined) return at.message
    at = await readSnapshot(git, first, [])
  }
  return undefined
}

/** The tree that our edit of a commit's image makes of another commit. */
async function treeUpon(
  git: Git,
  base: string,
  { message, proposal }: { readonly message: string; readonly proposal: Publication },
): Promise<string | undefined> {
  const image = imageIn(message)
  if (image === undefined) return undefined
  try {
    const { files } = changesIn(await readSnapshot(git, base, pathsOf(proposal)), { targets: proposal.targets, image })
    const made = await commitFiles(git, base, { files, message: '', author: { name: 'Slipway', email: '' }, now: 0 })
    return (await readSnapshot(git, made, [])).tree
  } catch (error) {
    if (gitopsTarget.is(error) || gitopsFile.is(error)) return undefined
    throw error
  }
}
