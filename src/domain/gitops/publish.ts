import { TaskError } from '../../base/errors.ts'
import { ensureFolder } from '../../io/files.ts'
import type { GitSettings } from '../git/environment.ts'
import { type Git, type GitPorts, openGit } from '../git/git.ts'
import {
  type Author,
  commitFiles,
  type FileInCommit,
  fetchTip,
  hasFile,
  isWithin,
  messagesOf,
  openBranch,
  pushCommit,
  readFile,
} from './branch.ts'
import { gitopsContended, gitopsFrozen, gitopsOutdated, gitopsRefused } from './errors.ts'
import { type NewImage, referenceOf } from './image.ts'
import { formatTrailers, orderOf } from './order.ts'
import { describeTarget, type Target } from './target.ts'
import { updateImage } from './update.ts'

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

/**
 * Writes an image into files of a branch. When others are faster it is done anew on what they wrote: an edit by meaning meets no
 * conflict, and nothing is ever forced. A run that was killed finds its own commit again. @throws SW-GITOPS-… and the errors of git
 */
export async function publish(publication: Publication, ports: GitPorts): Promise<Published> {
  const { timeout } = publication
  const git = openGit(publication.git, ports)
  await ensureFolder(publication.git.folder)
  const branch = await openBranch(git, publication.branch)
  const until = ports.clock.now() + timeout
  const sent = new Map<string, readonly Change[]>()
  for (let attempts = 1; ; attempts += 1) {
    ports.progress.doing(attempts === 1 ? `fetching ${branch}` : `fetching ${branch} again`)
    const tip = await fetchTip(git, branch)
    for (const [commit, changes] of sent)
      if (await isWithin(git, commit, tip)) return { commit, branch, isChanged: true, changes, attempts }
    const { files, changes } = await updated(git, tip, publication)
    if (files.length === 0) return { commit: tip, branch, isChanged: false, changes, attempts }
    await requireAllowed(git, tip, { changes, publication: { ...publication, branch } })
    const commit = await commitFiles(git, tip, { files, message: messageOf(publication), author: publication.author })
    const end = await send(git, commit, branch)
    if (end === 'done') return { commit, branch, isChanged: true, changes, attempts }
    // An answer may be lost on the way: what was sent is known again on the branch.
    if (end !== 'overtaken') sent.set(commit, changes)
    if (ports.clock.now() >= until)
      throw end === 'overtaken'
        ? gitopsContended(`${branch} moved ${attempts} times in ${timeout} ms while this run wrote to it.`, { retryable: true })
        : end
    await ports.clock.sleep(Math.random() * Math.min(3000, 100 * 2 ** attempts))
  }
}

/** Several targets may be in one file: each sees what the one before it wrote. */
async function updated(
  git: Git,
  tip: string,
  { targets, image }: Publication,
): Promise<{ readonly files: readonly FileInCommit[]; readonly changes: readonly Change[] }> {
  const files = new Map<string, { readonly file: FileInCommit; readonly isChanged: boolean }>()
  const changes: Change[] = []
  for (const target of targets) {
    const { file, isChanged } = files.get(target.file) ?? { file: await readFile(git, tip, target.file), isChanged: false }
    const after = updateImage(file.text, target.address, { image, where: target.file })
    files.set(target.file, { file: { ...file, text: after.text }, isChanged: isChanged || after.isChanged })
    changes.push({ target, before: after.before, isChanged: after.isChanged })
  }
  return { files: [...files.values()].flatMap(({ file, isChanged }) => (isChanged ? [file] : [])), changes }
}

interface Guarded {
  readonly changes: readonly Change[]
  readonly publication: Publication & { readonly branch: string }
}

async function requireAllowed(git: Git, tip: string, { changes, publication }: Guarded): Promise<void> {
  const { freezeFile, expectCurrent, order, targets, branch } = publication
  const safe = 'nothing was written'
  if (freezeFile !== undefined && (await hasFile(git, tip, freezeFile)))
    throw gitopsFrozen(`${freezeFile} is on ${branch}: nothing is written while it is there.`, { safe })
  const other =
    expectCurrent === undefined ? undefined : changes.find(({ isChanged, before }) => isChanged && !before.includes(expectCurrent))
  if (other !== undefined)
    throw gitopsOutdated(
      `${describeTarget(other.target)} has ${JSON.stringify(other.before)}, expected ${JSON.stringify(expectCurrent)}.`,
      { safe },
    )
  if (order === undefined) return
  const highest = orderOf(
    await messagesOf(git, tip),
    targets.map(({ text }) => text),
  )
  if (highest !== undefined && highest > order)
    throw gitopsOutdated(`What is on ${branch} was written by pipeline ${highest}, and this is ${order}: it is older.`, { safe })
}

/** An error: nobody knows whether it has arrived. */
async function send(git: Git, commit: string, branch: string): Promise<'done' | 'overtaken' | TaskError> {
  try {
    return (await pushCommit(git, commit, branch)) ? 'done' : 'overtaken'
  } catch (cause) {
    if (!(cause instanceof TaskError)) throw cause
    const isRefused =
      cause.code === 'SW-SOURCE-DENIED' ||
      /\[remote rejected\]|declined|protected branch|not allowed to push|permission|GH006|GH013/i.test(cause.message)
    if (isRefused) throw gitopsRefused(`${branch} of ${git.settings.address.url} takes no commit of this run: ${cause.message}`, { cause })
    if (cause.retryable) return cause
    throw cause
  }
}

function messageOf({ title, image, targets, order, source, run }: Publication): string {
  return `${title}\n\n${formatTrailers({ image: referenceOf(image), targets: targets.map(({ text }) => text), order, source, run })}\n`
}
