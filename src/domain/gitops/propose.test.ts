import { describe, expect, test } from '@jest/globals'
import { forgeKinds } from '../forge/address.ts'
import { type ForgeScene, forgeScene, image } from './forge-scene.fake.ts'
import { proposalBranch } from './proposal.ts'
import { propose } from './propose.ts'
import { parseTarget } from './target.ts'

const branch = proposalBranch('main', { targets: [parseTarget('helm app.yaml image')], image: image('1.4.0') })
const written = (tag: string, letter = 'a'): string => `image: r.example/team/app:${tag}@sha256:${letter.repeat(64)} # ours`

/** What somebody does on the branch of the pull request; the commit that it is at then. */
function onBranch({ repository, store }: ForgeScene, ...commands: readonly (readonly string[])[]): string | undefined {
  repository.git('config', 'core.bare', 'false')
  repository.git('checkout', '--quiet', '--force', branch)
  for (const command of commands) repository.git(...command)
  repository.git('checkout', '--quiet', '--detach')
  repository.git('config', 'core.bare', 'true')
  return store.tip(branch)
}

describe.each(forgeKinds)('a pull request on %s', (kind) => {
  test('is opened from a branch of its own with one commit, and the base stays', async () => {
    await using scene = await forgeScene(kind)
    const proposed = await propose(
      scene.proposal({ source: 'https://example.com/app@c0ffee', run: 'https://example.com/1' }),
      scene.ports,
      scene.forge,
    )
    expect(proposed).toMatchObject({ state: 'opened', branch, isChanged: true, commit: scene.store.tip(branch) })
    expect(proposed.pullRequest).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/acme\/.*\/1$/)
    expect(scene.store.requests).toMatchObject([{ head: branch, base: 'main', title: 'Deploy app:1.4.0', state: 'open', armed: undefined }])
    expect(scene.store.requests[0]?.body).toContain(
      `- Image: \`r.example/team/app:1.4.0@sha256:${'a'.repeat(64)}\`\n- Place: \`app.yaml: image\`\n- Source: \`https://example.com/app@c0ffee\`\n- Run: https://example.com/1`,
    )
    expect(scene.shown(branch)).toBe(written('1.4.0'))
    expect(scene.shown('main')).toBe('image: a/b:1 # ours')
    expect(scene.repository.git('rev-list', '--count', `main..${branch}`)).toBe('1')
  })

  test('is the same one the next time: nothing is written, nothing is sent', async () => {
    await using scene = await forgeScene(kind)
    const first = await propose(scene.proposal(), scene.ports, scene.forge)
    scene.asked.length = 0
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({
      ...{ state: 'unchanged', isChanged: false, commit: first.commit, pullRequest: first.pullRequest },
    })
    expect(scene.asked.filter((one) => !one.startsWith('GET'))).toEqual([])
  })

  test('takes another image in place, on the fresh tip of its base', async () => {
    await using scene = await forgeScene(kind)
    await propose(scene.proposal(), scene.ports, scene.forge)
    const tip = scene.commit('main', { 'other.yaml': 'x: 2\n' })
    const proposed = await propose(scene.proposal({ image: image('1.5.0', 'b'), title: 'Deploy app:1.5.0' }), scene.ports, scene.forge)
    expect(proposed).toMatchObject({ state: 'updated', isChanged: true, branch })
    expect(scene.store.requests).toMatchObject([{ title: 'Deploy app:1.5.0', state: 'open' }])
    expect(scene.shown(branch)).toBe(written('1.5.0', 'b'))
    expect(scene.repository.git('rev-parse', `${branch}~1`)).toBe(tip)
  })

  test('is closed when the base has got the image otherwise, with its branch', async () => {
    await using scene = await forgeScene(kind)
    await propose(scene.proposal(), scene.ports, scene.forge)
    scene.commit('main', { 'app.yaml': `${written('1.4.0')}\n` })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'closed', isChanged: false })
    expect(scene.store.requests).toMatchObject([{ state: 'closed', comments: [expect.stringMatching(/^`main` has it at [0-9a-f]{12}/)] }])
    expect(scene.store.tip(branch)).toBeUndefined()
  })

  test('that somebody has closed is opened anew, and found again', async () => {
    await using scene = await forgeScene(kind)
    await propose(scene.proposal(), scene.ports, scene.forge)
    Object.assign(scene.store.requests[0] ?? {}, { state: 'closed' })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'opened', isChanged: true })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'unchanged', isChanged: false })
    expect(scene.store.requests.map(({ state }) => state)).toEqual(['closed', 'open'])
  })

  test('is not mistaken for those of forks with the same branch', async () => {
    await using scene = await forgeScene(kind)
    for (let count = 0; count < 25; count += 1)
      scene.store.add({ head: branch, base: 'main', title: 'Theirs', body: '', from: 'acme/fork' })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'opened' })
    expect(await propose(scene.proposal({ image: image('1.5.0', 'b') }), scene.ports, scene.forge)).toMatchObject({ state: 'updated' })
    expect(scene.store.requests.filter(({ title }) => title === 'Theirs')).toHaveLength(25)
  })

  test('gets its labels and reviewers', async () => {
    await using scene = await forgeScene(kind)
    const given = { labels: ['deploy', 'team:web'], reviewers: ['ann'] }
    await propose(scene.proposal(given), scene.ports, scene.forge)
    await propose(scene.proposal({ ...given, image: image('1.5.0', 'b') }), scene.ports, scene.forge)
    expect([...(scene.store.requests[0]?.labels ?? [])]).toEqual(['deploy', 'team:web'])
    expect(scene.store.requests[0]?.reviewers).toEqual([kind === 'gitlab' ? '7' : 'ann'])
  })

  test('is merged by the forge when its checks allow it', async () => {
    await using scene = await forgeScene(kind)
    scene.store.unknown = kind === 'github' ? 0 : 2
    const proposed = await propose(scene.proposal({ autoMerge: 'squash' }), scene.ports, scene.forge)
    expect(proposed).toMatchObject({ state: 'opened' })
    expect(scene.store.requests[0]?.armed?.toLowerCase()).toBe('squash')
    expect(await propose(scene.proposal({ autoMerge: 'squash' }), scene.ports, scene.forge)).toMatchObject({ state: 'unchanged' })
  })

  test('is merged at once where there is nothing to wait for', async () => {
    await using scene = await forgeScene(kind)
    Object.assign(scene.store, { checks: 'none', unknown: 2 })
    expect(await propose(scene.proposal({ autoMerge: 'merge' }), scene.ports, scene.forge)).toMatchObject({ state: 'merged' })
    expect(scene.shown('main')).toBe(written('1.4.0'))
  })

  test('squashed, is the commit that the base has got, which keeps what a later run looks for', async () => {
    await using scene = await forgeScene(kind)
    Object.assign(scene.store, { checks: 'none' })
    const given = { autoMerge: 'squash', order: 9 } as const
    const proposed = await propose(scene.proposal(given), scene.ports, scene.forge)
    expect(proposed).toMatchObject({ state: 'merged', branch: 'main', commit: scene.store.tip('main') })
    expect(proposed.commit).not.toBe(scene.store.tip(branch))
    await expect(propose(scene.proposal({ order: 8, image: image('1.3.0', 'b') }), scene.ports, scene.forge)).rejects.toMatchObject({
      code: 'SW-GITOPS-OUTDATED',
    })
  })

  test('that another run has had merged meanwhile is merged', async () => {
    await using scene = await forgeScene(kind)
    Object.assign(scene.store, { checks: 'none' })
    const mergeWhenReady: typeof scene.forge.mergeWhenReady = async (request, how) => {
      await scene.forge.mergeWhenReady(request, how)
      return scene.forge.mergeWhenReady(request, how)
    }
    expect(await propose(scene.proposal({ autoMerge: 'merge' }), scene.ports, { ...scene.forge, mergeWhenReady })).toMatchObject({
      state: 'merged',
      branch: 'main',
      commit: scene.store.tip('main'),
    })
  })

  test('is opened once by two runs at a time', async () => {
    await using scene = await forgeScene(kind)
    const both = await Promise.all([1, 2].map(() => propose(scene.proposal(), scene.ports, scene.forge)))
    expect(new Set(both.map(({ pullRequest }) => pullRequest)).size).toBe(1)
    expect(scene.store.requests).toHaveLength(1)
    expect(scene.repository.git('rev-list', '--count', `main..${branch}`)).toBe('1')
  })

  test('is refused to a token that the forge does not know', async () => {
    await using scene = await forgeScene(kind)
    scene.store.token = 'another'
    await expect(propose(scene.proposal(), scene.ports, scene.forge)).rejects.toMatchObject({ code: 'SW-FORGE-DENIED', exit: 4 })
  })
})

test('a merge that a rule forbids is told at once, in the words of GitHub', async () => {
  await using scene = await forgeScene('github')
  Object.assign(scene.store, { checks: 'none', queue: true })
  await expect(propose(scene.proposal({ autoMerge: 'merge' }), scene.ports, scene.forge)).rejects.toMatchObject({
    ...{ code: 'SW-FORGE-REFUSED', message: expect.stringContaining('merge queue') },
  })
  expect(scene.asked.filter((one) => one.endsWith('/merge'))).toHaveLength(1)
})

describe('the branch of a pull request', () => {
  test('stays as it is where only its base has moved', async () => {
    await using scene = await forgeScene('gitea')
    const { commit } = await propose(scene.proposal(), scene.ports, scene.forge)
    scene.commit('main', { 'other.yaml': 'x: 2\n' })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'unchanged', commit })
  })

  test('is never written over a commit of somebody else', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    const theirs = scene.commit(branch, { 'other.yaml': 'x: 3\n' })
    await expect(propose(scene.proposal({ image: image('1.5.0', 'b') }), scene.ports, scene.forge)).rejects.toMatchObject({
      ...{ code: 'SW-GITOPS-FOREIGN', exit: 5 },
    })
    expect(scene.store.tip(branch)).toBe(theirs)
  })

  test('nor over our commit that somebody has amended under its message', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    onBranch(scene, ['rm', '--quiet', 'other.yaml'], ['commit', '--quiet', '--amend', '--no-edit'])
    await expect(propose(scene.proposal({ image: image('1.5.0', 'b') }), scene.ports, scene.forge)).rejects.toMatchObject({
      code: 'SW-GITOPS-FOREIGN',
    })
  })

  test('nor over one that comes while ours is being made', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    let theirs = ''
    scene.before = (what) => {
      if (!('argv' in what) || what.argv[1] !== 'push' || theirs !== '') return
      theirs = scene.commit(branch, { 'other.yaml': 'x: 3\n' })
    }
    await expect(propose(scene.proposal({ image: image('1.5.0', 'b') }), scene.ports, scene.forge)).rejects.toMatchObject({
      code: 'SW-GITOPS-FOREIGN',
    })
    expect(scene.store.tip(branch)).toBe(theirs)
  })

  test.each([
    ['the base merged into it by the forge', ['merge', '--quiet', '--no-ff', '--no-edit', 'main']],
    ['been put onto the fresh base by the forge', ['rebase', '--quiet', 'main']],
  ])('is still ours when it has %s', async (_, update) => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    const tip = scene.commit('main', { 'other.yaml': 'x: 2\n' })
    const merged = onBranch(scene, update)
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'unchanged', commit: merged })
    expect(await propose(scene.proposal({ image: image('1.5.0', 'b') }), scene.ports, scene.forge)).toMatchObject({ state: 'updated' })
    expect(scene.repository.git('rev-parse', `${branch}~1`)).toBe(tip)
  })

  test('is not ours when somebody has changed something in such a merge', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    scene.commit('main', { 'other.yaml': 'x: 2\n' })
    onBranch(scene, ['merge', '--quiet', '--no-ff', '--no-edit', 'main'])
    onBranch(scene, ['rm', '--quiet', 'other.yaml'], ['commit', '--quiet', '--amend', '--no-edit'])
    await expect(propose(scene.proposal({ image: image('1.5.0', 'b') }), scene.ports, scene.forge)).rejects.toMatchObject({
      code: 'SW-GITOPS-FOREIGN',
    })
  })

  test('is free again when the base has all of it, whoever wrote there', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    const theirs = scene.commit(branch, { 'other.yaml': 'x: 3\n' })
    scene.repository.git('update-ref', 'refs/heads/main', theirs)
    Object.assign(scene.store.requests[0] ?? {}, { state: 'merged' })
    const tip = scene.commit('main', { 'app.yaml': 'image: a/b:1 # ours\n' })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'opened', isChanged: true })
    expect(scene.repository.git('rev-parse', `${branch}~1`)).toBe(tip)
  })

  test('is another one than the base', async () => {
    await using scene = await forgeScene('gitea')
    const before = scene.store.tip('main')
    await expect(propose(scene.proposal({ head: 'main' }), scene.ports, scene.forge)).rejects.toMatchObject({ code: 'SW-SOURCE-REF' })
    expect(scene.store.tip('main')).toBe(before)
  })

  test('is none where the base has the image', async () => {
    await using scene = await forgeScene('gitea')
    const commit = scene.commit('main', { 'app.yaml': `${written('1.4.0')}\n` })
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({
      ...{ state: 'needless', isChanged: false, commit, branch: 'main', pullRequest: undefined },
    })
    expect(scene.store.requests).toEqual([])
    expect(scene.store.tip(branch)).toBeUndefined()
  })

  test('stays, with a word, where nobody may delete it', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal(), scene.ports, scene.forge)
    scene.commit('main', { 'app.yaml': `${written('1.4.0')}\n` })
    scene.repository.git('config', 'receive.denyDeletes', 'true')
    expect(await propose(scene.proposal(), scene.ports, scene.forge)).toMatchObject({ state: 'closed', isChanged: false })
    expect(scene.lines.join('\n')).toContain('the branch of the pull request that was closed stays')
    expect(scene.store.tip(branch)).toBeDefined()
  })

  test('of a later pipeline is not replaced by an older one', async () => {
    await using scene = await forgeScene('gitea')
    await propose(scene.proposal({ order: 9 }), scene.ports, scene.forge)
    await expect(propose(scene.proposal({ order: 8, image: image('1.3.0', 'b') }), scene.ports, scene.forge)).rejects.toMatchObject({
      code: 'SW-GITOPS-OUTDATED',
    })
    expect(scene.shown(branch)).toBe(written('1.4.0'))
  })
})
