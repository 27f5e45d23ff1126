import { randomUUID } from 'node:crypto'
import { type StageClock, timeText } from './clock.ts'
import { type Cluster, createCluster } from './cluster.ts'
import { createRepositories, type Repositories } from './repositories.ts'
import type { Application, Manifest, Project } from './types.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** What an Argo CD knows. */
export interface State {
  readonly clock: StageClock
  readonly cluster: Cluster
  readonly repositories: Repositories
  readonly projects: Map<string, Project>
  readonly applications: Map<string, Application>
  /** The application controller does nothing. */
  isFrozen: boolean
  /** Milliseconds between two comparisons that nobody asked for. */
  reconcile: number
  add(name: string, manifest: Manifest): Application
  /** Applies a change, gives it the next version and tells all who watch; undefined for an application that has gone meanwhile. */
  update(name: string, change: (app: Application) => void): Application | undefined
  remove(name: string): void
  /** Told of each change until the returned function is called. */
  watch(seen: (type: ChangeType, app: Application) => void): () => void
}

/** An Argo CD with the project `default` and nothing else. */
export function createState(clock: StageClock): State {
  const watchers = new Set<(type: ChangeType, app: Application) => void>()
  const applications = new Map<string, Application>()
  let version = 100
  const tell = (type: ChangeType, app: Application): void => {
    for (const seen of [...watchers]) seen(type, structuredClone(app))
  }
  const state: State = {
    ...{ clock, applications, cluster: createCluster(), repositories: createRepositories(clock), isFrozen: false, reconcile: 5000 },
    projects: new Map([['default', { metadata: { name: 'default' }, spec: {} }]]),
    add(name, { metadata, ...rest }) {
      const app = Object.assign(structuredClone(emptyApplication), structuredClone({ spec: rest['spec'] as Application['spec'] }), {
        metadata: { ...metadata, namespace: 'argocd', uid: randomUUID(), resourceVersion: String(++version), generation: 1 },
      })
      app.metadata.creationTimestamp = timeText(clock.now())
      applications.set(name, app)
      tell('ADDED', app)
      return app
    },
    update(name, change) {
      const app = applications.get(name)
      if (app === undefined) return undefined
      const before = JSON.stringify(app)
      change(app)
      if (JSON.stringify(app) === before) return app
      app.metadata.resourceVersion = String(++version)
      app.metadata.generation = (app.metadata.generation ?? 0) + 1
      tell('MODIFIED', app)
      return app
    },
    remove(name) {
      const app = applications.get(name)
      applications.delete(name)
      if (app !== undefined) tell('DELETED', app)
    },
    watch(seen) {
      watchers.add(seen)
      return () => watchers.delete(seen)
    },
  }
  return state
}

const emptyApplication: Omit<Application, 'metadata' | 'spec'> = {
  status: {
    sync: { status: '', comparedTo: { source: { repoURL: '' }, destination: {} } },
    health: {},
    summary: {},
    sourceHydrator: {},
  },
}
