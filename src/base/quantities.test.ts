import { describe, expect, test } from '@jest/globals'
import { formatBytes, formatCount, parseBytes } from './bytes.ts'
import { formatDuration, parseDuration } from './duration.ts'

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['2d', 172_800_000],
    ['1.5s', 1500],
    ['', undefined],
    ['90', undefined],
    ['s', undefined],
    ['1h 30m', undefined],
    ['-1s', undefined],
  ])('%j is read as %j ms', (text, expected) => expect(parseDuration(text)).toBe(expected))

  test.each([
    [0, '0.0 s'],
    [1249, '1.2 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [125_000, '2 min 5 s'],
    [7_380_000, '2 h 3 min'],
  ])('%d ms is shown as %s', (milliseconds, expected) => expect(formatDuration(milliseconds)).toBe(expected))
})

describe('amounts of data', () => {
  test.each([
    ['10', 10],
    ['64KiB', 65_536],
    ['1.5 GB', 1_500_000_000],
    ['2Gi', 2 ** 31],
    ['10mb', 10_000_000],
    ['10 XB', undefined],
    ['-1', undefined],
    ['', undefined],
  ])('%j is read as %j bytes', (text, expected) => expect(parseBytes(text)).toBe(expected))

  test.each([
    [999, '999 B'],
    [1000, '1.0 kB'],
    [48_231_000, '48.2 MB'],
    [999_960, '1.0 MB'],
    [10_000_000_000, '10.0 GB'],
    [2e12, '2.0 TB'],
  ])('%d is shown as %s', (bytes, expected) => expect(formatBytes(bytes)).toBe(expected))

  test('counts are grouped by thin spaces', () => {
    expect([12, 1234, 1_204_551].map(formatCount)).toEqual(['12', '1\u202f234', '1\u202f204\u202f551'])
  })
})
