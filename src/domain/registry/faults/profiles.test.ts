import { describe, expect, it } from '@jest/globals'
import { type ServedFaults, serveFaults } from '../../../../test/fakes/fault-registry.ts'
import { sha256 } from '../../../base/digest.ts'
import { profileNames } from './profiles.ts'

const credentials = { username: 'tester', password: 'not-a-secret' }
const basic = `Basic ${btoa('tester:not-a-secret')}`
const digest = sha256('content')

const statusOf = async ({ send }: ServedFaults, method: string, path: string): Promise<number> => (await send(method, path)).status

/** Asks without a credential, then the token service, then with the token. */
async function bearer({ send }: ServedFaults, path: string, method = 'GET'): Promise<{ challenge: string; token: string; status: number }> {
  const challenge = (await send(method, path)).headers.get('www-authenticate') ?? ''
  const [, realm = '', service = '', scope = ''] = /^Bearer realm="([^"]+)",service="([^"]+)"(?:,scope="([^"]+)")?$/.exec(challenge) ?? []
  const url = new URL(realm)
  url.search = String(
    new URLSearchParams([['service', service] as [string, string], ...scope.split(' ').map((one): [string, string] => ['scope', one])]),
  )
  const { token } = (await (await send('GET', url, { headers: { authorization: basic } })).json()) as { token: string }
  const { status } = await send(method, path, { headers: { authorization: `Bearer ${token}` } })
  return { challenge, token, status }
}

describe('every profile', () => {
  it.each(profileNames)('%s takes a push and a pull from everyone, when there is no account', async (profile) => {
    const served = await serveFaults({ profile })
    expect((await served.push('content')).status).toBe(201)
    // GitHub's first manifest meets an unknown blob.
    if (profile === 'ghcr') await served.put('v1', 'x')
    expect((await served.put('v1', 'x')).status).toBe(201)
    expect(await statusOf(served, 'GET', '/v2/app/manifests/v1')).toBe(200)
  })

  it.each(profileNames)('%s knows no tag parameter', async (profile) => {
    const served = await serveFaults({ profile })
    if (profile === 'ghcr') await served.put('v1', 'x')
    const response = await served.put(
      `${sha256('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"annotations":{"note":"x"}}')}?tag=v1`,
      'x',
    )
    expect([response.status, response.headers.get('oci-tag')]).toEqual([201, null])
    expect(await statusOf(served, 'GET', '/v2/app/manifests/v1')).toBe(404)
  })

  it.each(profileNames)('%s lets nobody in with a wrong password', async (profile) => {
    const { send } = await serveFaults({ profile, credentials })
    const wrong = { headers: { authorization: `Basic ${btoa('tester:wrong')}` } }
    expect((await send('PUT', '/v2/app/manifests/v1', wrong)).status).toBe(401)
    expect((await send('GET', '/v2/app/tags/list', wrong)).status).toBe(401)
  })
})

describe('the token service', () => {
  it.each([
    ['gar', '/v2/token', 'slipway'],
    ['ghcr', '/token', 'ghcr.io'],
    ['quay', '/v2/auth', 'quay.io'],
    ['harbor', '/service/token', 'harbor-registry'],
    ['hub', '/token', 'registry.docker.io'],
  ] as const)('of %s is at %s, and its token opens what it was asked for', async (profile, path, service) => {
    const served = await serveFaults({ profile, credentials })
    const { challenge, token, status } = await bearer(served, '/v2/app/tags/list')
    expect(challenge).toBe(`Bearer realm="${served.url}${path}",service="${service}",scope="repository:app:pull"`)
    expect(status).toBe(404)
    const other = await served.send('GET', '/v2/other/tags/list', { headers: { authorization: `Bearer ${token}` } })
    expect(other.status).toBe(401)
  })

  it.each([
    ['gar', '/v2/token', 200],
    ['ghcr', '/token', 200],
    ['hub', '/token', 200],
    ['quay', '/v2/auth', 405],
    ['harbor', '/service/token', 405],
  ] as const)(
    'of %s answers a POST to %s by %d: containerd asks so first, and takes no other name than access_token',
    async (profile, path, expected) => {
      const { send } = await serveFaults({ profile, credentials })
      const body = new URLSearchParams({ grant_type: 'password', service: 'x', scope: 'repository:app:pull', ...credentials })
      const response = await send('POST', path, { body })
      const { access_token: token } = (await response.json()) as { access_token?: string }
      expect([response.status, token === undefined]).toEqual([expected, expected !== 200])
      expect(response.headers.get('allow')).toBe(expected === 405 ? 'GET' : null)
      if (token === undefined) return
      expect((await send('GET', '/v2/app/tags/list', { headers: { authorization: `Bearer ${token}` } })).status).toBe(404)
    },
  )

  it('gives nothing to those without an account, but pulls on Docker Hub', async () => {
    const granted = async (profile: 'hub' | 'quay', path: string): Promise<number> => {
      const { send } = await serveFaults({ profile, credentials })
      const { token } = (await (await send('GET', `${path}?scope=repository:app:pull,push`)).json()) as { token: string }
      const headers = { authorization: `Bearer ${token}` }
      expect((await send('POST', '/v2/app/blobs/uploads/', { headers })).status).toBe(401)
      return (await send('GET', '/v2/app/tags/list', { headers })).status
    }
    expect([await granted('hub', '/token'), await granted('quay', '/v2/auth')]).toEqual([404, 401])
  })

  it('ends all tokens by the action expire', async () => {
    const served = await serveFaults({
      profile: 'quay',
      credentials,
      faults: [{ name: 'x', on: { request: 'tags' }, skip: 1, times: 1, action: 'expire' }],
    })
    const { token } = await bearer(served, '/v2/app/tags/list')
    const headers = { authorization: `Bearer ${token}` }
    const answers = [await served.send('GET', '/v2/app/tags/list', { headers }), await served.send('GET', '/v2/app/tags/list', { headers })]
    expect(answers.map(({ status }) => status)).toEqual([401, 401])
    expect((await bearer(served, '/v2/app/tags/list')).status).toBe(404)
  })
})

describe('Basic', () => {
  it.each([
    ['ecr', 'Basic realm="https://ecr.amazonaws.com/",service="ecr.amazonaws.com"'],
    ['distribution-2.8', 'Basic realm="Registry Realm"'],
  ] as const)('is all that %s takes', async (profile, challenge) => {
    const { send } = await serveFaults({ profile, credentials })
    const response = await send('GET', '/v2/')
    expect([response.status, response.headers.get('www-authenticate')?.startsWith(challenge)]).toEqual([401, true])
    expect((await send('GET', '/v2/', { headers: { authorization: basic } })).status).toBe(200)
  })

  it('does at Harbor as well, where what is refused with a credential is 401 with a Basic challenge', async () => {
    const { send } = await serveFaults({ profile: 'harbor', credentials })
    expect((await send('GET', '/v2/team/app/tags/list', { headers: { authorization: basic } })).status).toBe(404)
    const refused = await send('GET', '/v2/team/app/tags/list', { headers: { authorization: 'Bearer old' } })
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="harbor"'])
  })
})

describe('the quirks', () => {
  it('ecr: no mount, chunks after the first are lost and all are 201, pages of 1000 tags', async () => {
    const served = await serveFaults({ profile: 'ecr' })
    await served.push('content', 'base')
    expect(await statusOf(served, 'POST', `/v2/app/blobs/uploads/?mount=${digest}&from=base`)).toBe(202)
    const place = (await served.send('POST', '/v2/app/blobs/uploads/')).headers.get('location') ?? ''
    const chunks = [await served.send('PATCH', place, { body: 'con' }), await served.send('PATCH', place, { body: 'tent' })]
    expect(chunks.map(({ status, headers }) => [status, headers.get('range')])).toEqual([
      [201, '0-2'],
      [201, '0-2'],
    ])
    expect((await served.send('PUT', `${place}?digest=${digest}`)).status).toBe(400)
    expect([
      await statusOf(served, 'GET', '/v2/base/tags/list?n=1000'),
      await statusOf(served, 'GET', '/v2/base/tags/list?n=1001'),
    ]).toEqual([200, 405])
  })

  it('gar: a blob that was there the second time it was looked for is gone afterwards, once', async () => {
    const served = await serveFaults({ profile: 'gar' })
    expect(await statusOf(served, 'HEAD', `/v2/app/blobs/${digest}`)).toBe(404)
    await served.push('content')
    expect([await statusOf(served, 'HEAD', `/v2/app/blobs/${digest}`), await statusOf(served, 'GET', `/v2/app/blobs/${digest}`)]).toEqual([
      200, 404,
    ])
    await served.push('content')
    expect([await statusOf(served, 'HEAD', `/v2/app/blobs/${digest}`), await statusOf(served, 'GET', `/v2/app/blobs/${digest}`)]).toEqual([
      200, 200,
    ])
  })

  it('ghcr: the first manifest meets an unknown blob, and there are no referrers', async () => {
    const served = await serveFaults({ profile: 'ghcr' })
    expect([(await served.put('v1', 'x')).status, (await served.put('v1', 'x')).status]).toEqual([404, 201])
    expect(await statusOf(served, 'GET', `/v2/app/referrers/${digest}`)).toBe(404)
  })

  it('quay: a mount has a source', async () => {
    const served = await serveFaults({ profile: 'quay' })
    await served.push('content', 'base')
    expect([
      await statusOf(served, 'POST', `/v2/app/blobs/uploads/?mount=${digest}`),
      await statusOf(served, 'POST', `/v2/app/blobs/uploads/?mount=${digest}&from=base`),
    ]).toEqual([400, 201])
  })

  it('harbor: a mount’s source is in a project', async () => {
    const served = await serveFaults({ profile: 'harbor' })
    await served.push('content', 'team/base')
    const from = async (name: string): Promise<number> =>
      statusOf(served, 'POST', `/v2/team/app/blobs/uploads/?mount=${digest}&from=${name}`)
    expect([await from('base'), await from('team/base'), await from('team%2Fbase')]).toEqual([400, 201, 201])
  })

  it('hub: manifests come with the limit of pulls, and a mount needs both repositories in one token', async () => {
    const open = await serveFaults({ profile: 'hub' })
    await open.put('v1', 'x')
    expect((await open.send('HEAD', '/v2/app/manifests/v1')).headers.get('ratelimit-limit')).toBe('100;w=21600')
    const { challenge } = await bearer(
      await serveFaults({ profile: 'hub', credentials }),
      `/v2/app/blobs/uploads/?mount=${digest}&from=base`,
      'POST',
    )
    expect(challenge).toContain('scope="repository:app:pull,push repository:base:pull"')
  })

  it('distribution 2.8: no single POST, no pages, no order of chunks, no deletes of tags, a cut upload is over', async () => {
    const cut = { name: 'cut', on: { request: 'upload-patch', path: /cut/ }, phase: 'body', at: 1, action: 'cut' } as const
    const served = await serveFaults({ profile: 'distribution-2.8', faults: [cut] })
    expect((await served.send('POST', `/v2/app/blobs/uploads/?digest=${digest}`, { body: 'content' })).status).toBe(202)
    await served.put('v1', 'x')
    await served.put('v2', 'x')
    expect(await (await served.send('GET', '/v2/app/tags/list?n=1')).json()).toEqual({ name: 'app', tags: ['v1', 'v2'] })
    expect(await statusOf(served, 'DELETE', '/v2/app/manifests/v1')).toBe(400)
    expect(await statusOf(served, 'GET', `/v2/app/referrers/${digest}`)).toBe(404)
    const place = (await served.send('POST', '/v2/app/blobs/uploads/')).headers.get('location') ?? ''
    expect((await served.send('PATCH', place, { body: 'x', headers: { 'content-range': '7-7' } })).status).toBe(202)
    await expect(served.send('PATCH', `${place}?cut`, { body: 'abc' })).rejects.toThrow('fetch failed')
    expect(await statusOf(served, 'GET', place)).toBe(404)
  })
})
