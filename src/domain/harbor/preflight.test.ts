import { describe, expect, it } from '@jest/globals'
import { addRobot, addTeam, pushImage } from '../../../test/fakes/harbor/images.ts'
import { addScanner } from '../../../test/fakes/harbor/routes/scanners.ts'
import { credentialOf, harborScene } from '../../../test/fakes/harbor/scene.ts'
import { type HarborPlan, preflightHarbor } from './preflight.ts'

const scene = harborScene()
const rights = ['repository:pull', 'repository:push', 'project:read', 'quota:read', 'artifact:read', 'scanner:read']

type Harbor = ReturnType<typeof scene>['harbor']

async function check(arrange: (harbor: Harbor) => void | Promise<void>, plan: Partial<HarborPlan> = {}, allowed = rights) {
  const { harbor, ports } = scene()
  const { project } = addTeam(harbor, [])
  addScanner(harbor.state)
  await arrange(harbor)
  const credential = credentialOf(addRobot(harbor, project.name, allowed))
  const checks = await preflightHarbor({ origin: harbor.url, repository: 'team/app', tags: ['v1'], scan: true, credential, ...plan }, ports)
  return Object.fromEntries(checks.map(({ name, verdict, message }) => [name, `${verdict}: ${message}`]))
}

const nothing = (): void => undefined

describe('before anything is built', () => {
  it('it is known that all can be done', async () => {
    expect(await check(nothing)).toEqual({
      login: 'pass: a robot at Harbor v2.15.2-0d9f3c5a',
      writable: 'pass: it takes changes',
      project: 'pass: team exists',
      rights: 'pass: may pull and push',
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
    ['a quota that is too small', { size: 2_000_000 }, limited, 'quota', /0 B of .* used, .* to come: delete old images/],
    ['an immutable tag', {}, held, 'tags', /v1: there already, and immutable/],
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
    expect(Object.keys(seen).filter((name) => seen[name]?.startsWith('unknown'))).toEqual(['quota', 'tags', 'scanner'])
  })

  it('wrong credentials end it', async () => {
    const credential = credentialOf({ username: 'robot$team+x', password: 'wrong' })
    await expect(check(nothing, { credential })).rejects.toMatchObject({ code: 'SW-HARBOR-LOGIN' })
  })
})

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
