import { accountOf } from './account.ts'
import { parseAnswer } from './answer.ts'
import { type ApplicationId, bodyOf, has, nameOf, pathOf, queryOf } from './applications.ts'
import type { Argo, ArgoCall } from './client.ts'
import { refusalError, saidIn } from './refusals.ts'
import { type Application, application } from './schema.ts'

export interface SyncRequest {
  /** Of one source; never for an application that syncs by itself: Argo CD refuses any other than it tracks. */
  readonly revision?: string | undefined
  /** Of several sources, each with its position from 1. */
  readonly revisions?: readonly { readonly revision: string; readonly position: number }[] | undefined
  readonly prune?: boolean | undefined
  readonly dryRun?: boolean | undefined
  /** `apply` skips hooks; default as the application says (`hook`). */
  readonly strategy?: 'apply' | 'hook' | undefined
  readonly force?: boolean | undefined
  /** `CreateNamespace=true`, …: in place of those of the application. */
  readonly syncOptions?: readonly string[] | undefined
  readonly resources?:
    | readonly { readonly group: string; readonly kind: string; readonly name: string; readonly namespace?: string }[]
    | undefined
  readonly retry?:
    | { readonly limit: number; readonly backoff?: { readonly duration?: string; readonly factor?: number; readonly maxDuration?: string } }
    | undefined
  /** Kept with the operation (`operation.info`): how it is known again. */
  readonly infos?: readonly { readonly name: string; readonly value: string }[] | undefined
}

/** What became of the wish to start, or to end, an operation. `message` is Argo CD’s, on one line. */
export type Started =
  | { readonly result: 'started'; readonly application: Application }
  /** Another operation runs. */
  | { readonly result: 'busy'; readonly message: string }
  /** A sync window of the project is shut. */
  | { readonly result: 'window'; readonly message: string }
  /** The application syncs by itself: it takes no other revision, and no rollback. */
  | { readonly result: 'auto-sync'; readonly message: string }
  | { readonly result: 'deleting'; readonly message: string }
  /** Any other refusal by 400. */
  | { readonly result: 'refused'; readonly message: string }

/**
 * Starts a sync. Sent once: after a failure on the way nobody knows whether it has begun, which the application’s `operation.info` tells.
 * Throws SW-ARGOCD-DENIED, SW-ARGOCD-NOT-FOUND, those of HTTP.
 */
export function sync(argo: Argo, id: ApplicationId, request: SyncRequest = {}): Promise<Started> {
  const { revisions, strategy, force, syncOptions, retry, ...rest } = request
  const body = {
    ...{ ...bodyOf(id), ...rest },
    ...(revisions === undefined
      ? {}
      : { revisions: revisions.map(({ revision }) => revision), sourcePositions: revisions.map(({ position }) => position) }),
    ...(strategy === undefined && force === undefined ? {} : { strategy: { [strategy ?? 'hook']: { force: force ?? false } } }),
    ...(syncOptions === undefined ? {} : { syncOptions: { items: syncOptions } }),
    ...(retry === undefined ? {} : { retryStrategy: retry }),
  }
  return start(argo, { path: `${pathOf(id)}/sync`, body, doing: `sync ${nameOf(id)}`, needs: 'applications, sync', hasProject: has(id) })
}

/** Goes back to what `history` has under an id. Argo CD refuses it for an application that syncs by itself. */
export function rollback(
  argo: Argo,
  id: ApplicationId,
  request: { readonly id: number; readonly prune?: boolean; readonly dryRun?: boolean },
): Promise<Started> {
  const body = { ...bodyOf(id), ...request }
  return start(argo, {
    path: `${pathOf(id)}/rollback`,
    body,
    doing: `roll back ${nameOf(id)}`,
    needs: 'applications, sync',
    hasProject: has(id),
  })
}

/** Asks for the end of the operation that runs; false when there was none. */
export async function terminate(argo: Argo, id: ApplicationId): Promise<boolean> {
  const call = { path: `${pathOf(id)}/operation`, query: queryOf(id), doing: `end the operation of ${nameOf(id)}`, hasProject: has(id) }
  const answer = await argo.send({ ...call, method: 'DELETE', needs: 'applications, sync', expect: [400] })
  if (answer.status !== 400) return true
  const said = saidIn(answer.text)
  if (/no operation is in progress/i.test(said.message)) return false
  throw refusalError({ ...call, status: 400, said })
}

async function start(argo: Argo, call: Pick<ArgoCall, 'path' | 'body' | 'doing' | 'needs' | 'hasProject'>): Promise<Started> {
  const answer = await argo.send({ ...call, method: 'POST', expect: [400, 403] })
  if (answer.status < 400) return { result: 'started', application: parseAnswer(answer, { schema: application, server: argo.server }) }
  const said = saidIn(answer.text)
  const result = meaningOf(said.message)
  if (result === 'refused' && answer.status === 403) {
    // Whose right is missing is half of the answer, and Argo CD does not say it.
    const account = await accountOf(argo).then(
      ({ name }) => name,
      () => undefined,
    )
    throw refusalError({ status: 403, said, doing: call.doing, needs: call.needs, account, hasProject: call.hasProject === true })
  }
  return { result, message: said.message }
}

function meaningOf(message: string): Exclude<Started['result'], 'started'> {
  if (/another operation is already in progress/i.test(message)) return 'busy'
  if (/sync window/i.test(message)) return 'window'
  if (/auto-?sync/i.test(message)) return 'auto-sync'
  return /application is deleting/i.test(message) ? 'deleting' : 'refused'
}
