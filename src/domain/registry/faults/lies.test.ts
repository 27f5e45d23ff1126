import { describe, expect, it } from '@jest/globals'
import { serveFaults } from '../../../../test/fakes/fault-registry.ts'
import { sha256 } from '../../../base/digest.ts'
import type { Rule } from './rule.ts'

const blobPath = (content: string): string => `/v2/app/blobs/${sha256(content)}`

describe('a lie', () => {
  it('drop says that all is well, and keeps nothing', async () => {
    const { push, put, send } = await serveFaults({
      faults: [{ name: 'x', on: { request: ['upload-put', 'manifest-put'] }, action: 'drop' }],
    })
    const blob = await push('content')
    expect([blob.status, blob.headers.get('docker-content-digest')]).toEqual([201, sha256('content')])
    const manifest = await put('v1', 'x')
    expect([manifest.status, manifest.headers.get('location')]).toEqual([
      201,
      `/v2/app/manifests/${manifest.headers.get('docker-content-digest')}`,
    ])
    expect([(await send('HEAD', blobPath('content'))).status, (await send('HEAD', '/v2/app/manifests/v1')).status]).toEqual([404, 404])
  })

  it('drop of a chunk says how far the upload is', async () => {
    const { send } = await serveFaults({ faults: [{ name: 'x', on: { request: 'upload-patch' }, per: 'path', skip: 1, action: 'drop' }] })
    const location = (await send('POST', '/v2/app/blobs/uploads/')).headers.get('location') ?? ''
    const chunks = [await send('PATCH', location, { body: 'abc' }), await send('PATCH', location, { body: 'def' })]
    expect(chunks.map(({ status, headers }) => [status, headers.get('range')])).toEqual([
      [202, '0-2'],
      [202, '0-2'],
    ])
  })

  it('forget takes a blob away when it has been seen', async () => {
    const { push, send } = await serveFaults({ faults: [{ name: 'x', on: { request: 'blob-head' }, times: 1, action: 'forget' }] })
    await push('content')
    expect([(await send('HEAD', blobPath('content'))).status, (await send('HEAD', blobPath('content'))).status]).toEqual([200, 404])
  })

  it('stale gives for some reads what was there before', async () => {
    const { put, send } = await serveFaults({ faults: [{ name: 'x', on: { request: 'manifest-get' }, action: 'stale', reads: 2 }] })
    const read = async (): Promise<unknown> => {
      const response = await send('GET', '/v2/app/manifests/latest')
      return response.ok ? ((await response.json()) as { annotations: unknown }).annotations : response.status
    }
    await put('latest', 'old')
    expect([await read(), await read(), await read()]).toEqual([404, 404, { note: 'old' }])
    await put('latest', 'new')
    expect([await read(), await read(), await read()]).toEqual([{ note: 'old' }, { note: 'old' }, { note: 'new' }])
  })

  it('lose ends an upload whose body was cut', async () => {
    const faults: Rule[] = [
      { name: 'cut', on: { request: 'upload-patch' }, phase: 'body', at: 1, times: 1, action: 'cut' },
      { name: 'lose', on: { request: 'upload-patch' }, action: 'lose' },
    ]
    const { send } = await serveFaults({ faults })
    const location = (await send('POST', '/v2/app/blobs/uploads/')).headers.get('location') ?? ''
    await expect(send('PATCH', location, { body: 'abc' })).rejects.toThrow('fetch failed')
    expect((await send('GET', location)).status).toBe(404)
  })

  it('change makes other headers, and another status of a success', async () => {
    const rule: Rule = {
      name: 'x',
      on: { request: 'upload-post' },
      action: 'change',
      status: 201,
      set: { warning: '299 - "x"' },
      unset: ['location'],
    }
    const { send } = await serveFaults({ faults: [rule] })
    const { status, headers } = await send('POST', '/v2/app/blobs/uploads/')
    expect([status, headers.get('warning'), headers.get('location')]).toEqual([201, '299 - "x"', null])
  })

  it('redirect names another place, with what was asked for', async () => {
    const { send } = await serveFaults({
      faults: [{ name: 'x', on: { request: 'tags' }, action: 'redirect', to: 'https://cdn.example{path}', status: 307 }],
    })
    const { status, headers } = await send('GET', '/v2/app/tags/list?n=1')
    expect([status, headers.get('location')]).toEqual([307, 'https://cdn.example/v2/app/tags/list?n=1'])
  })

  it('ignore leaves a parameter or a header out of account', async () => {
    const rule: Rule = { name: 'x', on: {}, action: 'ignore', parameters: ['digest'], headers: ['range'] }
    const { send } = await serveFaults({ faults: [rule] })
    expect((await send('POST', `/v2/app/blobs/uploads/?digest=${sha256('a')}`, { body: 'a' })).status).toBe(202)
  })
})
