import { formatDuration } from '../../base/duration.ts'
import { hasGivenUp, isBusy } from './facts.ts'
import { end, type Next, pace, patience, wait } from './next.ts'
import { isHealthy, provenBy, type Track } from './observe.ts'
import { comparedRevisions, relationOf } from './prove.ts'
import type { Application } from './schema.ts'
import type { ResultName, Wish } from './wish.ts'

/** What to do where the wanted revision is live: it is to be healthy, and to stay so. */
export function settle(track: Track, wish: Wish, now: number): Next {
  const { app, good } = track
  if (app === undefined) return wait('looking at it', 0)
  if (app.health.status === 'Degraded') return decideDegraded(track, wish, now)
  if (!isHealthy(app, wish) || good === undefined)
    return wait(`live, health is ${app.health.status || 'not known'}${said(app)}`, pace.close)
  const left = good.since + wish.settle - now
  if (left > 0 || good.sightings < 2)
    return wait(`healthy, for ${formatDuration(Math.max(left, 0))} more`, Math.min(Math.max(left, pace.close), pace.usual))
  // A controller that has stopped, at whatever moment, leaves the last state as it was: it must have answered after all of that time.
  const isAsked = track.refreshes.askedAt >= good.since + wish.settle && track.refreshes.asked > good.asked
  if (isAsked && track.refreshes.doneAt >= track.refreshes.askedAt) return end(resultOf(track, app, wish), '')
  if (!isAsked || now - track.refreshes.askedAt >= patience.refresh)
    return { do: 'refresh', saying: 'healthy, asking Argo CD to look once more' }
  return wait('healthy, Argo CD has not confirmed it', pace.close)
}

/** A blip is no failure, but a rollout that has given up is. */
function decideDegraded({ app, bad }: Track, { grace }: Wish, now: number): Next {
  const words = app === undefined ? '' : said(app)
  if (app === undefined || bad === undefined || bad.sightings < 2) return wait(`degraded${words}`, pace.close)
  if (hasGivenUp(app) || now - bad.since >= grace) return end('degraded', `health is Degraded${words}`)
  return wait(`degraded for ${formatDuration(now - bad.since)}${words}`, pace.close)
}

/** Without an operation since we came nothing was changed. */
function resultOf(track: Track, app: Application, wish: Wish): ResultName {
  const { first, starts, relations } = track
  const how = { wanted: wish.revisions, sources: app.sources, relations }
  if (provenBy(track, app, wish) === 'compared' && relationOf(comparedRevisions(app), how) === 'ahead') return 'superseded'
  const isUntouched =
    starts === 0 && first !== undefined && !isBusy(first) && first.operationState?.startedAt === app.operationState?.startedAt
  return isUntouched ? 'unchanged' : 'deployed'
}

function said({ health }: Application): string {
  return health.message === '' ? '' : `: ${health.message}`
}
