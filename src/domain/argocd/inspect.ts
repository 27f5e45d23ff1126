import { parseAnswer } from './answer.ts'
import { type ApplicationId, has, nameOf, pathOf, queryOf } from './applications.ts'
import type { Argo, ArgoCall } from './client.ts'
import {
  type ContainerStatus,
  events,
  liveResource,
  type ManagedResource,
  managedResources,
  podStatus,
  type ResourceEvent,
  resourceTree,
  type SyncWindows,
  syncWindows,
  type TreeNode,
} from './inspect-schema.ts'

/** All that lives because of an application, in no order. */
export async function readTree(argo: Argo, id: ApplicationId): Promise<readonly TreeNode[]> {
  return argo.read(callOf(id, '/resource-tree', 'show the resources of'), resourceTree)
}

/** What git wants and what lives, of each resource that git has; of a Secret the values are starred out by Argo CD. */
export async function readManagedResources(argo: Argo, id: ApplicationId): Promise<readonly ManagedResource[]> {
  return argo.read({ ...callOf(id, '/managed-resources', 'show the differences of'), limit: 128 * 1024 * 1024 }, managedResources)
}

/** Events of the application, or of one resource of its tree; in no order. Kubernetes forgets them after an hour. */
export async function readEvents(
  argo: Argo,
  id: ApplicationId,
  of?: Pick<TreeNode, 'name' | 'namespace' | 'uid'>,
): Promise<readonly ResourceEvent[]> {
  const one = of === undefined ? {} : { resourceName: of.name ?? '', resourceNamespace: of.namespace ?? '', resourceUID: of.uid ?? '' }
  return argo.read(callOf(id, '/events', 'show the events of', one), events)
}

/** The containers of a pod, those that run before the others first; undefined when the pod is gone. */
export async function readContainers(
  argo: Argo,
  id: ApplicationId,
  pod: Pick<TreeNode, 'name' | 'namespace'>,
): Promise<readonly ContainerStatus[] | undefined> {
  const one = { resourceName: pod.name ?? '', namespace: pod.namespace ?? '', version: 'v1', group: '', kind: 'Pod' }
  const answer = await argo.send({ ...callOf(id, '/resource', 'show a pod of', one), expect: [400, 404] })
  if (answer.status !== 200) return undefined
  const { manifest } = parseAnswer(answer, { schema: liveResource, server: argo.server })
  const { status } = parseAnswer({ ...answer, text: manifest }, { schema: podStatus, server: argo.server })
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
}

/** Whether a sync may start by hand now, and the windows of the project that have a say in it. */
export async function readSyncWindows(argo: Argo, id: ApplicationId): Promise<SyncWindows> {
  return argo.read(callOf(id, '/syncwindows', 'show the sync windows of'), syncWindows)
}

/** A call that reads a part of an application. */
export function callOf(id: ApplicationId, part: string, doing: string, query: Readonly<Record<string, string>> = {}): ArgoCall {
  const path = `${pathOf(id)}${part}`
  return {
    method: 'GET',
    path,
    query: { ...queryOf(id), ...query },
    doing: `${doing} ${nameOf(id)}`,
    needs: 'applications, get',
    hasProject: has(id),
  }
}
