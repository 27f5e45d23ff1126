import { describe, expect, it } from '@jest/globals'
import type { SecretStore } from '../../../secretstore/store.ts'
import type { Harbor, HarborCall } from '../../client.ts'
import { listRobots } from '../robots.ts'
import { day, hours, rotationScene, terms } from './rotate.fake.ts'
import { rotateRobot } from './rotate.ts'

const open = rotationScene()

/** A client whose process ends at its n-th request, sent or not. */
function ending(harbor: Harbor, at: number, isSent: boolean): Harbor {
  let count = 0
  const send = async (call: HarborCall) => {
    count += 1
    if (count > at || (count === at && !isSent)) throw new Error('killed')
    const answer = await harbor.send(call)
    if (count === at) throw new Error('killed')
    return answer
  }
  return { ...harbor, send, read: async (call, schema) => harbor.parse(await send(call), schema) }
}

describe('a rotation that is killed', () => {
  const steps = Array.from({ length: 12 }, (_, place) => place + 1)
  it.each(steps.flatMap((at) => [[at, false] as const, [at, true] as const]))(
    'at request %i (sent: %s) is ended by the next run, and leaks no robot',
    async (at, isSent) => {
      const { rotation, ports, client, home, enabled, works, clock, harbor } = open()
      await rotateRobot(rotation, ports)
      const forced = { ...rotation, terms: { ...terms, force: true } }
      const wasKilled = await rotateRobot({ ...forced, harbor: ending(client, at, isSent) }, ports).then(
        () => false,
        () => true,
      )
      if (at < 5) expect(wasKilled).toBe(true)
      await rotateRobot(rotation, ports)
      expect(await works()).toBe(true)
      await clock.sleep(hours)
      await rotateRobot(rotation, ports)
      expect(await works()).toBe(true)
      expect(enabled()).toHaveLength(1)
      await clock.sleep(8 * day)
      await rotateRobot(rotation, ports)
      expect(harbor.state.robots).toHaveLength(1)
      expect(await listRobots(client, home)).toMatchObject([{ description: 'pushes', isDisabled: false }])
    },
  )

  it('while a store has the secret already, still ends with one that works', async () => {
    const { rotation, ports, enabled, works, store, clock } = open()
    await rotateRobot(rotation, ports)
    const dies: SecretStore = {
      ...store,
      put: async (login) => {
        await store.put(login)
        throw new Error('killed')
      },
    }
    await expect(rotateRobot({ ...rotation, terms: { ...terms, force: true }, stores: [dies] }, ports)).rejects.toThrow('killed')
    expect(await works()).toBe(true)
    await rotateRobot(rotation, ports)
    expect(await works()).toBe(true)
    await clock.sleep(hours)
    await rotateRobot(rotation, ports)
    expect(await works()).toBe(true)
    expect(enabled()).toEqual(['ci-g4'])
  })

  it('after it was stopped for a minute, and wrote its secret over that of a run meanwhile, leaves one that works', async () => {
    const { rotation, ports, works, store, clock, enabled, harbor } = open()
    await rotateRobot(rotation, ports)
    const dies: SecretStore = {
      ...store,
      put: async (login) => {
        await clock.sleep(60_000)
        await rotateRobot(rotation, ports)
        await store.put(login)
        throw new Error('killed')
      },
    }
    await expect(rotateRobot({ ...rotation, terms: { ...terms, force: true }, stores: [dies] }, ports)).rejects.toThrow('killed')
    expect(store.kept.at(-1)?.username).toBe('robot$team+ci-g2')
    for (const wait of [0, hours, hours, 8 * day]) {
      await clock.sleep(wait)
      await rotateRobot(rotation, ports)
      expect(await works()).toBe(true)
    }
    expect(enabled()).toEqual(['ci-g4'])
    expect(harbor.state.robots).toHaveLength(1)
  })
})
