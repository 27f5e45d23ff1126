import { renameSync } from 'node:fs'
import { at, look } from '../ask.ts'
import {
  come,
  type Deployed,
  deploy,
  hasEnded,
  hasSynced,
  type Inputs,
  isGood,
  type Outcome,
  type Race,
  type Scene,
  startSync,
} from '../scene.ts'

const automated = {}

/** The commit is in git, and Argo CD has not seen it, or has not written what it saw. */
export const freshness: readonly Race[] = [
  {
    name: 'R1: healthy at the old commit while the controller stands still is no proof; the CLI takes it for one',
    expected: 'timeout',
    isAlone: true,
    async play(scene) {
      const app = await deploy(scene, 'r1', { automated })
      await scene.freeze()
      const revision = app.next()
      const lie = await scene.cli(['app', 'wait', app.name, '--sync', '--health', '--operation', '--timeout', '5'])
      if (lie !== undefined && (lie.status !== 0 || lie.stdout.includes(revision))) throw new Error(`the CLI did not lie: ${lie.stdout}`)
      return ours(scene, app, { revision, timeout: '6s' })
    },
  },
  {
    name: 'R1: it waits until the controller has seen the commit',
    expected: 'deployed',
    isRaced: true,
    isAlone: true,
    async play(scene) {
      const app = await deploy(scene, 'r1b', { automated })
      await scene.freeze()
      const outcome = ours(scene, app, { revision: app.next() })
      await scene.wait(3000)
      await scene.thaw()
      return outcome
    },
  },
  {
    name: 'R2: an operation that failed before is not ours',
    expected: 'deployed',
    async play(scene) {
      const app = await deploy(scene, 'r2')
      await startSync(scene, app, { revision: '1'.repeat(40) })
      await hasEnded(scene, app.name)
      if (at(await look(scene, app.name), 'status', 'operationState', 'phase') !== 'Error')
        throw new Error('the scene needs a failed operation')
      return ours(scene, app, { revision: app.next() })
    },
  },
  {
    name: 'R2: an operation that succeeded before is not ours',
    expected: 'timeout',
    isAlone: true,
    async play(scene) {
      const app = await deploy(scene, 'r2b')
      await scene.freeze()
      return ours(scene, app, { revision: app.next(), timeout: '6s' })
    },
  },
  {
    name: 'R3: a repository that is gone ends in a result and its cause',
    expected: 'timeout',
    async play(scene) {
      const app = await deploy(scene, 'r3', { automated })
      const revision = app.next()
      const { folder } = app.repository
      renameSync(folder, `${folder}-gone`)
      try {
        const outcome = await scene.sync({ apps: app.name, revision, timeout: '45s', settle: '1s' })
        if (!/ComparisonError|repository/.test(outcome.log)) throw new Error(`no cause: ${outcome.log}`)
        return outcome
      } finally {
        renameSync(`${folder}-gone`, folder)
      }
    },
  },
  {
    name: 'R3: a repository that comes back is read',
    expected: 'deployed',
    isRaced: true,
    async play(scene) {
      const app = await deploy(scene, 'r3b', { automated })
      const revision = app.next()
      const { folder } = app.repository
      renameSync(folder, `${folder}-gone`)
      const outcome = scene.sync({ apps: app.name, revision, timeout: '5m', settle: '1s' })
      await scene.wait(3000)
      renameSync(`${folder}-gone`, folder)
      return outcome
    },
  },
  {
    name: 'R8: a mirror that lags behind is asked again',
    expected: 'deployed',
    isRaced: true,
    async play(scene) {
      const mirror = await deploy(scene, 'r8', { automated })
      const origin = scene.repository({})
      origin.git('pull', '--quiet', mirror.repository.url, 'main')
      const revision = origin.commit({ 'app/settings.json': JSON.stringify({ ...configMapObject, data: { v: 'mirrored' } }) })
      const outcome = ours(scene, mirror, { revision })
      await scene.wait(3000)
      mirror.repository.git('config', 'receive.denyCurrentBranch', 'ignore')
      origin.git('push', '--quiet', mirror.repository.url, 'HEAD:main')
      return outcome
    },
  },
  {
    name: 'R9: a state that was written before the operation ended proves nothing',
    expected: 'timeout',
    isAlone: true,
    async play(scene) {
      const { app, revision } = await unwritten(scene, 'r9')
      return ours(scene, app, { revision, timeout: '6s' })
    },
  },
  {
    name: 'R9: it is taken once it is written again',
    expected: 'unchanged',
    isAlone: true,
    async play(scene) {
      const { app, revision } = await unwritten(scene, 'r9b')
      const outcome = ours(scene, app, { revision })
      await scene.wait(2000)
      await scene.thaw()
      return outcome
    },
  },
  {
    name: 'R7: a commit elsewhere in the repository is live without a sync',
    expected: 'unchanged',
    async play(scene) {
      const app = await deploy(scene, 'r7', { automated })
      return ours(scene, app, { revision: app.repository.commit({ 'README.md': 'nothing of this application' }) })
    },
  },
  {
    name: 'R7: the same where Argo CD itself skips it by its paths',
    expected: 'unchanged',
    async play(scene) {
      const app = await deploy(scene, 'r7b', { automated, annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.' } })
      return ours(scene, app, { revision: app.repository.commit({ 'README.md': 'nothing of this application' }) })
    },
  },
  {
    name: 'R6: a commit that is followed by others is live with them',
    expected: 'superseded',
    play: (scene) => superseded(scene, 'r6', {}),
  },
  {
    name: 'R6: unless it is wanted exactly',
    expected: 'superseded',
    fails: true,
    play: (scene) => superseded(scene, 'r6b', { strict: 'true' }),
  },
  {
    name: 'R6: a commit of a branch that nobody deploys is never live',
    expected: 'timeout',
    async play(scene) {
      const app = await deploy(scene, 'r6c', { automated })
      app.repository.git('checkout', '--quiet', '-b', 'other')
      const revision = app.next()
      app.repository.git('checkout', '--quiet', 'main')
      app.next()
      return ours(scene, app, { revision, timeout: '10s' })
    },
  },
  {
    name: 'R19: what was synced in part is not in the history, and is live',
    expected: 'unchanged',
    async play(scene) {
      const app = await deploy(scene, 'r19')
      const revision = app.next()
      const resources = [{ group: '', kind: 'ConfigMap', name: 'settings', namespace: app.namespace }]
      await startSync(scene, app, { revision, resources })
      await hasEnded(scene, app.name)
      const history = JSON.stringify(at(await look(scene, app.name), 'status', 'history'))
      if (history.includes(revision)) throw new Error('the scene needs a sync that history does not have')
      return ours(scene, app, { revision })
    },
  },
]

const configMapObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } }

/** Our run for one application, which may ask its repository how commits stand to each other. */
export function ours(scene: Scene, { name, repository }: Deployed, inputs: Inputs): Promise<Outcome> {
  return scene.sync({ apps: name, repository: repository.url, timeout: '5m', settle: '1s', ...inputs })
}

async function superseded(scene: Scene, title: string, inputs: Inputs): Promise<Outcome> {
  const app = await deploy(scene, title, { automated })
  const [revision] = [app.next(), app.next(), app.next()]
  return ours(scene, app, { revision, ...inputs })
}

/** Synced to the next commit, and the controller has stopped before it wrote what came of it. */
async function unwritten(scene: Scene, title: string): Promise<{ app: Deployed; revision: string }> {
  const app = await deploy(scene, title)
  const revision = app.next()
  await startSync(scene, app, { revision })
  await hasSynced(scene, app.name, revision)
  await come(scene, app.name, isGood)
  await scene.freeze()
  await scene.setStatus({ kind: 'application', namespace: 'argocd', name: app.name }, { reconciledAt: '2026-01-01T00:00:00Z' })
  return { app, revision }
}
