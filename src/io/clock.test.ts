import { expect, test } from '@jest/globals'
import { systemClock } from './clock.ts'

test('the clock tells the time of the machine, and sleeps', async () => {
  const clock = systemClock()
  const before = Date.now()
  await clock.sleep(5)
  expect(clock.now()).toBeGreaterThanOrEqual(before + 4)
})

test('an abort wakes sleepers with its reason', async () => {
  const abort = new AbortController()
  const sleeping = systemClock(abort.signal).sleep(1_000_000)
  abort.abort(new Error('SIGINT'))
  await expect(sleeping).rejects.toThrow('SIGINT')
})

test('a signal of his own wakes one sleeper, with its reason', async () => {
  const clock = systemClock(new AbortController().signal)
  const own = new AbortController()
  const [woken, other] = [clock.sleep(1_000_000, own.signal), clock.sleep(5)]
  own.abort(new Error('given up'))
  await expect(woken).rejects.toThrow('given up')
  await other
})

test('nobody falls asleep after an abort', async () => {
  await expect(systemClock(AbortSignal.abort(new Error('SIGINT'))).sleep(0)).rejects.toThrow('SIGINT')
})
