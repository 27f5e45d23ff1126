import { describe, expect, it } from '@jest/globals'
import { addRobot, addTeam, pushImage } from '../../../test/fakes/harbor/images.ts'
import { addScanner } from '../../../test/fakes/harbor/routes/scanners.ts'
import { credentialOf, harborScene } from '../../../test/fakes/harbor/scene.ts'
import type { HarborOptions } from './client.ts'
import { preflightHarbor } from './preflight.ts'
import type { HarborPlan } from './preflight-check.ts'

const scene = harborScene()
const rights = ['repository:pull', 'repository:push', 'project:read', 'quota:read', 'artifact:read', 'scanner:read']

type Harbor = ReturnType<typeof scene>['harbor']

async function check(arrange: (harbor: Harbor) => void | Promise<void>, plan: Partial<HarborPlan & HarborOptions> = {}, allowed = rights) {
  const { harbor, ports } = scene()
  const { project } = addTeam(harbor, [])
  addScanner(harbor.state)
  await arrange(harbor)
  const credential = credentialOf(addRobot(harbor, project.name, allowed))
  const checks = await preflightHarbor({ origin: harbor.url, repository: 'team/app', tags: ['v1'], scan: true, credential, ...plan }, ports)
  return Object.fromEntries(checks.map(({ name, verdict, message }) => [name, `${verdict}: ${message}`]))
}

const nothing = (): void => undefined
const other = `sha256:${'0'.repeat(64)}` as const
const admin = credentialOf({ username: 'admin', password: 'admin-Passw0rd' })
const reply = (status: number, body = '') => ({ status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) })

describe('before anything is built', () => {
  it('it is known that all can be done', async () => {
    expect(await check(nothing)).toEqual({
      login: 'pass: a robot',
      version: 'pass: v2.15.2-0d9f3c5a',
      writable: 'pass: it takes changes',
      project: 'pass: team exists',
      rights: 'pass: may pull and push',
      expiry: 'unknown: the account may not see when it expires: robot:list',
      quota: 'pass: no limit, 0 B used',
      tags: 'pass: none is immutable',
      scanner: 'pass: lab, healthy',
    })
  })

  it('nothing is changed', async () => {
    await check(nothing)
    expect(scene().harbor.log.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })

  it.each<[string, Partial<HarborPlan>, (harbor: Harbor) => void | Promise<void>, string, RegExp]>([
    ['read-only mode', {}, ({ state }) => void state.settings.set('read_only', true), 'writable', /read-only mode/],
    ['a project that is not there', { repository: 'other/app' }, nothing, 'project', /no project other/],
    ['a repository without a project', { repository: 'app' }, nothing, 'project', /names no project/],
    ['no scanner', {}, ({ state }) => void state.scanners.pop(), 'scanner', /none is registered/],
    ['an immutable tag', { digest: other }, held, 'tags', /v1: there already, and immutable/],
  ])('%s is told', async (_, plan, arrange, name, message) => {
    const seen = await check(arrange, plan)
    expect(seen[name]).toMatch(/^fail: /)
    expect(seen[name]).toMatch(message)
  })

  it('a robot that may not push is told which right it lacks', async () => {
    const seen = await check(nothing, {}, ['repository:pull'])
    expect(seen['rights']).toBe('fail: may not push: give the robot repository:push')
  })

  it('what the account may not see is not taken for good', async () => {
    const seen = await check(nothing, {}, ['repository:pull', 'repository:push'])
    expect(Object.keys(seen).filter((name) => seen[name]?.startsWith('unknown'))).toEqual(['expiry', 'quota', 'tags', 'scanner'])
  })

  it('with wrong credentials nothing else is known', async () => {
    const credential = credentialOf({ username: 'robot$team+x', password: 'wrong' })
    const seen = await check(nothing, { credential })
    expect(Object.keys(seen)).toEqual(['login', 'writable'])
    expect(seen['login']).toMatch(/^fail: .*does not take the credentials of robot\$team\+x from the inputs username and password/)
  })

  it('a wrong password is one where everybody may pull, too', async () => {
    const credential = credentialOf({ username: 'robot$team+x', password: 'wrong' })
    const isPublic = ({ state }: Harbor) => void state.projects.find(({ name }) => name === 'team')?.metadata.set('public', 'true')
    expect((await check(isPublic, { credential }))['login']).toMatch(/^fail: .*does not take the credentials/)
  })

  it.each<[string, number, string]>([
    ['that expires soon is told', 3, 'warn: the robot expires on 20'],
    ['that lasts is', 300, 'pass: on 20'],
    ['without an end, too', -1, 'pass: never'],
  ])('a robot %s', async (_, days, expected) => {
    const { harbor, ports } = scene()
    addTeam(harbor, [])
    const credential = credentialOf(addRobot(harbor, 'team', [...rights, 'robot:list']))
    for (const robot of harbor.state.robots) if (days > 0) robot.expires = Math.floor(harbor.state.now() / 1000) + days * 86_400
    const checks = await preflightHarbor({ origin: harbor.url, repository: 'team/app', credential }, ports)
    const seen = checks.find(({ name }) => name === 'expiry')
    expect(`${seen?.verdict}: ${seen?.message}`).toContain(expected)
  })

  it('a project that is asked for is made, once', async () => {
    const { harbor, ports } = scene()
    const credential = credentialOf({ username: 'admin', password: 'admin-Passw0rd' })
    const plan = { origin: harbor.url, repository: 'new/app', createProject: true, credential }
    const seen = [await preflightHarbor(plan, ports), await preflightHarbor(plan, ports)]
    expect(seen.map((checks) => checks.find(({ name }) => name === 'project')?.message)).toEqual(['new was created, private', 'new exists'])
  })

  it('no project is made where something else is amiss', async () => {
    const { harbor, ports } = scene()
    harbor.state.settings.set('read_only', true)
    const checks = await preflightHarbor({ origin: harbor.url, repository: 'new/app', createProject: true, credential: admin }, ports)
    expect(checks.flatMap(({ name, verdict }) => (verdict === 'pass' ? [] : `${name} ${verdict}`))).toEqual([
      'writable fail',
      'project unknown',
    ])
    expect(harbor.log.filter((line) => line.startsWith('POST '))).toEqual([])
  })

  it('a project that is new may not tell the rights yet, and is no fault', async () => {
    const { harbor, ports } = scene()
    for (let round = 0; round < 2; round += 1) harbor.instead(/service\/token/, reply(200, JSON.stringify({ token: empty })))
    const checks = await preflightHarbor({ origin: harbor.url, repository: 'new/app', createProject: true, credential: admin }, ports)
    expect(checks.find(({ name }) => name === 'rights')).toMatchObject({ verdict: 'unknown' })
  })

  it('a tag that is immutable may be set once more to the same image', async () => {
    const seen = await check(held)
    expect(seen['tags']).toBe('warn: v1: there already, and immutable: only the same image again can be pushed')
  })

  it('an account that only the registry knows is judged by its token', async () => {
    const { harbor } = scene()
    for (const path of [/users\/current/, /HEAD .*\/projects/]) for (let round = 0; round < 2; round += 1) harbor.instead(path, reply(401))
    const seen = await check(nothing)
    const verdicts = Object.entries(seen).map(([name, text]) => `${name} ${text.split(':')[0]}`)
    expect(verdicts.slice(3)).toEqual(['rights pass', 'project unknown', 'quota unknown', 'tags unknown', 'scanner unknown'])
    expect(seen['login']).toMatch(/^unknown: known to the registry, not to the API/)
  })

  it('a part of the API that is down is told, and stops nothing', async () => {
    const { harbor } = scene()
    harbor.instead(/\/summary/, reply(501, ''))
    const seen = await check(nothing)
    expect(seen['quota']).toMatch(/^unknown: could not be asked: .*501/)
    expect(seen['tags']).toMatch(/^pass/)
  })

  it('a robot by another prefix is told as one whose end is not known', async () => {
    const seen = await check(({ state }) => void state.settings.set('robot_name_prefix', 'bot-'))
    expect(seen['expiry']).toBe('unknown: robots have another prefix in this Harbor')
  })

  describe('what comes new', () => {
    const most = 999_990
    const [nowhere, there] = [
      () => Promise.resolve(most),
      (others: readonly string[]) => Promise.resolve(others.includes('team/other') ? 0 : most),
    ]
    const elsewhere = async (harbor: Harbor): Promise<void> => {
      await pushImage(harbor, 'team/other')
      limited(harbor)
    }

    it.each<[string, NonNullable<HarborPlan['size']>, readonly string[], RegExp]>([
      ['is less where another repository of the project has it', there, ['repository:list'], /^pass: .*, 0 B to come/],
      ['is a fault where none has', nowhere, ['repository:list'], /^fail: .* to come: delete old images/],
      ['is told where the others may not be seen', there, [], /^warn: .*unless other repositories/],
      ['is a fault where it is more than the project may have', () => Promise.resolve(2_000_000), [], /^fail: .* to come/],
    ])('%s', async (_, size, more, expected) => {
      const seen = await check(elsewhere, { size }, [...rights, ...more])
      expect(seen['quota']).toMatch(expected)
    })
  })

  it('a project that the account may not make is told with the right', async () => {
    const seen = await check(nothing, { repository: 'new/app', createProject: true })
    expect(seen['project']).toMatch(/^fail: .*may not create it: project:create of the system/)
  })

  it('a proxy cache takes no push', async () => {
    const seen = await check(({ state }) => {
      const team = state.projects.find(({ name }) => name === 'team')
      if (team !== undefined) Object.assign(team, { registry: 1 })
    })
    expect(seen['project']).toMatch(/^fail: team is a proxy cache/)
  })

  it('an immutable tag that names the image already is in place', async () => {
    const { harbor } = scene()
    let digest = ''
    const seen = await check(
      async () => {
        await held(harbor)
        digest = harbor.state.repositories[0]?.tags.get('v1')?.digest ?? ''
      },
      {
        get digest() {
          return digest
        },
      },
    )
    expect(seen['tags']).toBe('pass: immutable, and in place')
  })
})

/** A token without any action. */
const empty = `e30.${Buffer.from(JSON.stringify({ access: [] })).toString('base64url')}.x`

function limited({ state }: Harbor): void {
  const quota = state.projects.find(({ name }) => name === 'team')?.quota
  if (quota !== undefined) quota.hard = 1_000_000
}

async function held(harbor: Harbor): Promise<void> {
  await pushImage(harbor, 'team/app', { tag: 'v1' })
  const every = (decoration: string) => [{ kind: 'doublestar', decoration, pattern: '**' }]
  const body = { disabled: false, tag_selectors: every('matches'), scope_selectors: { repository: every('repoMatches') } }
  harbor.state.projects.find(({ name }) => name === 'team')?.immutable.push({ id: 1, body })
}
