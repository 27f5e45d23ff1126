import { describe, expect, it } from '@jest/globals'
import { addUser } from '../../../../test/fakes/harbor/state.ts'
import { doneOf, linesOf, projectScene } from './scene.fake.ts'
import { wireWhole } from './wire.ts'

const { scene, plan, apply, writes, project } = projectScene()
const secrets = new Map([['HUB', 'hub-s3cret']])

const registry = 'registries: { hub: { type: docker-hub, url: "https://hub.docker.com", username: bot, password: { secret: HUB } } }'
const cache = `${registry}\nprojects: { cache: { proxy-cache: hub, metadata: { public: true } } }`
const rules = (more = ''): string => `${registry}
replication:
  out: { to: hub, filters: { name: "shop/**", tag: "v*", label: [prod] }, namespace: acme, flatten: 1${more} }
projects: {}
`

describe('registries', () => {
  it('are made before the projects that cache them, with a password that nobody is shown', async () => {
    const done = doneOf(await apply(cache, { secrets }))
    expect(done).toEqual([
      'create registries › hub:  → { type: docker-hub, url: https://hub.docker.com, insecure: false, username: bot }',
      'create cache › project:  → there',
      'create cache › proxy-cache:  → hub',
      'create cache › metadata › public:  → true',
    ])
    expect(project('cache').registry).toBe(1)
    expect(doneOf(await apply(cache, { secrets }))).toEqual([])
    expect(JSON.stringify(done)).not.toContain('s3cret')
  })

  it('keep their password when something else changes and none is given', async () => {
    await apply(cache, { secrets })
    const other = 'registries: { hub: { type: docker-hub, url: "https://hub.docker.com", insecure: true } }\nprojects: {}'
    expect(doneOf(await apply(other))).toEqual(['update registries › hub: { insecure: false } → { insecure: true }'])
    expect(doneOf(await apply(cache, { secrets }))).toHaveLength(1)
  })

  it('are the same with a slash at the end of their address, which Harbor drops', async () => {
    const slash = 'registries: { hub: { type: docker-hub, url: "https://Hub.docker.com//" } }\nprojects: {}'
    expect(doneOf(await apply(slash))).toHaveLength(1)
    expect(linesOf(await plan(slash))).toEqual([])
  })

  it('that do not answer are refused by Harbor, and told so', async () => {
    const [system] = await apply('registries: { hub: { type: docker-hub, url: "https://hub.invalid" } }\nprojects: {}')
    expect(system?.error).toMatchObject({ code: 'SW-HTTP-STATUS' })
  })

  it('that a project caches stay, whatever is pruned', async () => {
    await apply(cache, { secrets })
    const [system] = await apply('registries: {}\nprojects: {}', { prune: ['registries'] })
    expect(system?.error).toMatchObject({
      code: 'SW-HARBOR-CONFLICT',
      message: expect.stringContaining('referenced by proxy cache project'),
    })
  })

  it('are an administrator’s to list', async () => {
    const { name, password } = addUser(scene().harbor.state, 'alice')
    const [system] = await apply(cache, { secrets, account: { username: name, password } })
    expect(system?.error).toMatchObject({ code: 'SW-HARBOR-DENIED', hint: 'Give the account `registry:list` of the system.' })
    expect(writes()).toEqual([])
  })
})

describe('replication', () => {
  it('is made, changed, and deleted only by prune', async () => {
    expect(doneOf(await apply(rules(), { secrets }))).toHaveLength(2)
    expect(linesOf(await plan(rules(), { secrets }))).toEqual([])
    const changed = rules(', trigger: scheduled, cron: "0 0 2 * * *", deletion: true')
    expect(doneOf(await apply(changed, { secrets }))).toEqual([
      'update replication › out: { trigger: manual, deletion: false, cron: null } → { trigger: scheduled, deletion: true, cron: 0 0 2 * * * }',
    ])
    const none = `${registry}\nreplication: {}\nprojects: {}`
    expect(linesOf(await plan(none, { secrets }))).toEqual([])
    expect(doneOf(await apply(none, { secrets, prune: ['replication'] }))).toEqual([expect.stringMatching(/^delete replication › out/)])
  })

  it.each([-1, 0])('has no limit of speed by %i', async (speed) => {
    const file = rules(`, speed-kb: ${speed}`)
    expect(doneOf(await apply(file, { secrets }))).toHaveLength(2)
    expect(linesOf(await plan(file, { secrets }))).toEqual([])
  })

  it.each(['* 0 2 * * *', '0 * * * * *', '0 2 * * *'])('does not take cron %s, which Harbor would refuse', async (cron) => {
    const planned = async () => plan(rules(`, trigger: scheduled, cron: "${cron}"`), { secrets })
    await expect(planned()).rejects.toThrow(/expected cron of six fields/)
  })

  it('is turned round', async () => {
    await apply(rules(), { secrets })
    const back = `${registry}\nreplication: { out: { from: hub } }\nprojects: {}`
    expect(doneOf(await apply(back, { secrets }))).toEqual([expect.stringContaining('{ to: hub, from: ,')])
    expect(linesOf(await plan(back, { secrets }))).toEqual([])
  })

  it('keeps what the file has no words for', async () => {
    await apply(rules(), { secrets })
    const harbor = scene().connect({ username: 'admin', password: 'admin-Passw0rd' })
    const path = '/replication/policies/1'
    const policy = async () => harbor.read({ method: 'GET', path, doing: 'show it' }, wireWhole)
    const more = { copy_by_chunk: true, single_active_replication: true }
    await harbor.send({ method: 'PUT', path, body: { ...(await policy()), ...more }, doing: 'change it' })
    await apply(rules(', deletion: true'), { secrets })
    expect(await policy()).toMatchObject({ ...more, replicate_deletion: true })
  })

  it('to a registry that Harbor does not have is told so', async () => {
    const [system] = await apply('replication: { out: { to: nowhere } }\nprojects: {}')
    expect(system?.error).toMatchObject({ code: 'SW-HARBOR-PROJECT-REFERENCE' })
  })
})

it('a project that is there does not become a proxy cache', async () => {
  await apply(`${registry}\nprojects: { cache: }`, { secrets })
  const [, applied] = await apply(cache, { secrets })
  expect(applied?.error).toMatchObject({ code: 'SW-HARBOR-PROJECT-FIXED', exit: 5 })
})
