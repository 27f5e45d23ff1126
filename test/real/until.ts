import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again until the answer is yes, `pause` milliseconds later; what it throws counts as no. */
export async function until(what: string, isSo: () => Promise<boolean>, seconds = 180, pause = 50): Promise<void> {
  const end = Date.now() + seconds * 1000
  let last: unknown
  while (Date.now() < end) {
    try {
      if (await isSo()) return
    } catch (failure) {
      last = failure
    }
    await sleep(pause)
  }
  throw new Error(`not in ${seconds} s: ${what}`, { cause: last })
}
