/** A run that is stopped while it waits, and what others see of it then. */
import { expect, it } from '@jest/globals'
import { fakeGithubDeployments } from '../fakes/github-deployments.ts'
import { fakeStage } from './fake-stage.ts'
import { hook } from './manifests.ts'
import { create, isHeld } from './scene.ts'
import { syncHere } from './task-here.ts'

const commit = 'c'.repeat(40)

it('leaves no deployment in progress at GitHub, and no mark at the commit', async () => {
  await using stage = await fakeStage(5)
  await using github = await fakeGithubDeployments('gh-token')
  const app = await create(stage, 'stopped', { files: { 'app/hook.json': hook('before') } })
  const cancel = new AbortController()
  const outcome = syncHere(
    { server: stage.server, token: stage.ci, apps: app.name, revision: app.head(), environment: 'production', timeout: '5m' },
    {
      ...{ clock: stage.argocd.state.clock, cancel: cancel.signal },
      run: {
        environment: { GITHUB_ACTIONS: 'true', GITHUB_API_URL: github.api, GITHUB_REPOSITORY: 'acme/app', GITHUB_TOKEN: 'gh-token' },
        source: { commit, ref: 'refs/heads/main' },
      },
    },
  )
  await isHeld(stage, app.name)
  cancel.abort(new Error('SIGTERM'))
  expect(await outcome).toMatchObject({ exit: 143, result: '' })
  expect(github.deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([['in_progress', 'error']])
  expect(github.marks.map(({ sha, mark }) => [sha, mark['state']])).toEqual([
    [commit, 'pending'],
    [commit, 'error'],
  ])
})
