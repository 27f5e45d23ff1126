import { randomUUID } from 'node:crypto'
import type { ApplicationId } from '../../domain/argocd/applications.ts'
import type { Argo } from '../../domain/argocd/client.ts'
import { openArgo } from '../../domain/argocd/connection.ts'
import { followAll } from '../../domain/argocd/follow-all.ts'
import { selectApplications } from '../../domain/argocd/select.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import { choiceOf, settingsOf } from './connection.ts'
import { abandonDeployment, closeDeployment, openDeployment } from './deployment.ts'
import { dryRun } from './dry-run.ts'
import { worstOf } from './outcome.ts'
import { resultOf } from './result.ts'
import { surroundingsOf } from './surroundings.ts'
import { task } from './task.ts'
import { requireMerged, requireOneAim, shownFor, syncSettingsOf, wishOf } from './wishes.ts'

export const run = implement(task, async (input, context) => {
  requireOneAim(input)
  if (!input.dryRun) requireMerged(input, context.record)
  const until = context.clock.now() + input.timeout
  const argo = await openArgo(settingsOf(input, context.files), context)
  const ids = await selectApplications(argo, { names: input.apps ?? [], ...choiceOf(input) })
  if (input.dryRun) return dryRun(argo, ids, { wantedOf: (app) => shownFor(input, app), log: context.log })
  const deployment = await openDeployment(input, context)
  const { all, result } = await followed(input, context, { argo, ids, until }).catch(async (error: unknown) => {
    await abandonDeployment(deployment, context)
    throw error
  })
  const [{ headline }, failed] = [result, result.failure !== undefined]
  await closeDeployment(deployment, worstOf(all), { headline, failed, log: context.log, signal: context.signal })
  return result
})

async function followed(
  input: InputOf<typeof task>,
  context: Context<'gitops'>,
  { argo, ids, until }: { readonly argo: Argo; readonly ids: readonly ApplicationId[]; readonly until: number },
) {
  const over = new AbortController()
  const doing = new Map<string, string>()
  const nonce = randomUUID()
  try {
    const around = await surroundingsOf(input, context, { argo, ids, doing, signal: AbortSignal.any([over.signal, context.signal]) })
    const all = await followAll(ids, {
      ...{ until, around, recurse: input.recurse, settings: syncSettingsOf(input, context.source) },
      wishFor: (app) => wishOf(input, app, { nonce, until }),
    })
    return { all, result: await resultOf(all, { argo, input, context, doing }) }
  } finally {
    over.abort()
  }
}
