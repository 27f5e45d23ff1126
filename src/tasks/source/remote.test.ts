import { dirname } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { type GitServerOptions, startGitServer } from '../../domain/git/fixtures/git-server.ts'
import { createRepository, type Repository, runGit } from '../../domain/git/fixtures/repository.ts'
import { files, newWorkspace, read, source } from './fixtures/try.ts'

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
