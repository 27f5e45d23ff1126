import { TaskError } from '../../base/errors.ts'
import { type ApplicationId, getApplication, refresh } from './applications.ts'
import { decide } from './decide.ts'
import { argocdDenied, argocdLogin, argocdMissing } from './errors.ts'
import { readSyncWindows } from './inspect.ts'
import type { Next } from './next.ts'
import { type ArgoEvent, newTrack, observe, type Proof, provenBy, type Track } from './observe.ts'
import { rollback, type Started, sync, terminate } from './operations.ts'
import type { Application } from './schema.ts'
import type { Surroundings } from './surroundings.ts'
import { type SyncSettings, syncRequest } from './sync-request.ts'
import type { ResultName, Wish } from './wish.ts'

/** What became of an application. */
export interface Followed {
  readonly id: ApplicationId
  readonly result: ResultName
  readonly why: string
  /** As it was seen last; undefined where it never was. */
  readonly app: Application | undefined
  /** What shows that the wanted revision is live; undefined while nothing does. */
  readonly proof: Proof | undefined
  readonly track: Track
  /** What was thrown where it cannot be reached or may not be seen. */
  readonly cause: TaskError | undefined
}

export interface Following {
  /** Asked once, with the application as it was first seen; the deadline is that of `until`. */
  readonly wishFor: (app: Application) => Wish
  readonly until: number
  readonly settings: SyncSettings
  readonly around: Surroundings
}

/** Milliseconds for an answer of each kind: a refresh waits for the controller, and is given up all the same. */
const [answerTime, refreshTime] = [20_000, 30_000]
/** One refusal may be a cache that is being filled; who may look may not sync, so each step has its own. */
const certain = 2

/**
 * Does what {@link decide} says until it says the end. Throws what neither waiting nor another right mends, and the reason of an abort.
 */
export async function follow(given: ApplicationId, { wishFor, until, settings, around }: Following): Promise<Followed> {
  const { clock } = around
  let [track, id] = [newTrack(clock.now()), given]
  const refusals = new Map<Next['do'], number>()
  let [wish, cause]: [Wish | undefined, TaskError | undefined] = [undefined, undefined]
  for (;;) {
    const next: Next = decide(track, wish ?? { ...nothing, deadline: until }, clock.now())
    if (next.do === 'end') return { id, result: next.result, why: next.why, app: track.app, proof: proofOf(track, wish), track, cause }
    if ('saying' in next) around.tell(id, next.saying, track)
    try {
      for await (const event of steps({ next, id, track, wish: wish ?? nothing, settings, around })) {
        if ('app' in event && wish === undefined) {
          wish = wishFor(event.app)
          // Once its project is known a missing application is told from one that we may not see.
          id = { ...id, project: event.app.project }
        }
        track = observe(track, event, wish ?? nothing)
      }
      refusals.delete(next.do)
    } catch (error) {
      cause = causeOf(error, track)
      const times = isRefused(cause) ? (refusals.get(next.do) ?? 0) + 1 : 0
      refusals.set(next.do, times)
      const isOver = times > 0 && (track.app === undefined || times >= certain)
      track = observe(track, { kind: isOver ? 'gone' : 'lost', why: cause.message, at: clock.now() }, wish ?? nothing)
    }
  }
}

function proofOf(track: Track, wish: Wish | undefined): Proof | undefined {
  return track.app === undefined || wish === undefined ? undefined : provenBy(track, track.app, wish)
}

/** Before it was seen nothing is wanted of it. */
const nothing: Wish = {
  ...{ revisions: [], isStrict: false, maySync: false, prune: false, nonce: '', settle: 0, grace: 0, allowSuspended: false },
  ...{ deadline: Number.POSITIVE_INFINITY, terminateOnTimeout: false },
}

interface Step {
  readonly next: Exclude<Next, { do: 'end' }>
  readonly id: ApplicationId
  readonly track: Track
  readonly wish: Wish
  readonly settings: SyncSettings
  readonly around: Surroundings
}

/** Does one step, and says what came of it. */
async function* steps(step: Step): AsyncGenerator<ArgoEvent> {
  const { next, id, track, around } = step
  const { argo, clock, rest, look, relate } = around
  switch (next.do) {
    case 'wait':
      if (next.for > 0) await rest(id, Math.max(0, Math.min(next.for, step.wish.deadline - clock.now())))
      yield { kind: 'seen', app: await (look?.(id) ?? getApplication(argo, id, { timeout: answerTime })), at: clock.now() }
      return
    case 'refresh':
      yield { kind: 'refreshing', at: clock.now() }
      yield* refreshed(step)
      return
    case 'sync':
      yield* begun(step, next)
      return
    case 'compare':
      if (track.app !== undefined) yield { kind: 'related', pair: next.pair, relation: await relate(next.pair, track.app), at: clock.now() }
      return
    case 'windows':
      yield { kind: 'windows', windows: await readSyncWindows(argo, id), at: clock.now() }
      return
    case 'terminate':
      // Asked for once: a second refusal would hide what was waited for.
      yield { kind: 'terminated', at: clock.now() }
      await terminate(argo, id)
  }
}

async function* refreshed({ id, wish, around: { argo, clock } }: Step): AsyncGenerator<ArgoEvent> {
  try {
    const timeout = Math.max(1000, Math.min(refreshTime, wish.deadline - clock.now()))
    yield { kind: 'refreshed', app: await refresh(argo, id, { timeout }), at: clock.now() }
  } catch (error) {
    if (!isTimeout(error)) throw error
    // The wish stays with the controller; what there is is looked at.
    yield { kind: 'not-refreshed', at: clock.now() }
    yield { kind: 'seen', app: await getApplication(argo, id, { timeout: answerTime }), at: clock.now() }
  }
}

async function* begun(step: Step, next: Extract<Next, { do: 'sync' }>): AsyncGenerator<ArgoEvent> {
  const { id, wish, around, track } = step
  const { argo, clock } = around
  const at = clock.now()
  try {
    const outcome: Started | undefined =
      wish.rollback !== undefined
        ? await rollback(argo, id, { id: wish.rollback, prune: wish.prune })
        : track.app === undefined
          ? undefined
          : await sync(argo, id, syncRequest(track.app, next, step))
    if (outcome !== undefined) yield { kind: 'started', outcome, at }
  } catch (error) {
    if (!(error instanceof TaskError) || isRefused(error)) throw error
    // Nobody knows whether it has begun; the nonce tells.
    yield { kind: 'start-lost', at }
    yield { kind: 'seen', app: await getApplication(argo, id, { timeout: answerTime }), at: clock.now() }
  }
}

/** What is worth waiting for. @throws everything else */
function causeOf(error: unknown, { app }: Track): TaskError {
  if (!(error instanceof TaskError)) throw error
  // Once Argo CD has answered as it should, what answers otherwise is something on the way.
  if (isRefused(error) || error.retryable || isTimeout(error) || (app !== undefined && error.fault === 'remote')) return error
  throw error
}

function isRefused(error: TaskError): boolean {
  return argocdMissing.is(error) || argocdDenied.is(error) || argocdLogin.is(error)
}

function isTimeout(error: unknown): boolean {
  return error instanceof TaskError && error.code === 'SW-HTTP-TIMEOUT'
}
