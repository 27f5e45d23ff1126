import { expect, test } from '@jest/globals'
import { both, inParallel } from './parallel.ts'

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

test('two works go on at once; a failure waits for the other to end', async () => {
  expect(await both(Promise.resolve(1), Promise.resolve('a'))).toEqual([1, 'a'])
  let ended = false
  const other = tick().then(() => {
    ended = true
  })
  await expect(both(Promise.reject(new Error('first')), other)).rejects.toThrow('first')
  expect(ended).toBe(true)
})
