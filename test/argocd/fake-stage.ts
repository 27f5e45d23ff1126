import { createRepository, type Repository } from '../../src/domain/git/fixtures/repository.ts'
import { type FakeArgoCd, startFakeArgoCd } from '../fakes/argocd/argocd.ts'
import { stageClock } from '../fakes/argocd/clock.ts'
import { keyOf } from '../fakes/argocd/cluster.ts'
import { ask } from './ask.ts'
import type { Stage } from './stage.ts'

export interface FakeStage extends Stage {
  readonly argocd: FakeArgoCd
}

/** A fake Argo CD of its own for a scene, whose time runs so many times faster than the machine's. */
export async function fakeStage(speed: number): Promise<FakeStage> {
  const clock = stageClock(speed)
  const argocd = await startFakeArgoCd({ clock })
  const { state, sessions, url: server } = argocd
  const admin = sessions.issue('admin:login')
  const repositories: Repository[] = []
  return {
    ...{ kind: 'fake', argocd, server, admin, ci: sessions.issue('ci:apiKey') },
    name: (title) => title,
    repository(files) {
      const repository = createRepository({ files })
      repositories.push(repository)
      return repository
    },
    wait: (milliseconds) => clock.sleep(milliseconds),
    ask: (path, asking = {}) => ask(server, path, { token: admin, ...asking }),
    async setStatus({ kind, namespace, name }, status) {
      if (namespace === 'argocd') return void state.update(name, (app) => merge(app.status, status))
      const live = state.cluster.objects.get(keyOf(kind, namespace, name))
      if (live === undefined) throw new Error(`there is no ${kind} ${namespace}/${name}`)
      live.status = { ...live.status, ...status }
      state.cluster.touched.add(live.owner)
    },
    change: async ({ name }, part) => void state.update(name, (app) => merge(app, part)),
    createNamespace: async (name) => void state.cluster.namespaces.add(name),
    async freeze() {
      state.isFrozen = true
    },
    async thaw() {
      state.isFrozen = false
    },
    async restart(after) {
      await argocd.stop()
      await clock.sleep(after)
      await argocd.start()
    },
    async [Symbol.asyncDispose]() {
      await argocd[Symbol.asyncDispose]()
      for (const repository of repositories) repository[Symbol.dispose]()
    },
  }
}

/** RFC 7396. */
function merge(into: object, part: object): void {
  for (const [name, value] of Object.entries(part)) {
    const known: unknown = Object(into)[name]
    if (value === null) Reflect.deleteProperty(into, name)
    else if (typeof value === 'object' && !Array.isArray(value) && typeof known === 'object' && known !== null) merge(known, value)
    else Object.assign(into, { [name]: value })
  }
}
