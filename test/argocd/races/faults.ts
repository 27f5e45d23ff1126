import { at, look, must } from '../ask.ts'
import { hook, podStatus } from '../manifests.ts'
import { create, type Deployed, deploy, isHeld, type Race, type Scene, webOf, withPod } from '../scene.ts'
import { cutStreams } from '../stream-cutter.ts'
import { ours } from './freshness.ts'

/** The way to Argo CD fails, or what was known of the caller. */
export const faults: readonly Race[] = [
  {
    name: 'R15: streams that a proxy cuts after 5 s cost nothing',
    expected: 'deployed',
    async play(scene) {
      const { app, revision } = await unready(scene, 'r15')
      await using proxy = await cutStreams(scene.server, () => scene.wait(5000))
      const outcome = ours(scene, app, { revision, server: proxy.url })
      for (let round = 0; proxy.cuts() === 0 && round < 100; round++) await scene.wait(500)
      await scene.setStatus(webOf(app), podStatus.healthy)
      const ended = await outcome
      if (proxy.cuts() === 0) throw new Error('nothing was cut')
      return ended
    },
  },
  {
    name: 'R15: a server that is killed and comes back is waited for',
    expected: 'deployed',
    isAlone: true,
    async play(scene) {
      const { app, revision } = await unready(scene, 'killed')
      const outcome = ours(scene, app, { revision })
      await scene.wait(3000)
      await scene.restart(2000)
      await scene.setStatus(webOf(app), podStatus.healthy)
      return outcome
    },
  },
  {
    name: 'a token that expires while it waits ends the wait, and says so',
    expected: 'not-found-or-forbidden',
    async play(scene) {
      const { app, revision } = await unready(scene, 'expired')
      const { token } = await must(scene.ask('/account/ci/token', { method: 'POST', body: { expiresIn: 4 } }))
      const outcome = await ours(scene, app, { revision, token: String(token) })
      if (!/expired|token/i.test(outcome.log)) throw new Error(`no cause: ${outcome.log}`)
      return outcome
    },
  },
  {
    name: 'SIGTERM ends the wait with 143 and leaves the operation alone',
    expected: 'cancelled',
    async play(scene) {
      const app = await create(scene, 'cancelled', { files: { 'app/hook.json': hook('before') } })
      const cancel = new AbortController()
      const outcome = cancelled(scene, app, cancel.signal)
      await isHeld(scene, app.name)
      cancel.abort()
      const { exit, log } = await outcome
      if (at(await look(scene, app.name), 'operation') === undefined) throw new Error('its operation has gone')
      return { result: exit === 143 ? 'cancelled' : '', exit, log }
    },
  },
  {
    name: 'a server that is not there is unreachable',
    expected: 'unreachable',
    play: (scene) => scene.sync({ apps: 'web', revision: '1'.repeat(40), server: 'http://127.0.0.1:9', timeout: '8s' }),
  },
  {
    name: 'an application that is not there',
    expected: 'not-found-or-forbidden',
    play: (scene) => scene.sync({ apps: 'none-such', revision: '1'.repeat(40), timeout: '10s' }),
  },
  {
    name: 'an application that the token may not see',
    expected: 'not-found-or-forbidden',
    async play(scene) {
      const app = await deploy(scene, 'foreign')
      const project = scene.name('team')
      const policies = [`p, proj:${project}:deployer, applications, *, ${project}/*, allow`]
      const spec = { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], roles: [{ name: 'deployer', policies }] }
      await must(scene.ask('/projects', { method: 'POST', body: { project: { metadata: { name: project }, spec } } }))
      const { token } = await must(scene.ask(`/projects/${project}/roles/deployer/token`, { method: 'POST', body: {} }))
      return ours(scene, app, { revision: app.head(), token: String(token), timeout: '10s' })
    },
  },
]

/** Synced to the next commit, as soon as anybody syncs, and then not ready. */
async function unready(scene: Scene, title: string): Promise<{ app: Deployed; revision: string }> {
  const app = await deploy(scene, title, withPod)
  await scene.setStatus(webOf(app), podStatus.progressing)
  return { app, revision: app.next() }
}

function cancelled(scene: Scene, app: Deployed, cancel: AbortSignal): ReturnType<Scene['sync']> {
  return scene.sync({ apps: app.name, revision: app.head(), timeout: '5m', settle: '1s' }, cancel)
}
