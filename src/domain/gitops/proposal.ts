import { createHash } from 'node:crypto'
import type { MergeMethod } from '../forge/forge.ts'
import { type NewImage, referenceOf } from './image.ts'
import type { Change, Publication, Published } from './publication.ts'
import { describeTarget } from './target.ts'

/** A publication that people, or checks, let in by a pull request. */
export interface Proposal extends Publication {
  /** Branch of the pull request. Default: {@link proposalBranch}. */
  readonly head: string | undefined
  readonly labels: readonly string[]
  /** Asked for a review when the pull request is opened. */
  readonly reviewers: readonly string[]
  /** Whether, and how, it is merged when it is ready. */
  readonly autoMerge: MergeMethod | undefined
}

/** What came of a {@link Proposal}. */
export interface Proposed extends Published {
  /** The page of the pull request; undefined where none is needed. */
  readonly pullRequest: string | undefined
  readonly state: 'opened' | 'updated' | 'unchanged' | 'closed' | 'merged' | 'needless'
}

/** One branch for the places of a branch, whichever image and run: `slipway/main/web-1f2e3d4c`. */
export function proposalBranch(base: string, { targets, image }: Pick<Publication, 'targets' | 'image'>): string {
  const places = targets.map(({ text }) => text).toSorted()
  const hash = createHash('sha256')
    .update(JSON.stringify([base, places]))
    .digest('hex')
    .slice(0, 8)
  return `slipway/${base}/${lastOf(image)}-${hash}`
}

function lastOf({ name }: NewImage): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/** What a pull request says of itself, in Markdown. */
export function describeProposal({ image, source, run }: Publication, changes: readonly Change[]): string {
  const facts = [
    ['Image', code(referenceOf(image))],
    ...changes.filter(({ isChanged }) => isChanged).map(({ target }) => ['Place', code(describeTarget(target))]),
    ...(source === undefined ? [] : [['Source', code(source)]]),
    ...(run === undefined ? [] : [['Run', run]]),
  ]
  const end = 'Slipway keeps this branch: what is pushed to it by others stops that, and nothing of theirs is overwritten.'
  return `${facts.map(([name, value]) => `- ${name}: ${value}`).join('\n')}\n\n${end}\n`
}

/** In a code span; values hold no line end that would end it early. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`\r\n]/g, ' ')}\``
}
