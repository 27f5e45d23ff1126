import { errorConditions, hasFailed, isBusy, isHeldByWindow, isReconciled, isWaitingToRetry, operationRevisions } from './facts.ts'
import { end, type Next, pace, patience, wait } from './next.ts'
import { isByUs, provenBy, type Track } from './observe.ts'
import { authored, comparedRevisions, openPairs, relationOf } from './prove.ts'
import type { Application } from './schema.ts'
import { settle } from './settle.ts'
import { decideSync } from './sync.ts'
import type { Wish } from './wish.ts'

/** What to do next with all that is known. Pure: the same knowledge at the same time leads to the same step. */
export function decide(track: Track, wish: Wish, now: number): Next {
  const { app, gone, lost } = track
  if (gone !== undefined) return end('not-found-or-forbidden', gone)
  if (lost !== undefined) return decideLost(track, wish, now)
  if (app === undefined) return wait('looking at it', 0)
  if (app.deletedAt !== undefined) return end('not-found-or-forbidden', 'it is being deleted')
  if (now >= wish.deadline) return decideLate(track, app, wish)
  if (track.refreshes.asked === 0) return { do: 'refresh', saying: 'asking Argo CD to look at git' }
  const [pair] = openPairs(comparedRevisions(app), wish.revisions, track.relations)
  if (pair !== undefined) return { do: 'compare', pair }
  const [other] = matters(track, app, wish) ? openPairs(authored(app, operationRevisions(app)), wish.revisions, track.relations) : []
  if (other !== undefined) return { do: 'compare', pair: other }
  return (
    decideOperation(track, app, wish) ??
    decideStale(track, app, now) ??
    (provenBy(track, app, wish) === undefined ? decideSync(track, wish, now) : settle(track, wish, now))
  )
}

/** Whether it is of interest where the last operation went: git is asked for nothing else. */
function matters({ hasSucceeded }: Track, app: Application, { isStrict }: Wish): boolean {
  return isStrict || hasSucceeded || isBusy(app) || (hasFailed(app.operationState) && app.operationState?.operation?.isAutomated === true)
}

function decideLost(track: Track, wish: Wish, now: number): Next {
  const { lost, app, begunAt } = track
  const { deadline } = wish
  const { since, why } = lost ?? { since: now, why: '' }
  const longest = app === undefined ? patience.firstAnswer : patience.answer
  if (app !== undefined && track.isTerminated) return decideLate(track, app, wish)
  if (now >= deadline || now - (app === undefined ? begunAt : since) >= longest) return end('unreachable', why)
  return wait(`no good answer: ${why}`, patience.silence)
}

function decideLate(track: Track, app: Application, wish: Wish): Next {
  if (wish.terminateOnTimeout && !track.isTerminated && isBusy(app) && isForExactlyThis(track, app, wish))
    return { do: 'terminate', saying: 'ending the operation' }
  return end('timeout', whyLate(track, app))
}

/** What Argo CD has not done, as far as it shows; empty: what was waited for last says it. */
function whyLate({ refreshes }: Track, app: Application): string {
  const seen =
    refreshes.doneAt < refreshes.askedAt
      ? 'Argo CD has not looked at git since it was asked to: its controller stands still, or it cannot read the repository'
      : ''
  return [seen, ...errorConditions(app)].filter((part) => part !== '').join('; ')
}

/** What an operation that runs, or has failed, means. */
function decideOperation(track: Track, app: Application, wish: Wish): Next | undefined {
  const { operationState: state } = app
  if (isBusy(app)) return decideBusy(track, app, wish)
  if (!hasFailed(state) || state === undefined) return undefined
  const isOwn = isByUs(track, app, wish)
  // What has ended before we came is not about us, whatever it says.
  const isNew = state.startedAt !== track.first?.operationState?.startedAt || (track.first !== undefined && isBusy(track.first))
  const isItself = isNew && state.operation?.isAutomated === true && isAboutUs(track, app, wish)
  return isOwn || isItself ? end('sync-failed', state.message) : undefined
}

function decideBusy(track: Track, app: Application, wish: Wish): Next {
  const { operationState: state } = app
  const whose = isByUs(track, app, wish) ? 'the sync' : isAboutUs(track, app, wish) ? 'a sync of others to it' : 'an operation of others'
  if (isHeldByWindow(app) && track.sightings > 1 && isAboutUs(track, app, wish)) return end('blocked-window', state?.message ?? '')
  if (isWaitingToRetry(app)) return wait(`${whose} failed ${state?.retryCount ?? 0} times and is tried again: ${state?.message ?? ''}`)
  const said = state?.message ?? ''
  return wait(`${whose} ${state?.phase === 'Terminating' ? 'is being ended' : 'runs'}${said === '' ? '' : `: ${said}`}`, pace.close)
}

/** Whether the operation is ours, or goes to what is wanted all the same. */
function isAboutUs(track: Track, app: Application, wish: Wish): boolean {
  if (isByUs(track, app, wish)) return true
  const how = { wanted: wish.revisions, sources: app.sources, relations: track.relations }
  return ['same', 'ahead'].includes(relationOf(authored(app, operationRevisions(app)), how))
}

/** Whether it is ours, or goes to nothing but what is wanted: one to a newer revision is of another run. */
function isForExactlyThis(track: Track, app: Application, wish: Wish): boolean {
  if (isByUs(track, app, wish)) return true
  const how = { wanted: wish.revisions, sources: app.sources, relations: track.relations }
  return wish.revisions.some((one) => one !== undefined) && relationOf(authored(app, operationRevisions(app)), how) === 'same'
}

/** The state may be older than the operation: Argo CD writes it after, and sometimes not at all. */
function decideStale(track: Track, app: Application, now: number): Next | undefined {
  if (isReconciled(app)) return undefined
  const since = Math.max(track.idle?.since ?? now, track.refreshes.askedAt)
  if (now - since >= patience.refresh)
    return { do: 'refresh', saying: 'asking Argo CD to look again: its state is older than the operation' }
  return wait('the operation is over, Argo CD has not compared yet', pace.close)
}
