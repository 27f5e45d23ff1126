import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../spec/ports.ts'

/** The machine's clock; sleepers wake with the signal's reason when the run is aborted, or with that of their own. */
export function systemClock(signal?: AbortSignal): Clock {
  return {
    now: Date.now,
    async sleep(milliseconds, own) {
      const ends = AbortSignal.any([signal, own].filter((one) => one !== undefined))
      ends.throwIfAborted()
      try {
        await delay(milliseconds, undefined, { signal: ends })
      } catch (error) {
        ends.throwIfAborted()
        throw error
      }
    },
  }
}
