import type { Clock } from '../../spec/ports.ts'
import type { ApplicationId } from './applications.ts'
import type { Argo } from './client.ts'
import { type Watched, watchApplications } from './stream.ts'

/** Wakes those who wait when something is heard of their application. */
export interface Hints {
  /** Resolves then, or after so many milliseconds; rejects when the run is aborted. */
  rest(id: ApplicationId, milliseconds: number): Promise<void>
}

/** Milliseconds before a stream that has ended is opened again. */
const pause = 5000
/** Milliseconds that a rest lasts at least: a change comes in several parts. */
const shortest = 250

/** Listens until `signal`; without a stream everybody rests to the end, and nothing is missed. */
export function listen(argo: Argo, watched: Watched, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): Hints {
  const sleepers = new Map<string, Set<() => void>>()
  void hear()
  return {
    async rest(id, milliseconds) {
      const sleeping = sleepers.get(id.name) ?? new Set()
      sleepers.set(id.name, sleeping)
      let wake = (): void => undefined
      const heard = new Promise<void>((resolve) => {
        wake = resolve
      })
      await clock.sleep(Math.min(shortest, milliseconds))
      sleeping.add(wake)
      // Others poll at the same times, and so would we.
      const time = (milliseconds - shortest) * (0.9 + Math.random() * 0.2)
      if (time > 0) await Promise.race([clock.sleep(time), heard])
      sleeping.delete(wake)
    },
  }

  async function hear(): Promise<void> {
    while (!signal.aborted) {
      for await (const { name } of watchApplications(argo, watched, signal)) for (const wake of sleepers.get(name) ?? []) wake()
      try {
        if (!signal.aborted) await clock.sleep(pause)
      } catch {
        return
      }
    }
  }
}
