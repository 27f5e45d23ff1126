import type { Clock } from '../../spec/ports.ts'

/** What `make` makes, kept until its time to be renewed; calls at one time make it once, and a failure is not kept. */
export function kept<T>(
  make: () => Promise<T>,
  { clock, renewal }: { readonly clock: Clock; readonly renewal: (made: T) => number | undefined },
): () => Promise<T> {
  let made: Promise<T> | undefined
  let renew = Number.POSITIVE_INFINITY
  return () => {
    if (made !== undefined && clock.now() < renew) return made
    renew = Number.POSITIVE_INFINITY
    made = make().then(
      (value) => {
        renew = renewal(value) ?? Number.POSITIVE_INFINITY
        return value
      },
      (error: unknown) => {
        made = undefined
        throw error
      },
    )
    return made
  }
}

/** When something that dies at `expires` is renewed: after 80 % of the life that is left, both in milliseconds since 1970. */
export function renewalOf(expires: number, now: number): number {
  return now + Math.max(0, expires - now) * 0.8
}
