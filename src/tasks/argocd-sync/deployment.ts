import type { Digest } from '../../base/digest.ts'
import { messageOf, TaskError } from '../../base/errors.ts'
import type { Followed } from '../../domain/argocd/follow.ts'
import type { ResultName } from '../../domain/argocd/wish.ts'
import type { DeploymentState } from '../../domain/deployments/github.ts'
import { beginDeployment, type DeploymentRecord } from '../../domain/deployments/record.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { Log } from '../../spec/ports.ts'
import type { task } from './task.ts'

type EndState = Exclude<DeploymentState, 'in_progress'>
type Input = Pick<
  InputOf<typeof task>,
  'deployment' | 'environment' | 'environmentUrl' | 'githubToken' | 'revision' | 'rollback' | 'apps' | 'selector'
>

/** Records at GitHub that a revision goes to an environment, where the inputs name one. */
export async function openDeployment(input: Input, context: Context<'gitops'>): Promise<DeploymentRecord> {
  const { deployment, environment, environmentUrl, githubToken, rollback, apps, selector } = input
  const revision = rollback === undefined ? (input.revision ?? '') : `rollback to ${rollback}`
  return beginDeployment(
    {
      ...{ mode: environment === undefined ? 'off' : deployment, environment: environment ?? '', environmentUrl },
      ...{ digest: digestAt(revision, context.record) ?? '', revision },
      ...{ application: (apps ?? [selector ?? '']).join(', '), token: githubToken ?? context.environment['GITHUB_TOKEN'] },
    },
    context,
  )
}

/** The image that a revision brings: only of the commit that gitops-update has written it with. */
export function digestAt(revision: string, { gitops }: Context<'gitops'>['record']): Digest | undefined {
  return gitops?.commit === revision ? gitops?.digest : undefined
}

/** How a deployment ended whose worst application ended so. A failure is worth more than that it cannot be recorded. */
export async function closeDeployment(
  record: DeploymentRecord,
  worst: Followed,
  {
    headline,
    failed,
    log,
    signal,
  }: { readonly headline: string; readonly failed: boolean; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  const state = stateOf(worst.result, failed)
  try {
    await (failed ? endAnyway(record, { state, headline, log }) : record.end(state, headline))
  } catch (error) {
    // What is known is said also when the signal came in between.
    if (signal.aborted) await record.stop(state, headline)
    throw error
  }
}

/** Says that nobody knows how a deployment ended, behind what has gone wrong. */
export function abandonDeployment(record: DeploymentRecord, { log, signal }: Pick<Context<'gitops'>, 'log' | 'signal'>): Promise<void> {
  if (signal.aborted) return record.stop('error', 'the run was stopped before it knew what is live')
  return endAnyway(record, { state: 'error', headline: 'the run could not find out what is live', log })
}

async function endAnyway(
  record: DeploymentRecord,
  { state, headline, log }: { readonly state: EndState; readonly headline: string; readonly log: Log },
): Promise<void> {
  try {
    await record.end(state, headline)
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    log.warn('the end of the deployment is not recorded', { reason: messageOf(error) })
  }
}

/** What was not found out is an error, what was is a failure. */
function stateOf(result: ResultName, failed: boolean): EndState {
  if (!failed) return result === 'superseded' ? 'inactive' : 'success'
  return ['sync-failed', 'degraded', 'prune-required', 'superseded'].includes(result) ? 'failure' : 'error'
}
