import { describe, expect, test } from '@jest/globals'
import { openPairs, relationOf } from './prove.ts'

const [one, two] = ['1'.repeat(40), '2'.repeat(40)]
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`

describe('how a revision stands to the one wanted', () => {
  test.each([
    ['the same', one, one, 'same'],
    ['a commit that git has to tell about', one, two, 'unasked'],
    ['the name of a branch, where nothing was read', 'main', one, 'none'],
    ['nothing', '', one, 'none'],
    ['a lower version of a chart', '1.2.3', '1.10.0', 'behind'],
    ['a higher one, which contains nothing for certain', '1.10.0', '1.2.3', 'diverged'],
    ['a release before the final one', '1.3.0-rc.1', '1.3.0', 'behind'],
    ['another digest', digest('1'), digest('2'), 'unknown'],
  ])('%s', (_, live, wanted, relation) => {
    expect(relationOf([live], { wanted: [wanted], sources: [], relations: new Map() })).toBe(relation)
  })

  test('git is asked about commits, and about nothing else', () => {
    expect(openPairs([one, '1.2.3', 'main'], [two, '1.3.0', two], new Map())).toEqual([{ position: 0, live: one, wanted: two }])
  })
})
