import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { createRepository, runGit } from '../../domain/git/fixtures/repository.ts'
import { files, newWorkspace, read, source } from './fixtures/try.ts'

describe('a checkout', () => {
  it('of the default branch: files, branch, outputs and record', async () => {
    using repository = createRepository()
    const workspace = newWorkspace()
    const { outcome } = await source(workspace, { repository: repository.url })
    expect(outcome.failure).toBeUndefined()
    const [commit, tree] = [repository.git('rev-parse', 'HEAD'), repository.git('rev-parse', 'HEAD^{tree}')]
    expect(Object.fromEntries(outcome.outputs)).toEqual({ commit, tree, url: repository.url })
    expect(outcome.record.source).toEqual({ url: repository.url, commit, tree, ref: 'refs/heads/main' })
    expect(files(workspace)).toEqual(['README.md'])
    expect(runGit(workspace, ['symbolic-ref', 'HEAD'])).toBe('refs/heads/main')
    expect(runGit(workspace, ['status', '--porcelain'])).toBe('')
    expect(outcome.headline).toBe(`main · ${commit.slice(0, 12)}`)
  })

  const odd = `a'"$(id)\`;é`
  test.each<[string, readonly string[], string, string | undefined]>([
    ['a branch', ['branch', 'feature/x'], 'feature/x', 'refs/heads/feature/x'],
    ['a branch with letters that a shell would take', ['branch', odd], odd, `refs/heads/${odd}`],
    ['a tag', ['tag', 'v1'], 'v1', 'refs/tags/v1'],
    ['a tag with a message', ['tag', '-a', '-m', 'x', 'v2'], 'v2', 'refs/tags/v2'],
    ['a full name', ['update-ref', 'refs/pull/7/head', 'HEAD'], 'refs/pull/7/head', 'refs/pull/7/head'],
    ['a hash', ['gc'], 'the hash', undefined],
  ])('of %s', async (_, prepare, given, ref) => {
    using repository = createRepository()
    repository.git(...prepare)
    const commit = repository.git('rev-parse', 'HEAD')
    repository.commit({ 'later.txt': '' })
    const workspace = newWorkspace()
    const { outcome } = await source(workspace, { repository: repository.url, ref: given === 'the hash' ? commit.toUpperCase() : given })
    expect(outcome.failure).toBeUndefined()
    expect([outcome.record.source?.commit, outcome.record.source?.ref]).toEqual([commit, ref])
    expect(files(workspace)).toEqual(['README.md'])
    expect(runGit(workspace, ['branch', '--show-current'])).toBe(/^refs\/heads\/(.+)/.exec(ref ?? '')?.[1] ?? '')
  })

  it('has the history that was asked for, and a later run may have it longer', async () => {
    using repository = createRepository()
    for (const name of ['a', 'b', 'c']) repository.commit({ [name]: '' })
    repository.git('tag', 'v1', 'HEAD~2')
    repository.git('branch', 'other', 'HEAD~1')
    const workspace = newWorkspace()
    const history = (): string => runGit(workspace, ['rev-list', '--count', 'HEAD'])
    const counts: string[] = []
    for (const depth of ['1', '2', '0', '1']) {
      expect((await source(workspace, { repository: repository.url, depth })).outcome.failure).toBeUndefined()
      counts.push(history())
    }
    expect(counts).toEqual(['1', '2', '4', '4'])
    expect(runGit(workspace, ['describe', '--tags'])).toMatch(/^v1-2-g/)
    expect(runGit(workspace, ['rev-parse', 'origin/other'])).toBe(repository.git('rev-parse', 'other'))
  })

  it('of a repository with SHA-256', async () => {
    using repository = createRepository({ format: 'sha256' })
    const { outcome } = await source(newWorkspace(), { repository: repository.url })
    expect(outcome.outputs.get('commit')).toMatch(/^[\da-f]{64}$/)
  })

  it('goes into a folder of the workspace, and nowhere else', async () => {
    using repository = createRepository()
    const workspace = newWorkspace()
    expect((await source(workspace, { repository: repository.url, path: 'a/b' })).outcome.failure).toBeUndefined()
    expect(files(workspace)).toEqual(['a/b/README.md'])
    const { outcome } = await source(workspace, { repository: repository.url, path: '../x' })
    expect(outcome.failure).toMatchObject({ code: 'SW-PATH-OUTSIDE' })
  })

  it('runs no hook and no program that someone left in the workspace', async () => {
    using repository = createRepository({ files: { '.gitattributes': '* filter=evil\n', 'a.txt': '1' } })
    const workspace = newWorkspace()
    await source(workspace, { repository: repository.url })
    const evil = `#!/bin/sh\ntouch ${workspace}/evil\n`
    mkdirSync(join(workspace, '.git/hooks'))
    for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change'])
      writeFileSync(join(workspace, '.git/hooks', hook), evil, { mode: 0o755 })
    writeFileSync(join(workspace, '.git/monitor'), evil, { mode: 0o755 })
    runGit(workspace, ['config', 'core.fsmonitor', join(workspace, '.git/monitor')])
    repository.commit({ 'a.txt': '2' })
    const { outcome } = await source(workspace, { repository: repository.url })
    expect(outcome.failure).toBeUndefined()
    expect([existsSync(join(workspace, 'evil')), read(workspace, 'a.txt')]).toEqual([false, '2'])
  })
})

describe('what cannot be checked out', () => {
  test.each<[Readonly<Record<string, string>>, string, string]>([
    [{ ref: 'maim' }, 'SW-SOURCE-REF-MISSING', 'Did you mean main?'],
    [{ ref: 'refs/tags/main' }, 'SW-SOURCE-REF-MISSING', 'Did you mean main?'],
    [{ ref: 'abcdef1' }, 'SW-SOURCE-REF-MISSING', 'full hash'],
    [{ ref: '1'.repeat(40) }, 'SW-SOURCE-REF-MISSING', 'no branch or tag holds'],
    [{ ref: 'both' }, 'SW-SOURCE-REF', 'refs/heads/both'],
    [{ ref: '--upload-pack=touch /tmp/x' }, 'SW-SOURCE-REF', ''],
    [{ commit: 'main' }, 'SW-SOURCE-REF', ''],
    [{ commit: '1'.repeat(40) }, 'SW-SOURCE-COMMIT', `ref: ${'1'.repeat(40)}`],
    [{ repository: 'ext::sh -c id' }, 'SW-SOURCE-REPOSITORY', ''],
    [{ repository: 'file:///nowhere/at/all' }, 'SW-SOURCE-MISSING', 'Correct the address'],
    [{ password: 'correct horse' }, 'SW-SOURCE-REPOSITORY', 'Leave `password` out'],
    [{ depth: '-1' }, 'SW-INPUT-INVALID', ''],
  ])('%j is %s', async (inputs, code, hint) => {
    using repository = createRepository()
    repository.git('branch', 'both')
    repository.git('tag', 'both')
    const workspace = newWorkspace()
    const { outcome } = await source(workspace, { repository: repository.url, ...inputs })
    expect(outcome.failure).toMatchObject({ code })
    expect(String(Object(outcome.failure).hint ?? '')).toContain(hint)
    expect(files(workspace)).toEqual([])
    expect([...outcome.outputs.values()]).toEqual(['', '', ''])
  })

  it('an empty repository has no HEAD', async () => {
    using repository = createRepository({ files: {} })
    const { outcome } = await source(newWorkspace(), { repository: repository.url })
    expect(outcome.failure).toMatchObject({ code: 'SW-SOURCE-REF-MISSING', hint: expect.stringContaining('Push a commit') })
  })

  it('git itself may be missing', async () => {
    const { outcome } = await source(newWorkspace(), { repository: 'https://example.com/a' }, { path: '/nowhere' })
    expect(outcome.failure).toMatchObject({ code: 'SW-SOURCE-GIT-MISSING', hint: expect.stringContaining('install git') })
  })
})
