import type { Argo } from '../../domain/argocd/client.ts'
import type { Followed } from '../../domain/argocd/follow.ts'
import { applicationUrl } from '../../domain/argocd/server.ts'
import { isSuccess } from '../../domain/argocd/wish.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { digestAt } from './deployment.ts'
import { errorOf, liveOf, worstHealth, worstOf } from './outcome.ts'
import { summaryOf } from './summary.ts'
import type { task } from './task.ts'

export interface End {
  readonly argo: Argo
  readonly input: InputOf<typeof task>
  readonly context: Context<'gitops'>
  /** What each application waited for last, by name. */
  readonly doing: ReadonlyMap<string, string>
}

/** Outputs, record and summary of all that was followed; the worst application is the result. */
export async function resultOf(all: readonly Followed[], { argo, input, context, doing }: End) {
  const worst = worstOf(all)
  const [first = worst] = all
  const failed = all.filter((one) => !isSuccess(one))
  const failure = errorOf(worst, { doing: doing.get(worst.id.name), others: Math.max(failed.length - 1, 0) })
  const revision = liveOf(first)[0] ?? ''
  const health = worstHealth(all)
  const urlOf = ({ app, id }: Followed): string => applicationUrl(argo.server, app ?? { name: id.name, namespace: id.namespace ?? '' })
  const url = urlOf(worst)
  // After a rollback it is neither the revision that was asked for nor its image.
  const wanted = input.rollback === undefined ? (input.revision ?? revision) : revision
  const digest = digestAt(wanted, context.record)
  const deployment = {
    ...{ application: first.id.name, revision: wanted, health, result: worst.result, url },
    ...(digest === undefined ? {} : { digest }),
    applications: all.map((one) => ({
      ...{ name: one.id.name, ...(one.app === undefined ? {} : { project: one.app.project, namespace: one.app.namespace }) },
      ...{ revisions: [...liveOf(one)], health: one.app?.health.status ?? '', result: one.result, url: urlOf(one) },
    })),
  }
  const headline = [all.length === 1 ? first.id.name : `${all.length} applications`, worst.result, revision.slice(0, 12), health]
  return {
    outputs: { result: worst.result, revision, health, url },
    record: { deployment },
    headline: headline.filter((part) => part !== '').join(' · '),
    summary: await summaryOf(all, { argo, clock: context.clock, log: context.log, urlOf }),
    ...(failure === undefined ? {} : { failure }),
  }
}
