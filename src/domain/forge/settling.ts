import type { Clock } from '../../spec/ports.ts'
import { forgeRefused } from './errors.ts'

/** Milliseconds between two questions, and how many. */
const pause = 1000
const most = 20

/** Asks again while a forge has not worked out yet whether a pull request can be merged. @throws SW-FORGE-REFUSED */
export async function withPatience<T>(clock: Clock, ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 1; attempt <= most; attempt += 1) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await clock.sleep(pause)
  }
  throw forgeRefused('The pull request cannot be merged: it is in conflict, a draft, or its checks have failed.', {
    hint: 'Look at the pull request, or leave `auto-merge` out.',
  })
}
