import type { TaskError } from '../../base/errors.ts'
import { argocdMissing } from '../../domain/argocd/errors.ts'
import {
  argocdDegraded,
  argocdPrune,
  argocdSuperseded,
  argocdSyncFailed,
  argocdTimeout,
  argocdUnreachable,
  argocdWindow,
} from '../../domain/argocd/errors-sync.ts'
import type { Followed } from '../../domain/argocd/follow.ts'
import { comparedRevisions } from '../../domain/argocd/prove.ts'
import { type ArgoServer, applicationUrl } from '../../domain/argocd/server.ts'
import type { ResultName } from '../../domain/argocd/wish.ts'

/** From the worst to the best: what is known to be wrong before what could not be found out. */
const order: readonly ResultName[] = [
  ...(['sync-failed', 'degraded', 'blocked-window', 'prune-required', 'not-found-or-forbidden', 'unreachable', 'timeout'] as const),
  ...(['superseded', 'deployed', 'unchanged'] as const),
]

const healths = ['Unknown', '', 'Degraded', 'Missing', 'Progressing', 'Suspended', 'Healthy']

export function worstOf(all: readonly Followed[]): Followed {
  const [first, ...rest] = all
  if (first === undefined) throw new Error('nothing was followed')
  return rest.reduce((worst, one) => (order.indexOf(one.result) < order.indexOf(worst.result) ? one : worst), first)
}

export function worstHealth(all: readonly Followed[]): string {
  const found = all.map(({ app }) => app?.health.status ?? '')
  return found.toSorted((one, other) => healths.indexOf(one) - healths.indexOf(other))[0] || 'Unknown'
}

/** What is live, where a result proves it. */
export function liveOf({ result, app, track }: Followed): readonly string[] {
  if (app === undefined) return []
  const isProven = ['deployed', 'unchanged', 'superseded', 'degraded'].includes(result)
  if (!isProven) return []
  void track
  return app.sync.status === 'Synced' ? comparedRevisions(app) : (app.operationState?.revisions ?? [])
}

export function urlOf(server: ArgoServer, { app, id }: Followed): string {
  return applicationUrl(server, app ?? { name: id.name, namespace: id.namespace ?? '' })
}

const kinds = {
  'sync-failed': argocdSyncFailed,
  degraded: argocdDegraded,
  'blocked-window': argocdWindow,
  'prune-required': argocdPrune,
  superseded: argocdSuperseded,
  timeout: argocdTimeout,
  unreachable: argocdUnreachable,
  'not-found-or-forbidden': argocdMissing,
} as const

/** The error that a result is; undefined for success. `doing` is what was waited for last. */
export function errorOf(
  one: Followed,
  { doing, others }: { readonly doing: string | undefined; readonly others: number },
): TaskError | undefined {
  const { result, why, id, cause } = one
  if (result === 'deployed' || result === 'unchanged') return undefined
  if (result === 'superseded' && why === '') return undefined
  if (result === 'not-found-or-forbidden' && one.app === undefined && cause !== undefined) return cause
  const more = others === 0 ? '' : `; ${others} more ${others === 1 ? 'application is' : 'applications are'} not as wanted`
  const reason = why === '' ? (doing ?? 'nothing was heard of it') : why
  return kinds[result](`${id.name}: ${textOf(result)}${reason.replace(/\.$/, '')}${more}.`, {
    retryable: result === 'timeout' || result === 'unreachable',
    cause,
  })
}

function textOf(result: ResultName): string {
  return result === 'timeout' ? 'not proven in time, last ' : ''
}
