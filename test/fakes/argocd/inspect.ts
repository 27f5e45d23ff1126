import { invalid, Refused } from './answers.ts'
import { applicationOf, type Call, type Routes } from './call.ts'
import { timeText } from './clock.ts'
import { healthOf, keyOf } from './cluster.ts'
import { identity, imagesIn, isNoHook, liveOf, sourcesOf, targetOf } from './compare.ts'
import { RepositoryError } from './repositories.ts'
import { forbidden, may } from './sessions.ts'
import { mayRun, windowsOf } from './windows.ts'

/** What is looked at when something is wrong, and who may do what. */
export const inspectRoutes: Routes = {
  'GET /applications/:name/resource-tree': tree,
  'GET /applications/:name/resource': resource,
  'GET /applications/:name/events': events,
  'GET /applications/:name/pods/:pod/logs': logs,
  'GET /applications/:name/logs': logs,
  'GET /applications/:name/managed-resources': managed,
  'GET /applications/:name/syncwindows': windows,
  'GET /applications/:name/revisions/:revision/metadata': revision,
  'GET /account/can-i/:resource/:action/:object': canI,
}

function tree(call: Call): object {
  const { metadata } = applicationOf(call, 'applications get')
  const own = [...call.state.cluster.objects.values()].filter(({ owner }) => owner === metadata.name)
  const nodes = own.map((live) => {
    const { manifest, createdAt } = live
    const health = healthOf(live)
    const images = imagesIn(manifest)
    const [ready, all] = [health?.status === 'Healthy' ? 1 : 0, images.length]
    const info = [
      { name: 'Status Reason', value: String(live.status['phase'] ?? 'Pending') },
      { name: 'Node' },
      { name: 'Containers', value: `${ready}/${all}` },
      ...['cpu', 'memory'].map((name) => ({ name, value: '0' })),
    ]
    const pod = manifest.kind === 'Pod' ? { info, networkingInfo: {} } : {}
    const seen = { ...pod, ...(images.length > 0 ? { images } : {}), ...(health === undefined ? {} : { health }) }
    return { ...identity(manifest), ...seen, createdAt: timeText(createdAt) }
  })
  return nodes.length === 0 ? {} : { nodes }
}

function resource(call: Call): object {
  applicationOf(call, 'applications get')
  const [kind = '', namespace = '', name = ''] = ['kind', 'namespace', 'resourceName'].map((part) => call.query.get(part) ?? '')
  const live = call.state.cluster.objects.get(keyOf(kind, namespace, name))
  if (live === undefined) throw invalid(`${kind}  ${name} not found as part of application ${call.params['name']}`)
  return { manifest: JSON.stringify({ ...live.manifest, status: live.status }) }
}

function events(call: Call): object {
  const { metadata, spec } = applicationOf(call, 'applications get')
  const time = metadata.creationTimestamp
  const involved = {
    kind: 'Application',
    namespace: 'argocd',
    name: metadata.name,
    apiVersion: 'argoproj.io/v1alpha1',
    uid: metadata.uid,
    resourceVersion: '1',
  }
  const annotations = { 'dest-namespace': spec.destination.namespace, 'dest-server': spec.destination.server, user: 'admin' }
  const own = {
    name: `${metadata.name}.1`,
    namespace: 'argocd',
    uid: metadata.uid,
    resourceVersion: '1',
    creationTimestamp: time,
    annotations,
  }
  const said = { reason: 'ResourceCreated', message: 'admin created application', source: { component: 'argocd-server' } }
  const counted = {
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type: 'Normal',
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  }
  return { metadata: { resourceVersion: '1' }, items: [{ metadata: own, involvedObject: involved, ...said, ...counted }] }
}

function logs(call: Call): object {
  const { metadata, spec } = applicationOf(call, 'applications get')
  const where = { project: spec.project, app: metadata.name, projects: call.state.projects }
  if (!may(call.who, 'logs get', where)) {
    const { message } = forbidden(call.who, 'logs get', `${spec.project}/${metadata.name}`)
    throw Object.assign(new Refused(403, 7, message), {
      body: { error: { grpc_code: 7, http_code: 403, message, http_status: 'Forbidden' } },
    })
  }
  const now = call.state.clock.now()
  return { result: { content: '', timeStamp: timeText(now), last: true, timeStampStr: new Date(now).toISOString(), podName: '' } }
}

async function managed(call: Call): Promise<object> {
  const app = applicationOf(call, 'applications get')
  const { manifests } = await targetOf(call.state, app)
  const items = manifests.filter(isNoHook).map((manifest) => {
    const { version: _, ...named } = identity(manifest)
    const live = JSON.stringify(liveOf(call.state, manifest)?.manifest ?? null)
    const target = JSON.stringify(manifest)
    return { ...named, targetState: target, liveState: live, normalizedLiveState: live, predictedLiveState: target, resourceVersion: '1' }
  })
  return { items }
}

function windows(call: Call): object {
  const app = applicationOf(call, 'applications get')
  const all = windowsOf(app, call.state.projects.get(app.spec.project))
  const shown = all.map(({ kind, schedule, duration, manualSync = false }) => ({ kind, schedule, duration, manualSync }))
  return { ...(all.length === 0 ? {} : { activeWindows: shown, assignedWindows: shown }), canSync: mayRun(all, true) }
}

async function revision(call: Call): Promise<object> {
  const app = applicationOf(call, 'applications get')
  try {
    return await call.state.repositories.describe(sourcesOf(app)[0]?.repoURL ?? '', call.params['revision'] ?? '')
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error
    throw new Refused(500, 2, error.message.replace(/^.*?desc = failed/, 'error acquiring repo lock: failed'))
  }
}

function canI({ state, who, params }: Call): object {
  const [project = '', app = ''] = (params['object'] ?? '').split('/')
  return { value: may(who, `${params['resource']} ${params['action']}`, { project, app, projects: state.projects }) ? 'yes' : 'no' }
}
