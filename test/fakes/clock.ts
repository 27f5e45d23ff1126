import type { Clock } from '../../src/spec/ports.ts'

/** A clock whose sleepers wake at once, later by as much as they asked for. */
export function fakeClock(): Clock & { readonly slept: number[]; advance(milliseconds: number): void } {
  let now = 1_700_000_000_000
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds
    },
    sleep: (milliseconds) => {
      slept.push(milliseconds)
      now += milliseconds
      return Promise.resolve()
    },
  }
}
