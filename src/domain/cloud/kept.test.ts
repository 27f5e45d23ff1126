import { describe, expect, it } from '@jest/globals'
import { fakeClock } from '../../../test/fakes/clock.ts'
import { kept, renewalOf } from './kept.ts'

describe('what is kept', () => {
  it('is made once for calls at one time, and again after 80 % of its life', async () => {
    const clock = fakeClock()
    let made = 0
    const get = kept(() => Promise.resolve({ at: clock.now(), count: ++made }), { clock, renewal: ({ at }) => renewalOf(at + 1000, at) })
    expect(await Promise.all([get(), get(), get()])).toMatchObject([{ count: 1 }, { count: 1 }, { count: 1 }])
    clock.advance(799)
    expect(await get()).toMatchObject({ count: 1 })
    clock.advance(1)
    expect(await Promise.all([get(), get()])).toMatchObject([{ count: 2 }, { count: 2 }])
  })

  it('is for ever, when it has no time to be renewed', async () => {
    const clock = fakeClock()
    let made = 0
    const get = kept(() => Promise.resolve(++made), { clock, renewal: () => undefined })
    await get()
    clock.advance(10 ** 12)
    expect(await get()).toBe(1)
  })

  it('is no failure', async () => {
    let made = 0
    const make = (): Promise<number> => (++made === 1 ? Promise.reject(new Error('first')) : Promise.resolve(made))
    const get = kept(make, { clock: fakeClock(), renewal: () => undefined })
    await expect(get()).rejects.toThrow('first')
    expect(await get()).toBe(2)
  })

  it('is renewed at once, when it is over already', () => expect(renewalOf(5, 10)).toBe(10))
})
