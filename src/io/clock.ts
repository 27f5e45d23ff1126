import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../spec/ports.ts'

/** The machine's clock; sleepers wake with the signal's reason when the run is aborted. */
export function systemClock(signal?: AbortSignal): Clock {
  return {
    now: Date.now,
    async sleep(milliseconds) {
      signal?.throwIfAborted()
      try {
        await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
      } catch (error) {
        signal?.throwIfAborted()
        throw error
      }
    },
  }
}
