import { TaskError } from '../../base/errors.ts'
import type { Clock } from '../../spec/ports.ts'
import type { ApplicationId } from './applications.ts'
import type { Argo } from './client.ts'
import { readTree } from './inspect.ts'
import { type TreeChange, type TreeMemory, treeChanges } from './tree.ts'

export interface LiveTreeOptions {
  readonly clock: Clock
  /** Told the changes of an application, at most so many; `more` are left out. */
  readonly tell: (id: ApplicationId, changes: readonly TreeChange[], more: number) => void
  /** When nobody waits any more: nothing is told then. */
  readonly signal: AbortSignal
  /** Milliseconds between two looks. Default 5000. */
  readonly every?: number
}

/** Of one look: a large application begins with hundreds. */
const mostChanges = 20

/**
 * Looks at the tree of an application when it is nudged, and not more often than it may; what has changed since is told. It fails without
 * a word: it shows what happens, and decides nothing. What comes back resolves when the look is over, for which nobody needs to wait.
 */
export function liveTree(argo: Argo, { clock, tell, signal, every = 5000 }: LiveTreeOptions): (id: ApplicationId) => Promise<void> {
  const looks = new Map<string, { readonly at: number; readonly memory: TreeMemory | undefined; readonly isBusy: boolean }>()
  return async (id) => {
    const key = `${id.namespace ?? ''}/${id.name}`
    const last = looks.get(key)
    if (last?.isBusy === true || (last !== undefined && clock.now() < last.at + every)) return
    looks.set(key, { at: clock.now(), memory: last?.memory, isBusy: true })
    const memory = await look(id, last?.memory)
    looks.set(key, { at: clock.now(), memory, isBusy: false })
  }

  async function look(id: ApplicationId, before: TreeMemory | undefined): Promise<TreeMemory | undefined> {
    try {
      const { changes, memory } = treeChanges(await readTree(argo, id), before)
      // What is well when one begins to look is no news.
      const news = before === undefined ? changes.filter(({ after }) => after !== 'Healthy') : changes
      if (news.length > 0 && !signal.aborted) tell(id, news.slice(0, mostChanges), Math.max(news.length - mostChanges, 0))
      return memory
    } catch (error) {
      if (error instanceof TaskError || isAbort(error)) return before
      throw error
    }
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
