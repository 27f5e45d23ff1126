import { expect, test } from '@jest/globals'
import { backoff, isTransientStatus, retryAfter } from './retry.ts'

test.each([408, 425, 429, 499, 500, 502, 503, 504, 520, 522, 529])('%i may go away', (status) => {
  expect(isTransientStatus(status)).toBe(true)
})

test.each([200, 301, 400, 401, 403, 404, 409, 412, 413, 416, 422, 501, 505])('%i stays', (status) => {
  expect(isTransientStatus(status)).toBe(false)
})

const now = Date.UTC(2026, 10, 21, 12, 0, 0)

test.each([
  [undefined, undefined],
  ['7', 7000],
  [' 0 ', 0],
  ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
  ['', undefined],
  ['soon', undefined],
  ['-5', undefined],
  ['1e9', undefined],
  ['99999999999999999999', undefined],
])('retry-after: %s is %s', (header, expected) => {
  expect(retryAfter(header, now)).toBe(expected)
})

test.each([
  [1, 1, 500],
  [2, 1, 1000],
  [3, 1, 2000],
  [7, 1, 30_000],
  [1000, 1, 30_000],
  [3, 0.5, 1000],
  [3, 0, 0],
])('before attempt %i + 1, with jitter %d: %i ms', (attempt, random, expected) => {
  expect(backoff(attempt, random)).toBe(expected)
})
