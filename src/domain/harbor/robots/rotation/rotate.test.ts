import { describe, expect, it } from '@jest/globals'
import { addTeam } from '../../../../../test/fakes/harbor/images.ts'
import { harborScene } from '../../../../../test/fakes/harbor/scene.ts'
import { secretStoreDenied, secretStoreLost } from '../../../secretstore/errors.ts'
import type { Login, SecretStore } from '../../../secretstore/store.ts'
import type { Harbor, HarborCall } from '../../client.ts'
import { accountOf } from '../../login.ts'
import { rightsFor } from '../presets.ts'
import { createRobot, listRobots, type RobotHome } from '../robots.ts'
import { planned, type Rotation, type RotationPorts, rotateRobot } from './rotate.ts'

const scene = harborScene()
const admin = { username: 'admin', password: 'admin-Passw0rd' }
const day = 86_400_000
/** After which who made a robot is surely gone. */
const hours = 2 * 3_600_000
const terms = { before: 14 * day, force: false, overlap: 0, grace: 7 * day }
const scopes = [{ kind: 'project', namespace: 'team', rights: rightsFor(['push', 'scan']) }] as const
const robot = { description: 'pushes', duration: 90, scopes }

/** A store that keeps what it was given last. */
function memory(): SecretStore & { readonly kept: Login[] } {
  const kept: Login[] = []
  return { name: 'memory', kept, check: async () => undefined, put: async (login) => void kept.push(login) }
}

function open() {
  const { harbor, connect, clock, ports } = scene()
  const { project } = addTeam(harbor, [])
  // The robot that the helper makes is none of ours.
  harbor.state.robots.length = 0
  const home: RobotHome = { level: 'project', project: { id: project.id, name: 'team' } }
  const store = memory()
  const masked: string[] = []
  const steps: string[] = []
  const all: RotationPorts = {
    ...ports,
    secrets: { mask: (value) => void masked.push(value) },
    doing: (what) => void steps.push(what),
    random: () => 0.5,
  }
  const client = connect(admin)
  const rotation: Rotation = { harbor: client, home, base: 'ci', robot, terms, stores: [store] }
  const enabled = (): string[] => harbor.state.robots.filter(({ disabled }) => !disabled).map(({ short }) => short)
  const works = async (): Promise<boolean> => {
    const last = store.kept.at(-1)
    if (last === undefined) return false
    return accountOf(connect(last)).then(
      () => true,
      () => false,
    )
  }
  return { harbor, connect, clock, home, store, masked, steps, ports: all, client, rotation, enabled, works }
}

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
