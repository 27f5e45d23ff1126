import type { Git } from '../git/git.ts'
import { messagesOf } from './branch.ts'
import { gitopsFrozen, gitopsOutdated } from './errors.ts'
import { orderOf } from './order.ts'
import type { Change, Publication } from './publication.ts'
import type { Snapshot } from './snapshot.ts'
import { describeTarget } from './target.ts'

const safe = 'nothing was written'

interface Guarded {
  readonly changes: readonly Change[]
  readonly publication: Publication
  readonly branch: string
}

/** Whether something may be written upon the tip of a branch. @throws SW-GITOPS-FROZEN, SW-GITOPS-OUTDATED */
export async function requireAllowed(git: Git, tip: Snapshot, { changes, publication, branch }: Guarded): Promise<void> {
  requireThawed(tip, publication, branch)
  requireExpected(changes, publication)
  if (publication.order !== undefined) requireNewest(await messagesOf(git, tip.commit), publication, branch)
}

function requireThawed({ has }: Snapshot, { freezeFile }: Publication, branch: string): void {
  if (freezeFile === undefined || !has(freezeFile)) return
  throw gitopsFrozen(`${freezeFile} is on ${branch}: nothing is written while it is there.`, { safe })
}

function requireExpected(changes: readonly Change[], { expectCurrent }: Publication): void {
  if (expectCurrent === undefined) return
  const other = changes.find(({ isChanged, before }) => isChanged && !before.includes(expectCurrent))
  if (other === undefined) return
  throw gitopsOutdated(`${describeTarget(other.target)} has ${JSON.stringify(other.before)}, expected ${JSON.stringify(expectCurrent)}.`, {
    safe,
  })
}

/** Throws SW-GITOPS-OUTDATED where a later pipeline has written to a place of this one; `messages` are those of the branch. */
export function requireNewest(messages: readonly string[], { order, targets }: Publication, branch: string): void {
  if (order === undefined) return
  const highest = orderOf(
    messages,
    targets.map(({ text }) => text),
  )
  if (highest !== undefined && highest > order)
    throw gitopsOutdated(`What is on ${branch} was written by pipeline ${highest}, and this is ${order}: it is older.`, { safe })
}
