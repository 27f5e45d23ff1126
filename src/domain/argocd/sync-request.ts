import { nonceName } from './facts.ts'
import type { Next } from './next.ts'
import type { SyncRequest } from './operations.ts'
import type { Application } from './schema.ts'
import type { Wish } from './wish.ts'

/** How a sync is done, beyond what is synced. */
export type SyncSettings = Pick<SyncRequest, 'strategy' | 'force' | 'syncOptions' | 'retry'> & {
  /** Kept with the operation beside the nonce, for people. */
  readonly infos: readonly { readonly name: string; readonly value: string }[]
}

/** The body of a sync: one source has a revision, several have theirs by position. */
export function syncRequest(
  { sources, isMultiSource }: Application,
  { revisions = [] }: Extract<Next, { do: 'sync' }>,
  { wish, settings }: { readonly wish: Wish; readonly settings: SyncSettings },
): SyncRequest {
  const named = revisions.flatMap((revision, index) =>
    revision === undefined || revision === '' || sources[index] === undefined ? [] : [{ revision, position: index + 1 }],
  )
  const { infos, ...rest } = settings
  return {
    ...rest,
    ...(named.length === 0 ? {} : isMultiSource ? { revisions: named } : { revision: named[0]?.revision }),
    ...(wish.prune ? { prune: true } : {}),
    infos: [{ name: nonceName, value: wish.nonce }, ...infos],
  }
}
