import type { TaskError } from '../../base/errors.ts'
import { excerpt, neutraliseLine } from '../../base/untrusted.ts'
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
import { withoutSecrets } from '../../domain/argocd/secret-shapes.ts'
import { isSuccess, type ResultName } from '../../domain/argocd/wish.ts'

/** From the worst to the best: what is known to be wrong before what could not be found out. */
const order: readonly ResultName[] = [
  ...(['sync-failed', 'degraded', 'blocked-window', 'prune-required', 'not-found-or-forbidden', 'unreachable', 'timeout'] as const),
  ...(['superseded', 'deployed', 'unchanged'] as const),
]
const healths = ['Unknown', 'Degraded', 'Missing', 'Progressing', 'Suspended', 'Healthy']

/** The application whose result is the result of the run. */
export function worstOf(all: readonly Followed[]): Followed {
  const [first, ...rest] = all
  if (first === undefined) throw new Error('no application was followed')
  return rest.reduce((worst, one) => (order.indexOf(one.result) < order.indexOf(worst.result) ? one : worst), first)
}

export function worstHealth(all: readonly Followed[]): string {
  const found = all.map(({ app }) => app?.health.status || 'Unknown')
  return found.toSorted((one, other) => healths.indexOf(one) - healths.indexOf(other))[0] ?? 'Unknown'
}

/** The revisions that are live, by source; empty where nothing proves any. */
export function liveOf({ result, app, proof }: Followed): readonly string[] {
  if (app === undefined || !['deployed', 'unchanged', 'superseded', 'degraded'].includes(result)) return []
  if (proof === 'operation') return app.operationState?.revisions ?? []
  return app.sync.status === 'Synced' ? comparedRevisions(app) : []
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

const words = {
  'sync-failed': 'the sync has failed: ',
  degraded: '',
  'blocked-window': '',
  'prune-required': '',
  superseded: '',
  timeout: 'not proven to be live and healthy in time: ',
  unreachable: '',
  'not-found-or-forbidden': '',
} as const

export interface Told {
  /** What was waited for last. */
  readonly doing: string | undefined
  /** How many more have no success. */
  readonly others: number
}

/** The error that a result is; undefined for success. */
export function errorOf(
  { result, why, id, cause, app, track }: Followed,
  { doing = 'nothing was heard of it', others }: Told,
): TaskError | undefined {
  if (isSuccess({ result, why }) || result === 'deployed' || result === 'unchanged') return undefined
  // The connection knows best why it was refused before anything was seen.
  if (result === 'not-found-or-forbidden' && cause !== undefined && (app === undefined || cause.message === why)) return cause
  const reason = result === 'timeout' ? [doing, why].filter((part) => part !== '').join('; ') : why
  const more = others === 0 ? '' : `; ${others} more ${others === 1 ? 'application is' : 'applications are'} not as wanted`
  const isTransient = result === 'timeout' || result === 'unreachable'
  return kinds[result](`${id.name}: ${words[result]}${shown(reason)}${more}.`, {
    retryable: isTransient,
    cause,
    safe: safeOf(result, track.starts),
  })
}

function safeOf(result: ResultName, starts: number): string | undefined {
  if (result === 'timeout') return 'an operation that runs goes on, unless `on-timeout` is terminate'
  return (result === 'blocked-window' || result === 'superseded') && starts === 0 ? 'nothing was changed' : undefined
}

/** On one line, and without what looks like a secret: most of it are Argo CD’s words. */
export function shown(text: string): string {
  return withoutSecrets(neutraliseLine(excerpt(text.trim(), 1500))).replace(/\.$/, '')
}
