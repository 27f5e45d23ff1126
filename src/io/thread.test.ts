import { describe, expect, it } from '@jest/globals'
import { Thread } from './thread.ts'

const adder = (start: number) => {
  let sum = start
  return (bytes: Uint8Array): number => {
    if (bytes.length === 0) throw new Error('nothing to add')
    for (const byte of bytes) sum += byte
    return sum
  }
}

describe('a thread', () => {
  it('answers each question in its turn, from what it was started with', async () => {
    const thread = new Thread({ name: 'sum', make: adder, data: 100 })
    const answers = [1, 2, 3].map((value) => thread.ask(Buffer.from([value])))
    expect(thread.waiting).toBe(3)
    expect(await Promise.all(answers)).toEqual([101, 103, 106])
    expect(thread.waiting).toBe(0)
    thread.close()
  })

  it('sees shared memory as it is', async () => {
    const thread = new Thread({ name: 'fill', make: () => (bytes: Uint8Array) => void bytes.fill(7), data: undefined })
    const memory = Buffer.from(new SharedArrayBuffer(4))
    await thread.ask(memory)
    expect([...memory]).toEqual([7, 7, 7, 7])
    thread.close()
  })

  it('that fails loses what it was asked, and says why from then on', async () => {
    let ended = 0
    const thread = new Thread({ name: 'sum', make: adder, data: 0 }, () => {
      ended += 1
    })
    const lost = [[], [1]].map((bytes) => thread.ask(Buffer.from(bytes)).catch((error: unknown) => error))
    const failure = { code: 'SW-THREAD-FAILED', message: 'A thread sum failed: nothing to add.' }
    expect(await Promise.all(lost)).toMatchObject([failure, failure])
    await expect(thread.ask(Buffer.from([1]))).rejects.toMatchObject(failure)
    expect(ended).toBeGreaterThan(0)
  })

  it('that cannot be asked something answers who asks next as ever', async () => {
    const thread = new Thread({ name: 'same', make: () => (value: unknown) => value, data: undefined })
    await expect(thread.ask(() => 'a function is not copied')).rejects.toThrow('could not be cloned')
    expect(thread.waiting).toBe(0)
    expect(await Promise.all([thread.ask(1), thread.ask(2)])).toEqual([1, 2])
    thread.close()
  })

  it('that was given up answers nothing any more', async () => {
    const thread = new Thread({ name: 'sum', make: adder, data: 0 })
    await thread.ask(Buffer.from([1]))
    thread.close()
    await expect(thread.ask(Buffer.from([1]))).rejects.toMatchObject({ code: 'SW-THREAD-FAILED' })
  })
})
