import { at, look, must } from '../ask.ts'
import { application, configMap, hook, podStatus } from '../manifests.ts'
import { come, create, deploy, hasEnded, isHeld, type Race, startSync, webOf, withPod } from '../scene.ts'
import { ours } from './freshness.ts'

const automated = {}
const before = { kind: 'pod', name: 'before' } as const

/** Others sync as well, or a sync does not end as it should. */
export const operations: readonly Race[] = [
  {
    name: 'R4: an operation of somebody else, of another commit, is waited for',
    expected: 'deployed',
    async play(scene) {
      const app = await create(scene, 'r4', { files: { 'app/hook.json': hook('before') } })
      await startSync(scene, app)
      await isHeld(scene, app.name)
      const outcome = ours(scene, app, { revision: app.next({ 'app/hook.json': undefined }), prune: 'true' })
      await scene.wait(2000)
      await scene.setStatus({ ...before, namespace: app.namespace }, podStatus.succeeded)
      return outcome
    },
  },
  {
    name: 'R4: one that brings our commit is taken for ours, and no other is started',
    expected: 'deployed',
    isRaced: true,
    async play(scene) {
      const app = await create(scene, 'r4b', { files: { 'app/hook.json': hook('before') } })
      const revision = app.head()
      await startSync(scene, app)
      await isHeld(scene, app.name)
      const outcome = ours(scene, app, { revision })
      await scene.wait(2000)
      await scene.setStatus({ ...before, namespace: app.namespace }, podStatus.succeeded)
      const ended = await outcome
      const history = at(await look(scene, app.name), 'status', 'history', 'length')
      if (history !== 1) throw new Error(`${history} operations, not one`)
      return ended
    },
  },
  {
    name: 'R5: an application that syncs itself is never told what to sync to',
    expected: 'deployed',
    isRaced: true,
    async play(scene) {
      const app = await deploy(scene, 'r5', { automated })
      const revision = app.next()
      const [outcome] = await Promise.all([ours(scene, app, { revision }), scene.ask(`/applications/${app.name}?refresh=normal`)])
      if (/auto-sync currently set|another operation/.test(outcome.log)) throw new Error(`it was told: ${outcome.log}`)
      return outcome
    },
  },
  {
    name: 'R12: an operation that waits for its next try is not over',
    expected: 'deployed',
    isRaced: true,
    async play(scene) {
      const retry = { limit: 5, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } }
      const app = await create(scene, 'r12', { automated, retry, syncOptions: [] })
      const outcome = ours(scene, app, { revision: app.head() })
      await come(scene, app.name, (one) => at(one, 'status', 'operationState', 'retryCount') !== undefined)
      await scene.createNamespace(app.namespace)
      return outcome
    },
  },
  {
    name: 'R12: one that has failed for the last time is',
    expected: 'sync-failed',
    async play(scene) {
      const retry = { limit: 1, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } }
      const app = await create(scene, 'r12b', { automated, retry, syncOptions: [] })
      return ours(scene, app, { revision: app.head() })
    },
  },
  {
    name: 'a sync of ours that fails is our failure',
    expected: 'sync-failed',
    async play(scene) {
      const app = await create(scene, 'failed', { syncOptions: [] })
      return ours(scene, app, { revision: app.head() })
    },
  },
  {
    name: 'R13: a closed window refuses a sync by hand',
    expected: 'blocked-window',
    async play(scene) {
      const app = await create(scene, 'r13', { project: await closed(scene) })
      return ours(scene, app, { revision: app.head() })
    },
  },
  {
    name: 'R13: a closed window holds back an application that syncs itself',
    expected: 'blocked-window',
    async play(scene) {
      const app = await create(scene, 'r13b', { project: await closed(scene), automated })
      return ours(scene, app, { revision: app.head() })
    },
  },
  {
    name: 'R14: what only pruning would bring in sync is a result of its own; a hook that stays is not that',
    expected: 'prune-required',
    async play(scene) {
      const app = await deploy(scene, 'r14', { files: { 'app/more.json': configMap('more', {}) } })
      return ours(scene, app, { revision: app.next({ 'app/more.json': undefined }) })
    },
  },
  {
    name: 'R14: with prune it is deleted',
    expected: 'deployed',
    async play(scene) {
      const app = await deploy(scene, 'r14b', { files: { 'app/more.json': configMap('more', {}) } })
      return ours(scene, app, { revision: app.next({ 'app/more.json': undefined }), prune: 'true' })
    },
  },
  {
    name: 'R14: a hook that stays needs no pruning',
    expected: 'deployed',
    async play(scene) {
      const app = await create(scene, 'r14c', { files: { 'app/hook.json': hook('before') } })
      const outcome = ours(scene, app, { revision: app.head() })
      await isHeld(scene, app.name)
      await scene.setStatus({ ...before, namespace: app.namespace }, podStatus.succeeded)
      return outcome
    },
  },
  {
    name: 'R17: what runs when the time is over goes on running',
    expected: 'timeout',
    async play(scene) {
      const app = await create(scene, 'r17', { files: { 'app/hook.json': hook('before') } })
      const outcome = await ours(scene, app, { revision: app.head(), timeout: '20s' })
      if (at(await look(scene, app.name), 'operation') === undefined) throw new Error('its operation has gone')
      return outcome
    },
  },
  {
    name: 'R17: or is ended, where that is wanted',
    expected: 'timeout',
    async play(scene) {
      const app = await create(scene, 'r17b', { files: { 'app/hook.json': hook('before') } })
      const outcome = await ours(scene, app, { revision: app.head(), timeout: '20s', 'on-timeout': 'terminate' })
      await hasEnded(scene, app.name)
      const message = at(await look(scene, app.name), 'status', 'operationState', 'message')
      if (message !== 'Operation terminated') throw new Error(`it ended otherwise: ${message}`)
      return outcome
    },
  },
  {
    name: 'R18: an application that is deleted while it is waited for is said to be gone',
    expected: 'not-found-or-forbidden',
    async play(scene) {
      const app = await deploy(scene, 'r18', withPod)
      await scene.setStatus(webOf(app), podStatus.progressing)
      const outcome = ours(scene, app, { revision: app.next() })
      await scene.wait(3000)
      await must(scene.ask(`/applications/${app.name}?cascade=false`, { method: 'DELETE' }))
      return outcome
    },
  },
  {
    name: 'R16: each of several sources has a revision of its own, but those that lend values',
    expected: 'deployed',
    async play(scene) {
      const [one, two] = [
        scene.repository({ 'app/a.json': configMap('a', { v: '1' }) }),
        scene.repository({ 'more/b.json': configMap('b', { v: '1' }) }),
      ]
      const name = scene.name('r16')
      const sources = [
        { repoURL: one.url, path: 'app', targetRevision: 'main' },
        { repoURL: two.url, targetRevision: 'main', ref: 'values' },
        { repoURL: two.url, path: 'more', targetRevision: 'main' },
      ]
      await must(scene.ask('/applications', { method: 'POST', body: application(name, { repoURL: '', namespace: name, sources }) }))
      const revisions = `1=${one.git('rev-parse', 'HEAD')}\n3=${two.git('rev-parse', 'HEAD')}`
      return scene.sync({ apps: name, revisions, timeout: '5m', settle: '1s' })
    },
  },
]

async function closed(scene: { name(title: string): string; ask: Parameters<typeof look>[0]['ask'] }): Promise<string> {
  const name = scene.name(`closed-${Math.random().toString(36).slice(2, 8)}`)
  const windows = [{ kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'] }]
  const all = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], clusterResourceWhitelist: [{ group: '*', kind: '*' }] }
  await must(scene.ask('/projects', { method: 'POST', body: { project: { metadata: { name }, spec: { ...all, syncWindows: windows } } } }))
  return name
}
