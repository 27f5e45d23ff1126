import { describe, expect, it } from '@jest/globals'
import { addRobot } from '../../../../test/fakes/harbor/images.ts'
import { addUser } from '../../../../test/fakes/harbor/state.ts'
import { createRobot, disableRobot, readRobot } from '../robots/robots.ts'
import { exportProjects } from './export.ts'
import type { KindName } from './kind.ts'
import { doneOf, linesOf, projectScene } from './scene.fake.ts'
import { wireWhole } from './wire.ts'

const { scene, plan, apply, writes, project } = projectScene()

/** A file with one project, `shop`. */
const shop = (...lines: readonly string[]): string => ['projects:', '  shop:', ...lines.map((line) => `    ${line}`)].join('\n')
const own = 'metadata: { reuse-sys-cve-allowlist: false }'
const list = (items: string, expires = ''): string => shop(own, `cve-allowlist: { items: [${items}]${expires} }`)
const secrets = new Map([
  ['HOOK', 'Bearer s3cret-1'],
  ['OTHER', 'Bearer s3cret-2'],
])

interface Case {
  readonly kind: KindName
  readonly before: string
  readonly made: readonly string[]
  readonly after: string
  readonly changed: readonly string[]
}

const cases: readonly Case[] = [
  {
    kind: 'cve-allowlist',
    before: list('CVE-2026-2, CVE-2026-1', ', expires: 2027-01-31'),
    made: [
      'update shop › cve-allowlist: { items: [], expires: never } → { items: [CVE-2026-1, CVE-2026-2], expires: 2027-01-31T23:59:59Z }',
    ],
    after: list('CVE-2026-1', ', expires: never'),
    changed: [
      'update shop › cve-allowlist: { items: [CVE-2026-1, CVE-2026-2], expires: 2027-01-31T23:59:59Z } → { items: [CVE-2026-1], expires: never }',
    ],
  },
  {
    kind: 'members',
    before: shop('members: { alice: developer, bob: limited-guest }'),
    made: ['create shop › members › alice:  → developer', 'create shop › members › bob:  → limited-guest'],
    after: shop('members: { alice: maintainer }'),
    changed: ['update shop › members › alice: developer → maintainer', 'delete shop › members › bob: limited-guest → '],
  },
  {
    kind: 'labels',
    before: shop('labels: { prod: { color: "#ff0000", description: live }, old: }'),
    made: ['create shop › labels › prod:  → { color: #ff0000, description: live }', 'create shop › labels › old:  → {  }'],
    after: shop('labels: { prod: { color: "#00ff00" } }'),
    changed: [
      'update shop › labels › prod: { color: #ff0000 } → { color: #00ff00 }',
      'delete shop › labels › old: { color: , description:  } → ',
    ],
  },
  {
    kind: 'immutability',
    before: shop('immutability: [{ tags: "v*" }, { tags-except: dev, repositories: app }]'),
    made: [
      'create shop › immutability › v* in **:  → { tags: v*, repositories: **, disabled: false }',
      'create shop › immutability › all but dev in app:  → { tags-except: dev, repositories: app, disabled: false }',
    ],
    after: shop('immutability: [{ tags: "v*", disabled: true }]'),
    changed: [
      'update shop › immutability › v* in **: { disabled: false } → { disabled: true }',
      'delete shop › immutability › all but dev in app: { tags-except: dev, repositories: app, disabled: false } → ',
    ],
  },
  {
    kind: 'retention',
    before: shop('retention: { schedule: daily, rules: [{ keep: latest-pushed, count: 10 }] }'),
    made: [
      'create shop › retention:  → { schedule: daily, rules: [{ keep: latest-pushed, count: 10, tags: **, repositories: **, untagged: true, disabled: false }] }',
    ],
    after: shop('retention: { rules: [{ keep: always, repositories: app, untagged: false }] }'),
    changed: [
      'update shop › retention: { rules: [{ keep: latest-pushed, count: 10, tags: **, repositories: **, untagged: true, disabled: false }] } → { rules: [{ keep: always, tags: **, repositories: app, untagged: false, disabled: false }] }',
    ],
  },
  {
    kind: 'webhooks',
    before: shop('webhooks: { ci: { url: "https://ci.example.com/hook", events: [PUSH_ARTIFACT], auth-header: { secret: HOOK } } }'),
    made: [
      'create shop › webhooks › ci:  → { url: https://ci.example.com/hook, type: http, verify-tls: true, enabled: true, events: [PUSH_ARTIFACT], format: Default, auth-header: (secret) }',
    ],
    after: shop(
      'webhooks: { ci: { url: "https://ci.example.com/hook", events: [PUSH_ARTIFACT], format: CloudEvents, auth-header: { secret: OTHER } } }',
    ),
    changed: ['update shop › webhooks › ci: { format: Default, auth-header: (secret) } → { format: CloudEvents, auth-header: (secret) }'],
  },
]

const preheat = (more: string): string => shop(`preheat: { warm: { provider: dragonfly, filters: { repository: app }${more} } }`)
const policies: readonly Case[] = [
  {
    kind: 'preheat',
    before: preheat(''),
    made: [
      'create shop › preheat › warm:  → { provider: dragonfly, trigger: manual, enabled: true, filters: { repository: app, tag: ** } }',
    ],
    after: preheat(', trigger: event-based'),
    changed: ['update shop › preheat › warm: { trigger: manual } → { trigger: event-based }'],
  },
]

describe.each([...cases, ...policies])('$kind', ({ kind, before, made, after, changed }) => {
  const options = { prune: [kind], secrets }

  it('are made, read back, and not written again', async () => {
    for (const name of ['alice', 'bob']) addUser(scene().harbor.state, name)
    await apply(shop(own))
    const planned = linesOf(await plan(before, { secrets }))
    expect(planned).toEqual(made)
    expect(doneOf(await apply(before, { secrets }))).toEqual(planned)
    const written = writes().length
    expect(doneOf(await apply(before, { secrets }))).toEqual([])
    expect(writes()).toHaveLength(written)
  })

  it('are changed, and deleted only where `prune` names them', async () => {
    for (const name of ['alice', 'bob']) addUser(scene().harbor.state, name)
    await apply(before, { secrets })
    const kept = changed.filter((line) => !line.startsWith('delete '))
    expect(linesOf(await plan(after, { secrets }))).toEqual(kept)
    expect(doneOf(await apply(after, options))).toEqual(changed)
    expect(linesOf(await plan(after, options))).toEqual([])
  })
})

describe('members', () => {
  it('do not lose the one who asks', async () => {
    await apply(shop('members: {}'), { prune: ['members'] })
    expect(project('shop').members.map(({ user }) => user.name)).toEqual(['admin'])
  })

  it.each([
    ['a robot', 'robot'],
    ['an administrator of the system', 'admin'],
  ])('keep an administrator where the file names none, whatever %s prunes', async (_, who) => {
    for (const name of ['alice', 'bob']) addUser(scene().harbor.state, name)
    await apply(shop('members: { alice: project-admin, bob: developer }'))
    const { harbor } = scene()
    const rights = ['member:list', 'member:delete', 'member:create', 'member:update', 'project:read']
    const account = who === 'robot' ? addRobot(harbor, 'shop', rights) : { username: 'admin', password: 'admin-Passw0rd' }
    const left = () => project('shop').members.map(({ user }) => user.name)
    await apply(shop('members: {}'), { prune: ['members'], account })
    expect(left()).toEqual(['admin', 'alice'])
    await apply(shop('members: { bob: project-admin }'), { prune: ['members'], account })
    expect(left()).toEqual(who === 'robot' ? ['bob'] : ['admin', 'bob'])
  })

  it('that Harbor does not know are told by name', async () => {
    const [, applied] = await apply(shop('members: { ghost: guest }'))
    expect(applied?.error).toMatchObject({ code: 'SW-HARBOR-NOT-FOUND', message: expect.stringContaining('user ghost is not found') })
  })
})

describe('groups', () => {
  const file = (role: string): string => shop(`groups: { devs: { role: ${role}, type: oidc } }`)

  it('are made, changed, and deleted by prune alone, beside users of the same name', async () => {
    addUser(scene().harbor.state, 'devs')
    scene().harbor.state.settings.set('auth_mode', 'oidc_auth')
    await apply(shop('members: { devs: guest }'))
    expect(doneOf(await apply(file('developer')))).toEqual(['create shop › groups › devs:  → developer'])
    expect(doneOf(await apply(file('developer')))).toEqual([])
    expect(doneOf(await apply(file('maintainer')))).toEqual(['update shop › groups › devs: developer → maintainer'])
    expect(doneOf(await apply(shop('groups: {}')))).toEqual([])
    expect(doneOf(await apply(shop('groups: {}'), { prune: ['groups'] }))).toEqual(['delete shop › groups › devs: maintainer → '])
    expect(linesOf(await plan(shop('members: { devs: guest }')))).toEqual([])
  })

  it('that Harbor knows nobody for are told by name', async () => {
    const [, applied] = await apply(file('developer'))
    expect(applied?.error).toMatchObject({ code: 'SW-HARBOR-NOT-FOUND', message: expect.stringContaining('devs not found: not supported') })
  })
})

describe('robots', () => {
  const scopes = [{ kind: 'project', namespace: 'shop', rights: ['repository:push'] }] as const
  const add = async (...names: readonly string[]) => {
    await apply(shop(own))
    const harbor = scene().connect({ username: 'admin', password: 'admin-Passw0rd' })
    const made = []
    for (const name of names) made.push(await createRobot(harbor, { name, level: 'project', description: '', duration: 30, scopes }))
    return { harbor, made }
  }

  it('that are out of use are none to the file that names them, are pruned by the one that does not, and exported by none', async () => {
    const { harbor, made } = await add('ci', 'old')
    for (const { id } of made) await disableRobot(harbor, await readRobot(harbor, id))
    const { text } = await exportProjects(harbor, ['shop'])
    expect(text).not.toContain('robots')
    expect(linesOf(await plan(shop('robots: { ci: { permissions: [push] } }')))).toEqual([
      expect.stringMatching(/^create shop › robots › ci/),
    ])
    await apply(shop('robots: {}'), { prune: ['robots'] })
    expect(scene().harbor.state.robots).toEqual([])
  })

  it('that have expired are a difference, and no file says so', async () => {
    const { harbor, made } = await add('ci')
    const file = shop('robots: { ci: { permissions: [push], duration: 30d } }')
    expect(linesOf(await plan(file))).toEqual([])
    scene().clock.advance(31 * 86_400_000)
    const [robot] = scene().harbor.state.robots
    const day = new Date((robot?.expires ?? 0) * 1000).toISOString().slice(0, 10)
    expect(linesOf(await plan(file))).toEqual([`update shop › robots › ci: { duration: 30d, expired on ${day} } → { duration: 30d }`])
    expect((await exportProjects(harbor, ['shop'])).text).toContain('duration: 30d\n')
    const [, applied] = await apply(file)
    expect(applied?.error).toMatchObject({ code: 'SW-HARBOR-ROBOT-UNKEPT', message: expect.stringContaining('has expired') })
    expect(made).toHaveLength(1)
  })

  it.each(['365d', 'never'])(
    'that have expired live on where nobody keeps their secret and the file lets them live longer: %s',
    async (life) => {
      const { harbor, made } = await add('ci')
      scene().clock.advance(31 * 86_400_000)
      const file = (duration: string): string => shop(`robots: { ci: { permissions: [push], duration: ${duration} } }`)
      const [, tooShort] = await apply(file('31d'))
      expect(tooShort?.error).toMatchObject({ code: 'SW-HARBOR-ROBOT-UNKEPT' })
      expect(doneOf(await apply(file(life)))).toHaveLength(1)
      expect(linesOf(await plan(file(life)))).toEqual([])
      const { expires = Number.POSITIVE_INFINITY } = await readRobot(harbor, made[0]?.id ?? 0)
      expect(expires).toBeGreaterThan(scene().clock.now())
      expect(scene().harbor.state.robots).toHaveLength(1)
    },
  )

  it('are pruned with all their generations, and no others', async () => {
    await add('ci', 'ci-g2', 'other', 'other-g2')
    const file = shop('robots: { ci: { permissions: [push], duration: 30d } }')
    expect(doneOf(await apply(file, { prune: ['robots'] }))).toEqual([expect.stringMatching(/^delete shop › robots › other/)])
    expect(scene().harbor.state.robots.map(({ short }) => short)).toEqual(['ci', 'ci-g2'])
  })
})

it('a preheat policy keeps what the file has no words for', async () => {
  await apply(preheat(''))
  const harbor = scene().connect({ username: 'admin', password: 'admin-Passw0rd' })
  const path = '/projects/shop/preheat/policies/warm'
  const policy = async () => harbor.read({ method: 'GET', path, doing: 'show it' }, wireWhole)
  const signed = { type: 'signature', value: true }
  const before = await policy()
  const filters = JSON.stringify([...JSON.parse(String(before['filters'])), signed])
  await harbor.send({ method: 'PUT', path, body: { ...before, filters, extra_attrs: '{"scope":"all_peers"}' }, doing: 'change it' })
  await apply(preheat(', trigger: event-based'))
  const after = await policy()
  expect(after['extra_attrs']).toBe('{"scope":"all_peers"}')
  expect(JSON.parse(String(after['filters']))).toContainEqual(signed)
})

it('no secret is in a plan, whatever it says', async () => {
  const file = shop('webhooks: { ci: { url: "https://ci.example.com", events: [PUSH_ARTIFACT], auth-header: { secret: HOOK } } }')
  const planned = JSON.stringify(await plan(file, { secrets }))
  expect(planned).toContain('(secret)')
  expect(planned + JSON.stringify(await apply(file, { secrets }))).not.toContain('s3cret')
})
