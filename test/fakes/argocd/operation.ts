import { timeText } from './clock.ts'
import { healthOf, keyOf } from './cluster.ts'
import { compare, hookAnnotation, identity, imagesIn, isNoHook, liveOf, sourcesOf, type Target, targetOf } from './compare.ts'
import { RepositoryError } from './repositories.ts'
import type { State } from './state.ts'
import type { Application, Manifest, Operation, OperationState, ResourceResult } from './types.ts'

/** Begins the operation that an application asks for; hooks of the one before make room. */
export function begin(state: State, name: string): void {
  for (const [key, { owner, manifest }] of state.cluster.objects)
    if (owner === name && !isNoHook(manifest)) state.cluster.objects.delete(key)
  state.update(name, ({ operation, status }) => {
    if (operation === undefined) return
    status.operationState = { operation: structuredClone(operation), phase: 'Running', startedAt: timeText(state.clock.now()) }
  })
}

/** Does what can be done of the operation now; returns when it is over or waits for something. */
export async function proceed(state: State, name: string): Promise<void> {
  const app = state.applications.get(name)
  const running = app?.status.operationState
  if (app === undefined || running === undefined) return
  if (running.phase === 'Terminating') return terminate(state, app)
  if (running.finishedAt !== undefined && !isTimeToRetry(state, running)) return
  const { sync } = running.operation
  try {
    const target = await targetOf(state, app, sync.revisions ?? [sync.revision])
    if (state.isFrozen || state.applications.get(name)?.status.operationState?.phase !== 'Running') return
    const outcome = applied(state, app, {
      manifests: target.manifests,
      operation: running.operation,
      before: running.syncResult?.resources,
    })
    const syncResult = { resources: outcome.resources, ...revisionsOf(app, target, sync) }
    state.update(name, ({ status }) => {
      if (status.operationState !== undefined) Object.assign(status.operationState, { syncResult })
    })
    if (outcome.phase === 'Running') setMessage(state, name, outcome.message)
    else await finish(state, name, outcome)
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error
    const message = `ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: ${error.message}`
    const syncResult = { ...(sync.revision === undefined ? {} : { revision: sync.revision }), source: sourcesOf(app)[0] ?? { repoURL: '' } }
    state.update(name, ({ status }) => void Object.assign(status.operationState ?? {}, { syncResult }))
    await finish(state, name, { phase: 'Error', message, resources: [] })
  }
}

function revisionsOf({ spec }: Application, { revision = '', revisions }: Target, { sources }: Operation['sync']): object {
  if (spec.sources === undefined) return { revision, source: spec.source }
  return { revision, ...(revisions === undefined ? {} : { revisions }), source: { repoURL: '' }, sources: sources ?? spec.sources }
}

interface Outcome {
  readonly phase: OperationState['phase']
  readonly message: string
  readonly resources: ResourceResult[]
}

function setMessage(state: State, name: string, message: string): void {
  state.update(name, ({ status }) => {
    if (status.operationState === undefined) return
    status.operationState.message = message
    delete status.operationState.finishedAt
  })
}

interface Doing {
  readonly manifests: readonly Manifest[]
  readonly operation: Operation
  readonly before: readonly ResourceResult[] | undefined
}

function applied(state: State, app: Application, { manifests, operation: { sync }, before = [] }: Doing): Outcome {
  const isDry = sync.dryRun === true
  const chosen = manifests.filter((one) => sync.resources?.some((picked) => isPicked(one, picked)) ?? true)
  const targets = chosen.filter(isNoHook)
  const made = isDry ? [] : namespaces(state, app, before)
  const missing = isDry
    ? undefined
    : targets.map(({ metadata }) => metadata.namespace ?? '').find((one) => one !== '' && !state.cluster.namespaces.has(one))
  if (missing !== undefined) return notApplied(targets, missing)
  const hooks = isDry || sync.resources !== undefined ? [] : chosen.filter((one) => !isNoHook(one)).map((one) => runHook(state, app, one))
  const waiting = hooks.find(({ hookPhase }) => hookPhase === 'Running')
  if (waiting !== undefined)
    return { phase: 'Running', message: `waiting for completion of hook /${waiting.kind}/${waiting.name}`, resources: [...made, ...hooks] }
  const failed = hooks.find(({ hookPhase }) => hookPhase === 'Failed')
  if (failed !== undefined)
    return { phase: 'Failed', message: 'one or more synchronization tasks completed unsuccessfully', resources: [...made, ...hooks] }
  const resources = [...targets.map((one) => apply(state, app, { manifest: one, isDry })), ...pruned(state, app, { manifests, sync })]
  const message = isDry ? 'successfully synced (no more tasks)' : 'successfully synced (all tasks run)'
  return {
    phase: 'Succeeded',
    message,
    resources: [...made, ...hooks, ...resources.toSorted((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1))],
  }
}

function isPicked({ kind, metadata }: Manifest, picked: { kind: string; name: string }): boolean {
  return picked.kind === kind && picked.name === metadata.name
}

function namespaces(state: State, { spec }: Application, before: readonly ResourceResult[]): ResourceResult[] {
  const name = spec.destination.namespace ?? ''
  const known = before.filter(({ kind }) => kind === 'Namespace')
  if (known.length > 0 || state.cluster.namespaces.has(name) || spec.syncPolicy?.syncOptions?.includes('CreateNamespace=true') !== true)
    return [...known]
  state.cluster.namespaces.add(name)
  const message = `namespace/${name} created`
  return [
    {
      group: '',
      version: 'v1',
      kind: 'Namespace',
      namespace: '',
      name,
      status: 'Synced',
      message,
      hookPhase: 'Running',
      syncPhase: 'PreSync',
    },
  ]
}

function notApplied(targets: readonly Manifest[], namespace: string): Outcome {
  const reason = `namespaces "${namespace}" not found`
  const resources = targets.map((one) => ({
    ...resultOf(one),
    status: 'SyncFailed',
    message: reason,
    hookPhase: 'Failed',
    syncPhase: 'Sync',
  }))
  return { phase: 'Failed', message: `one or more objects failed to apply, reason: ${reason}`, resources }
}

function resultOf(manifest: Manifest): Pick<ResourceResult, 'group' | 'version' | 'kind' | 'namespace' | 'name' | 'images'> {
  const { group = '', version, kind, namespace = '', name } = identity(manifest)
  const images = imagesIn(manifest)
  return { group, version, kind, namespace, name, ...(images.length === 0 ? {} : { images }) }
}

/** Makes the hook once in an operation and follows it. */
function runHook(state: State, app: Application, manifest: Manifest): ResourceResult {
  if (liveOf(state, manifest) === undefined) put(state, app, manifest)
  const live = liveOf(state, manifest)
  const health = live === undefined ? undefined : healthOf(live)
  const isDone = live?.status['phase'] === 'Succeeded'
  const hookPhase = isDone ? 'Succeeded' : health?.status === 'Degraded' ? 'Failed' : 'Running'
  const hookType = manifest.metadata.annotations?.[hookAnnotation] ?? ''
  const message = `${manifest.kind.toLowerCase()}/${manifest.metadata.name} created`
  return { ...resultOf(manifest), message, hookType, hookPhase, syncPhase: hookType }
}

function apply(state: State, app: Application, { manifest, isDry }: { manifest: Manifest; isDry: boolean }): ResourceResult {
  const live = liveOf(state, manifest)
  const word =
    live === undefined
      ? 'created'
      : isDry
        ? 'configured'
        : JSON.stringify(live.manifest) === JSON.stringify(manifest)
          ? 'unchanged'
          : 'configured'
  if (!isDry) put(state, app, manifest)
  const name = `${manifest.kind.toLowerCase()}${manifest.apiVersion.includes('/') ? `.${manifest.apiVersion.split('/')[0]}` : ''}/${manifest.metadata.name}`
  const message = `${name} ${word}${isDry ? ' (dry run)' : ''}`
  return { ...resultOf(manifest), status: 'Synced', message, hookPhase: isDry ? 'Succeeded' : 'Running', syncPhase: 'Sync' }
}

/** An application that another one contains is an application. */
function put(state: State, { metadata }: Application, manifest: Manifest): void {
  const { namespace = '', name } = manifest.metadata
  const key = keyOf(manifest.kind, namespace, name)
  const known = isNoHook(manifest) ? state.cluster.objects.get(key) : undefined
  state.cluster.objects.set(key, {
    ...{ owner: metadata.name, manifest, status: known?.status ?? {}, createdAt: known?.createdAt ?? state.clock.now() },
  })
  state.cluster.touched.add(metadata.name)
  if (manifest.kind !== 'Application') return
  if (state.applications.has(name)) state.update(name, (app) => Object.assign(app, { spec: structuredClone(manifest['spec']) }))
  else state.add(name, manifest)
}

function pruned(
  state: State,
  { metadata }: Application,
  { manifests, sync }: { manifests: readonly Manifest[]; sync: Operation['sync'] },
): ResourceResult[] {
  const wanted = new Set(manifests.map(({ kind, metadata: { namespace = '', name } }) => keyOf(kind, namespace, name)))
  const gone = [...state.cluster.objects].filter(
    ([key, { owner, manifest }]) => owner === metadata.name && !wanted.has(key) && isNoHook(manifest),
  )
  return gone.map(([key, { manifest }]) => {
    if (sync.prune === true && sync.dryRun !== true) state.cluster.objects.delete(key)
    const [status, message] = sync.prune === true ? ['Pruned', 'pruned'] : ['PruneSkipped', 'ignored (requires pruning)']
    return { ...resultOf(manifest), status, message, hookPhase: 'Succeeded', syncPhase: 'Sync' }
  })
}

/** Ends the operation, or leaves it waiting for its next try. */
async function finish(state: State, name: string, { phase, message }: Outcome): Promise<void> {
  const now = timeText(state.clock.now())
  const running = state.applications.get(name)?.status.operationState
  const { limit = 0 } = running?.operation.retry ?? {}
  const tried = running?.retryCount ?? 0
  const again = phase === 'Failed' && (limit < 0 || tried < limit)
  const counted = phase === 'Failed' && tried > 0 && !again ? ` (retried ${tried} times).` : ''
  const clockTime = new Date(state.clock.now())
    .toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' })
    .replace(/\s/, '')
  state.update(name, (app) => {
    const { operationState } = app.status
    if (operationState === undefined) return
    Object.assign(operationState, again ? { retryCount: tried + 1 } : { phase }, { finishedAt: now })
    operationState.message = again ? `${message}. Retrying attempt #${tried + 1} at ${clockTime}.` : `${message}${counted}`
    if (again) return
    delete app.operation
    if (phase === 'Succeeded') remember(app, operationState)
  })
  if (!again) await compare(state, name)
}

function remember(app: Application, { operation: { sync, initiatedBy }, startedAt, finishedAt = '', syncResult }: OperationState): void {
  if (sync.dryRun === true || sync.resources !== undefined) return
  const { history = [] } = app.status
  const { resources: _, revision, ...revisions } = syncResult ?? {}
  const id = (history.at(-1)?.id ?? -1) + 1
  app.status.history = [
    ...history,
    { ...(revision ? { revision } : {}), ...revisions, id, deployedAt: finishedAt, deployStartedAt: startedAt, initiatedBy },
  ]
}

function isTimeToRetry(state: State, { finishedAt = '', operation: { retry }, retryCount = 1 }: OperationState): boolean {
  const { duration = '5s', factor = 2, maxDuration = '3m' } = retry.backoff ?? {}
  const wait = Math.min(seconds(duration) * factor ** (retryCount - 1), seconds(maxDuration))
  return state.clock.now() >= Date.parse(finishedAt) + wait * 1000
}

function seconds(text: string): number {
  return Number.parseFloat(text) * (text.endsWith('m') ? 60 : 1)
}

async function terminate(state: State, { metadata: { name } }: Application): Promise<void> {
  const hooks = [...state.cluster.objects].filter(([, { owner, manifest }]) => owner === name && !isNoHook(manifest))
  for (const [key] of hooks) state.cluster.objects.delete(key)
  const resources = hooks.map(([, { manifest }]) => {
    const hookType = manifest.metadata.annotations?.[hookAnnotation] ?? ''
    return { ...resultOf(manifest), message: 'Deleted', hookType, hookPhase: 'Succeeded', syncPhase: hookType }
  })
  state.update(name, (app) => {
    const { operationState } = app.status
    if (operationState === undefined) return
    Object.assign(operationState, { phase: 'Failed', message: 'Operation terminated', finishedAt: timeText(state.clock.now()) })
    if (operationState.syncResult !== undefined) operationState.syncResult.resources = resources
    delete app.operation
  })
  await compare(state, name)
}
