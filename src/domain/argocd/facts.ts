import type { Application, ApplicationResource, OperationState, ResourceResult } from './schema.ts'

/** Whether an operation is asked for or runs; one that waits for its next try runs. */
export function isBusy({ operation, operationState }: Application): boolean {
  return operation !== undefined || isRunning(operationState)
}

export function isRunning(state: OperationState | undefined): boolean {
  return state?.phase === 'Running' || state?.phase === 'Terminating'
}

/** Waiting for its next try: it says that it is running, and that it is finished. */
export function isWaitingToRetry({ operationState }: Application): boolean {
  return operationState?.phase === 'Running' && operationState.finishedAt !== undefined
}

/** Argo CD leaves such an operation as running for ever, until the window opens. */
export function isHeldByWindow({ operationState }: Application): boolean {
  return operationState?.phase === 'Running' && /blocked by (?:a )?sync window/i.test(operationState.message)
}

/** Ended without success. */
export function hasFailed(state: OperationState | undefined): boolean {
  return state?.phase === 'Failed' || state?.phase === 'Error'
}

/** Resources that the last operation left, since it might not delete them. */
export function leftOver({ operationState }: Application): readonly ResourceResult[] {
  return (operationState?.resources ?? []).filter(({ status, message }) => status === 'PruneSkipped' && /requires pruning/.test(message))
}

export const nonceName = 'slipway'

/** Whether the operation that runs, or ran last, was started with a nonce. */
export function isOurs(app: Application, nonce: string): boolean {
  const info = app.operation?.info ?? app.operationState?.operation?.info ?? []
  return info.some(({ name, value }) => name === nonceName && value === nonce)
}

/** What the operation in hand goes to, or went to; empty while Argo CD has not said. */
export function operationRevisions({ operation, operationState }: Application): readonly string[] {
  if (operation !== undefined && operation.revisions.length > 0) return operation.revisions
  const { revisions = [], operation: started } = operationState ?? {}
  return revisions.length > 0 ? revisions : (started?.revisions ?? [])
}

/** Whether the state was written after the last operation: Argo CD writes whole seconds, and may skip a write. */
export function isReconciled({ reconciledAt, operationState }: Application): boolean {
  return reconciledAt !== undefined && reconciledAt >= (operationState?.finishedAt ?? 0)
}

/** Resources that differ from git, but for hooks. */
export function outOfSync({ resources }: Application): readonly ApplicationResource[] {
  return resources.filter(({ sync, hook }) => sync === 'OutOfSync' && !hook)
}

/** Whether nothing is missing but that resources which git no longer has be deleted. */
export function needsOnlyPruning(app: Application): boolean {
  const out = outOfSync(app)
  return out.length > 0 && out.every(({ requiresPruning }) => requiresPruning)
}

/** Whether a rollout has given up, which waiting does not mend. */
export function hasGivenUp({ resources }: Application): boolean {
  return resources.some(({ health, message }) => health === 'Degraded' && /exceeded its progress deadline/i.test(message))
}

/** What Argo CD says it cannot do; not that a sync has failed, which the operation tells, and which stays from one revision to the next. */
export function errorConditions({ conditions }: Application): readonly string[] {
  return conditions.filter(({ type }) => /Error$/.test(type) && type !== 'SyncError').map(({ type, message }) => `${type}: ${message}`)
}

/** As Argo CD's page names a resource: `Deployment web/app`. */
export function resourceName({ kind, namespace, name }: Pick<ApplicationResource, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}
