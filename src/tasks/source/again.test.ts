import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { createRepository, runGit } from '../../domain/git/fixtures/repository.ts'
import { commitIn, files, newWorkspace, read, source } from './fixtures/try.ts'

let other = ''

describe('again', () => {
  it('gives the same tree, and keeps what git does not know', async () => {
    using repository = createRepository({ files: { 'a.txt': '1', '.gitignore': 'out/\n' } })
    const workspace = newWorkspace()
    mkdirSync(join(workspace, '.slipway'))
    writeFileSync(join(workspace, '.slipway/record.json'), '{}')
    mkdirSync(join(workspace, 'lost+found'))
    const first = await source(workspace, { repository: repository.url })
    writeFileSync(join(workspace, 'untracked.txt'), 'mine')
    mkdirSync(join(workspace, 'out'))
    writeFileSync(join(workspace, 'out/x'), 'mine')
    const second = await source(workspace, { repository: `${repository.url}/` })
    expect([first, second].map(({ outcome }) => outcome.failure)).toEqual([undefined, undefined])
    expect(second.outcome.outputs.get('tree')).toBe(first.outcome.outputs.get('tree'))
    expect(files(workspace)).toEqual(['.gitignore', '.slipway/record.json', 'a.txt', 'out/x', 'untracked.txt'])
    expect(runGit(workspace, ['status', '--porcelain'])).toBe('?? untracked.txt')
    expect(read(workspace, '.git/info/exclude')).toBe('/.slipway/\n')
  })

  it('follows a branch that moved, also one whose history was replaced, and leaves no file of the old commit', async () => {
    using repository = createRepository({ files: { 'a.txt': '1', 'b.txt': '1' } })
    const workspace = newWorkspace()
    await source(workspace, { repository: repository.url })
    repository.commit({ 'a.txt': '2', 'b.txt': undefined, 'c.txt': '1' })
    const moved = await source(workspace, { repository: repository.url })
    expect(moved.outcome.failure).toBeUndefined()
    expect([files(workspace), read(workspace, 'a.txt')]).toEqual([['a.txt', 'c.txt'], '2'])
    repository.git('checkout', '--quiet', '--orphan', 'new')
    repository.commit({ 'a.txt': '3' })
    repository.git('branch', '--force', 'main', 'new')
    const replaced = await source(workspace, { repository: repository.url, ref: 'main' })
    expect(replaced.outcome.failure).toBeUndefined()
    expect([commitIn(workspace), read(workspace, 'a.txt')]).toEqual([repository.git('rev-parse', 'new'), '3'])
  })

  const mine: readonly [string, (workspace: string) => void, string][] = [
    ['a changed file', (workspace) => writeFileSync(join(workspace, 'a.txt'), 'mine'), 'SW-SOURCE-CHANGED'],
    ['a file where the new commit has one', (workspace) => writeFileSync(join(workspace, 'c.txt'), 'mine'), 'SW-SOURCE-CHANGED'],
    ['an ignored file where the new commit has one', (workspace) => writeFileSync(join(workspace, 'c.log'), 'mine'), 'SW-SOURCE-CHANGED'],
    ['a commit', (workspace) => void runGit(workspace, ['commit', '--quiet', '--allow-empty', '--message=mine']), 'SW-SOURCE-CHANGED'],
  ]
  test.each(mine)('stops for %s, and loses nothing', async (_, change, code) => {
    using repository = createRepository({ files: { 'a.txt': '1', '.gitignore': '*.log\n' } })
    const workspace = newWorkspace()
    await source(workspace, { repository: repository.url })
    change(workspace)
    const before = [commitIn(workspace), ...files(workspace).map((path) => read(workspace, path))]
    repository.git('rm', '--quiet', '--cached', '.gitignore')
    writeFileSync(join(repository.folder, 'c.log'), 'theirs')
    repository.git('add', '--force', 'c.log')
    repository.commit({ 'a.txt': '2', 'c.txt': 'theirs' })
    const { outcome } = await source(workspace, { repository: repository.url })
    expect(outcome.failure).toMatchObject({ code })
    expect([commitIn(workspace), ...files(workspace).map((path) => read(workspace, path))]).toEqual(before)
  })

  test.each<[string, (workspace: string) => void]>([
    ['files without a checkout', (workspace) => writeFileSync(join(workspace, 'x'), '')],
    [
      'a checkout of another repository',
      (workspace) => void runGit(workspace, ['clone', '--quiet', `${dirname(workspace)}/${other}`, '.']),
    ],
    [
      'a repository without origin',
      (workspace) => {
        runGit(workspace, ['init', '--quiet'])
        writeFileSync(join(workspace, 'x'), '')
      },
    ],
  ])('%s in the folder is refused', async (_, prepare) => {
    using repository = createRepository()
    using another = createRepository()
    other = another.folder.slice(dirname(another.folder).length + 1)
    const workspace = newWorkspace()
    prepare(workspace)
    const before = files(workspace)
    const { outcome } = await source(workspace, { repository: repository.url })
    expect(outcome.failure).toMatchObject({ code: 'SW-SOURCE-FOLDER', safe: 'nothing was changed' })
    expect(files(workspace)).toEqual(before)
  })

  it('after an end before any of its commands completes the checkout, even of another commit than the one begun', async () => {
    using repository = createRepository({ files: { 'a.txt': '1', 'b.txt': '1' } })
    const counting = await source(newWorkspace(), { repository: repository.url })
    const commands = counting.started.length
    expect(commands).toBeGreaterThan(6)
    for (let killed = 1; killed <= commands; killed += 1) {
      const workspace = newWorkspace()
      const abort = new AbortController()
      let left = killed
      const before = (): void => {
        left -= 1
        if (left === 0) abort.abort()
      }
      const first = await source(workspace, { repository: repository.url }, { before, signal: abort.signal })
      expect(first.outcome.failure).toBeDefined()
      const commit = repository.commit({ 'a.txt': `after ${killed}`, [`new-${killed}.txt`]: '' })
      const { outcome } = await source(workspace, { repository: repository.url })
      expect(outcome.failure).toBeUndefined()
      expect([outcome.outputs.get('commit'), runGit(workspace, ['status', '--porcelain'])]).toEqual([commit, ''])
    }
  })

  it('after a kill in the middle of writing files removes those of the commit begun', async () => {
    using repository = createRepository({ files: { 'a.txt': '1', 'old.txt': '1' } })
    const workspace = newWorkspace()
    await source(workspace, { repository: repository.url })
    // As SIGKILL leaves it: some files, no index, its lock.
    writeFileSync(join(workspace, '.git/slipway-unfinished'), commitIn(workspace))
    rmSync(join(workspace, '.git/index'))
    writeFileSync(join(workspace, '.git/index.lock'), '')
    writeFileSync(join(workspace, '.git/shallow.lock'), '')
    writeFileSync(join(workspace, 'a.txt'), 'ha')
    repository.commit({ 'a.txt': '2', 'old.txt': undefined })
    const { outcome } = await source(workspace, { repository: repository.url })
    expect(outcome.failure).toBeUndefined()
    expect([files(workspace), read(workspace, 'a.txt')]).toEqual([['a.txt'], '2'])
    expect(existsSync(join(workspace, '.git/slipway-unfinished'))).toBe(false)
  })
})
