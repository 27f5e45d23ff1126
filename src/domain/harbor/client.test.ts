import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import * as v from 'valibot'
import { addRobot, addTeam, pushImage } from '../../../test/fakes/harbor/images.ts'
import { credentialOf, harborScene } from '../../../test/fakes/harbor/scene.ts'
import { addProject } from '../../../test/fakes/harbor/state.ts'
import { isRepository } from '../../base/reference.ts'
import { connectHarbor } from './client.ts'
import { harborDenied, harborLogin, harborStrange } from './errors.ts'
import { readArtifact } from './images.ts'
import { accountOf, registryActions, systemOf } from './login.ts'
import { allPages } from './pages.ts'
import { splitRepository } from './paths.ts'
import { hasProject, readProject, scannerOf } from './projects.ts'

const scene = harborScene()
const admin = { username: 'admin', password: 'admin-Passw0rd' }
const page = { status: 401, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') }

describe('a login', () => {
  it('is asked for by the one question that a wrong password cannot answer', async () => {
    const { connect, harbor } = scene()
    const robot = addTeam(harbor, ['artifact:read'])
    expect(await accountOf(connect(admin))).toEqual({ kind: 'user', name: 'admin', isAdmin: true })
    expect(await accountOf(connect(robot))).toEqual({ kind: 'robot' })
    expect((await systemOf(connect({ ...admin, password: 'wrong' }))).version).toBeUndefined()
  })

  it('goes with the first request, and no cookie ever with one', async () => {
    const { connect, harbor } = scene()
    const client = connect(admin)
    await accountOf(client)
    await systemOf(client)
    expect(harbor.asked.map(({ headers }) => [headers.authorization?.slice(0, 6), headers.cookie])).toEqual([
      ['Basic ', undefined],
      ['Basic ', undefined],
    ])
  })

  it('that somebody else’s wrong password locks is tried again once, 2 s later', async () => {
    const { connect, harbor, clock } = scene()
    harbor.instead(/users\/current/, page)
    expect(await accountOf(connect(admin))).toMatchObject({ name: 'admin' })
    expect(clock.slept).toEqual([2000])
  })

  it('goes on no longer than it may', async () => {
    const { harbor, ports } = scene()
    const deadlines: (number | undefined)[] = []
    const http: typeof ports.http = {
      request({ deadline, ...rest }) {
        deadlines.push(deadline)
        return ports.http.request(rest)
      },
    }
    const credential = credentialOf(admin)
    const left = (until?: number) => accountOf(connectHarbor({ origin: harbor.url, credential, until }, { ...ports, http }))
    for (const until of [undefined, ports.clock.now() + 700, ports.clock.now() - 5]) await left(until)
    expect(deadlines).toEqual([undefined, 700, 1])
  })

  it('that fails twice names who and from where, and never the password', async () => {
    const { connect, harbor } = scene()
    const failed = accountOf(connect({ username: 'ci', password: 'S3cret-of-ours' }))
    await expect(failed).rejects.toThrow(/credentials of ci from the inputs username and password: 401 twice.*request [0-9a-f-]{36}/)
    await expect(failed).rejects.not.toThrow(/S3cret/)
    expect(harborLogin.is(await failed.catch((error: unknown) => error))).toBe(true)
    expect(harbor.log).toHaveLength(2)
  })

  it('by a robot whose "$" a shell took is told so', async () => {
    const failed = accountOf(scene().connect({ username: 'robotteam+ci', password: 'x' }))
    await expect(failed).rejects.toMatchObject({ hint: expect.stringContaining("'robot$team+ci'") })
  })

  it('is asked for when nobody may', async () => {
    addTeam(scene().harbor, [])
    await expect(readProject(scene().connect(), 'team')).rejects.toMatchObject({
      code: 'SW-HARBOR-LOGIN',
      hint: 'Give username and password.',
    })
  })
})

describe('what the registry would let an account do', () => {
  it('is in the token, whose 200 proves nothing', async () => {
    const { connect, harbor, clock } = scene()
    const robot = addTeam(harbor, ['repository:pull', 'repository:push'])
    expect(await registryActions(connect(robot), 'team/app', clock)).toEqual(['pull', 'push'])
    expect(await registryActions(connect(admin), 'team/app', clock)).toEqual(['pull', 'push', 'delete'])
    expect(clock.slept).toEqual([])
    expect(await registryActions(connect(robot), 'other/app', clock)).toEqual([])
    expect(clock.slept).toEqual([2000])
  })
})

describe('a project', () => {
  it('of digits is a name, not an id', async () => {
    const { connect, harbor } = scene()
    addTeam(harbor, [], { name: '1' })
    expect((await readProject(connect(admin), '1')).name).toBe('1')
  })

  it('has its settings as what they are', async () => {
    const { connect, harbor } = scene()
    addTeam(harbor, [], { metadata: { public: 'true', prevent_vul: 'true', severity: 'high', enable_content_trust_cosign: 'false' } })
    const expected = { public: true, blocksFrom: 'high', wantsCosign: false, autoScan: false, isProxy: false }
    expect(await readProject(connect(admin), 'team')).toMatchObject(expected)
  })

  it('is looked for by whoever is logged in', async () => {
    const { connect, harbor } = scene()
    const robot = addTeam(harbor, [])
    expect([await hasProject(connect(robot), 'team'), await hasProject(connect(robot), 'none')]).toEqual([true, false])
  })

  it('that one may not see names the permission', async () => {
    const { connect, harbor } = scene()
    const robot = addTeam(harbor, ['repository:pull'])
    const failed = await readProject(connect(robot), 'team').catch((error: unknown) => error)
    expect(harborDenied.is(failed)).toBe(true)
    expect(failed).toMatchObject({ hint: 'Give the account `project:read`.' })
  })

  it('may have no scanner: Harbor then answers 200 and nothing', async () => {
    const { connect, harbor } = scene()
    const robot = addTeam(harbor, ['scanner:read'])
    expect(await scannerOf(connect(robot), 'team')).toBe('none')
    expect(await scannerOf(connect(addRobot(harbor, 'team', [])), 'team')).toBeUndefined()
  })
})

describe('lists', () => {
  it('are read to their end, by pages of 100', async () => {
    const { connect, harbor } = scene()
    const [owner] = harbor.state.users
    for (let n = 0; n < 249; n += 1) if (owner !== undefined) addProject(harbor.state, `p${n}`, { owner })
    const all = await allPages(connect(admin), { method: 'GET', path: '/projects', doing: 'list projects' }, v.object({ name: v.string() }))
    expect(new Set(all.map(({ name }) => name)).size).toBe(250)
    expect(harbor.log).toHaveLength(3)
  })

  it('of nothing may be null', async () => {
    const { connect, harbor } = scene()
    harbor.instead(/projects/, { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('null') })
    expect(await allPages(connect(admin), { method: 'GET', path: '/projects', doing: 'list projects' }, v.unknown())).toEqual([])
  })
})

describe('an answer that is not Harbor’s', () => {
  it.each([
    ['a page of HTML', 200, '<html>a proxy</html>', 'is a page of HTML'],
    ['nothing', 200, '', 'Invalid JSON'],
    ['another service’s JSON', 200, '{"name":1}', 'has at'],
    ['a redirect to a login page', 302, '', 'is redirected to'],
    ['a page where the API should be', 404, '<html>404</html>', 'a page of HTML'],
  ])('%s', async (_, status, body, told) => {
    const { connect, harbor } = scene()
    harbor.instead(/./, { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(body) })
    const failed = await readProject(connect(admin), 'team').catch((error: unknown) => error)
    expect(harborStrange.is(failed)).toBe(true)
    expect(String(failed)).toContain(told)
  })
})

describe('repository names', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,4}(?:(?:\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/)
  const name = fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join('/'))
    .filter(isRepository)

  it('come back as they were, whatever is in them', async () => {
    const { connect, harbor } = scene()
    addTeam(harbor, [])
    const client = connect(admin)
    await fc.assert(
      fc.asyncProperty(name, async (path) => {
        const repository = splitRepository(`team/${path}`)
        if (repository === undefined) throw new Error('it has a project')
        const digest = await pushImage(harbor, `team/${path}`)
        expect((await readArtifact(client, { repository, digest })).digest).toBe(digest)
      }),
      { numRuns: 40 },
    )
  })

  it.each(['app', '/app', 'team/', ''])('%j has no project', (path) => {
    expect(splitRepository(path)).toBeUndefined()
  })
})

describe('a Harbor that fails', () => {
  it('by a part that is down is asked again until the time is up, and told with its status', async () => {
    const { connect, harbor, clock } = scene()
    harbor.state.down.add('core')
    const failed = accountOf(connect(admin))
    await expect(failed).rejects.toMatchObject({
      code: 'SW-HTTP-STATUS',
      retryable: true,
      message: expect.stringMatching(/502.*\(request [0-9a-f-]{36}\)\.$/s),
    })
    expect(clock.slept.length).toBeGreaterThan(3)
  })

  it('only for a while is waited for as long as it asks', async () => {
    const { connect, harbor, clock } = scene()
    harbor.instead(/users\/current/, { status: 429, headers: { 'retry-after': '7' } })
    expect(await accountOf(connect(admin))).toMatchObject({ name: 'admin' })
    expect(clock.slept).toEqual([7000])
  })

  it('in its own words is told with the request that its log knows', async () => {
    const { connect, harbor } = scene()
    addTeam(harbor, [])
    await expect(readProject(connect(admin), 'none')).rejects.toThrow(
      /answered 404 and does not show the project none: project none not found \(request [0-9a-f-]{36}\)/,
    )
    expect(harbor.asked.at(-1)?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })
})
