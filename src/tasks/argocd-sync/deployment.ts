import type { Followed } from '../../domain/argocd/follow.ts'
import type { ResultName } from '../../domain/argocd/wish.ts'
import type { DeploymentState } from '../../domain/deployments/github.ts'
import { beginDeployment, type DeploymentRecord } from '../../domain/deployments/record.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = Pick<
  InputOf<typeof task>,
  'deployment' | 'environment' | 'environmentUrl' | 'githubToken' | 'revision' | 'rollback' | 'apps' | 'selector'
>

/** Records at GitHub that a revision goes to an environment, where the inputs name one. */
export async function openDeployment(input: Input, context: Context<'gitops'>): Promise<DeploymentRecord> {
  const { deployment, environment, environmentUrl, githubToken, revision, rollback, apps, selector } = input
  return beginDeployment(
    {
      ...{ mode: environment === undefined ? 'off' : deployment, environment: environment ?? '', environmentUrl },
      ...{ digest: context.record.gitops?.digest ?? '', revision: revision ?? (rollback === undefined ? '' : `rollback to ${rollback}`) },
      ...{ application: (apps ?? [selector ?? '']).join(', '), token: githubToken ?? context.environment['GITHUB_TOKEN'] },
    },
    context,
  )
}

/** How a deployment ended whose worst application ended so. */
export async function closeDeployment(
  record: DeploymentRecord,
  worst: Followed,
  { headline, failed }: { readonly headline: string; readonly failed: boolean },
): Promise<void> {
  await record.end(stateOf(worst.result, failed), headline)
}

/** What was not found out is an error, what was is a failure. */
function stateOf(result: ResultName, failed: boolean): Exclude<DeploymentState, 'in_progress'> {
  if (!failed) return result === 'superseded' ? 'inactive' : 'success'
  return ['sync-failed', 'degraded', 'prune-required', 'superseded'].includes(result) ? 'failure' : 'error'
}
