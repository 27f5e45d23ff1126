import { argocdSettings } from '../../domain/argocd/errors.ts'
import { argocdRevision } from '../../domain/argocd/errors-sync.ts'
import { expectedOf } from '../../domain/argocd/expected.ts'
import type { Application } from '../../domain/argocd/schema.ts'
import type { SyncSettings } from '../../domain/argocd/sync-request.ts'
import type { Revisions, Wish } from '../../domain/argocd/wish.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { Source } from '../../spec/ports.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** That one thing is asked for: a way back is a change, and Argo CD foretells none of it. No rule, since hosts hand over `false` unasked. @throws SW-ARGOCD-SETTINGS */
export function requireOneAim({ rollback, observe, dryRun }: Input): void {
  if (rollback === undefined || !(observe || dryRun)) return
  const other = observe ? 'observe' : 'dry-run'
  throw argocdSettings(`\`rollback\` cannot be used with \`${other}\`: it starts an operation, and \`${other}\` starts nothing.`, {
    hint: `Leave out \`${other}\`; argocd app history NAME shows what \`rollback\` goes back to.`,
  })
}

/** That what is to be live is on the branch already, and does not wait for the merge of a pull request. @throws SW-ARGOCD-REVISION */
export function requireMerged({ revision, revisions, rollback }: Input, { gitops }: Context<'gitops'>['record']): void {
  const isWritten = rollback === undefined && revisions === undefined && revision === gitops?.commit
  if (!isWritten || gitops?.pullRequest === undefined) return
  throw argocdRevision(
    `The commit ${gitops.commit.slice(0, 12)} is on ${gitops.branch} and waits for a pull request to be merged: ${gitops.pullRequest}`,
    { hint: 'Run argocd-sync after the merge, with `revision` set to the commit on the base.' },
  )
}

/** What the inputs ask of each application. @throws SW-ARGOCD-REVISION */
export function wishOf(input: Input, app: Application, { nonce, until }: { readonly nonce: string; readonly until: number }): Wish {
  const { rollback } = input
  return {
    revisions: rollback === undefined ? expectedOf(app, wantedOf(input)) : revisionsOf(app, rollback),
    isStrict: input.strict || rollback !== undefined,
    maySync: !input.observe,
    ...{ prune: input.prune, nonce, rollback, settle: input.settle, grace: input.grace, allowSuspended: input.allowSuspended },
    ...{ deadline: until, terminateOnTimeout: input.onTimeout === 'terminate' },
  }
}

/** What a dry run compares with: nothing where no revision is named. @throws SW-ARGOCD-REVISION */
export function shownFor(input: Input, app: Application): Revisions {
  const { revision, revisions } = input
  return revision === undefined && revisions === undefined ? [] : expectedOf(app, wantedOf(input))
}

export function syncSettingsOf(input: Input, { commit, runUrl }: Source): SyncSettings {
  const { strategy, force, syncOptions, retry } = input
  const facts = { 'slipway.run': runUrl, 'slipway.commit': commit }
  return {
    ...(strategy === undefined ? {} : { strategy }),
    ...(force ? { force } : {}),
    ...(syncOptions.length === 0 ? {} : { syncOptions }),
    ...(retry === undefined ? {} : { retry: { limit: retry } }),
    infos: Object.entries(facts).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  }
}

function wantedOf({ revision, revisions = {}, repository }: Input) {
  return { revision, bySource: revisions, repository }
}

function revisionsOf({ name, history }: Application, id: number): Revisions {
  const entry = history.find((one) => one.id === id)
  if (entry !== undefined && entry.revisions.length > 0) return entry.revisions
  throw argocdRevision(`The history of ${name} has no ${id}: ${history.map((one) => one.id).join(', ') || 'it is empty'}.`, {
    hint: `argocd app history ${name}`,
  })
}
