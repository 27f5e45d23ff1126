import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeGithubDeployments, fakeGithubDeployments } from '../../../test/fakes/github-deployments.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { systemClock } from '../../io/clock.ts'
import { quickClock } from '../../io/fixtures/ports.ts'
import { createTransport, type Transport } from '../../io/transport.ts'
import { beginDeployment, type DeploymentWish } from './record.ts'
import { deploymentTarget } from './target.ts'

const commit = 'c'.repeat(40)
const revision = 'a'.repeat(40)
const token = 'gh-token'
const wish: DeploymentWish = {
  ...{ mode: 'auto', environment: 'production', environmentUrl: 'https://app.example.com' },
  ...{ digest: `sha256:${'1'.repeat(64)}`, revision, application: 'web' },
}

let github: FakeGithubDeployments
let http: Transport
let opened: ReturnType<typeof fakePorts>
beforeEach(async () => {
  github = await fakeGithubDeployments(token)
  const clock = quickClock()
  opened = fakePorts({ clock })
  http = createTransport({ userAgent: 'test', clock, log: opened.ports.log, signal: opened.ports.signal, random: () => 1 })
})
afterEach(async () => {
  http.close()
  await github[Symbol.asyncDispose]()
})

const onGithub = () => ({ GITHUB_ACTIONS: 'true', GITHUB_API_URL: github.api, GITHUB_REPOSITORY: 'acme/app', GITHUB_TOKEN: token })
const source = {
  repository: 'https://github.com/acme/app',
  commit,
  ref: 'refs/heads/main',
  runUrl: 'https://github.com/acme/app/actions/runs/7',
}
const begin = (more: Partial<DeploymentWish> = {}, environment: Readonly<Record<string, string>> = onGithub()) =>
  beginDeployment({ ...wish, ...more }, { http, log: opened.ports.log, environment, source })
const states = () => github.deployments.map(({ id, statuses }) => [id, statuses.map(({ state }) => state)])
const warnings = () => opened.recorded.lines.filter((line) => line.startsWith('warn'))

describe('a run that was stopped', () => {
  it('says so of its deployment, and at the commit, with the last that it sends', async () => {
    const abort = new AbortController()
    const late = createTransport({ userAgent: 'test', clock: systemClock(abort.signal), log: opened.ports.log, signal: abort.signal })
    const record = await beginDeployment(wish, { http: late, log: opened.ports.log, environment: onGithub(), source })
    abort.abort(new Error('SIGTERM'))
    await expect(late.request({ method: 'GET', url: github.api })).rejects.toThrow('SIGTERM')
    await record.stop('error', 'the run was stopped')
    late.close()
    expect(states()).toEqual([[100, ['in_progress', 'error']]])
    expect(github.marks.at(-1)).toMatchObject({ sha: commit, mark: { state: 'error', description: 'the run was stopped' } })
  })

  it('says so too where the signal comes as it begins', async () => {
    const abort = new AbortController()
    const late = createTransport({ userAgent: 'test', clock: systemClock(abort.signal), log: opened.ports.log, signal: abort.signal })
    const request: Transport['request'] = (asked) => {
      if (asked.url.endsWith(`/statuses/${commit}`)) abort.abort(new Error('SIGTERM'))
      return late.request(asked)
    }
    const begun = beginDeployment(wish, { http: { request }, log: opened.ports.log, environment: onGithub(), source })
    await expect(begun).rejects.toThrow('SIGTERM')
    late.close()
    expect(states()).toEqual([[100, ['in_progress', 'error']]])
    expect(github.marks.map(({ mark }) => mark['state'])).toEqual(['error'])
  })

  it('ends as it would where GitHub does not take it', async () => {
    const record = await begin()
    github.denied.add('deployments').add('statuses')
    await record.stop('error', 'the run was stopped')
    expect(warnings()).toHaveLength(2)
  })
})

describe('a deployment', () => {
  it('is recorded from its begin to its end, at the commit as well', async () => {
    const record = await begin()
    await record.end('success', 'web is live at aaaaaaaaaaaa')
    expect(github.deployments).toMatchObject([
      {
        ...{ sha: commit, environment: 'production', task: 'deploy:slipway' },
        payload: { slipway: 1, digest: wish.digest, revision, application: 'web' },
        statuses: [
          { state: 'in_progress', environment_url: 'https://app.example.com', log_url: source.runUrl },
          { state: 'success', environment_url: 'https://app.example.com', description: 'web is live at aaaaaaaaaaaa' },
        ],
      },
    ])
    const mark = { context: 'slipway/deploy/production', target_url: 'https://app.example.com' }
    expect(github.marks).toMatchObject([
      { sha: commit, mark: { ...mark, state: 'pending' } },
      { sha: commit, mark: { ...mark, state: 'success' } },
    ])
  })

  it.each([
    ['failure', 'failure'],
    ['error', 'error'],
    ['inactive', 'success'],
  ] as const)('that ends as %s marks the commit as %s', async (state, mark) => {
    await (await begin()).end(state, 'it ended')
    expect([states()[0]?.[1], github.marks.at(-1)?.mark['state']]).toEqual([['in_progress', state], mark])
  })

  it.each([false, true])(
    'of the same digest and revision is one, however often the run is repeated (payload as text: %s)',
    async (asText) => {
      github.payloadAsText = asText
      await (await begin()).end('failure', 'first')
      await (await begin()).end('success', 'second')
      expect(states()).toEqual([[100, ['in_progress', 'failure', 'in_progress', 'success']]])
    },
  )

  it.each([
    ['digest', { digest: `sha256:${'2'.repeat(64)}` }],
    ['revision', { revision: 'b'.repeat(40) }],
    ['application', { application: 'shop' }],
    ['environment', { environment: 'staging' }],
  ])('of another %s is another', async (_, other) => {
    await begin()
    await begin(other)
    expect(github.deployments).toHaveLength(2)
  })

  it('takes the place of those before it', async () => {
    await (await begin()).end('success', 'one')
    await (await begin({ revision: 'b'.repeat(40) })).end('success', 'two')
    expect(states()).toEqual([
      [101, ['in_progress', 'success']],
      [100, ['in_progress', 'success', 'inactive']],
    ])
  })

  it('of others to the same environment is not ours', async () => {
    github.deployments.push({ id: 9, sha: commit, environment: 'production', task: 'deploy:slipway', payload: '', statuses: [] })
    github.deployments.push({
      id: 8,
      sha: commit,
      environment: 'production',
      task: 'deploy',
      payload: { digest: wish.digest },
      statuses: [],
    })
    expect((await begin()).id).toBe(102)
  })

  it('is found among many', async () => {
    const first = await begin()
    for (let n = 0; n < 130; n += 1)
      github.deployments.unshift({
        id: 1000 + n,
        sha: commit,
        environment: 'production',
        task: 'deploy:slipway',
        payload: {},
        statuses: [],
      })
    expect((await begin()).id).toBe(first.id)
  })

  it('keeps a long description within what GitHub takes', async () => {
    await (await begin({ mode: 'required' })).end('failure', `${'long '.repeat(60)}\nlines`)
    expect(String(github.deployments[0]?.statuses[1]?.['description']).length).toBeLessThanOrEqual(140)
  })
})

describe('what is missing', () => {
  it('to record a deployment is a warning, and the release goes on', async () => {
    github.denied.add('deployments')
    const record = await begin()
    await record.end('success', 'done')
    expect([record.id, github.asked.length, warnings()]).toEqual([
      undefined,
      1,
      [expect.stringContaining('Resource not accessible by integration')],
    ])
  })

  it('to mark the commit is a warning; the deployment is recorded', async () => {
    github.denied.add('statuses')
    await (await begin()).end('success', 'done')
    expect(states()).toEqual([[100, ['in_progress', 'success']]])
    expect(warnings()).toHaveLength(2)
  })

  it('fails the task when the settings ask for a record', async () => {
    github.denied.add('deployments')
    await expect(begin({ mode: 'required' })).rejects.toMatchObject({
      code: 'SW-DEPLOYMENT-UNRECORDED',
      message: expect.stringContaining('403'),
    })
    await expect(begin({ mode: 'required' }, {})).rejects.toThrow('no token for it is given')
  })

  it('on GitHub is a warning: the token', async () => {
    const { GITHUB_TOKEN: _, ...rest } = onGithub()
    expect((await begin({}, rest)).id).toBeUndefined()
    expect([warnings(), github.asked]).toEqual([[expect.stringContaining('GITHUB_TOKEN is not set')], []])
  })

  it('elsewhere than on GitHub is no fault', async () => {
    expect((await begin({}, {})).id).toBeUndefined()
    expect([warnings(), github.asked]).toEqual([[], []])
  })

  it('is nothing when it is off', async () => {
    await (await begin({ mode: 'off' })).end('success', 'done')
    expect(github.asked).toEqual([])
  })
})

describe('where it belongs', () => {
  it.each([
    [
      'a run of GitHub',
      { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/app', GITHUB_TOKEN: 't' },
      undefined,
      { api: 'https://api.github.com', repository: 'acme/app', token: 't' },
    ],
    [
      'another token than the run’s',
      { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/app', GITHUB_TOKEN: 't' },
      'mine',
      { token: 'mine' },
    ],
    ['Tekton, with a token', { SLIPWAY_HOST: 'tekton' }, 'mine', { api: 'https://api.github.com', repository: 'acme/app', token: 'mine' }],
  ] as const)('%s', (_, environment, given, target) => {
    expect(deploymentTarget(environment, source, given)).toMatchObject({ commit, ...target })
  })

  it('a server of one’s own, which the settings name', () => {
    const environment = { GITHUB_API_URL: 'https://github.example.com/api/v3/' }
    const own = { ...source, repository: 'https://github.example.com/acme/app' }
    expect(deploymentTarget(environment, own, 'mine')).toMatchObject({ api: 'https://github.example.com/api/v3', token: 'mine' })
  })

  it.each([
    ['GitLab', 'https://gitlab.com/acme/app', 'the source is on gitlab'],
    ['a folder', 'file:///srv/app.git', 'is not on GitHub'],
    ['a server that only calls itself so', 'https://github.example.com/acme/app', 'is not known to be yours'],
    ['a server that nobody knows', 'https://git.example.com/acme/app', 'is not on GitHub'],
  ])('not %s', (_, repository, why) => {
    expect(deploymentTarget({}, { ...source, repository }, 'mine')).toContain(why)
  })
})
