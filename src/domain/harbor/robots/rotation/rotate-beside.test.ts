import { describe, expect, it } from '@jest/globals'
import { secretStoreLost } from '../../../secretstore/errors.ts'
import type { SecretStore } from '../../../secretstore/store.ts'
import type { Harbor } from '../../client.ts'
import { day, rotationScene, terms } from './rotate.fake.ts'
import { rotateRobot } from './rotate.ts'

const open = rotationScene()

describe('rotations beside each other', () => {
  it.each([2, 3, 5])('%i of them end with one robot, whose secret the store has', async (count) => {
    const { rotation, ports, enabled, works, store, clock, harbor } = open()
    await rotateRobot(rotation, ports)
    const forced = { ...rotation, terms: { ...terms, force: true } }
    const all = await Promise.allSettled(Array.from({ length: count }, () => rotateRobot(forced, ports)))
    expect(all.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(await works()).toBe(true)
    expect(enabled()).toEqual([store.kept.at(-1)?.username.replace('robot$team+', '')])
    await clock.sleep(8 * day)
    await rotateRobot(rotation, ports)
    expect(harbor.state.robots).toHaveLength(1)
  })

  it('one that was stopped before it wrote gives its robot up', async () => {
    const { rotation, ports, enabled, works, store, clock, client, harbor } = open()
    await rotateRobot(rotation, ports)
    const stopped: Harbor = {
      ...client,
      read: async (call, schema) => {
        const answer = await client.read(call, schema)
        if (call.method === 'POST') {
          await clock.sleep(60_000)
          await rotateRobot(rotation, ports)
        }
        return answer
      },
    }
    const done = await rotateRobot({ ...rotation, harbor: stopped, terms: { ...terms, force: true } }, ports)
    expect(done).toMatchObject({ made: undefined, current: { name: 'robot$team+ci-g3' } })
    expect(store.kept.map(({ username }) => username.replace('robot$team+', ''))).toEqual(['ci', 'ci-g3'])
    expect(enabled()).toEqual(['ci-g3'])
    expect(harbor.state.robots.map(({ short }) => short)).toEqual(['ci', 'ci-g3'])
    expect(await works()).toBe(true)
  })

  it('one whose store has the next secret already does it again', async () => {
    const { rotation, ports, enabled, works, store, clock } = open()
    let isFirst = true
    const lost: SecretStore = {
      ...store,
      put: async (login) => {
        await store.put(login)
        if (!isFirst) return
        isFirst = false
        await clock.sleep(60_000)
        await rotateRobot(rotation, ports)
        throw secretStoreLost('It does not have it.')
      },
    }
    expect(await rotateRobot({ ...rotation, stores: [lost] }, ports)).toMatchObject({ made: { name: 'robot$team+ci-g3' } })
    expect(enabled()).toEqual(['ci-g3'])
    expect(await works()).toBe(true)
  })

  it('one that is slow finds a newer robot, and does it again', async () => {
    const { rotation, ports, enabled, works, store, clock } = open()
    await rotateRobot(rotation, ports)
    const forced = { ...rotation, terms: { ...terms, force: true } }
    let isFirst = true
    const slow: SecretStore = {
      ...store,
      put: async (login) => {
        if (isFirst) {
          isFirst = false
          await clock.sleep(60_000)
          await rotateRobot(rotation, ports)
        }
        await store.put(login)
        expect(await works()).toBe(true)
      },
    }
    await rotateRobot({ ...forced, stores: [slow] }, ports)
    expect(store.kept.map(({ username }) => username.replace('robot$team+', ''))).toEqual(['ci', 'ci-g3', 'ci-g2', 'ci-g4'])
    expect(enabled()).toEqual(['ci-g4'])
    expect(await works()).toBe(true)
  })
})
