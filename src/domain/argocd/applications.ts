import type { Argo } from './client.ts'
import { type Application, application, applicationList } from './schema.ts'

/** How an application is told apart. Without a project Argo CD answers 403 both for what is missing and for what is forbidden. */
export interface ApplicationId {
  readonly name: string
  readonly project?: string | undefined
  /** Of the Application itself; default Argo CD’s own. */
  readonly namespace?: string | undefined
}

export interface Choice {
  /** Of labels, as kubectl has it: `team=web,tier!=test`. */
  readonly selector?: string | undefined
  readonly projects?: readonly string[] | undefined
  readonly namespace?: string | undefined
}

/**
 * What a list is trimmed to (`fields`). Argo CD knows but these for a list: no `status.sync.revision`, `reconciledAt`, conditions, nor what
 * an operation was started with, and it leaves out without a word what it does not know. Under `status.operationState.operation.sync`
 * it sends the *result* of the operation, so that it is not asked for.
 */
const summaryFields = [
  ...[
    'metadata.name',
    'metadata.namespace',
    'metadata.labels',
    'metadata.annotations',
    'metadata.deletionTimestamp',
    'spec',
    'operation.sync',
  ],
  ...['status.sync.status', 'status.health', 'status.summary'],
  ...['status.operationState.phase', 'status.operationState.startedAt', 'status.operationState.finishedAt'],
].map((field) => `items.${field}`)

const mayRead = { needs: 'applications, get' } as const

/** An application, whole: `fields` has no effect for one. Throws SW-ARGOCD-NOT-FOUND, SW-ARGOCD-DENIED. */
export async function getApplication(argo: Argo, id: ApplicationId, { timeout }: { timeout?: number } = {}): Promise<Application> {
  const call = {
    method: 'GET',
    path: pathOf(id),
    query: queryOf(id),
    doing: `show ${nameOf(id)}`,
    hasProject: has(id),
    ...mayRead,
  } as const
  return argo.read({ ...call, ...(timeout === undefined ? {} : { timeout }) }, application)
}

/**
 * Applications by selector; those that the account may not see are left out without a word. `summary`: only what tells that something has
 * changed (about 1/5 of the bytes), not enough to prove a revision.
 */
export async function listApplications(argo: Argo, choice: Choice, detail: 'summary' | 'whole' = 'whole'): Promise<readonly Application[]> {
  const { selector, projects, namespace } = choice
  const fields = detail === 'summary' ? summaryFields.join(',') : undefined
  const query = { selector, projects, appNamespace: namespace, fields }
  const call = {
    method: 'GET',
    path: '/applications',
    query,
    doing: 'list applications',
    hasProject: projects !== undefined,
    ...mayRead,
  } as const
  return argo.read({ ...call, limit: 128 * 1024 * 1024 }, applicationList)
}

/**
 * Asks the controller to compare with git anew, and waits until it has: `hard` also drops the manifests that are cached. It waits for ever
 * where the controller is down or the repository cannot be reached, so give a time in milliseconds: SW-HTTP-TIMEOUT then says no more
 * than that it is not done yet, the wish stays.
 */
export async function refresh(
  argo: Argo,
  id: ApplicationId,
  { timeout, hard = false }: { timeout: number; hard?: boolean },
): Promise<Application> {
  const query = { ...queryOf(id), refresh: hard ? 'hard' : 'normal' }
  // Sent again after a timeout it would only wait anew.
  const call = { method: 'GET', path: pathOf(id), query, doing: `refresh ${nameOf(id)}`, hasProject: has(id), ...mayRead } as const
  return argo.read({ ...call, timeout, expect: [], idempotent: false, holdsNoPlace: true }, application)
}

export function pathOf({ name }: ApplicationId): string {
  return `/applications/${encodeURIComponent(name)}`
}

export function queryOf({ project, namespace }: ApplicationId) {
  return { project, appNamespace: namespace }
}

/** What goes into the body of a change, beside its own fields. */
export function bodyOf({ name, project, namespace }: ApplicationId) {
  return { name, project, appNamespace: namespace }
}

export function nameOf({ name, namespace }: ApplicationId): string {
  return `the application ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

export function has({ project }: ApplicationId): boolean {
  return project !== undefined
}

/** How an application that was read is asked about again. */
export function idOf({ name, project, namespace }: Application): ApplicationId {
  return { name, project, ...(namespace === '' ? {} : { namespace }) }
}
