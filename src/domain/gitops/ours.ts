import { isAbout, namesTree } from './order.ts'
import type { Publication } from './publication.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Whether a commit is one that a run of ours made for these places, and has been left as it was: it says so, names its tree, and
 * stands on one parent. What somebody amended has another tree; what somebody added says nothing of us.
 */
export function isOurs({ message, tree, parents }: Snapshot, { targets }: Pick<Publication, 'targets'>): boolean {
  const texts = targets.map(({ text }) => text)
  return parents.length === 1 && namesTree(message, tree) && isAbout(message, texts)
}
