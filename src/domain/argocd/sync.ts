import { formatDuration } from '../../base/duration.ts'
import { errorConditions, hasFailed, leftOver, needsOnlyPruning, outOfSync, resourceName } from './facts.ts'
import type { SyncWindows } from './inspect-schema.ts'
import { end, type Next, pace, patience, wait } from './next.ts'
import { isByUs, type Track } from './observe.ts'
import { authored, comparedRevisions, relationOf } from './prove.ts'
import type { Application } from './schema.ts'
import type { Wish } from './wish.ts'

/** How often an operation of ours is started: one that vanished without a trace is started again. */
const mostStarts = 5

/** What to do where nothing runs and the wanted revision is not live. */
export function decideSync(track: Track, wish: Wish, now: number): Next {
  const { app } = track
  if (app === undefined) return wait('looking at it', 0)
  const refused = decideRefused(track, now)
  if (refused !== undefined) return refused
  const left = leftByUs(track, app, wish)
  if (left.length > 0) return end('prune-required', `git does not have ${listed(left)}`)
  if (isUndone(track, app, wish))
    return end('superseded', `somebody has synced it to ${short(app.operationState?.revisions)} after this run`)
  if (wish.rollback !== undefined) return decideRollback(track, app, wish)
  const compared = relationOf(comparedRevisions(app), { wanted: wish.revisions, sources: app.sources, relations: track.relations })
  if (track.refreshes.done === 0) return decideUnseen(track, app, { wish, now, saying: 'Argo CD has not looked at git yet' })
  if (compared === 'same' || (compared === 'ahead' && !wish.isStrict)) return decideDifferent(track, app, { wish, now })
  if (app.autoSync === undefined && wish.maySync && mayName(track, compared, { wish, now })) return byName(wish)
  if (compared === 'ahead') return end('superseded', `a newer revision is in git: ${shown(app)}`)
  return decideUnseen(track, app, { wish, now, saying: `Argo CD sees ${shown(app)} in git, ${wordsOf[compared]}` })
}

const wordsOf = {
  none: 'no revision',
  unasked: 'which is another',
  same: 'which is it',
  ahead: 'which is newer',
  behind: 'which is older',
  diverged: 'which does not contain it',
  absent: 'and no branch of the repository has the commit wanted',
  unknown: 'and git does not tell how it stands to the one wanted',
} as const

interface Now {
  readonly wish: Wish
  readonly now: number
}

/** What Argo CD said to the wish to start. */
function decideRefused({ start }: Track, now: number): Next | undefined {
  const { outcome, at } = start ?? { at: 0 }
  if (outcome === undefined || outcome.result === 'started') return undefined
  if (outcome.result === 'window') return end('blocked-window', outcome.message)
  if (outcome.result === 'refused') return end('sync-failed', outcome.message)
  if (outcome.result === 'deleting') return end('not-found-or-forbidden', outcome.message)
  // Another operation was faster, or it syncs by itself by now: look, and decide anew.
  return now - at < pace.close ? wait(outcome.message, pace.close) : undefined
}

/** The revision is what Argo CD compares with, and the cluster is not yet as it says. */
function decideDifferent(track: Track, app: Application, { wish, now }: Now): Next {
  if (app.sync.status !== 'OutOfSync') return decideErring(track, app, { wish, now })
  const mayPrune = wish.prune && wish.maySync
  const hasTried = isByUs(track, app, wish) && app.operationState?.phase === 'Succeeded'
  if (needsOnlyPruning(app) && !(mayPrune && !hasTried) && app.autoSync?.prune !== true && track.sightings > 1)
    return end('prune-required', `git no longer has ${list(app)}`)
  if (hasTried) return decideUnseen(track, app, { wish, now, saying: `synced, and still different: ${list(app)}` })
  if (wish.maySync && track.starts < mostStarts && (app.autoSync === undefined || isLeftAlone(track, app) || needsOnlyPruning(app)))
    return { do: 'sync', ...(app.autoSync === undefined ? { revisions: app.sync.revisions } : {}), saying: 'starting the sync' }
  // What has failed once Argo CD does not try again for the same revision, and this run may not.
  if (!wish.maySync && hasFailed(app.operationState) && isLeftAlone(track, app) && app.autoSync !== undefined)
    return end('sync-failed', app.operationState?.message ?? '')
  return decideOthers(track, app, { wish, now })
}

/** What an application that syncs by itself does not do by itself: the same revision once more, unless it heals itself. */
function isLeftAlone({ first, idle }: Track, app: Application): boolean {
  const { operationState: state, autoSync } = app
  if (state === undefined || (idle?.sightings ?? 0) < 2 || state.startedAt !== first?.operationState?.startedAt) return false
  return String(state.revisions) === String(app.sync.revisions) && (hasFailed(state) || autoSync?.selfHeal !== true)
}

/** Waiting for Argo CD, or for somebody, to start it. */
function decideOthers(track: Track, app: Application, { wish, now }: Now): Next {
  const since = Math.max(track.idle?.since ?? now, track.begunAt)
  const isLong = now - since >= patience.begin
  if (isLong && (track.windows === undefined || now - track.windows.at >= 2 * patience.refresh)) return { do: 'windows' }
  const { windows } = track
  if (isLong && windows !== undefined && isShut(windows.windows, app.autoSync === undefined))
    return end('blocked-window', `no sync may begin now: ${windowsText(windows.windows)}`)
  const who = app.autoSync === undefined ? 'somebody to sync it' : 'Argo CD to sync it'
  return decideUnseen(track, app, { wish, now, saying: `waiting for ${who}, for ${formatDuration(now - since)}` })
}

/** Nothing to do but to look, and to have Argo CD look at git from time to time. */
function decideUnseen(track: Track, app: Application, { wish, now, saying }: Now & { readonly saying: string }): Next {
  const erring = errorConditions(app)
  if (erring.length > 0) return decideErring(track, app, { wish, now })
  if (now - track.refreshes.askedAt >= patience.refresh) return { do: 'refresh', saying }
  return wait(saying, pace.usual)
}

function decideErring(track: Track, app: Application, { wish, now }: Now): Next {
  const { erring, refreshes } = track
  const [said = `sync status is ${app.sync.status || 'not known'}`] = errorConditions(app)
  if (erring !== undefined && refreshes.done > 0 && !isOfTheWay(said) && now - erring.since >= wish.grace) return end('sync-failed', said)
  return now - refreshes.askedAt >= patience.refresh ? { do: 'refresh', saying: said } : wait(said)
}

/** That git cannot be reached says nothing of what is in it. */
function isOfTheWay(said: string): boolean {
  return /list refs|Unavailable|connection refused|connection reset|no such host|i\/o timeout|deadline exceeded|dial tcp|authentication|unable to access|cannot be reached|could not read from remote/i.test(
    said,
  )
}

/**
 * Whether to give Argo CD the revision by its name: not where something newer is there, which it would undo, and only when a mirror has had
 * the time to follow.
 */
function mayName(track: Track, compared: keyof typeof wordsOf, { wish, now }: Now): boolean {
  const hasWaited = now - track.begunAt >= patience.mirror
  if (track.app === undefined || track.starts >= mostStarts || track.app.isHydrated || errorConditions(track.app).length > 0) return false
  if (isByUs(track, track.app, wish)) return false
  if (compared === 'behind') return hasWaited
  if (!wish.isStrict || isNewerLive(track, wish)) return false
  return compared === 'ahead' || (hasWaited && (compared === 'diverged' || compared === 'absent' || compared === 'unknown'))
}

function isNewerLive({ app, relations }: Track, { revisions: wanted }: Wish): boolean {
  if (app === undefined) return false
  const how = { wanted, sources: app.sources, relations }
  if (app.sync.status === 'Synced' && relationOf(comparedRevisions(app), how) === 'ahead') return true
  return app.operationState?.phase === 'Succeeded' && relationOf(app.operationState.revisions, how) === 'ahead'
}

function byName({ revisions }: Wish): Next {
  return { do: 'sync', revisions, saying: 'starting the sync to exactly the revision' }
}

/** Whether somebody has gone elsewhere after a sync of ours had succeeded: a person going back is not overruled. */
function isUndone({ hasSucceeded, relations }: Track, app: Application, { revisions: wanted }: Wish): boolean {
  if (!hasSucceeded || app.autoSync !== undefined || app.operationState?.phase !== 'Succeeded') return false
  const relation = relationOf(authored(app, app.operationState.revisions), { wanted, sources: app.sources, relations })
  return ['behind', 'diverged', 'absent', 'unknown'].includes(relation)
}

/** What an operation of ours left where it has brought the revision, and what git has now is another matter. */
function leftByUs(track: Track, app: Application, wish: Wish): ReturnType<typeof leftOver> {
  const how = { wanted: wish.revisions, sources: app.sources, relations: track.relations }
  const isTracked = wish.rollback === undefined && relationOf(comparedRevisions(app), how) === 'same'
  if (isTracked || app.operationState?.phase !== 'Succeeded' || !isByUs(track, app, wish)) return []
  return relationOf(app.operationState.revisions, how) === 'same' ? leftOver(app) : []
}

function decideRollback(track: Track, app: Application, { maySync }: Wish): Next {
  if (app.autoSync !== undefined) return end('sync-failed', 'it syncs by itself, and would undo a rollback at once')
  if (maySync && track.starts < mostStarts) return { do: 'sync', saying: 'starting the rollback' }
  return wait('waiting for the rollback')
}

/** Whether windows forbid a sync now. */
export function isShut({ active, assigned, canSync }: SyncWindows, isManual: boolean): boolean {
  if (isManual) return !canSync
  if (active.some(({ kind }) => kind === 'deny')) return true
  return assigned.some(({ kind }) => kind === 'allow') && !active.some(({ kind }) => kind === 'allow')
}

function windowsText({ active, assigned }: SyncWindows): string {
  const denying = active.filter(({ kind }) => kind === 'deny')
  const shown = denying.length > 0 ? denying : assigned
  return shown.map(({ kind, schedule, duration }) => `${kind} ${schedule} for ${duration}`).join(', ')
}

function list(app: Application): string {
  return listed(outOfSync(app))
}

function listed(resources: readonly Parameters<typeof resourceName>[0][]): string {
  const names = resources.map(resourceName)
  const more = names.length > 5 ? ` and ${names.length - 5} more` : ''
  return names.length === 0 ? 'nothing that Argo CD names' : `${names.slice(0, 5).join(', ')}${more}`
}

function shown(app: Application): string {
  return short(comparedRevisions(app))
}

function short(revisions: readonly string[] = []): string {
  return revisions.map((one) => one.slice(0, 12)).join(', ') || 'no revision'
}
