import { timeText } from './clock.ts'
import { hasHealth, healthOf, keyOf, type Live } from './cluster.ts'
import { RepositoryError } from './repositories.ts'
import type { State } from './state.ts'
import type { Application, Health, Manifest, Resource, Revisions, Source } from './types.ts'

/** What an application should be: its revisions, and the objects at them. */
export interface Target extends Revisions {
  readonly manifests: readonly Manifest[]
}

export const hookAnnotation = 'argocd.argoproj.io/hook'

export function sourcesOf({ spec }: Application): readonly Source[] {
  return spec.sources ?? (spec.source === undefined ? [] : [spec.source])
}

/** Resolves and renders all sources; `revisions` in place of what the application names. Throws RepositoryError. */
export async function targetOf(state: State, app: Application, revisions: readonly (string | undefined)[] = []): Promise<Target> {
  const sources = sourcesOf(app)
  const resolved = await Promise.all(sources.map((source, index) => state.repositories.resolve(source, revisions[index] || undefined)))
  const rendered = await Promise.all(sources.map((source, index) => state.repositories.render(source, resolved[index] ?? '')))
  const manifests = rendered.flat().map((manifest) => placed(manifest, app))
  return app.spec.sources === undefined ? { revision: resolved[0] ?? '', manifests } : { revisions: resolved, manifests }
}

function placed(manifest: Manifest, { spec }: Application): Manifest {
  const namespace = manifest.metadata.namespace ?? (manifest.kind === 'Namespace' ? '' : (spec.destination.namespace ?? ''))
  return { ...manifest, metadata: { ...manifest.metadata, namespace } }
}

/**
 * One comparison: what should be beside what lives, written into the application's status as the controller does; a recent one takes the
 * revisions that are known. Returns false when the repository could not be reached.
 */
export async function compare(state: State, name: string, { isRecent = false } = {}): Promise<boolean> {
  const app = state.applications.get(name)
  if (app === undefined) return true
  const { revision, revisions = [revision] } = app.status.sync
  try {
    const target = await targetOf(state, app, isRecent ? revisions : [])
    if (!state.isFrozen) state.update(name, (now) => written(state, now, target))
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error
    if (!state.isFrozen) state.update(name, (now) => unknown(state, now, error.message))
    return !error.isUnreachable
  }
  return true
}

function written(state: State, app: Application, target: Target): void {
  const { revision, revisions, manifests } = target
  const resources = [...targetsAsResources(state, manifests), ...leftovers(state, app, manifests)].toSorted((a, b) =>
    `${a.group ?? ''}/${a.kind}/${a.name}` < `${b.group ?? ''}/${b.kind}/${b.name}` ? -1 : 1,
  )
  const isOut = resources.some(({ status }) => status === 'OutOfSync')
  const { status } = app
  status.resources = resources
  status.sync = {
    status: isOut ? 'OutOfSync' : 'Synced',
    comparedTo: comparedTo(app),
    ...(revision === undefined ? {} : { revision }),
    ...(revisions === undefined ? {} : { revisions }),
  }
  delete status.conditions
  if (app.spec.sources === undefined) status.sourceType = 'Directory'
  else status.sourceTypes = sourcesOf(app).map(({ path }) => (path === undefined ? '' : 'Directory'))
  reconciled(state, app)
  setHealth(state, app)
}

function unknown(state: State, app: Application, message: string): void {
  const { status, spec } = app
  const revision = spec.sources === undefined ? { revision: spec.source?.targetRevision ?? '' } : {}
  status.sync = { status: 'Unknown', comparedTo: comparedTo(app), ...revision }
  const text = `Failed to load target state: failed to generate manifest for source 1 of 1: ${message}`
  const known = status.conditions?.find((one) => one.message === text)
  status.conditions = [known ?? { type: 'ComparisonError', message: text, lastTransitionTime: timeText(state.clock.now()) }]
  delete status.resources
  delete status.sourceType
  reconciled(state, app)
  setHealth(state, app)
}

function reconciled(state: State, { status }: Application): void {
  status.reconciledAt = timeText(state.clock.now())
  status.resourceHealthSource = 'appTree'
  status.controllerNamespace = 'argocd'
}

function comparedTo({ spec }: Application): Application['status']['sync']['comparedTo'] {
  const { source = { repoURL: '' }, sources, destination } = spec
  return { source, destination, ...(sources === undefined ? {} : { sources }) }
}

function targetsAsResources(state: State, manifests: readonly Manifest[]): Resource[] {
  return manifests.filter(isNoHook).map((manifest) => {
    const live = liveOf(state, manifest)
    const isSame = live !== undefined && JSON.stringify(live.manifest) === JSON.stringify(manifest)
    return { ...identity(manifest), status: isSame ? 'Synced' : 'OutOfSync' }
  })
}

/** What lives and belongs to the application though it should not be there: to be pruned, or a hook. */
function leftovers(state: State, { metadata }: Application, manifests: readonly Manifest[]): Resource[] {
  const wanted = new Set(manifests.filter(isNoHook).map(({ kind, metadata: { namespace = '', name } }) => keyOf(kind, namespace, name)))
  const own = [...state.cluster.objects].filter(([key, { owner }]) => owner === metadata.name && !wanted.has(key))
  return own.map(([, { manifest }]) =>
    isNoHook(manifest)
      ? { ...identity(manifest), status: 'OutOfSync', requiresPruning: true }
      : { ...identity(manifest), hook: true, requiresPruning: true },
  )
}

export function isNoHook({ metadata }: Manifest): boolean {
  return metadata.annotations?.[hookAnnotation] === undefined
}

export function liveOf(state: State, { kind, metadata: { namespace = '', name } }: Manifest): Live | undefined {
  return state.cluster.objects.get(keyOf(kind, namespace, name))
}

export function identity({ apiVersion, kind, metadata: { namespace = '', name } }: Manifest): Omit<Resource, 'status'> {
  const [version = '', group] = apiVersion.split('/').toReversed()
  return { ...(group === undefined ? {} : { group }), version, kind, namespace, name }
}

/** What the controller writes whenever a live object changes: health of each, the worst of all for the whole, and the images. */
function setHealth(state: State, { status }: Application): void {
  for (const resource of status.resources ?? []) {
    const live = state.cluster.objects.get(keyOf(resource.kind, resource.namespace ?? '', resource.name))
    const health = live === undefined ? { status: 'Missing' } : healthOf(live)
    if (health === undefined) delete resource.health
    else resource.health = health
  }
  const counted = (status.resources ?? []).filter(({ hook, kind }) => hook !== true && hasHealth(kind))
  const worst =
    counted.map(({ health }) => health?.status ?? 'Healthy').toSorted((a, b) => order.indexOf(b) - order.indexOf(a))[0] ?? 'Healthy'
  if (status.health.status !== worst) status.health = { status: worst, lastTransitionTime: timeText(state.clock.now()) } satisfies Health
  const images = imagesOf(state, status.resources ?? [])
  status.summary = images.length === 0 ? {} : { images }
}

const order = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown']

function imagesOf(state: State, resources: readonly Resource[]): readonly string[] {
  return resources.flatMap(({ kind, namespace = '', name }) => {
    const live = state.cluster.objects.get(keyOf(kind, namespace, name))
    return live === undefined ? [] : imagesIn(live.manifest)
  })
}

export function imagesIn({ kind, spec }: Manifest): readonly string[] {
  const pod = kind === 'Pod' ? Object(spec) : Object(Object(Object(spec).template).spec)
  return (pod.containers ?? []).map(({ image }: { image: string }) => image)
}
