import { denied, invalid, notFound, precondition, Refused } from './answers.ts'
import { applicationOf, type Call, type Routes, withoutHealth } from './call.ts'
import { sourcesOf } from './compare.ts'
import { refreshAnnotation } from './controller.ts'
import { listed, selected } from './list.ts'
import { RepositoryError } from './repositories.ts'
import { may } from './sessions.ts'
import type { Application, Manifest, Operation, Source } from './types.ts'
import { mayRun, windowsOf } from './windows.ts'

export const applicationRoutes: Routes = {
  'GET /applications': (call) => listed(selected(call), call.query.get('fields') ?? ''),
  'POST /applications': create,
  'GET /applications/:name': get,
  'DELETE /applications/:name': remove,
  'POST /applications/:name/sync': sync,
  'POST /applications/:name/rollback': rollback,
  'DELETE /applications/:name/operation': terminate,
}

function create({ state, who, body }: Call): Application {
  const manifest = body as unknown as Manifest
  const spec = manifest['spec'] as Application['spec']
  if (!may(who, 'applications create', { project: spec.project, app: manifest.metadata.name, projects: state.projects })) throw denied()
  const known = state.applications.get(manifest.metadata.name)
  if (known === undefined) return state.add(manifest.metadata.name, manifest)
  if (JSON.stringify(known.spec) === JSON.stringify(spec)) return known
  throw invalid('existing application spec is different, use upsert flag to force update')
}

async function get(call: Call): Promise<Application> {
  const app = applicationOf(call, 'applications get')
  const kind = call.query.get('refresh')
  if (kind === null) return app
  const { name } = app.metadata
  call.state.update(name, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [refreshAnnotation]: kind }
  })
  await refreshed(call, name)
  return applicationOf(call, 'applications get')
}

/** Answers when the controller has taken the annotation away; never, while it does not. */
function refreshed({ state, gone }: Call, name: string): Promise<void> {
  return new Promise((resolve) => {
    const end = state.watch((type, { metadata }) => {
      if (metadata.name === name && (type === 'DELETED' || metadata.annotations?.[refreshAnnotation] === undefined)) done()
    })
    const done = (): void => {
      end()
      resolve()
    }
    gone.addEventListener('abort', done)
  })
}

function remove(call: Call): object {
  const { metadata } = applicationOf(call, 'applications delete')
  for (const [key, { owner }] of call.state.cluster.objects)
    if (owner === metadata.name && call.query.get('cascade') !== 'false') call.state.cluster.objects.delete(key)
  call.state.remove(metadata.name)
  return {}
}

async function sync(call: Call): Promise<Application> {
  const app = applicationOf(call, 'applications sync')
  const { state, body } = call
  if (!mayRun(windowsOf(app, state.projects.get(app.spec.project)), true)) throw new Refused(403, 7, 'cannot sync: blocked by sync window')
  const wanted = { revision: body['revision'], revisions: body['revisions'], positions: body['sourcePositions'] }
  refuseOtherRevision(app, String(wanted.revision ?? ''), body['dryRun'] === true)
  const revisions = await resolved(call, app, wanted)
  return start(call, app, {
    sync: {
      ...(app.spec.sources === undefined && revisions[0] !== undefined ? { revision: revisions[0] } : {}),
      ...flags(body),
      ...(app.spec.source === undefined ? {} : { source: app.spec.source }),
      ...syncOptions(app, body),
      ...(app.spec.sources === undefined ? {} : { sources: pinned(app.spec.sources, revisions, wanted.positions), revisions }),
    },
    retry: Object(body['retryStrategy'] ?? {}),
    ...(Array.isArray(body['infos']) ? { info: body['infos'] } : {}),
  })
}

function refuseOtherRevision({ spec }: Application, revision: string, isDry: boolean): void {
  const { automated } = spec.syncPolicy ?? {}
  if (automated === undefined || automated.enabled === false || revision === '' || isDry) return
  const { targetRevision: own = '' } = spec.source ?? {}
  if (revision !== own) throw precondition(`Cannot sync to ${revision}: auto-sync currently set to ${own || 'HEAD'}`)
}

async function resolved(
  { state }: Call,
  app: Application,
  { revision, revisions, positions }: Record<string, unknown>,
): Promise<readonly string[]> {
  const given = (index: number): string | undefined => {
    if (app.spec.sources === undefined) return typeof revision === 'string' && revision !== '' ? revision : undefined
    const at = Array.isArray(positions) ? positions.map(Number).indexOf(index + 1) : -1
    return Array.isArray(revisions) && at !== -1 ? String(revisions[at]) : undefined
  }
  try {
    return await Promise.all(sourcesOf(app).map((source, index) => state.repositories.resolve(source, given(index))))
  } catch (error) {
    if (error instanceof RepositoryError) throw precondition(`error resolving repo revision: ${error.message}`)
    throw error
  }
}

function pinned(sources: readonly Source[], revisions: readonly string[], positions: unknown): readonly Source[] {
  const chosen = Array.isArray(positions) ? positions.map(Number) : []
  return sources.map((source, index) => (chosen.includes(index + 1) ? { ...source, targetRevision: revisions[index] ?? '' } : source))
}

function flags(body: Readonly<Record<string, unknown>>): Partial<Operation['sync']> {
  const { prune, dryRun, resources, strategy } = body
  return {
    ...(prune === true ? { prune } : {}),
    ...(dryRun === true ? { dryRun } : {}),
    ...(strategy === undefined ? {} : { syncStrategy: Object(strategy) }),
    ...(Array.isArray(resources) ? { resources: resources.map(withoutEmpty) } : {}),
  }
}

/** Go leaves out empty texts. */
function withoutEmpty<T extends object>(one: T): T {
  return Object.fromEntries(Object.entries(one).filter(([, value]) => value !== '')) as T
}

function syncOptions({ spec }: Application, body: Readonly<Record<string, unknown>>): { syncOptions?: readonly string[] } {
  const given: unknown = Object(body['syncOptions']).items
  const options = Array.isArray(given) ? given.map(String) : spec.syncPolicy?.syncOptions
  return options === undefined || options.length === 0 ? {} : { syncOptions: options }
}

function start({ state, who }: Call, app: Application, operation: Omit<Operation, 'initiatedBy'>): Application {
  const { info, ...rest } = operation
  const { name } = app.metadata
  if (state.applications.get(name)?.operation !== undefined) throw precondition('another operation is already in progress')
  const updated = state.update(name, (one) => {
    one.operation = structuredClone({ ...rest, initiatedBy: { username: who.name }, ...(info === undefined ? {} : { info }) })
    delete one.status.operationState
  })
  if (updated === undefined) throw notFound(name)
  return withoutHealth(updated)
}

function rollback(call: Call): Application {
  const app = applicationOf(call, 'applications sync')
  const { automated } = app.spec.syncPolicy ?? {}
  if (automated !== undefined && automated.enabled !== false) throw precondition('rollback cannot be initiated when auto-sync is enabled')
  const entry = app.status.history?.find(({ id }) => id === Number(call.body['id'] ?? 0))
  if (entry === undefined) throw invalid(`application argocd/${app.metadata.name} does not have deployment with id ${call.body['id']}`)
  const { revision, revisions, source } = entry
  return start(call, app, {
    sync: {
      ...(revision === undefined ? {} : { revision }),
      ...flags(call.body),
      syncStrategy: { apply: {} },
      ...(source === undefined ? {} : { source: source as Source }),
      ...syncOptions(app, {}),
      ...(revisions === undefined ? {} : { revisions }),
    },
    retry: {},
  })
}

function terminate(call: Call): object {
  const { metadata, operation, status } = applicationOf(call, 'applications sync')
  if (operation === undefined || status.operationState === undefined)
    throw invalid('Unable to terminate operation. No operation is in progress')
  call.state.update(metadata.name, (one) => {
    if (one.status.operationState !== undefined) one.status.operationState.phase = 'Terminating'
  })
  return {}
}
