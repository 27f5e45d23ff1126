import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, test } from '@jest/globals'
import { fakePorts, type Recorded } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { type GitServerOptions, startGitServer } from '../../domain/git/fixtures/git-server.ts'
import { createRepository, type Repository, runGit } from '../../domain/git/fixtures/repository.ts'
import { createProcesses } from '../../io/process.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import type { ProcessRequest } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const folders: string[] = []
const newWorkspace = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-source-')))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

interface Tried extends Recorded {
  readonly outcome: Outcome
  readonly started: readonly ProcessRequest[]
}

/** Runs the task with the real git; `path` is where programs are looked for, `before` may act before each. */
async function source(
  workspace: string,
  inputs: Readonly<Record<string, string>>,
  { path = process.env['PATH'], before = (): void => undefined, signal = new AbortController().signal } = {},
): Promise<Tried> {
  const started: ProcessRequest[] = []
  const { ports, recorded } = fakePorts({
    signal,
    files: { workspace, state: join(workspace, '.slipway'), temporary: () => Promise.reject(new Error('not needed')) },
    clock: { now: Date.now, sleep: () => Promise.resolve() },
  })
  const processes = createProcesses({ environment: { PATH: path }, workspace, signal, log: ports.log, redactor: new Redactor() })
  const watched = {
    ...processes,
    run: (request: ProcessRequest) => {
      started.push(request)
      before()
      return processes.run(request)
    },
  }
  const outcome = await execute(
    { definition: task, load: async () => run },
    { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports: { ...ports, process: watched } },
  )
  return { ...recorded, outcome, started }
}

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !join(entry.parentPath, entry.name).includes('/.git/'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
const read = (workspace: string, path: string): string => readFileSync(join(workspace, path), 'utf8')
const commitIn = (workspace: string): string => runGit(workspace, ['rev-parse', 'HEAD'])

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

let other = ''

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

describe('over http', () => {
  const user = { name: 'robot', password: 'correct-horse-battery' }
  const credentials = { username: user.name, password: user.password }

  it('takes a shallow commit by its hash, and sends credentials in nothing but the header of the origin', async () => {
    using repository = createRepository()
    const commit = repository.git('rev-parse', 'HEAD')
    repository.commit({ 'later.txt': '' })
    await using server = await startGitServer({ root: dirname(repository.folder), user })
    const url = `${server.url}/${repository.folder.split('/').at(-1)}/.git`
    const workspace = newWorkspace()
    const tried = await source(workspace, { repository: url, ref: commit, ...credentials })
    expect(tried.outcome.failure).toBeUndefined()
    expect(tried.outcome.record.source).toMatchObject({ url, commit })
    expect(runGit(workspace, ['rev-list', '--count', 'HEAD'])).toBe('1')
    const header = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(new Set([header]))
    const told = JSON.stringify([tried.started.map(({ argv }) => argv), tried.lines, tried.outcome.summary, read(workspace, '.git/config')])
    expect(told).not.toContain(user.password)
    expect(told).not.toContain(header.slice('Basic '.length))
    expect(tried.masked).toEqual(expect.arrayContaining([user.password, header.slice('Basic '.length)]))
  })

  test.each([
    [{}, 'without credentials: none were given', 'slipway-source'],
    [{ username: 'robot', password: 'wrong-one' }, 'as "robot" with the inputs username and password', 'has not expired'],
  ])('says whose credentials were not taken: %j', async (given, who, hint) => {
    using repository = createRepository()
    await using server = await startGitServer({ root: dirname(repository.folder), user })
    const { outcome } = await source(newWorkspace(), { repository: `${server.url}/x`, ...given })
    expect(outcome.failure).toMatchObject({
      code: 'SW-SOURCE-DENIED',
      message: expect.stringContaining(who),
      hint: expect.stringContaining(hint),
    })
  })

  it('tries again while the server is down, then says that another run may succeed', async () => {
    using repository = createRepository()
    let downs = 2
    const instead: GitServerOptions['instead'] = (_, response) => {
      downs -= 1
      if (downs >= 0) response.writeHead(503).end()
      return downs >= 0
    }
    await using server = await startGitServer({ root: dirname(repository.folder), instead })
    const url = `${server.url}/${repository.folder.split('/').at(-1)}/.git`
    expect((await source(newWorkspace(), { repository: url })).outcome.failure).toBeUndefined()
    downs = 3
    const { outcome } = await source(newWorkspace(), { repository: url })
    expect(outcome.failure).toMatchObject({ code: 'SW-SOURCE-UNREACHABLE', retryable: true, exit: 6 })
  })

  it('does not follow a redirect with credentials', async () => {
    using repository = createRepository()
    await using elsewhere = await startGitServer({ root: dirname(repository.folder) })
    const instead: GitServerOptions['instead'] = (request, response) => {
      response.writeHead(302, { location: `${elsewhere.url}${request.url}` }).end()
      return true
    }
    await using server = await startGitServer({ root: '/nowhere', instead })
    const repositoryUrl = `${server.url}/${repository.folder.split('/').at(-1)}/.git`
    const { outcome } = await source(newWorkspace(), { repository: repositoryUrl, ...credentials })
    expect(outcome.failure).toMatchObject({ code: 'SW-SOURCE-MISSING', hint: expect.stringContaining('.git at its end') })
    expect(elsewhere.requests).toEqual([])
    expect((await source(newWorkspace(), { repository: repositoryUrl })).outcome.failure).toBeUndefined()
  })
})

describe('submodules', () => {
  const withSubmodule = (top: Repository, lib: Repository, url = lib.url): string => {
    top.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', lib.url, 'libs/one')
    return top.commit({ '.gitmodules': `[submodule "libs/one"]\n\tpath = libs/one\n\turl = ${url}\n` })
  }

  it('are left out unless asked for', async () => {
    using lib = createRepository()
    using top = createRepository({ files: { 'top.txt': '' } })
    withSubmodule(top, lib)
    const workspace = newWorkspace()
    const { outcome } = await source(workspace, { repository: top.url })
    expect(outcome.failure).toBeUndefined()
    expect(files(workspace)).toEqual(['.gitmodules', 'top.txt'])
  })

  it('are checked out at the commit that is named, and theirs too, again and again', async () => {
    using inner = createRepository({ files: { 'inner.txt': '' } })
    using lib = createRepository({ files: { 'lib.txt': '1' } })
    withSubmodule(lib, inner)
    const commit = lib.git('rev-parse', 'HEAD')
    using top = createRepository({ files: { 'top.txt': '' } })
    withSubmodule(top, lib, `../${lib.folder.split('/').at(-1)}`)
    lib.commit({ 'lib.txt': '2' })
    const workspace = newWorkspace()
    for (let time = 0; time < 2; time += 1) {
      const { outcome } = await source(workspace, { repository: top.url, submodules: 'true' })
      expect(outcome.failure).toBeUndefined()
      expect(JSON.stringify(outcome.summary)).toContain(`${commit} of ${lib.url}`)
    }
    expect(files(workspace)).toEqual(['.gitmodules', 'libs/one/.gitmodules', 'libs/one/lib.txt', 'libs/one/libs/one/inner.txt', 'top.txt'])
    expect(read(workspace, 'libs/one/lib.txt')).toBe('1')
    expect(runGit(workspace, ['status', '--porcelain'])).toBe('')
  })

  test.each([
    ['--upload-pack=touch /tmp/x', 'SW-SOURCE-REPOSITORY'],
    ['ext::sh -c id', 'SW-SOURCE-REPOSITORY'],
    ['http://127.0.0.1:1/x', 'SW-SOURCE-SUBMODULE'],
    ['git@host:x', 'SW-SOURCE-SUBMODULE'],
  ])('at %s are refused', async (url, code) => {
    using lib = createRepository()
    using top = createRepository()
    withSubmodule(top, lib, url)
    const { outcome } = await source(newWorkspace(), { repository: top.url, submodules: 'true' })
    expect(outcome.failure).toMatchObject({ code })
  })

  it('of another origin do not get the credentials', async () => {
    const user = { name: 'robot', password: 'correct-horse-battery' }
    using lib = createRepository()
    using top = createRepository()
    await using open = await startGitServer({ root: dirname(lib.folder) })
    await using server = await startGitServer({ root: dirname(top.folder), user })
    withSubmodule(top, lib, `${open.url}/${lib.folder.split('/').at(-1)}/.git`)
    const repository = `${server.url}/${top.folder.split('/').at(-1)}/.git`
    const { outcome } = await source(newWorkspace(), { repository, submodules: 'true', username: user.name, password: user.password })
    expect(outcome.failure).toBeUndefined()
    expect(open.requests.length).toBeGreaterThan(0)
    expect(open.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  })
})
