import type { GitSettings } from '../git/environment.ts'
import type { Author } from './commit.ts'
import { type NewImage, referenceOf } from './image.ts'
import { formatTrailers } from './order.ts'
import type { Target } from './target.ts'

/** An image that is to be written into files of a branch. */
export interface Publication {
  /** The folder is private and empty. */
  readonly git: GitSettings
  /** Default: the one that the repository's HEAD is on. */
  readonly branch: string | undefined
  readonly targets: readonly Target[]
  readonly image: NewImage
  readonly author: Author
  /** First line of the commit. */
  readonly title: string
  /** What must stand at every place that changes: a tag, a digest, a part of either. */
  readonly expectCurrent?: string | undefined
  /** Grows from pipeline to pipeline: what a higher one wrote stays. */
  readonly order?: number | undefined
  /** Path of a file that forbids it while it is there. */
  readonly freezeFile?: string | undefined
  readonly source?: string | undefined
  readonly run?: string | undefined
  /** In milliseconds: how long others may be faster. */
  readonly timeout: number
}

/** What came of a {@link Publication}. */
export interface Published {
  /** The commit that has the image: ours, or the tip that had it already. */
  readonly commit: string
  readonly branch: string
  readonly isChanged: boolean
  readonly changes: readonly Change[]
  /** How often the branch was fetched. */
  readonly attempts: number
}

export interface Change {
  readonly target: Target
  readonly before: string
  readonly isChanged: boolean
}

/** The message of its commit. */
export function messageOf({ title, image, targets, order, source, run }: Publication): string {
  return `${title}\n\n${formatTrailers({ image: referenceOf(image), targets: targets.map(({ text }) => text), order, source, run })}\n`
}

/** The files whose content decides. */
export function pathsOf({ targets, freezeFile }: Publication): readonly string[] {
  return [...new Set([...targets.map(({ file }) => file), ...(freezeFile === undefined ? [] : [freezeFile])])]
}
