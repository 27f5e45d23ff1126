/** What is to be true of an application. Times in milliseconds. */
export interface Wish {
  /** By the position of the source; undefined: of this source nothing is asked. Full hashes of git, versions of charts, digests. */
  readonly revisions: Revisions
  /** Only exactly these, and nothing that contains them. */
  readonly isStrict: boolean
  /** Whether this run may start a sync; without it it waits for others to. */
  readonly maySync: boolean
  readonly prune: boolean
  /** Kept by Argo CD with an operation of ours, and of nobody else (`operation.info`). */
  readonly nonce: string
  /** The id in the application's history to go back to. */
  readonly rollback?: number | undefined
  /** How long it must stay healthy. */
  readonly settle: number
  /** How long it may be degraded, or fail to be compared, before that is a result. */
  readonly grace: number
  /** Whether a paused rollout or a suspended job is as good as healthy. */
  readonly allowSuspended: boolean
  /** On the clock of the run. */
  readonly deadline: number
  readonly terminateOnTimeout: boolean
}

export type Revisions = readonly (string | undefined)[]

/** What became of an application; `superseded` is no success where the wish is strict. */
export const resultNames = [
  'deployed',
  'unchanged',
  'superseded',
  'sync-failed',
  'degraded',
  'blocked-window',
  'prune-required',
  'timeout',
  'not-found-or-forbidden',
  'unreachable',
] as const

export type ResultName = (typeof resultNames)[number]

/** Whether it is as wanted; where exactly one revision was wanted `why` says that a newer one stands in its way. */
export function isSuccess({ result, why }: { readonly result: ResultName; readonly why: string }): boolean {
  return result === 'deployed' || result === 'unchanged' || (result === 'superseded' && why === '')
}
