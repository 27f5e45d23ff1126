import type { Argo } from '../../domain/argocd/client.ts'
import { reportFailure } from '../../domain/argocd/failure.ts'
import { failureBlocks, failureLines } from '../../domain/argocd/failure-text.ts'
import type { Followed } from '../../domain/argocd/follow.ts'
import { isSuccess } from '../../domain/argocd/wish.ts'
import type { Block, Clock, Log } from '../../spec/ports.ts'
import { liveOf } from './outcome.ts'

interface Surroundings {
  readonly argo: Argo
  readonly clock: Clock
  readonly log: Log
  readonly urlOf: (followed: Followed) => string
}

/** Applications whose failure is looked into; of hundreds one cause is told often enough. */
const mostExplained = 3
/** Results where Argo CD knows more than it has said. */
const explained = new Set(['sync-failed', 'degraded', 'timeout', 'prune-required'])

/** All applications in a table, those that are not as wanted first, and why the first of them are not. */
export async function summaryOf(all: readonly Followed[], { argo, clock, log, urlOf }: Surroundings): Promise<readonly Block[]> {
  const sorted = all.toSorted((one, other) => Number(isSuccess(one)) - Number(isSuccess(other)))
  const failed = sorted.filter((one) => explained.has(one.result)).slice(0, mostExplained)
  const reports: Block[] = []
  for (const { app } of failed) {
    if (app === undefined) continue
    const report = await reportFailure(argo, app, { clock })
    log.untrusted(failureLines(report).join('\n'))
    reports.push(...failureBlocks(report))
  }
  return [
    {
      kind: 'table',
      columns: ['application', 'result', 'live', 'health', 'where'],
      rows: sorted.map((one) => [one.id.name, one.result, liveOf(one).join(', '), one.app?.health.status ?? '', urlOf(one)]),
    },
    ...reports,
  ]
}
