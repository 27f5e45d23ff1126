import { describe, expect, it } from '@jest/globals'
import { answerTime } from './blob-ahead.ts'

const megabytes = 1_000_000
const seconds = 1000

describe('an answer to a whole body, handed over', () => {
  it.each([
    ['quickly, is waited for as long as a registry needs to put it away', 500 * megabytes, 1 * seconds, 16 * seconds],
    [
      'over a slow line, is waited for as long again: what a kernel holds of it is still on its way',
      20 * megabytes,
      40 * seconds,
      40 * seconds,
    ],
    ['over hours, is waited for no longer than that of a push', 20 * megabytes, 7200 * seconds, 60 * seconds],
    ['over hours, and large, is waited for as long as a registry needs to put it away', 5000 * megabytes, 7200 * seconds, 106 * seconds],
  ])('%s', (_, size, took, time) => {
    expect(answerTime(size, took)).toBe(time)
  })
})
