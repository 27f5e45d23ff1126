import { TaskError } from '../../base/errors.ts'
import { ensureFolder } from '../../io/files.ts'
import { forgeRefused } from '../forge/errors.ts'
import type { Forge, PullRequest } from '../forge/forge.ts'
import { refInvalid } from '../git/errors.ts'
import { type Git, type GitPorts, openGit } from '../git/git.ts'
import { parseRef } from '../git/ref.ts'
import { deleteBranch, fetchBranches, history, isWithin, openBranch, pushCommit, tipOf, tipRef } from './branch.ts'
import { type Changes, changesIn } from './changes.ts'
import { commitFiles } from './commit.ts'
import { gitopsContended, gitopsForeign } from './errors.ts'
import { requireAllowed, requireNewest } from './guards.ts'
import { messageOfOurs } from './ours.ts'
import { describeProposal, type Proposal, type Proposed, proposalBranch } from './proposal.ts'
import { messageOf, pathsOf } from './publication.ts'
import { pauseAfter } from './publish.ts'
import { attempted, type Sent } from './send.ts'
import { readSnapshot, type Snapshot } from './snapshot.ts'

const headRef = 'refs/slipway/head'

/** What a round has to go by. */
interface Round {
  readonly git: Git
  readonly proposal: Proposal
  readonly forge: Forge
  readonly base: string
  readonly head: string
  readonly tip: Snapshot
  /** What the branch of the pull request is at, where there is one. */
  readonly own: Snapshot | undefined
  /** Whether the base has all that is there. */
  readonly isMerged: boolean
  readonly attempts: number
}

/**
 * Proposes an image by a pull request: one branch for its places, with one commit on the fresh tip of the base, replaced in place while
 * it is ours and left alone when it is not. One that has become needless is closed. @throws SW-GITOPS-…, SW-FORGE-… and the errors of git
 */
export async function propose(proposal: Proposal, ports: GitPorts, forge: Forge): Promise<Proposed> {
  const { clock, progress } = ports
  const git = openGit(proposal.git, ports)
  await ensureFolder(proposal.git.folder)
  const base = await openBranch(git, proposal.branch)
  const head = proposal.head ?? proposalBranch(base, proposal)
  parseRef(`refs/heads/${head}`)
  if (head === base) throw refInvalid(`head is ${JSON.stringify(head)}, the branch that the pull request is for; expected another one.`)
  const until = clock.now() + proposal.timeout
  for (let attempts = 1; ; attempts += 1) {
    const begin = clock.now()
    progress.doing(`fetching ${base} and ${head}`)
    const round = { git, proposal, forge, base, head, attempts, ...(await fetched(git, proposal, { base, head })) }
    const changes = changesIn(round.tip, proposal)
    if (changes.files.length === 0) return needless(round, changes, ports)
    await requireAllowed(git, round.tip, { changes: changes.changes, publication: proposal, branch: base })
    await requireReplaceable(round)
    const isKept = hasIt(round, changes)
    const sent = isKept ? kept(round) : await replaced(round, changes, clock.now())
    if (sent.end === 'done') return requested(round, changes, { commit: sent.commit, isKept, ports })
    if (clock.now() >= until)
      throw sent.end === 'unknown'
        ? sent.error
        : gitopsContended(`${head} moved ${attempts} times in ${proposal.timeout} ms.`, { retryable: true })
    await clock.sleep(pauseAfter(attempts, { took: clock.now() - begin, left: until - clock.now() }))
  }
}

async function fetched(
  git: Git,
  proposal: Proposal,
  { base, head }: Pick<Round, 'base' | 'head'>,
): Promise<Pick<Round, 'tip' | 'own' | 'isMerged'>> {
  const known = await tipOf(git, head)
  const depth = proposal.order === undefined && known === undefined ? 1 : history
  await fetchBranches(git, { [tipRef]: base, ...(known === undefined ? {} : { [headRef]: head }) }, depth)
  const paths = pathsOf(proposal)
  const tip = await readSnapshot(git, tipRef, paths)
  if (known === undefined) return { tip, own: undefined, isMerged: false }
  const own = await readSnapshot(git, headRef, paths)
  return { tip, own, isMerged: await isWithin(git, own.commit, tip.commit) }
}

/** Throws SW-GITOPS-FOREIGN where something would be lost, SW-GITOPS-OUTDATED where a later pipeline proposes already. */
async function requireReplaceable({ git, own, isMerged, tip, proposal, head }: Round): Promise<void> {
  if (own === undefined || isMerged) return
  const message = await messageOfOurs(git, { own, tip, proposal })
  if (message === undefined)
    throw gitopsForeign(`${head} is at ${own.commit.slice(0, 12)}, a commit that is not of this task: nothing is written over it.`, {
      safe: 'nothing was written',
    })
  requireNewest([message], proposal, head)
}

/** Whether the branch says of all files what it would say now: then it stays, wherever its base has gone. */
function hasIt({ own, isMerged, tip, proposal }: Round, { files }: Changes): boolean {
  if (own === undefined || isMerged) return false
  const fresh = new Map(files.map(({ path, text }) => [path, text]))
  return proposal.targets.every(({ file: path }) => own.has(path) && own.file(path).text === (fresh.get(path) ?? tip.file(path).text))
}

function kept({ own, tip }: Round): Sent {
  return { end: 'done', commit: own?.commit ?? tip.commit }
}

async function replaced({ git, proposal, head, tip, own }: Round, { files }: Changes, now: number): Promise<Sent> {
  const { author } = proposal
  const commit = await commitFiles(git, tip.commit, { files, message: messageOf(proposal), author, now, namesTree: true })
  return attempted(git, head, {
    commit,
    act: async () =>
      (await pushCommit(git, commit, { branch: head, instead: own?.commit ?? '' })) ? { end: 'done', commit } : { end: 'overtaken' },
  })
}

interface Requesting {
  readonly commit: string
  readonly isKept: boolean
  readonly ports: GitPorts
}

async function requested(round: Round, { changes }: Changes, { commit, isKept, ports }: Requesting): Promise<Proposed> {
  const { proposal, forge, base, head, attempts } = round
  const { labels, reviewers, autoMerge } = proposal
  ports.progress.doing(`asking for ${head} to be merged`)
  const texts = { title: proposal.title, body: describeProposal(proposal, changes) }
  const { request, state } = await requestFor(forge, { head, base, ...texts })
  if (labels.length > 0) await forge.label(request, labels)
  if (reviewers.length > 0 && state === 'opened') await forge.askReview(request, reviewers)
  const end =
    autoMerge === undefined
      ? 'waiting'
      : await forge.mergeWhenReady(request, { commit, method: autoMerge, message: messageOf(proposal) }).catch(async (error: unknown) => {
          // Another run may have had it merged.
          if (forgeRefused.is(error) && (await landed(round)) !== undefined) return 'merged'
          throw error
        })
  const result = { changes, attempts, pullRequest: request.url }
  if (end === 'merged') return { ...result, commit: (await landed(round)) ?? commit, branch: round.base, isChanged: true, state: 'merged' }
  return {
    ...{ ...result, commit, branch: head, isChanged: !isKept || state !== 'unchanged' },
    state: state === 'unchanged' && !isKept ? 'updated' : state,
  }
}

/** The tip of the base where it has the image: a merge may have made a commit of its own. */
async function landed({ git, proposal, base }: Round): Promise<string | undefined> {
  await fetchBranches(git, { [tipRef]: base }, 1)
  const tip = await readSnapshot(git, tipRef, pathsOf(proposal))
  return changesIn(tip, proposal).files.length === 0 ? tip.commit : undefined
}

type Texts = Parameters<Forge['open']>[0]

async function requestFor(
  forge: Forge,
  draft: Texts,
): Promise<{ readonly request: PullRequest; readonly state: 'opened' | 'updated' | 'unchanged' }> {
  const found = await forge.find(draft)
  if (found === undefined) {
    const opened = await forge.open(draft)
    if (opened !== undefined) return { request: opened, state: 'opened' }
  }
  // Another run was faster.
  const request = found ?? (await forge.find(draft))
  if (request === undefined)
    throw gitopsContended(`A pull request from ${draft.head} was opened and closed meanwhile.`, { retryable: true })
  if (request.title === draft.title && plain(request.body) === plain(draft.body)) return { request, state: 'unchanged' }
  await forge.rewrite(request, draft)
  return { request, state: 'updated' }
}

/** Forges change line ends, and what stands at the end. */
function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').trim()
}

/** The base has it: an open pull request of ours asks for nothing any more. */
async function needless(round: Round, { changes }: Changes, { log }: GitPorts): Promise<Proposed> {
  const { git, forge, base, head, tip, own, isMerged, proposal, attempts } = round
  const result = { commit: tip.commit, branch: base, isChanged: false, changes, attempts, pullRequest: undefined }
  const request = own === undefined || isMerged ? undefined : await forge.find({ head, base })
  if (own === undefined || request === undefined) return { ...result, state: 'needless' }
  const message = await messageOfOurs(git, { own, tip, proposal })
  if (message === undefined) {
    log.warn('the pull request is needless, and has commits of others: it stays open', { url: request.url })
    return { ...result, state: 'needless' }
  }
  requireNewest([message], proposal, head)
  await forge.close(request, `\`${base}\` has it at ${tip.commit.slice(0, 12)}: nothing is left to merge.`)
  await deleteBranch(git, head, own.commit).catch((error: unknown) => {
    if (!(error instanceof TaskError)) throw error
    log.warn('the branch of the pull request that was closed stays', { branch: head, reason: error.message })
  })
  return { ...result, state: 'closed' }
}
