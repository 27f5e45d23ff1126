import { expect, test } from '@jest/globals'
import { argoScene, refuses, says } from './argocd.fake.ts'
import { gatheredLook } from './look.ts'

const scene = argoScene()
const names = ['a', 'b', 'c', 'd', 'e', 'f']
const app = (name: string): object => ({ metadata: { name, namespace: 'argocd' } })

test('who looks at the same time is answered by one list', async () => {
  const { server, argo, clock } = scene()
  server.next(says({ items: names.map(app) }))
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  const found = await Promise.all(names.map((name) => look({ name })))
  expect(found.map(({ name }) => name)).toEqual(names)
  expect(server.seen.map(({ url }) => url)).toEqual(['/api/v1/applications?selector=team%3Dweb'])
})

test('a few are asked for by their names', async () => {
  const { server, argo, clock } = scene()
  server.next(says(app('a')))
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  expect(await look({ name: 'a' })).toMatchObject({ name: 'a' })
  expect(server.seen[0]?.url).toBe('/api/v1/applications/a')
})

test('what the list lacks is asked for by its name, which tells why', async () => {
  const { server, argo, clock } = scene()
  server.next(says({ items: names.slice(1).map(app) }), refuses(404, 5, 'applications "a" not found'))
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  const found = await Promise.allSettled(names.map((name) => look({ name })))
  expect(found.map(({ status }) => status)).toEqual(['rejected', ...names.slice(1).map(() => 'fulfilled')])
})

test('a list that fails fails for all, and for nobody later', async () => {
  const { server, argo, clock } = scene()
  server.next(refuses(403, 7, 'permission denied'), says({ items: names.map(app) }))
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  const found = await Promise.allSettled(names.map((name) => look({ name })))
  expect(new Set(found.map(({ status }) => status))).toEqual(new Set(['rejected']))
  await expect(Promise.all(names.map((name) => look({ name })))).resolves.toHaveLength(names.length)
})

test('behind a list of many the next look waits the longer, and gathers the more', async () => {
  const { server, argo, clock } = scene()
  const many = Array.from({ length: 200 }, (_, place) => `app-${place}`)
  server.next(says({ items: many.map(app) }), says({ items: many.map(app) }))
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  await Promise.all(many.map((name) => look({ name })))
  await Promise.all(many.map((name) => look({ name })))
  expect(clock.slept).toEqual([300, 2000])
  expect(server.seen).toHaveLength(2)
})

test('a clock that is set back by an hour keeps nobody waiting for an hour', async () => {
  const { server, argo, clock } = scene()
  server.next(says({ items: names.map(app) }), says({ items: names.map(app) }))
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  await Promise.all(names.map((name) => look({ name })))
  clock.advance(-3_600_000)
  await Promise.all(names.map((name) => look({ name })))
  expect(clock.slept).toEqual([300, 5000])
})

test('who comes while a list is read waits for the next one, and asks for none beside it', async () => {
  const { server, argo, clock } = scene()
  const look = gatheredLook(argo, { selector: 'team=web' }, { clock, timeout: 1000 })
  const list = says({ items: names.map(app) })
  const later: Promise<unknown>[] = []
  const asked: number[] = []
  server.next(async (request, response) => {
    later.push(...names.map((name) => look({ name })))
    await new Promise((resolve) => setTimeout(resolve, 50))
    asked.push(server.seen.length)
    return list(request, response)
  }, list)
  await Promise.all(names.map((name) => look({ name })))
  await Promise.all(later)
  expect([...asked, server.seen.length]).toEqual([1, 2])
})
