import { errorConditions, isBusy, isOurs, isReconciled, leftOver } from './facts.ts'
import type { SyncWindows } from './inspect-schema.ts'
import { patience } from './next.ts'
import type { Started } from './operations.ts'
import { authored, comparedRevisions, type Pair, pairOf, type Relation, type Relations, relationOf } from './prove.ts'
import type { Application } from './schema.ts'
import type { Wish } from './wish.ts'

/** What has happened, in the order that it was learnt. `at` is the clock of the run. */
export type ArgoEvent = { readonly at: number } & (
  | { readonly kind: 'seen'; readonly app: Application }
  | { readonly kind: 'refreshing' }
  | { readonly kind: 'refreshed'; readonly app: Application }
  /** The refresh was not done within its time. */
  | { readonly kind: 'not-refreshed' }
  | { readonly kind: 'started'; readonly outcome: Started }
  /** The wish to start went away without an answer: it may have begun. */
  | { readonly kind: 'start-lost' }
  | { readonly kind: 'related'; readonly pair: Pair; readonly relation: Relation }
  | { readonly kind: 'windows'; readonly windows: SyncWindows }
  | { readonly kind: 'terminated' }
  | { readonly kind: 'gone'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string }
)

/** What is known of an application, and since when. */
export interface Track {
  /** When it was first asked for. */
  readonly begunAt: number
  /** As it was before anything was done: an operation that had ended by then is not about us. */
  readonly first?: Application
  readonly app?: Application
  readonly sightings: number
  readonly refreshes: { readonly asked: number; readonly done: number; readonly askedAt: number; readonly doneAt: number }
  readonly relations: Relations
  /** When git was asked last. */
  readonly relatedAt: number
  readonly starts: number
  /** Whether a sync of this run has been seen to succeed. */
  readonly hasSucceeded: boolean
  readonly start?: { readonly at: number; readonly outcome?: Started; readonly version: string }
  readonly windows?: { readonly at: number; readonly windows: SyncWindows }
  /** Since when it is as wanted, without a break. */
  readonly good?: Span
  /** Since when it is degraded at the wanted revision. */
  readonly bad?: Span
  /** Since when no operation runs. */
  readonly idle?: Span
  /** Since when Argo CD cannot compare it. */
  readonly erring?: Span
  readonly isTerminated: boolean
  readonly gone?: string
  /** Since when Argo CD does not answer. */
  readonly lost?: { readonly since: number; readonly why: string }
}

export interface Span {
  readonly since: number
  readonly sightings: number
  /** Refreshes asked for at its beginning. */
  readonly asked: number
}

export function newTrack(at: number): Track {
  const refreshes = { asked: 0, done: 0, askedAt: 0, doneAt: 0 }
  return { begunAt: at, sightings: 0, refreshes, relations: new Map(), relatedAt: 0, starts: 0, hasSucceeded: false, isTerminated: false }
}

/** What is known after an event. Pure. */
export function observe(track: Track, event: ArgoEvent, wish: Wish): Track {
  const { refreshes } = track
  switch (event.kind) {
    case 'seen':
      return sighted(track, event, wish)
    case 'refreshing':
      return { ...track, refreshes: { ...refreshes, asked: refreshes.asked + 1, askedAt: event.at } }
    case 'refreshed':
      return sighted(
        { ...forgetting(track, event.at), refreshes: { ...refreshes, done: refreshes.done + 1, doneAt: event.at } },
        event,
        wish,
      )
    case 'not-refreshed':
      return track
    case 'started':
      return started(track, event, wish)
    case 'start-lost':
      return { ...track, starts: track.starts + 1, start: { at: event.at, version: track.app?.resourceVersion ?? '' } }
    case 'related':
      return { ...track, relatedAt: event.at, relations: new Map([...track.relations, [pairOf(event.pair), event.relation]]) }
    case 'windows':
      return { ...track, windows: { at: event.at, windows: event.windows } }
    case 'terminated':
      return { ...track, isTerminated: true }
    case 'gone':
      return { ...track, gone: event.why }
    case 'lost':
      return { ...track, lost: { since: track.lost?.since ?? event.at, why: event.why } }
  }
}

/** Git that could not tell is asked again: it may have been away, or not have had the commit yet. */
function forgetting(track: Track, at: number): Track {
  if (at - track.relatedAt < patience.git) return track
  return { ...track, relations: new Map([...track.relations].filter(([, relation]) => relation !== 'unknown' && relation !== 'absent')) }
}

type Sighting = { readonly at: number; readonly app: Application }

function sighted(track: Track, { app, at }: Sighting, wish: Wish): Track {
  const { lost: _, ...rest } = track
  // The API server answers from a cache, which may not know yet what it has just been told.
  if (isOlder(app, track.start?.version)) return rest
  if (track.app !== undefined && track.app.uid !== app.uid) return { ...rest, gone: 'it was deleted and made anew' }
  const hasSucceeded = track.hasSucceeded || isSuccessOfOurs(track, app, wish)
  const next: Track = { ...rest, first: track.first ?? app, app, sightings: track.sightings + 1, hasSucceeded }
  const isAsWanted = isThere(next, app, wish)
  return {
    ...next,
    ...spans(next, at, {
      good: isAsWanted && isHealthy(app, wish),
      bad: isAsWanted && app.health.status === 'Degraded',
      idle: !isBusy(app),
      erring: errorConditions(app).length > 0,
    }),
  }
}

function started(track: Track, { outcome, at }: { readonly outcome: Started; readonly at: number }, wish: Wish): Track {
  if (outcome.result !== 'started') return { ...track, start: { at, outcome, version: track.start?.version ?? '' } }
  const { good: _good, bad: _bad, idle: _idle, ...rest } = track
  const start = { at, outcome, version: outcome.application.resourceVersion }
  return sighted({ ...rest, starts: track.starts + 1, start }, { app: outcome.application, at }, wish)
}

function isSuccessOfOurs(track: Track, app: Application, wish: Wish): boolean {
  const { operationState: state } = app
  if (state?.phase !== 'Succeeded' || isBusy(app) || !isByUs(track, app, wish)) return false
  const how = { wanted: wish.revisions, sources: app.sources, relations: track.relations }
  return ['same', 'ahead'].includes(relationOf(authored(app, state.revisions), how))
}

/** Whether the cluster is what git has at the wanted revision, as written after the last operation. Says nothing of health. */
function isThere(track: Track, app: Application, wish: Wish): boolean {
  return !isBusy(app) && isReconciled(app) && provenBy(track, app, wish) !== undefined
}

export type Proof = 'compared' | 'operation'

/**
 * What proves that the wanted revision, or one that contains it, is live: Argo CD compared the cluster with it and found no difference
 * (`compared`), or an operation of ours has put it there while the branch leads elsewhere (`operation`). Never the history, which partial
 * and self-healing syncs are not in, and nothing without a revision.
 */
export function provenBy(track: Track, app: Application, wish: Wish): Proof | undefined {
  const how = { wanted: wish.revisions, sources: app.sources, relations: track.relations }
  const compared = relationOf(comparedRevisions(app), how)
  const isAsked = wish.revisions.some((one) => one !== undefined)
  // What nobody has said a revision for is at least what Argo CD sees in git since we asked it to look.
  if (!isAsked && track.refreshes.done === 0) return undefined
  const isRollback = wish.rollback !== undefined
  // One revision may stand in the history with several sets of parameters: only the operation goes back to one of them.
  if (!isRollback && app.sync.status === 'Synced' && (compared === 'same' || (compared === 'ahead' && !wish.isStrict))) return 'compared'
  const { operationState } = app
  if ((compared === 'same' && !isRollback) || operationState?.phase !== 'Succeeded' || app.autoSync !== undefined) return undefined
  if (
    !isByUs(track, app, wish) ||
    operationState.operation?.isDryRun !== false ||
    operationState.operation.isPartial ||
    leftOver(app).length > 0
  )
    return undefined
  return relationOf(operationState.revisions, how) === 'same' ? 'operation' : undefined
}

/** Whether the operation in hand, or the last one, is the one that we have started. A rollback takes no nonce: it is known as the next one. */
export function isByUs({ starts, first }: Track, app: Application, { nonce, rollback }: Wish): boolean {
  if (starts === 0) return false
  if (rollback === undefined) return isOurs(app, nonce)
  return app.operationState?.startedAt !== first?.operationState?.startedAt && app.operationState?.operation?.isAutomated === false
}

export function isHealthy({ health }: Application, { allowSuspended }: Wish): boolean {
  return health.status === 'Healthy' || (allowSuspended && health.status === 'Suspended')
}

type Name = 'good' | 'bad' | 'idle' | 'erring'

/** Each state begins, goes on or is over. */
function spans(track: Track, at: number, now: Readonly<Record<Name, boolean>>): Readonly<Partial<Record<Name, Span>>> {
  const begun: Span = { since: at, sightings: 0, asked: track.refreshes.asked }
  const span = (name: Name): Span | undefined => {
    const before = track[name] ?? begun
    return now[name] ? { ...before, sightings: before.sightings + 1 } : undefined
  }
  return Object.fromEntries((['good', 'bad', 'idle', 'erring'] as const).map((name) => [name, span(name)]))
}

function isOlder({ resourceVersion }: Application, version: string | undefined): boolean {
  const [is, was] = [Number(resourceVersion), Number(version)]
  return version !== undefined && version !== '' && Number.isSafeInteger(is) && Number.isSafeInteger(was) && is < was
}
