import { describe, expect, it } from '@jest/globals'
import { argoScene, refuses, says } from './argocd.fake.ts'
import { liveTree } from './live-tree.ts'

const scene = argoScene()
const id = { name: 'web', project: 'shop' }
const tree = (...nodes: readonly (readonly [string, string])[]) =>
  says({ nodes: nodes.map(([name, status]) => ({ kind: 'Pod', name, uid: name, health: { status } })) })

function watching() {
  const { argo, clock, server } = scene()
  const told: string[] = []
  const over = new AbortController()
  const look = liveTree(argo, {
    ...{ clock, signal: over.signal },
    tell: (_, changes, more) =>
      void told.push([...changes.map(({ resource, after }) => `${resource} ${after}`), ...(more > 0 ? [`+${more}`] : [])].join(', ')),
  })
  return { nudge: () => look(id), told, clock, server, over }
}

describe('the live tree of an application', () => {
  it('tells what is not well yet, and then each change', async () => {
    const { nudge, told, clock, server } = watching()
    server.next(
      tree(['a', 'Healthy'], ['b', 'Progressing']),
      tree(['a', 'Healthy'], ['b', 'Healthy']),
      tree(['a', 'Healthy'], ['b', 'Healthy']),
    )
    for (let n = 0; n < 3; n += 1) {
      await nudge()
      await clock.sleep(5000)
    }
    expect(told).toEqual(['Pod b Progressing', 'Pod b Healthy'])
  })

  it('is not asked for more often than it may', async () => {
    const { nudge, clock, server } = watching()
    server.next(tree(), tree())
    await Promise.all([nudge(), nudge()])
    await clock.sleep(4999)
    await nudge()
    expect(server.seen).toHaveLength(1)
    await clock.sleep(1)
    await nudge()
    expect(server.seen).toHaveLength(2)
  })

  it('is passed over in silence where it may not be read, and tried again', async () => {
    const { nudge, told, clock, server } = watching()
    server.next(refuses(403, 7, 'permission denied'), tree(['a', 'Degraded']))
    await nudge()
    await clock.sleep(5000)
    await nudge()
    expect(told).toEqual(['Pod a Degraded'])
  })

  it('is not told when nobody waits any more', async () => {
    const { nudge, told, server, over } = watching()
    server.next((request, response) => {
      over.abort()
      return tree(['a', 'Degraded'])(request, response)
    })
    await nudge()
    expect(told).toEqual([])
  })

  it('of a large application is told in part', async () => {
    const { nudge, told, server } = watching()
    server.next(tree(...Array.from({ length: 50 }, (_, n) => [`p${n}`, 'Progressing'] as const)))
    await nudge()
    expect(told[0]).toMatch(/^Pod p0 Progressing, .*, \+30$/)
  })
})
