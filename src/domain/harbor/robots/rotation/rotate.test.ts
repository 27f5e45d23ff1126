import { describe, expect, it } from '@jest/globals'
import { secretStoreDenied } from '../../../secretstore/errors.ts'
import type { SecretStore } from '../../../secretstore/store.ts'
import { rightsFor } from '../presets.ts'
import { createRobot } from '../robots.ts'
import { day, hours, robot, rotationScene, scopes, terms } from './rotate.fake.ts'
import { planned, rotateRobot } from './rotate.ts'

const open = rotationScene()

describe('rotation', () => {
  it('makes a robot that is not there, and hands its secret over before it counts', async () => {
    const { rotation, ports, store, masked, steps, enabled, works, harbor } = open()
    const done = await rotateRobot(rotation, ports)
    expect(done).toMatchObject({ why: 'there is none', made: { name: 'robot$team+ci' }, current: { description: 'pushes' }, disabled: [] })
    expect(store.kept).toEqual([{ registry: new URL(harbor.url).host, username: 'robot$team+ci', password: masked[0] }])
    expect(await works()).toBe(true)
    expect(enabled()).toEqual(['ci'])
    expect(steps).toEqual(['making the robot ci', 'logging in as robot$team+ci', 'handing the secret of robot$team+ci to the memory'])
  })

  it('changes nothing where nothing is due', async () => {
    const { rotation, ports, store, harbor } = open()
    await rotateRobot(rotation, ports)
    harbor.log.length = 0
    expect(await rotateRobot(rotation, ports)).toMatchObject({ made: undefined, disabled: [], removed: [] })
    expect(harbor.log.filter((line) => !line.startsWith('GET'))).toEqual([])
    expect(store.kept).toHaveLength(1)
  })

  it('replaces what expires soon, disables it only then, and deletes it a week later', async () => {
    const { rotation, ports, clock, enabled, harbor, works } = open()
    await rotateRobot(rotation, ports)
    await clock.sleep(77 * day)
    expect((await planned(rotation, ports)).make).toMatchObject({ number: 2, why: expect.stringMatching(/^it expires on/) })
    expect(await rotateRobot(rotation, ports)).toMatchObject({ made: { name: 'robot$team+ci-g2' }, disabled: ['robot$team+ci'] })
    expect(enabled()).toEqual(['ci-g2'])
    expect(await works()).toBe(true)
    await clock.sleep(8 * day)
    expect(await rotateRobot(rotation, ports)).toMatchObject({ made: undefined, removed: ['robot$team+ci'] })
    expect(harbor.state.robots.map(({ short }) => short)).toEqual(['ci-g2'])
  })

  it('lets the one before work on for a while where that is asked for', async () => {
    const { rotation, ports, clock, enabled } = open()
    const overlapping = { ...rotation, terms: { ...terms, force: true, overlap: day } }
    await rotateRobot(rotation, ports)
    await rotateRobot(overlapping, ports)
    expect(enabled()).toEqual(['ci', 'ci-g2'])
    await clock.sleep(2 * day)
    await rotateRobot({ ...overlapping, terms: { ...overlapping.terms, force: false } }, ports)
    expect(enabled()).toEqual(['ci-g2'])
  })

  it('takes over a robot that somebody made by hand', async () => {
    const { rotation, ports, client, enabled, works } = open()
    await createRobot(client, { name: 'ci', level: 'project', description: 'by hand', duration: 5, scopes })
    await rotateRobot(rotation, ports)
    expect(enabled()).toEqual(['ci-g2'])
    expect(await works()).toBe(true)
  })

  it('by a robot is done within its own rights', async () => {
    const { rotation, ports, connect, client, enabled } = open()
    const rights = [...rightsFor(['rotate']), ...scopes[0].rights]
    const made = await createRobot(client, {
      name: 'keeper',
      level: 'project',
      description: '',
      duration: 1,
      scopes: [{ ...scopes[0], rights }],
    })
    const harbor = connect({ username: made.name, password: made.secret })
    await rotateRobot({ ...rotation, harbor }, ports)
    expect(enabled()).toEqual(['keeper', 'ci'])
  })
})

describe('a rotation that cannot go on', () => {
  it('for a store that refuses beforehand leaves no robot and the old one in use', async () => {
    const { rotation, ports, enabled, store } = open()
    await rotateRobot(rotation, ports)
    const refuses: SecretStore = { ...store, check: () => Promise.reject(new Error('no right')) }
    await expect(rotateRobot({ ...rotation, terms: { ...terms, force: true }, stores: [refuses] }, ports)).rejects.toThrow('no right')
    expect(enabled()).toEqual(['ci'])
  })

  it('for a store that fails midway keeps the old one in use, and the next run ends it', async () => {
    const { rotation, ports, enabled, store, works, clock } = open()
    await rotateRobot(rotation, ports)
    const fails: SecretStore = { ...store, put: () => Promise.reject(new Error('gone')) }
    const forced = { ...rotation, terms: { ...terms, force: true } }
    await expect(rotateRobot({ ...forced, stores: [store, fails] }, ports)).rejects.toThrow('gone')
    expect(enabled()).toEqual(['ci', 'ci-g2'])
    await clock.sleep(hours)
    await rotateRobot(rotation, ports)
    expect(enabled()).toEqual(['ci-g3'])
    expect(await works()).toBe(true)
  })

  it('for a store that surely did not take the secret leaves no robot', async () => {
    const { rotation, ports, enabled, store } = open()
    const refuses: SecretStore = { ...store, put: () => Promise.reject(secretStoreDenied('May only read.')) }
    await expect(rotateRobot({ ...rotation, stores: [refuses] }, ports)).rejects.toThrow('May only read')
    expect(enabled()).toEqual([])
    await expect(rotateRobot({ ...rotation, stores: [store, refuses] }, ports)).rejects.toThrow('May only read')
    expect(enabled()).toEqual(['ci'])
  })

  it.each([false, true])('since the robot is itself changes nothing (by force: %s)', async (force) => {
    const { rotation, ports, connect, client, enabled, harbor, store } = open()
    const rights = [...rightsFor(['rotate']), ...scopes[0].rights]
    const made = await createRobot(client, { ...robot, name: 'ci-g4', level: 'project', duration: 1, scopes: [{ ...scopes[0], rights }] })
    const itself = connect({ username: made.name, password: made.secret })
    harbor.log.length = 0
    await expect(rotateRobot({ ...rotation, harbor: itself, terms: { ...terms, force } }, ports)).rejects.toMatchObject({
      code: 'SW-HARBOR-ROBOT-SELF',
    })
    expect(harbor.log.filter((line) => !line.startsWith('GET'))).toEqual([])
    expect([enabled(), store.kept]).toEqual([['ci-g4'], []])
  })

  it('since the robot may not what it should, deletes it', async () => {
    const { rotation, ports, harbor, enabled } = open()
    const { tokens } = harbor
    const token = { token: tokens.issue([{ type: 'repository', name: 'team/any', actions: ['pull'] }]) }
    const reply = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(token)) }
    harbor.instead(/service\/token/, reply)
    await expect(rotateRobot(rotation, ports)).rejects.toMatchObject({
      code: 'SW-HARBOR-ROBOT-UNUSABLE',
      message: expect.stringContaining('grants pull, expected push'),
    })
    expect(enabled()).toEqual([])
  })
})
