import type { Clock } from '../../spec/ports.ts'

/** Milliseconds between looks: registries before object stores know of a write some seconds late. */
const waits = [200, 500, 1000, 2000, 4000] as const

/** Looks until something is there, for about eight seconds. Only for what this run itself has just written: other absences are final. */
export async function waitFor<T>(clock: Clock, look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (const wait of waits) {
    const found = await look()
    if (found !== undefined) return found
    await clock.sleep(wait)
  }
  return look()
}
