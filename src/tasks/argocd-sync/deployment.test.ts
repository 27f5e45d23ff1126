import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type FakeGithubDeployments, fakeGithubDeployments } from '../../../test/fakes/github-deployments.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { newTrack } from '../../domain/argocd/observe.ts'
import type { ResultName } from '../../domain/argocd/wish.ts'
import { createTransport, type Transport } from '../../io/transport.ts'
import { abandonDeployment, closeDeployment, openDeployment } from './deployment.ts'

const commit = 'c'.repeat(40)
const revision = 'a'.repeat(40)
const digest = `sha256:${'1'.repeat(64)}` as const

let github: FakeGithubDeployments
let http: Transport
let ports: ReturnType<typeof fakePorts>['ports']
beforeEach(async () => {
  github = await fakeGithubDeployments('gh-token')
  ports = fakePorts().ports
  http = createTransport({ userAgent: 'test', clock: ports.clock, log: ports.log, signal: ports.signal })
})
afterEach(async () => {
  http.close()
  await github[Symbol.asyncDispose]()
})

const inputs = {
  deployment: 'auto',
  environment: 'production',
  environmentUrl: undefined,
  githubToken: undefined,
  revision,
  rollback: undefined,
  apps: ['web', 'api'],
  selector: undefined,
} as const
const open = (more: Partial<Parameters<typeof openDeployment>[0]> = {}) =>
  openDeployment(
    { ...inputs, ...more },
    {
      ...{ ...ports, http, source: { repository: 'https://github.com/acme/app', commit, ref: 'refs/heads/main' } },
      environment: { GITHUB_ACTIONS: 'true', GITHUB_API_URL: github.api, GITHUB_REPOSITORY: 'acme/app', GITHUB_TOKEN: 'gh-token' },
      record: { gitops: { repository: 'https://git.example.com/deploy', branch: 'main', commit: revision, digest } },
    },
  )

describe('the record of a deployment', () => {
  it('is of the digest that was written, the revision, and all applications', async () => {
    await open()
    expect(github.deployments).toMatchObject([
      { sha: commit, environment: 'production', payload: { digest, revision, application: 'web, api' } },
    ])
  })

  it('is of a selector', async () => {
    await open({ apps: undefined, selector: 'team=web' })
    expect(github.deployments[0]?.payload).toMatchObject({ application: 'team=web', revision })
  })

  it('of a way back is another than of what is left behind, and not of its image', async () => {
    await open()
    await open({ rollback: 3 })
    expect(github.deployments.map(({ payload }) => payload)).toMatchObject([
      { revision: 'rollback to 3', digest: '' },
      { revision, digest },
    ])
  })

  it('of another revision than gitops-update has written is not of its image', async () => {
    await open({ revision: 'b'.repeat(40) })
    expect(github.deployments).toMatchObject([{ payload: { digest: '', revision: 'b'.repeat(40) } }])
  })

  it.each([false, true])('that must be written, and cannot: what has failed before stays the reason (failed: %s)', async (failed) => {
    const record = await open({ deployment: 'required' })
    github.denied.add('deployments')
    const worst = {
      id: { name: 'web' },
      result: 'degraded',
      why: '',
      app: undefined,
      proof: undefined,
      track: newTrack(0),
      cause: undefined,
    } as const
    const closed = closeDeployment(record, worst, { headline: 'web', failed, log: ports.log, signal: ports.signal })
    await (failed ? closed : expect(closed).rejects.toMatchObject({ code: 'SW-DEPLOYMENT-UNRECORDED' }))
    await abandonDeployment(record, ports)
    expect(github.deployments[0]?.statuses.map(({ state }) => state)).toEqual(['in_progress'])
  })

  it.each([
    ['no environment is named', { environment: undefined, deployment: 'required' }],
    ['it is off', { deployment: 'off' }],
  ] as const)('is none where %s', async (_, more) => {
    await open(more)
    expect(github.asked).toEqual([])
  })

  it.each([
    ['deployed', false, 'success'],
    ['unchanged', false, 'success'],
    ['superseded', false, 'inactive'],
    ['superseded', true, 'failure'],
    ['sync-failed', true, 'failure'],
    ['degraded', true, 'failure'],
    ['prune-required', true, 'failure'],
    ['blocked-window', true, 'error'],
    ['timeout', true, 'error'],
    ['not-found-or-forbidden', true, 'error'],
    ['unreachable', true, 'error'],
  ] as const satisfies readonly (readonly [ResultName, boolean, string])[])(
    'ends for %s (failed: %s) as %s',
    async (result, failed, state) => {
      const worst = { id: { name: 'web' }, result, why: '', app: undefined, proof: undefined, track: newTrack(0), cause: undefined }
      await closeDeployment(await open(), worst, { headline: 'web', failed, log: ports.log, signal: ports.signal })
      expect(github.deployments[0]?.statuses.at(-1)).toMatchObject({ state, description: 'web' })
    },
  )

  it.each([
    ['deployed', false, 'success'],
    ['degraded', true, 'failure'],
  ] as const)('of a run that is stopped as it ends says what is known: %s', async (result, failed, state) => {
    const abort = new AbortController()
    http.close()
    http = createTransport({ userAgent: 'test', clock: ports.clock, log: ports.log, signal: abort.signal })
    const record = await open()
    abort.abort(new Error('SIGTERM'))
    const worst = { id: { name: 'web' }, result, why: '', app: undefined, proof: undefined, track: newTrack(0), cause: undefined }
    const closed = closeDeployment(record, worst, { headline: 'web', failed, log: ports.log, signal: abort.signal })
    await expect(closed).rejects.toThrow('SIGTERM')
    expect(github.deployments[0]?.statuses.map((one) => one['state'])).toEqual(['in_progress', state])
    expect(github.marks.at(-1)?.mark).toMatchObject({ state, description: 'web' })
  })
})
