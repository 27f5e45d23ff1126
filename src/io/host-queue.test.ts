import { describe, expect, it } from '@jest/globals'
import { quickClock } from './fixtures/ports.ts'
import { HostQueue, type Place } from './host-queue.ts'

const { signal } = new AbortController()

/** Takes all places that there are, and says how many; those who had to wait get theirs when the others have left. */
async function placesOf(queue: HostQueue): Promise<number> {
  const taken: Place[] = []
  const waiting = Array.from({ length: 8 }, async () => taken.push(await queue.enter('down', 'metadata', signal)))
  await new Promise(setImmediate)
  const places = taken.length
  for (let at = 0; at < waiting.length; at += 1) {
    taken[at]?.leave()
    await new Promise(setImmediate)
  }
  await Promise.all(waiting)
  return places
}

async function ask(queue: HostQueue, how: 'served' | 'turnedAway', times = 1): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const place = await queue.enter('down', 'metadata', signal)
    place[how]()
    place.leave()
  }
}

describe('places at a host', () => {
  it('are half as many after each refusal, one at least, and again as many when the host has recovered', async () => {
    const queue = new HostQueue(4, quickClock())
    expect(await placesOf(queue)).toBe(4)
    await ask(queue, 'turnedAway')
    expect(await placesOf(queue)).toBe(2)
    await ask(queue, 'turnedAway', 2)
    expect(await placesOf(queue)).toBe(1)
    await ask(queue, 'served', 14)
    expect(await placesOf(queue)).toBe(2)
    await ask(queue, 'served')
    expect(await placesOf(queue)).toBe(4)
  })
})
