import { describe, expect, it } from '@jest/globals'
import { addProject, addUser } from '../../../../test/fakes/harbor/state.ts'
import { doneOf, linesOf, projectScene } from './scene.fake.ts'

const { scene, plan, apply, writes, project } = projectScene()

const file = `
projects:
  shop:
    metadata:
      public: true
      severity: high
      prevent-vul: true
    quota: 20GiB
`

describe('a project that is not there', () => {
  it('is planned with all that it is to be', async () => {
    expect(linesOf(await plan(file))).toEqual([
      'create shop › project:  → there',
      'create shop › metadata › public:  → true',
      'create shop › metadata › prevent-vul:  → true',
      'create shop › metadata › severity:  → high',
      'create shop › quota:  → 20GiB',
    ])
    expect(writes()).toEqual([])
  })

  it('is made in one call, and a second apply writes nothing', async () => {
    expect(doneOf(await apply(file))).toHaveLength(5)
    expect(writes()).toEqual(['POST /api/v2.0/projects 201'])
    expect(project('shop').quota.hard).toBe(20 * 2 ** 30)
    expect(doneOf(await apply(file))).toEqual([])
    expect(writes()).toHaveLength(1)
  })
})

describe('a project that is there', () => {
  it('is changed where it differs, and kept where the file has no word', async () => {
    await apply(file)
    project('shop').metadata.set('severity', 'low')
    project('shop').metadata.set('auto_scan', 'true')
    project('shop').quota.hard = 5
    const expected = ['update shop › metadata › severity: low → high', 'update shop › quota: 5 → 20GiB']
    expect(linesOf(await plan(file))).toEqual(expected)
    expect(doneOf(await apply(file))).toEqual(expected)
    expect(Object.fromEntries(project('shop').metadata)).toMatchObject({ severity: 'high', auto_scan: 'true' })
    expect(linesOf(await plan(file))).toEqual([])
  })
})

describe('what Harbor says yes to and does not do', () => {
  it('is no success: an answer of 200 to a change that is not there afterwards', async () => {
    await apply(file)
    project('shop').metadata.set('severity', 'low')
    scene().harbor.instead(/^PUT .*projects/, { status: 200, headers: {} })
    const [, applied] = await apply(file)
    expect(applied?.error).toMatchObject({ code: 'SW-HARBOR-PROJECT-IGNORED' })
    expect(String(applied?.error)).toContain('shop › metadata › severity with an answer of success, and has low; expected high.')
  })

  it('is no success: a quota that only an administrator may set', async () => {
    const { harbor } = scene()
    const { name, password } = addUser(harbor.state, 'alice')
    const [, applied] = await apply(file, { account: { username: name, password } })
    expect(applied?.error).toMatchObject({ code: 'SW-HARBOR-DENIED', message: expect.stringContaining('quota of shop') })
    expect(project('shop').quota.hard).toBe(-1)
  })
})

it('a project of somebody else is not made anew', async () => {
  const { harbor } = scene()
  const alice = addUser(harbor.state, 'alice')
  const [admin] = harbor.state.users
  if (admin === undefined) throw new Error('the fake has an administrator')
  addProject(harbor.state, 'shop', { owner: admin })
  await expect(plan(file, { account: { username: 'alice', password: alice.password } })).rejects.toMatchObject({ code: 'SW-HARBOR-DENIED' })
})
