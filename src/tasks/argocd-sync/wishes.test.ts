import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { argocdNone } from '../../domain/argocd/errors-sync.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const [commit, other] = ['a'.repeat(40), 'b'.repeat(40)]
const page = 'https://git.example.com/acme/deploy/pull/7'
const written = { repository: 'https://git.example.com/acme/deploy.git', branch: 'slipway/main/app-1f2e3d4c', commit }

/** How it ends behind a record; the server says who asked it. */
async function synced(
  inputs: Readonly<Record<string, string>>,
  gitops: typeof written & { readonly pullRequest?: string },
): Promise<Outcome> {
  const { ports } = fakePorts({ clock: { now: Date.now, sleep: async () => undefined } })
  const http = { request: () => Promise.reject(argocdNone('the server was asked')) }
  const given = { server: 'https://argocd.example.com', token: 'token-1', apps: 'web', ...inputs }
  return execute(
    { definition: task, load: async () => run },
    { inputs: new Map(Object.entries(given)), record: { ...emptyRecord, gitops }, ports: { ...ports, http } },
  )
}

describe('a commit that waits for the merge of a pull request', () => {
  const waiting = { ...written, pullRequest: page }

  test('is not waited for: the pull request is named before anything is asked', async () => {
    const { failure } = await synced({}, waiting)
    expect(failure).toMatchObject({ code: 'SW-ARGOCD-REVISION', exit: 2, message: expect.stringContaining(page) })
  })

  test.each<[string, Readonly<Record<string, string>>, typeof waiting | typeof written]>([
    ['on the branch itself', {}, written],
    ['where another revision is named', { revision: other }, waiting],
    ['where revisions are named by source', { revisions: `1=${other}` }, waiting],
    ['on the way back', { rollback: '3' }, waiting],
    ['where one only looks', { 'dry-run': 'true' }, waiting],
  ])('%s the server is asked', async (_, inputs, gitops) => {
    expect((await synced(inputs, gitops)).failure).toMatchObject({ message: expect.stringContaining('the server was asked') })
  })
})

describe('a way back', () => {
  test.each(['observe', 'dry-run'])('is refused beside `%s`, before anything is asked', async (other) => {
    const { failure } = await synced({ rollback: '3', [other]: 'true' }, written)
    expect(failure).toMatchObject({ code: 'SW-ARGOCD-SETTINGS', exit: 2, message: expect.stringContaining(`\`${other}\``) })
  })

  test('is not refused where a host hands over what nobody has asked for', async () => {
    const { failure } = await synced({ rollback: '3', observe: 'false', 'dry-run': 'false' }, written)
    expect(failure).toMatchObject({ message: expect.stringContaining('the server was asked') })
  })
})
