import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { inOrder } from './in-order.ts'

async function* numbers(count: number, taken: number[] = []): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) {
    taken.push(number)
    yield number
  }
}

describe('work in order', () => {
  it('gives results in the order of the items, whichever is done first', async () => {
    const results: number[] = []
    const slowFirst = async (item: number): Promise<number> => delay(20 - item, item * 2)
    for await (const result of inOrder(numbers(20), 4, slowFirst)) results.push(result)
    expect(results).toEqual(Array.from({ length: 20 }, (_, index) => index * 2))
  })

  it('takes no more items than may be underway', async () => {
    const taken: number[] = []
    for await (const result of inOrder(numbers(20, taken), 3, async (item) => item)) expect(taken.length).toBeLessThanOrEqual(result + 3)
    expect(taken).toHaveLength(20)
  })

  it('ends with the first failure, when what is underway has ended', async () => {
    const taken: number[] = []
    const ended: number[] = []
    const work = async (item: number): Promise<number> => {
      await delay(item === 2 ? 1 : 10)
      ended.push(item)
      if (item === 2) throw new Error('item 2')
      return item
    }
    const all = async (): Promise<void> => {
      for await (const _ of inOrder(numbers(100, taken), 4, work));
    }
    await expect(all()).rejects.toThrow('item 2')
    expect(taken.length).toBeLessThan(10)
    expect(ended.toSorted((one, other) => one - other)).toEqual(taken)
  })

  it('ends the source when nobody wants more', async () => {
    let isEnded = false
    const source = async function* (): AsyncGenerator<number> {
      try {
        yield* numbers(100)
      } finally {
        isEnded = true
      }
    }
    for await (const result of inOrder(source(), 4, async (item) => item)) if (result === 3) break
    expect(isEnded).toBe(true)
  })
})
