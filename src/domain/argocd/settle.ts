import { formatDuration } from '../../base/duration.ts'
import { hasGivenUp, isBusy } from './facts.ts'
import { end, type Next, pace, patience, wait } from './next.ts'
import { isHealthy, type Track } from './observe.ts'
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
  // A controller that has stopped leaves the last state as it was: it must have written, or answered, since.
  if ((app.reconciledAt ?? 0) > good.reconciledAt || track.refreshes.done > good.refreshes) return end(resultOf(track, app, wish), '')
  if (track.refreshes.askedAt < good.since || now - track.refreshes.askedAt >= patience.refresh)
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
function resultOf({ first, starts, relations }: Track, app: Application, wish: Wish): ResultName {
  const how = { wanted: wish.revisions, sources: app.sources, relations }
  if (app.sync.status === 'Synced' && relationOf(comparedRevisions(app), how) === 'ahead') return 'superseded'
  const isUntouched =
    starts === 0 && first !== undefined && !isBusy(first) && first.operationState?.startedAt === app.operationState?.startedAt
  return isUntouched ? 'unchanged' : 'deployed'
}

function said({ health }: Application): string {
  return health.message === '' ? '' : `: ${health.message}`
}
