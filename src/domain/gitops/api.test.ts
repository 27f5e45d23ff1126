import { describe, expect, test } from '@jest/globals'
import { forgeKinds } from '../forge/address.ts'
import { forgeLimited } from '../forge/errors.ts'
import { type ForgeScene, forgeScene, image } from './forge-scene.fake.ts'
import type { Publication, Published } from './publication.ts'
import { publish } from './publish.ts'
import { byApi } from './send.ts'
import { parseTarget } from './target.ts'

const written = `image: r.example/team/app:1.4.0@sha256:${'a'.repeat(64)} # ours`
const write = (scene: ForgeScene, given: Partial<Publication> = {}): Promise<Published> =>
  publish(scene.proposal(given), scene.ports, byApi(scene.forge))

describe.each(forgeKinds)('a commit that %s makes itself', (kind) => {
  test('stands on the branch, with what it is about; no push is made', async () => {
    await using scene = await forgeScene(kind)
    const started: string[] = []
    scene.before = (what) => void ('argv' in what && started.push(what.argv[1] ?? ''))
    const published = await write(scene, { run: 'https://example.com/1' })
    expect(published).toMatchObject({ isChanged: true, attempts: 1, commit: scene.store.tip('main') })
    expect(scene.shown('main')).toBe(written)
    expect(scene.repository.git('log', '-1', '--format=%cn|%B', 'main')).toBe(
      `forge|Deploy app:1.4.0\n\nSlipway-Image: r.example/team/app:1.4.0@sha256:${'a'.repeat(64)}\nSlipway-Target: helm app.yaml image\nSlipway-Run: https://example.com/1`,
    )
    expect(started).not.toContain('push')
    expect(await write(scene)).toMatchObject({ isChanged: false, commit: published.commit })
  })

  test('is made anew on what another writer was faster with, in the same file', async () => {
    await using scene = await forgeScene(kind)
    let isBefore = true
    scene.before = (what) => {
      if (!('url' in what) || what.method !== 'POST' || !isBefore) return
      isBefore = false
      scene.commit('main', { 'app.yaml': 'image: a/b:1 # ours\nmore: 1\n' })
    }
    expect(await write(scene)).toMatchObject({ isChanged: true, attempts: 2 })
    expect(scene.shown('main')).toBe(`${written}\nmore: 1`)
  })

  test('whose answer is lost is known again by its message', async () => {
    await using scene = await forgeScene(kind)
    let isLost = false
    const forge = {
      ...scene.forge,
      commit: async (commit: Parameters<typeof scene.forge.commit>[0]) => {
        await scene.forge.commit(commit)
        if (isLost) throw new Error('asked twice')
        isLost = true
        const { sourceUnreachable } = await import('../git/errors.ts')
        throw sourceUnreachable('the connection broke', { retryable: true })
      },
    }
    const before = Number(scene.repository.git('rev-list', '--count', 'main'))
    expect(await publish(scene.proposal(), scene.ports, byApi(forge))).toMatchObject({ isChanged: true, attempts: 2 })
    expect(Number(scene.repository.git('rev-list', '--count', 'main'))).toBe(before + 1)
  })

  test('that is not what it was given is told', async () => {
    await using scene = await forgeScene(kind)
    const forge = { ...scene.forge, commit: () => Promise.resolve(scene.commit('main', { 'app.yaml': 'image: evil/image # ours\n' })) }
    await expect(publish(scene.proposal(), scene.ports, byApi(forge))).rejects.toMatchObject({
      code: 'SW-GITOPS-REFUSED',
      message: expect.stringContaining('app.yaml has not what it was given'),
    })
  })
})

test.each(forgeKinds)('an executable file stays one on %s, or is not written', async (kind) => {
  await using scene = await forgeScene(kind)
  const { repository } = scene
  repository.git('config', 'core.bare', 'false')
  repository.git('checkout', '--quiet', '--force', 'main')
  repository.git('update-index', '--chmod=+x', 'app.yaml')
  repository.git('commit', '--quiet', '--message=executable')
  repository.git('checkout', '--quiet', '--detach')
  repository.git('config', 'core.bare', 'true')
  const before = scene.store.tip('main')
  const written = await write(scene).catch((error: unknown) => error)
  expect(repository.git('ls-tree', 'main', 'app.yaml')).toMatch(/^100755 /)
  if (kind === 'github') expect([written, scene.store.tip('main')]).toMatchObject([{ code: 'SW-FORGE-REFUSED' }, before])
  else expect(written).toMatchObject({ isChanged: true, commit: scene.store.tip('main') })
})

test('who is asked too often is not asked again', async () => {
  await using scene = await forgeScene('github')
  let asked = 0
  const forge = {
    ...scene.forge,
    commit: () => {
      asked += 1
      return Promise.reject(forgeLimited('403, You have exceeded a secondary rate limit.', { retryable: true }))
    },
  }
  await expect(publish(scene.proposal(), scene.ports, byApi(forge))).rejects.toMatchObject({ code: 'SW-FORGE-LIMITED', exit: 6 })
  expect(asked).toBe(1)
})

test('six writers by the API of GitHub all land, each once', async () => {
  await using scene = await forgeScene('github')
  const names = Array.from({ length: 6 }, (_, at) => `app${at}`)
  scene.commit('main', { 'many.yaml': names.map((name) => `${name}: { image: a/b:1 }\n`).join('') })
  const before = Number(scene.repository.git('rev-list', '--count', 'main'))
  const all = await Promise.all(
    names.map((name) => write(scene, { targets: [parseTarget(`helm many.yaml ${name}.image`)], image: image('1.4.0') })),
  )
  expect(all.every(({ isChanged }) => isChanged)).toBe(true)
  expect(Number(scene.repository.git('rev-list', '--count', 'main'))).toBe(before + names.length)
  expect(
    scene
      .shown('main', 'many.yaml')
      .split('\n')
      .every((line) => line.includes('1.4.0')),
  ).toBe(true)
})
