import { compare } from './compare.ts'
import { begin, proceed } from './operation.ts'
import type { State } from './state.ts'
import type { Application } from './types.ts'
import { mayRun, windowsOf } from './windows.ts'

export const refreshAnnotation = 'argocd.argoproj.io/refresh'

/** Runs the application controller until the returned function is called: each application, in turns of 50 ms of the stage. */
export function startController(state: State): () => Promise<void> {
  let isOver = false
  const loop = (async () => {
    while (!isOver) {
      await state.clock.sleep(50)
      if (state.isFrozen) continue
      const touched = new Set(state.cluster.touched)
      state.cluster.touched.clear()
      await Promise.all([...state.applications.keys()].map((name) => turn(state, name, touched.has(name))))
    }
  })()
  return async () => {
    isOver = true
    await loop
  }
}

async function turn(state: State, name: string, isTouched: boolean): Promise<void> {
  const app = state.applications.get(name)
  if (app === undefined) return
  if (isTouched) await compare(state, name, { isRecent: true })
  await refresh(state, app)
  if (state.isFrozen || !state.applications.has(name)) return
  const phase = app.status.operationState?.phase
  if (app.operation === undefined) return
  if (phase === undefined) begin(state, name)
  else if (phase === 'Running' || phase === 'Terminating') await proceed(state, name)
}

async function refresh(state: State, app: Application): Promise<void> {
  const { name } = app.metadata
  const isAsked = app.metadata.annotations?.[refreshAnnotation] !== undefined
  const isDue = state.clock.now() - Date.parse(app.status.reconciledAt ?? '1970-01-01T00:00:00Z') >= state.reconcile
  if (!isAsked && !isDue) return
  const isDone = await compare(state, name)
  if (state.isFrozen || !state.applications.has(name)) return
  if (isAsked && isDone) {
    state.update(name, ({ metadata }) => {
      delete metadata.annotations?.[refreshAnnotation]
      if (Object.keys(metadata.annotations ?? {}).length === 0) delete metadata.annotations
    })
  }
  syncItself(state, app)
}

/** Once for each revision, unless it heals itself; not where only pruning would be left to do and that is off; not outside its windows. */
function syncItself(state: State, app: Application): void {
  const { automated, retry = { limit: 5 } } = app.spec.syncPolicy ?? {}
  if (automated === undefined || automated.enabled === false || app.operation !== undefined || app.metadata.deletionTimestamp !== undefined)
    return
  const { sync, resources = [], operationState } = app.status
  if (sync.status !== 'OutOfSync') return
  const out = resources.filter(({ status }) => status === 'OutOfSync')
  if (automated.prune !== true && out.every(({ requiresPruning }) => requiresPruning === true)) return
  const wanted = JSON.stringify(sync.revision ?? sync.revisions)
  const tried = JSON.stringify(operationState?.syncResult?.revision ?? operationState?.syncResult?.revisions)
  if (tried === wanted && (operationState?.phase !== 'Succeeded' || automated.selfHeal !== true)) return
  if (!mayRun(windowsOf(app, state.projects.get(app.spec.project)), false)) return
  const { revision, revisions } = sync
  const { syncOptions } = app.spec.syncPolicy ?? {}
  const { source, sources } = app.spec
  state.update(app.metadata.name, (one) => {
    one.operation = {
      sync: {
        ...(revision === undefined ? {} : { revision }),
        ...(automated.prune === true ? { prune: true } : {}),
        ...(source === undefined ? {} : { source }),
        ...(syncOptions === undefined ? {} : { syncOptions }),
        ...(sources === undefined ? {} : { sources }),
        ...(revisions === undefined ? {} : { revisions }),
      },
      initiatedBy: { automated: true },
      retry,
    }
    delete one.status.operationState
  })
}
