import { describe, expect, it } from '@jest/globals'
import { argoScene, says } from './argocd.fake.ts'
import { selectApplications } from './select.ts'

const scene = argoScene()
const select = (names: readonly string[], more: { selector?: string; projects?: readonly string[]; namespace?: string } = {}) =>
  selectApplications(scene().argo, { names, ...more })

describe('applications by name', () => {
  it.each([
    [['web'], {}, [{ name: 'web' }]],
    [['web', 'api', 'web'], {}, [{ name: 'web' }, { name: 'api' }]],
    [['teams/web'], { namespace: 'argocd' }, [{ name: 'web', namespace: 'teams' }]],
    [['a.b-1'], { namespace: 'argocd', projects: ['shop'] }, [{ name: 'a.b-1', namespace: 'argocd', project: 'shop' }]],
    [['web'], { projects: ['shop', 'lab'] }, [{ name: 'web', project: undefined }]],
  ])('%j %j', async (names, more, ids) => {
    expect(await select(names, more)).toEqual(ids)
    expect(scene().server.seen).toEqual([])
  })

  it.each(['..', '.', '', 'teams/', '/web', 'a/b/c', 'Web', 'a b', 'a?b', '%2e%2e', '../projects', '-a', 'a.', 'a'.repeat(254), 'wéb'])(
    '%j is none, and nothing is asked',
    async (name) => {
      await expect(select([name])).rejects.toMatchObject({
        code: 'SW-ARGOCD-SETTINGS',
        message: expect.stringContaining('No application is called'),
      })
      expect(scene().server.seen).toEqual([])
    },
  )
})

describe('applications by labels', () => {
  it('are asked for with their project and namespace', async () => {
    scene().server.next(says({ items: [{ metadata: { name: 'web', namespace: 'teams' }, spec: { project: 'shop' } }] }))
    expect(await select([], { selector: 'team in (a, b),tier!=test' })).toEqual([{ name: 'web', namespace: 'teams', project: 'shop' }])
    const { searchParams } = new URL(scene().server.seen[0]?.url ?? '', scene().server.url)
    expect(searchParams.get('selector')).toBe('team in (a, b),tier!=test')
  })

  it('that nothing has are a mistake, not a success', async () => {
    scene().server.next(says({ items: null }))
    await expect(select([], { selector: 'team=web', projects: ['shop'] })).rejects.toMatchObject({
      code: 'SW-ARGOCD-NONE',
      message: expect.stringContaining('in the project shop'),
    })
  })
})
