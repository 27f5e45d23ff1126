import { expect, test } from '@jest/globals'
import { inParallel } from './parallel.ts'

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('everything is worked on, so many at a time, in order', async () => {
  let now = 0
  let most = 0
  const begun: number[] = []
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    begun.push(item)
    now += 1
    most = Math.max(most, now)
    await tick()
    now -= 1
  })
  expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
})

test('after a failure nothing is begun, what is underway ends, and the first failure is thrown', async () => {
  const ended: number[] = []
  const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (item) => {
    if (item === 1) throw new Error('first')
    await tick()
    ended.push(item)
  })
  await expect(work).rejects.toThrow('first')
  expect(ended).toEqual([2])
})

test('nothing to do is done', async () => {
  await inParallel([], 4, () => Promise.reject(new Error('called')))
})
