import { describe, expect, it } from '@jest/globals'
import { reset } from '../../io/fixtures/fault-server.ts'
import { argoScene, refuses, says } from './argocd.fake.ts'
import { rollback, sync, terminate } from './operations.ts'

const scene = argoScene()
const id = { name: 'web', project: 'shop' }
const web = {
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { project: 'shop' },
  operation: { sync: { revision: 'a'.repeat(40) }, info: [{ name: 'run', value: '1' }] },
}

describe('a sync', () => {
  it('is sent as JSON with the project in it', async () => {
    const { server, argo } = scene()
    server.next(says(web))
    const started = await sync(argo, id, {
      ...{
        revisions: [{ revision: 'v2', position: 2 }],
        prune: true,
        strategy: 'apply',
        force: true,
        syncOptions: ['ApplyOutOfSyncOnly=true'],
      },
      ...{ retry: { limit: 3, backoff: { duration: '5s' } }, infos: [{ name: 'run', value: '1' }] },
    })
    expect(started).toMatchObject({ result: 'started', application: { operation: { info: [{ name: 'run', value: '1' }] } } })
    const [seen] = server.seen
    expect(seen).toMatchObject({ method: 'POST', url: '/api/v1/applications/web/sync', headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      ...{ name: 'web', project: 'shop', revisions: ['v2'], sourcePositions: [2], prune: true, infos: [{ name: 'run', value: '1' }] },
      ...{ strategy: { apply: { force: true } }, syncOptions: { items: ['ApplyOutOfSyncOnly=true'] } },
      retryStrategy: { limit: 3, backoff: { duration: '5s' } },
    })
  })

  it.each([
    ['busy', 400, 9, 'another operation is already in progress'],
    ['window', 403, 7, 'cannot sync: blocked by sync window'],
    ['auto-sync', 400, 9, 'Cannot sync to abc: auto-sync currently set to main'],
    ['deleting', 400, 9, 'application is deleting'],
    ['refused', 400, 9, "error resolving repo revision: rpc error: code = Unknown desc = unable to resolve 'x' to a commit SHA"],
  ] as const)('that cannot begin is %s', async (result, status, code, message) => {
    const { server, argo } = scene()
    server.next(refuses(status, code, message))
    expect(await sync(argo, id)).toEqual({ result, message })
  })

  it('that the account may not begin is refused with the right that it needs', async () => {
    const { server, argo } = scene()
    server.next(refuses(403, 7, 'permission denied'), says({ loggedIn: true, username: 'ci' }))
    await expect(sync(argo, id)).rejects.toMatchObject({
      code: 'SW-ARGOCD-DENIED',
      hint: expect.stringMatching(/the account ci the right `applications, sync`/),
    })
  })

  it('is never sent twice, as it may have begun', async () => {
    const { server, argo } = scene()
    server.next(reset)
    await expect(sync(argo, id)).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED' })
    expect(server.seen).toHaveLength(1)
  })
})

describe('the end of an operation', () => {
  it('is asked for with a type, though it has no body', async () => {
    const { server, argo } = scene()
    server.next(says({}))
    expect(await terminate(argo, id)).toBe(true)
    expect(server.seen[0]).toMatchObject({
      method: 'DELETE',
      url: '/api/v1/applications/web/operation?project=shop',
      headers: { 'content-type': 'application/json' },
    })
  })

  it('is nothing where none runs', async () => {
    const { server, argo } = scene()
    server.next(refuses(400, 3, 'Unable to terminate operation. No operation is in progress'))
    expect(await terminate(argo, id)).toBe(false)
  })

  it('that is refused otherwise fails', async () => {
    const { server, argo } = scene()
    server.next(refuses(400, 3, 'no'))
    await expect(terminate(argo, id)).rejects.toMatchObject({ code: 'SW-ARGOCD-REFUSED' })
  })
})

it('a rollback is not for an application that syncs by itself', async () => {
  const { server, argo } = scene()
  server.next(refuses(400, 9, 'rollback cannot be initiated when auto-sync is enabled'))
  expect(await rollback(argo, id, { id: 3 })).toMatchObject({ result: 'auto-sync' })
  expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ name: 'web', project: 'shop', id: 3 })
})
