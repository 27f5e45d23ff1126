import type { ApplicationId } from '../../domain/argocd/applications.ts'
import type { Argo } from '../../domain/argocd/client.ts'
import { liveTree } from '../../domain/argocd/live-tree.ts'
import type { Clock, Log } from '../../spec/ports.ts'

/** Applications whose resources are shown while one waits: of more nobody reads it, and each look is a request. */
const mostApplications = 3

/** Tells the log how the resources of applications change; what comes back is to be called whenever one of them is waited for. */
export function showResources(
  argo: Argo,
  count: number,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): (id: ApplicationId) => void {
  if (count > mostApplications) return () => undefined
  const look = liveTree(argo, {
    ...{ clock, signal },
    tell({ name: application }, changes, more) {
      for (const { resource, before, after, message } of changes) {
        const health = before === '' ? after : `${before} → ${after}`
        log.info('resource', { application, resource, health, ...(message === '' ? {} : { message }) })
      }
      if (more > 0) log.info('more resources have changed', { application, more })
    },
  })
  return (id) => void look(id)
}
