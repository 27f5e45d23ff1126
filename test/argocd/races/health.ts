import { at } from '../ask.ts'
import { application, hopeless, pod, podStatus } from '../manifests.ts'
import { come, create, deploy, hasSynced, type Race, webOf, withPod } from '../scene.ts'
import { ours } from './freshness.ts'

/** The revision is live, and what runs is not well, or not yet, or no longer. */
export const health: readonly Race[] = [
  {
    name: 'R10: healthy for a moment is not settled',
    expected: 'degraded',
    async play(scene) {
      const app = await deploy(scene, 'r10', withPod)
      const revision = app.next()
      const outcome = ours(scene, app, { revision, settle: '6s', grace: '1s' })
      await hasSynced(scene, app.name, revision)
      await scene.wait(500)
      await scene.setStatus(webOf(app), podStatus.degraded)
      return outcome
    },
  },
  {
    name: 'R10: what is healthy again settles anew',
    expected: 'deployed',
    async play(scene) {
      const app = await deploy(scene, 'r10b', withPod)
      const revision = app.next()
      const outcome = ours(scene, app, { revision, settle: '4s' })
      await hasSynced(scene, app.name, revision)
      await scene.setStatus(webOf(app), podStatus.progressing)
      await scene.wait(2000)
      await scene.setStatus(webOf(app), podStatus.healthy)
      return outcome
    },
  },
  {
    name: 'R11: degraded for a moment is not the end',
    expected: 'deployed',
    async play(scene) {
      const app = await deploy(scene, 'r11', withPod)
      const revision = app.next()
      const outcome = ours(scene, app, { revision, settle: '4s', grace: '20s' })
      await hasSynced(scene, app.name, revision)
      await scene.setStatus(webOf(app), podStatus.degraded)
      await scene.wait(2000)
      await scene.setStatus(webOf(app), podStatus.healthy)
      return outcome
    },
  },
  {
    name: 'R11: a rollout that Kubernetes has given up is, whatever grace is left',
    expected: 'degraded',
    async play(scene) {
      const app = await create(scene, 'r11b', { files: { 'app/web.json': hopeless('web') } })
      const outcome = ours(scene, app, { revision: app.head(), grace: '10m' })
      if (scene.kind === 'fake') {
        await hasSynced(scene, app.name, app.head())
        const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }]
        await scene.setStatus({ kind: 'deployment', namespace: app.namespace, name: 'web' }, { conditions })
      }
      return outcome
    },
  },
  {
    name: 'what never becomes healthy is a timeout, and says so',
    expected: 'timeout',
    async play(scene) {
      const app = await create(scene, 'never', withPod)
      return ours(scene, app, { revision: app.head(), timeout: '6s' })
    },
  },
  {
    name: 'R20: an application of applications is as old as its children; the CLI takes the parent for all',
    expected: 'timeout',
    async play(scene) {
      const { name, revision } = await family(scene, 'r20')
      await come(scene, name, (app) => at(app, 'status', 'health', 'status') === 'Healthy' && at(app, 'operation') === undefined)
      const lie = await scene.cli(['app', 'wait', name, '--sync', '--health', '--operation', '--timeout', '5'])
      if (lie !== undefined && lie.status !== 0) throw new Error(`the CLI did not take it: ${lie.stdout}`)
      return scene.sync({ apps: name, revision, recurse: 'true', timeout: '6s', settle: '1s' })
    },
  },
  {
    name: 'R20: and is live when they are',
    expected: 'unchanged',
    async play(scene) {
      const { name, child, revision } = await family(scene, 'r20b')
      const outcome = scene.sync({ apps: name, revision, recurse: 'true', timeout: '5m', settle: '1s' })
      await scene.wait(3000)
      await scene.setStatus({ kind: 'pod', namespace: child, name: 'web' }, podStatus.healthy)
      return outcome
    },
  },
]

/** A parent that is synced, with a child whose pod is not ready. */
async function family(scene: Parameters<Race['play']>[0], title: string): Promise<{ name: string; child: string; revision: string }> {
  const app = await create(scene, title, { automated: {} })
  const child = scene.name(`${title}-child`)
  const body = application(child, { repoURL: app.repository.url, path: 'child', namespace: child, automated: {} })
  const manifest = { ...body, metadata: { name: child, namespace: 'argocd' } }
  const revision = app.repository.commit({ 'app/child.json': JSON.stringify(manifest), 'child/web.json': pod('web', '1') })
  await scene.ask(`/applications/${app.name}?refresh=normal`)
  await hasSynced(scene, app.name, revision)
  await scene.ask(`/applications/${child}?refresh=normal`)
  await hasSynced(scene, child, revision)
  return { name: app.name, child, revision }
}
