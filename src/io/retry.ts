/** Statuses that may go away by themselves (RFC 9110; 499 and 522 come from proxies). */
export function isTransientStatus(status: number): boolean {
  return [408, 425, 429, 499].includes(status) || (status >= 500 && status !== 501 && status !== 505)
}

/** Milliseconds that a `retry-after` header asks for, in seconds or as a date (RFC 9110 §10.2.3); undefined when it is neither. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000
  // Only dates that begin with a weekday: `Date.parse` takes `-5` for a year.
  const date = /^[A-Z][a-z]+,? /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Milliseconds before the next attempt: exponential from 0.5 s to 30 s, full jitter. `attempt` counts from 1, `random` is in 0–1. */
export function backoff(attempt: number, random: number): number {
  return Math.ceil(random * Math.min(30_000, 500 * 2 ** Math.min(attempt - 1, 10)))
}
