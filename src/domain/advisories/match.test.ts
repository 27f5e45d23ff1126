import { describe, expect, test } from '@jest/globals'
import type { Scheme } from '../versions/compare.ts'
import type { RangeEvent } from './advisory.ts'
import { type Match, matchVersion } from './match.ts'

const ranges = (...all: readonly (readonly RangeEvent[])[]): { type: string; events: readonly RangeEvent[] }[] =>
  all.map((events) => ({ type: 'ECOSYSTEM', events }))
const told = (match: Match): string => (match.state === 'affected' ? `affected, ${match.fixed ?? 'not fixed'}` : match.state)

/** By the section "Evaluation" of the OSV schema, and its examples. */
describe('an advisory means a version', () => {
  const twice = ranges([{ introduced: '1.0.0' }, { fixed: '1.5.0' }, { introduced: '2.0.0' }, { fixed: '2.3.0' }])
  test.each<readonly [string, Parameters<typeof matchVersion>[0], string, string]>([
    ['from its introduction on', { versions: [], ranges: twice }, '1.0.0', 'affected, 1.5.0'],
    ['not before it', { versions: [], ranges: twice }, '0.9.9', 'unaffected'],
    ['not when it is fixed', { versions: [], ranges: twice }, '1.5.0', 'unaffected'],
    ['when it comes back', { versions: [], ranges: twice }, '2.2.9', 'affected, 2.3.0'],
    ['not after the last', { versions: [], ranges: twice }, '3.0.0', 'unaffected'],
    ['in whatever order events stand', { versions: [], ranges: ranges([{ fixed: '2' }, { introduced: '1' }]) }, '1.5', 'affected, 2'],
    ['from the beginning of all', { versions: [], ranges: ranges([{ introduced: '0' }, { fixed: '2' }]) }, '0.0.0-a', 'affected, 2'],
    ['without an end', { versions: [], ranges: ranges([{ introduced: '0' }]) }, '99', 'affected, not fixed'],
    [
      'the last affected one too',
      { versions: [], ranges: ranges([{ introduced: '0' }, { last_affected: '2' }]) },
      '2',
      'affected, not fixed',
    ],
    ['and none after it', { versions: [], ranges: ranges([{ introduced: '0' }, { last_affected: '2' }]) }, '2.0.1', 'unaffected'],
    ['below a limit', { versions: [], ranges: ranges([{ introduced: '1' }, { limit: '3' }]) }, '2', 'affected, not fixed'],
    ['not at a limit', { versions: [], ranges: ranges([{ introduced: '1' }, { limit: '3' }]) }, '3', 'unaffected'],
    ['with a limit that is none', { versions: [], ranges: ranges([{ introduced: '1' }, { limit: '*' }]) }, '9', 'affected, not fixed'],
    [
      'by any of the ranges',
      { versions: [], ranges: ranges([{ introduced: '5' }], [{ introduced: '1' }, { fixed: '2' }]) },
      '1.1',
      'affected, 2',
    ],
    ['by its letters', { versions: ['1.0-rc', '1.0'], ranges: [] }, '1.0', 'affected, not fixed'],
    ['by its letters only', { versions: ['1.0'], ranges: [] }, '1.0.0', 'unaffected'],
    [
      'by its letters where the range has it not',
      { versions: ['7'], ranges: ranges([{ introduced: '1' }, { fixed: '2' }]) },
      '7',
      'affected, not fixed',
    ],
  ])('%s', (_, affected, version, expected) => {
    expect(told(matchVersion(affected, version, 'semver'))).toBe(expected)
  })
})

describe('what cannot be decided', () => {
  test.each<readonly [string, Parameters<typeof matchVersion>[0], string, Scheme, string]>([
    ['a version without an order', { versions: [], ranges: ranges([{ introduced: '1' }]) }, 'latest', 'semver', 'undetermined'],
    [
      'an event without an order',
      { versions: [], ranges: ranges([{ introduced: '0' }, { fixed: 'soon' }]) },
      '1.0',
      'semver',
      'undetermined',
    ],
    ['an advisory that names no versions', { versions: [], ranges: [] }, '1.0', 'semver', 'undetermined'],
    [
      'a version that the list has all the same',
      { versions: ['latest'], ranges: ranges([{ introduced: '1' }]) },
      'latest',
      'semver',
      'affected, not fixed',
    ],
    [
      'a version of which all are meant',
      { versions: [], ranges: ranges([{ introduced: '0' }]) },
      'latest',
      'semver',
      'affected, not fixed',
    ],
    [
      'one range, where another has it',
      { versions: [], ranges: ranges([{ introduced: 'x' }], [{ introduced: '1' }]) },
      '2',
      'semver',
      'affected, not fixed',
    ],
    [
      'one range, where another has it not',
      { versions: [], ranges: ranges([{ introduced: 'x' }], [{ introduced: '3' }]) },
      '2',
      'semver',
      'undetermined',
    ],
    ['a branch of Composer', { versions: [], ranges: ranges([{ introduced: '1' }]) }, 'dev-main', 'packagist', 'undetermined'],
  ])('%s', (_, affected, version, scheme, expected) => {
    expect(told(matchVersion(affected, version, scheme))).toBe(expected)
  })
})
