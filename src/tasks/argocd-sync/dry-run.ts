import { type ApplicationId, idOf, refresh } from '../../domain/argocd/applications.ts'
import type { Argo } from '../../domain/argocd/client.ts'
import { differencesOf } from '../../domain/argocd/differences.ts'
import { readManagedResources } from '../../domain/argocd/inspect.ts'
import { comparedRevisions } from '../../domain/argocd/prove.ts'
import type { Application } from '../../domain/argocd/schema.ts'
import type { Revisions } from '../../domain/argocd/wish.ts'
import type { Block, Log } from '../../spec/ports.ts'
import { shown } from './outcome.ts'

const refreshTime = 60_000

export interface Asked {
  /** What is wanted of an application; empty where nothing is. @throws SW-ARGOCD-REVISION */
  readonly wantedOf: (app: Application) => Revisions
  readonly log: Log
}

/** What a sync of each application would change, to what Argo CD sees in git now; nothing is started. */
export async function dryRun(argo: Argo, ids: readonly ApplicationId[], { wantedOf, log }: Asked) {
  const all = []
  for (const id of ids) {
    const app = await refresh(argo, id, { timeout: refreshTime })
    const wanted = wantedOf(app)
    const seen = comparedRevisions(app)
    if (wanted.some((one, position) => one !== undefined && one !== seen[position]))
      log.warn('Argo CD sees another revision in git than the one wanted: what is shown is of that one', {
        ...{ application: app.name, seen: seen.join(', '), wanted: wanted.map((one) => one ?? 'any').join(', ') },
      })
    const differences = differencesOf(await readManagedResources(argo, idOf(app)))
    const lines = differences.map(({ resource, change, fields }) => ({ resource, change, fields: fields.map(shown) }))
    all.push({ application: app.name, revisions: [...seen], differences: lines })
  }
  const count = all.reduce((sum, { differences }) => sum + differences.length, 0)
  const blocks = all.map(
    ({ application, revisions, differences }): Block => ({
      kind: 'table',
      title: `${application} to ${revisions.join(', ') || 'no revision'}`,
      columns: ['resource', 'change', 'fields'],
      rows: differences.map(({ resource, change, fields }) => [resource, change, fields.join('\n')]),
    }),
  )
  const headline = count === 0 ? 'nothing would change' : `${count} ${count === 1 ? 'resource' : 'resources'} would change`
  return { answer: { blocks, data: { applications: all } }, headline }
}
