import { at, must } from './ask.ts'
import { application, configMap, hook, pod, podStatus } from './manifests.ts'
import type { Answer, Asking, Stage } from './stage.ts'

/** One request that a walk sends, and what came back. */
export interface Step extends Answer {
  readonly title: string
}

type Send = (title: string, path: string, asking?: Asking) => Promise<Answer>

/** Asks an Argo CD, in order, for all that a client of it needs: what it says when all is well, and each way it says no. */
export async function walk(stage: Stage): Promise<readonly Step[]> {
  const steps: Step[] = []
  const send: Send = async (title, path, asking) => {
    const answer = await stage.ask(path, asking)
    steps.push({ title, ...answer })
    return answer
  }
  await access(stage, send)
  await tokens(stage, send)
  await aManualApplication(stage, send)
  await aLockedApplication(stage, send)
  await anAutomatedApplication(stage, send)
  await windows(stage, send)
  await severalSources(stage, send)
  await faults(stage, send)
  return steps
}

async function access({ ci }: Stage, send: Send): Promise<void> {
  await send('the version', '/api/version', { token: '' })
  await send('settings without a token', '/settings', { token: '' })
  await send('who I am', '/session/userinfo')
  await send('who ci is', '/session/userinfo', { token: ci })
  await send('who nobody is', '/session/userinfo', { token: '' })
  await send('a wrong password', '/session', { method: 'POST', token: '', body: { username: 'admin', password: 'wrong' } })
  await send('no token', '/applications', { token: '' })
  await send('a token that is none', '/applications', { token: 'abc' })
  await send('a token of another server', '/applications', { token: foreign })
  await send('a write without its type', '/applications/none/sync', { method: 'POST', body: {}, headers: { 'content-type': 'text/plain' } })
  await send('may ci sync', '/account/can-i/applications/sync/default%2Fx', { token: ci })
  await send('may ci delete', '/account/can-i/applications/delete/default%2Fx', { token: ci })
  await send('an application that is not there', '/applications/none-such')
  await send('the same in a project', '/applications/none-such?project=default')
  await send('the same in a project that is not there', '/applications/none-such?project=none')
  await send('the same for ci', '/applications/none-such', { token: ci })
  await send('the same in a project, for ci', '/applications/none-such?project=default', { token: ci })
  await send('a sync of it', '/applications/none-such/sync', { method: 'POST', token: ci, body: { name: 'none-such', project: 'default' } })
  await send('an address that is not there', '/none')
}

/** Signed by nobody that this server knows. */
const foreign =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhcmdvY2QiLCJzdWIiOiJjaTphcGlLZXkiLCJuYmYiOjE3OTUzMjc3NTMsImlhdCI6MTc5NTMyNzc1MywianRpIjoiMjJhYmFjNDEtYmVhNi00YzVlLWEwZTgtYTk1ZGQ4NTNiZjlkIn0.bKVKMv5EHnmvcUFUzCJf773YjVIZMGtvi6yZj_apwD9'

async function tokens(stage: Stage, send: Send): Promise<void> {
  const { name } = await made(stage, 'tokens', { 'app/a.json': configMap('a', { v: '1' }) })
  const path = `/applications/${name}`
  const short = await must(stage.ask('/account/ci/token', { method: 'POST', body: { expiresIn: 1 } }))
  const project = stage.name('team')
  const policies = ['get', 'sync'].map((action) => `p, proj:${project}:deployer, applications, ${action}, ${project}/*, allow`)
  const spec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], roles: [{ name: 'deployer', policies }] }
  await must(stage.ask('/projects', { method: 'POST', body: { project: { metadata: { name: project }, spec } } }))
  const role = await must(stage.ask(`/projects/${project}/roles/deployer/token`, { method: 'POST', body: {} }))
  const token = String(role['token'])
  await send('who a role is', '/session/userinfo', { token })
  await send('an application of others', path, { token })
  await send('the same in its project', `${path}?project=default`, { token })
  await send('one that is not there, in the project of others', '/applications/none-such?project=default', { token })
  await send('one that is not there, in its own project', `/applications/none-such?project=${project}`, { token })
  await send('all that a role may see', '/applications', { token })
  await send('a token by ci', '/account/ci/token', { method: 'POST', body: {}, token: stage.ci })
  await send('a sync that ci may not refuse', `${path}/sync`, { method: 'POST', body: { name, dryRun: true }, token })
  await stage.wait(2000)
  await send('a token that has expired', path, { token: String(short['token']) })
}

async function aManualApplication(stage: Stage, send: Send): Promise<void> {
  const { name, namespace, repository } = await made(stage, 'walk', {
    'app/a.json': configMap('a', { v: '1' }),
    'app/web.json': pod('web', '1'),
  })
  const path = `/applications/${name}`
  const one = repository.git('rev-parse', 'HEAD')
  await send('created again, otherwise', '/applications', {
    method: 'POST',
    body: application(name, { repoURL: repository.url, namespace: 'elsewhere' }),
  })
  await send('refreshed', `${path}?refresh=normal&project=default`)
  await send('of another project', `${path}?project=other`)
  await send('an operation ended where none is', `${path}/operation`, { method: 'DELETE' })
  await send('synced', `${path}/sync`, { method: 'POST', body: { name, revision: one, infos: [{ name: 'nonce', value: 'one' }] } })
  await ended(stage, name)
  await send('after the sync', path)
  await stage.setStatus({ kind: 'pod', namespace, name: 'web' }, podStatus.healthy)
  await health(stage, name, 'Healthy')
  await send('healthy', path)
  await send('its tree', `${path}/resource-tree`)
  await send('its events', `${path}/events`)
  await send('its logs, of a pod that runs nowhere', `${path}/pods/web/logs?namespace=${namespace}&container=web&tailLines=30`)
  await send('its logs, for ci', `${path}/pods/web/logs?namespace=${namespace}&container=web&tailLines=30`, { token: stage.ci })
  await send('its managed resources', `${path}/managed-resources`)
  await send('its windows', `${path}/syncwindows`)
  await send('the commit', `${path}/revisions/${one}/metadata`)
  await send('a commit that is not there', `${path}/revisions/${'0'.repeat(40)}/metadata`)
  await send('synced again', `${path}/sync`, { method: 'POST', body: { name, dryRun: true } })
  await ended(stage, name)
  await send('after the dry run', path)
  await send('in the list', `/applications?projects=default&selector=walk%3D${name}&fields=${fields}`)
  await send('a list without any', '/applications?selector=walk%3Dnone')
  await send('a selector that is none', '/applications?selector=%3D%3D%3D')
  const two = repository.commit({ 'app/a.json': undefined })
  await send('refreshed when a resource has gone', `${path}?refresh=normal`)
  await send('synced without pruning', `${path}/sync`, { method: 'POST', body: { name, revision: two } })
  await ended(stage, name)
  await send('what was not pruned', `${path}?refresh=normal`)
  await send('synced with pruning', `${path}/sync`, { method: 'POST', body: { name, revision: two, prune: true } })
  await ended(stage, name)
  await send('what was pruned', `${path}?refresh=normal`)
  await send('synced to a commit that is not there', `${path}/sync`, { method: 'POST', body: { name, revision: '1'.repeat(40) } })
  await ended(stage, name)
  await send('after that', path)
  await send('synced to a branch that is not there', `${path}/sync`, { method: 'POST', body: { name, revision: 'none-such' } })
  await send('rolled back', `${path}/rollback`, { method: 'POST', body: { name, id: 0, prune: true } })
  await ended(stage, name)
  await send('after the rollback', path)
  await send('rolled back to what never was', `${path}/rollback`, { method: 'POST', body: { name, id: 99 } })
  await send('deleted by ci', path, { method: 'DELETE', token: stage.ci })
  await send('deleted', `${path}?cascade=false`, { method: 'DELETE' })
}

const fields =
  'metadata.resourceVersion,items.metadata.name,items.operation,items.status.sync,items.status.health,items.status.operationState,items.status.reconciledAt,items.status.conditions'

async function aLockedApplication(stage: Stage, send: Send): Promise<void> {
  const { name, namespace } = await made(stage, 'lock', { 'app/a.json': configMap('a', { v: '1' }), 'app/hook.json': hook('before') })
  const path = `/applications/${name}`
  const sync = { method: 'POST', body: { name } } as const
  await send('refreshed with a hook', `${path}?refresh=normal`)
  await send('synced with a hook', `${path}/sync`, sync)
  await running(stage, name)
  await send('while the hook runs', path)
  await send('synced while another operation runs', `${path}/sync`, sync)
  await stage.setStatus({ kind: 'pod', namespace, name: 'before' }, podStatus.succeeded)
  await ended(stage, name)
  await send('after the hook', path)
  await send('synced with a hook once more', `${path}/sync`, sync)
  await running(stage, name)
  await send('the operation ended', `${path}/operation`, { method: 'DELETE' })
  await ended(stage, name)
  await send('after its end', path)
}

async function anAutomatedApplication(stage: Stage, send: Send): Promise<void> {
  const { name, repository } = await made(stage, 'auto', { 'app/a.json': configMap('a', { v: '1' }) }, { automated: {} })
  const path = `/applications/${name}`
  await stage.ask(`${path}?refresh=normal`)
  await ended(stage, name)
  await send('synced by itself', `${path}?refresh=normal`)
  const body = { name, revision: repository.git('rev-parse', 'HEAD') }
  await send('synced to a revision of ours', `${path}/sync`, { method: 'POST', body })
  await send('synced to its own', `${path}/sync`, { method: 'POST', body: { name } })
  await ended(stage, name)
  await send('rolled back while it syncs itself', `${path}/rollback`, { method: 'POST', body: { name, id: 0 } })
  repository.commit({ 'README.md': 'elsewhere' })
  await send('refreshed at a commit that changes nothing', `${path}?refresh=normal`)
}

async function windows(stage: Stage, send: Send): Promise<void> {
  const project = stage.name('closed')
  const spec = {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  }
  const deny = { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] }
  await must(
    stage.ask('/projects', { method: 'POST', body: { project: { metadata: { name: project }, spec: { ...spec, syncWindows: [deny] } } } }),
  )
  const { name } = await made(stage, 'closed', { 'app/a.json': configMap('a', { v: '1' }) }, { project })
  await send('refreshed in a closed window', `/applications/${name}?refresh=normal`)
  await send('synced in a closed window', `/applications/${name}/sync`, { method: 'POST', body: { name } })
  await send('the closed window', `/applications/${name}/syncwindows`)
}

async function severalSources(stage: Stage, send: Send): Promise<void> {
  const other = stage.repository({ 'more/b.json': configMap('b', { v: '1' }) })
  const one = stage.repository({ 'app/a.json': configMap('a', { v: '1' }) })
  const [name, namespace] = [stage.name('multi'), stage.name('multi')]
  const sources = [
    { repoURL: one.url, path: 'app', targetRevision: 'main' },
    { repoURL: other.url, targetRevision: 'main', ref: 'values' },
    { repoURL: other.url, path: 'more', targetRevision: 'main' },
  ]
  await must(stage.ask('/applications', { method: 'POST', body: application(name, { repoURL: '', namespace, sources }) }))
  await send('several sources', `/applications/${name}?refresh=normal`)
  const revisions = [one.git('rev-parse', 'HEAD'), other.git('rev-parse', 'HEAD')]
  await send('several synced', `/applications/${name}/sync`, { method: 'POST', body: { name, revisions, sourcePositions: [1, 3] } })
  await ended(stage, name)
  await send('several after the sync', `/applications/${name}`)
}

async function faults(stage: Stage, send: Send): Promise<void> {
  const { name, repository } = await made(stage, 'fault', { 'app/a.json': configMap('a', { v: '0' }) })
  const path = `/applications/${name}`
  repository.commit({ 'app/a.json': '{"kind":' })
  await send('refreshed where nothing can be read', `${path}?refresh=normal`)
  await send('synced there', `${path}/sync`, { method: 'POST', body: { name } })
  await ended(stage, name)
  await send('after that sync', path)
  repository.commit({ 'app/a.json': configMap('a', { v: '1' }) })
  await send('refreshed when it is mended', `${path}?refresh=hard`)
  const lost = await made(stage, 'lost', { 'app/a.json': configMap('a', { v: '1' }) }, { syncOptions: [] })
  await stage.ask(`/applications/${lost.name}?refresh=normal`)
  const retryStrategy = { limit: 1, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } }
  await send('synced to a namespace that is not there', `/applications/${lost.name}/sync`, {
    method: 'POST',
    body: { name: lost.name, retryStrategy },
  })
  await waitFor(
    stage,
    lost.name,
    (app) => at(app, 'status', 'operationState', 'retryCount') === 1 || at(app, 'status', 'operationState', 'finishedAt') !== undefined,
  )
  await send('while it waits to try again', `/applications/${lost.name}`)
  await ended(stage, lost.name)
  await send('after it has tried again', `/applications/${lost.name}`)
  await must(stage.ask(`${path}?cascade=false`, { method: 'DELETE' }))
  await send('deleted before', path)
}

async function made(
  stage: Stage,
  title: string,
  files: Readonly<Record<string, string>>,
  given: Partial<Parameters<typeof application>[1]> = {},
): Promise<{ name: string; namespace: string; repository: ReturnType<Stage['repository']> }> {
  const repository = stage.repository(files)
  const [name, namespace] = [stage.name(title), stage.name(title)]
  const body = application(name, { repoURL: repository.url, namespace, labels: { walk: name }, ...given })
  await must(stage.ask('/applications', { method: 'POST', body }))
  return { name, namespace, repository }
}

async function waitFor(stage: Stage, name: string, isSo: (app: unknown) => boolean): Promise<void> {
  for (let round = 0; round < 2000; round++) {
    if (isSo((await stage.ask(`/applications/${name}`)).body)) return
    await stage.wait(100)
  }
  throw new Error(`${name} does not come to it: ${JSON.stringify((await stage.ask(`/applications/${name}`)).body)}`)
}

/** Its operation is over, and what the controller writes after it is written. */
async function ended(stage: Stage, name: string): Promise<void> {
  await waitFor(stage, name, (app) => at(app, 'operation') === undefined && at(app, 'status', 'operationState', 'finishedAt') !== undefined)
  await stage.wait(500)
}

async function running(stage: Stage, name: string): Promise<void> {
  await waitFor(stage, name, (app) => /waiting for completion/.test(String(at(app, 'status', 'operationState', 'message'))))
  await stage.wait(500)
}

function health(stage: Stage, name: string, wanted: string): Promise<void> {
  return waitFor(stage, name, (app) => at(app, 'status', 'health', 'status') === wanted)
}
