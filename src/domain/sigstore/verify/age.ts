import type { Proof } from './prove.ts'
import { Refused } from './reasons.ts'

/** Times to compare: milliseconds since 1970, and between two moments. */
export interface Age {
  readonly maxAge: number
  readonly now: number
}

/** Requires that it was signed lately. The oldest of the times counts: nothing that came later makes a signature younger. Throws {@link Refused}. */
export function requireYoung({ times }: Pick<Proof, 'times'>, { maxAge, now }: Age): void {
  const expected = `after ${new Date(now - maxAge).toISOString()}`
  if (times.length === 0) throw new Refused('time-unknown', { expected })
  const oldest = Math.min(...times.map((time) => time.getTime()))
  if (now - oldest > maxAge) throw new Refused('too-old', { expected, got: new Date(oldest).toISOString() })
}
