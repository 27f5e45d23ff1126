import { describe, expect, it } from '@jest/globals'
import { addTeam } from '../../../../test/fakes/harbor/images.ts'
import { harborScene } from '../../../../test/fakes/harbor/scene.ts'
import { harborConflict, harborDenied, harborMissing, harborRefused } from '../errors.ts'
import { accountOf } from '../login.ts'
import {
  createRobot,
  deleteRobot,
  disableRobot,
  findRobot,
  listRobots,
  type NewRobot,
  type RobotHome,
  readRobot,
  updateRobot,
} from './robots.ts'

const scene = harborScene()
const admin = { username: 'admin', password: 'admin-Passw0rd' }
const day = 86_400_000
const system: RobotHome = { level: 'system' }
const push = { kind: 'project', namespace: 'team', rights: ['repository:push', 'artifact:read'] } as const
const ci: NewRobot = { name: 'ci', level: 'project', description: 'pushes', duration: 30, scopes: [push] }

/** An administrator's client, and the project `team`. */
function open(rights: readonly string[] = []) {
  const { harbor, connect, clock } = scene()
  const { project, ...robot } = addTeam(harbor, rights)
  const home: RobotHome = { level: 'project', project: { id: project.id, name: 'team' } }
  return { harbor, connect, clock, home, robot, client: connect(admin) }
}

describe('a robot', () => {
  it('is made with a secret that Harbor tells once, and logs in by it', async () => {
    const { client, connect, clock } = open()
    const made = await createRobot(client, ci)
    expect(made).toMatchObject({ name: 'robot$team+ci', secret: expect.stringMatching(/.{8}/), expires: expect.any(Number) })
    expect(Math.abs((made.expires ?? 0) - clock.now() - 30 * day)).toBeLessThan(2000)
    expect(await accountOf(connect({ username: made.name, password: made.secret }))).toEqual({ kind: 'robot' })
    expect(JSON.stringify(await readRobot(client, made.id))).not.toContain(made.secret)
  })

  it('of the system may be for ever, and has rights in several places, in one order', async () => {
    const { client } = open()
    const everywhere = { kind: 'project', namespace: '*', rights: ['repository:pull'] } as const
    const itself = { kind: 'system', namespace: '/', rights: ['project:list', 'project:create', 'project:list'] } as const
    const made = await createRobot(client, { ...ci, level: 'system', duration: -1, scopes: [itself, everywhere] })
    expect(made).toMatchObject({ name: 'robot$ci', expires: undefined })
    expect(await readRobot(client, made.id)).toMatchObject({
      duration: -1,
      expires: undefined,
      scopes: [everywhere, { ...itself, rights: ['project:create', 'project:list'] }],
    })
  })

  it('whose name is taken is a conflict', async () => {
    const { client } = open()
    await createRobot(client, ci)
    const failed = await createRobot(client, ci).catch((error: unknown) => error)
    expect(harborConflict.is(failed)).toBe(true)
  })

  it('that Harbor would not take is told in its words', async () => {
    const failed = await createRobot(open().client, { ...ci, duration: 0 }).catch((error: unknown) => error)
    expect(harborRefused.is(failed)).toBe(true)
    expect(String(failed)).toContain('duration must be either -1(Never) or a positive integer')
  })

  it('made by whoever may not names the permission', async () => {
    const { connect, robot } = open(['robot:list'])
    const failed = await createRobot(connect(robot), ci).catch((error: unknown) => error)
    expect(harborDenied.is(failed)).toBe(true)
    expect(failed).toMatchObject({ hint: 'Give the account `robot:create`.' })
  })
})

describe('robots of a place', () => {
  it('are listed to their end', async () => {
    const { client, home } = open()
    for (let n = 0; n < 120; n += 1) await createRobot(client, { ...ci, name: `r${n}` })
    await createRobot(client, { ...ci, level: 'system' })
    expect(await listRobots(client, home)).toHaveLength(121)
    expect((await listRobots(client, system)).map(({ name }) => name)).toEqual(['robot$ci'])
  })

  it.each(['ci', 'ci-g2', 'c.i_x'])('are found by the name %j, which Harbor keeps with the project and a plus', async (name) => {
    const { client, home } = open()
    for (const one of [name, `${name}x`, `x${name}`]) await createRobot(client, { ...ci, name: one })
    expect(await findRobot(client, home, name)).toMatchObject({ name: `robot$team+${name}` })
    expect(await findRobot(client, home, 'none')).toBeUndefined()
    expect(await findRobot(client, system, name)).toBeUndefined()
  })
})

describe('a change of a robot', () => {
  it('sends the whole of it, and counts a new duration from its creation', async () => {
    const { client, clock } = open()
    const { id } = await createRobot(client, ci)
    const before = await readRobot(client, id)
    await clock.sleep(10 * day)
    const after = await updateRobot(client, before, { duration: 60 })
    expect(after).toEqual({ ...before, duration: 60, expires: (before.expires ?? 0) + 30 * day })
  })

  it('to other rights is understood in whatever order they are given', async () => {
    const { client } = open()
    const before = await readRobot(client, (await createRobot(client, ci)).id)
    const rights = ['tag:list', 'artifact:read']
    expect((await updateRobot(client, before, { scopes: [{ ...push, rights }] })).scopes).toEqual([
      { ...push, rights: ['artifact:read', 'tag:list'] },
    ])
  })

  it('that Harbor takes and does not make is no success', async () => {
    const { client, harbor } = open()
    const before = await readRobot(client, (await createRobot(client, ci)).id)
    harbor.instead(/^PUT .*robots/, { status: 200, headers: {} })
    const failed = await updateRobot(client, before, { description: 'other' }).catch((error: unknown) => error)
    expect(harborRefused.is(failed)).toBe(true)
    expect(String(failed)).toContain('kept its description: "pushes", expected "other"')
  })

  it('to disabled ends its login, and says so by 401 only', async () => {
    const { client, connect } = open()
    const made = await createRobot(client, ci)
    const before = await readRobot(client, made.id)
    expect((await disableRobot(client, before)).isDisabled).toBe(true)
    await expect(accountOf(connect({ username: made.name, password: made.secret }))).rejects.toMatchObject({ code: 'SW-HARBOR-LOGIN' })
  })

  it('deletes it, also when it is gone', async () => {
    const { client } = open()
    const { id, name } = await createRobot(client, ci)
    await deleteRobot(client, { id, name })
    await deleteRobot(client, { id, name })
    const failed = await readRobot(client, id).catch((error: unknown) => error)
    expect(harborMissing.is(failed)).toBe(true)
  })
})
