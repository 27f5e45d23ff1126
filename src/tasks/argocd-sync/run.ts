import { randomUUID } from 'node:crypto'
import { openArgo } from '../../domain/argocd/connection.ts'
import { followAll } from '../../domain/argocd/follow-all.ts'
import { selectApplications } from '../../domain/argocd/select.ts'
import { implement } from '../../spec/define.ts'
import { choiceOf, settingsOf } from './connection.ts'
import { closeDeployment, openDeployment } from './deployment.ts'
import { dryRun } from './dry-run.ts'
import { worstOf } from './outcome.ts'
import { resultOf } from './result.ts'
import { surroundingsOf } from './surroundings.ts'
import { task } from './task.ts'
import { syncSettingsOf, wishOf } from './wishes.ts'

export const run = implement(task, async (input, context) => {
  const until = context.clock.now() + input.timeout
  const argo = await openArgo(settingsOf(input, context.files), context)
  const ids = await selectApplications(argo, { names: input.apps ?? [], ...choiceOf(input) })
  if (input.dryRun) return dryRun(argo, ids)
  const over = new AbortController()
  const doing = new Map<string, string>()
  const nonce = randomUUID()
  const deployment = await openDeployment(input, context)
  try {
    const around = await surroundingsOf(input, context, { argo, ids, doing, signal: AbortSignal.any([over.signal, context.signal]) })
    const all = await followAll(ids, {
      ...{ until, around, recurse: input.recurse, settings: syncSettingsOf(input, context.source) },
      wishFor: (app) => wishOf(input, app, { nonce, until }),
    })
    const result = await resultOf(all, { argo, input, context, doing })
    await closeDeployment(deployment, worstOf(all), { headline: result.headline, failed: result.failure !== undefined })
    return result
  } catch (error) {
    if (!context.signal.aborted) await deployment.end('error', 'the run could not find out what is live')
    throw error
  } finally {
    over.abort()
  }
})
