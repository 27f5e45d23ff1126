import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { answer, reset } from '../../io/fixtures/fault-server.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { accountOf } from './account.ts'
import { getApplication } from './applications.ts'
import { argoScene, refuses, says } from './argocd.fake.ts'
import { type ArgoSettings, openArgo } from './connection.ts'

const scene = argoScene()
const folder = temporaryFolder()
const tls = (name: string): string => fileURLToPath(new URL(`../../io/fixtures/tls/${name}`, import.meta.url))
const id = { name: 'web', project: 'shop' }
const web = { metadata: { name: 'web' } }
const expired = refuses(401, 16, 'invalid session: token has expired')

const open = (settings: Partial<ArgoSettings>) => openArgo({ server: scene().server.url, ...settings }, scene().ports)
const tokens = (): unknown[] => scene().server.seen.map(({ headers }) => headers.authorization)

describe('a password', () => {
  const admin = { username: 'admin', password: 'p4ssw0rd!' }

  it('is asked for a session once, whose token is hidden and used', async () => {
    const { server, masked } = scene()
    server.next(says({ token: 'first' }), says(web), says(web))
    const argo = await open(admin)
    await getApplication(argo, id)
    await getApplication(argo, id)
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'POST /api/v1/session',
      'GET /api/v1/applications/web?project=shop',
      'GET /api/v1/applications/web?project=shop',
    ])
    expect([server.seen[0]?.headers['content-type'], JSON.parse(server.seen[0]?.body ?? '')]).toEqual(['application/json', admin])
    expect([tokens(), masked]).toEqual([[undefined, 'Bearer first', 'Bearer first'], ['first']])
  })

  it('gives another session when the first has expired in the middle of a wait', async () => {
    const { server } = scene()
    server.next(says({ token: 'first' }), expired, says({ token: 'second' }), says(web))
    expect((await getApplication(await open(admin), id)).name).toBe('web')
    expect(tokens()).toEqual([undefined, 'Bearer first', undefined, 'Bearer second'])
  })

  it('gives one session to all who meet the same 401', async () => {
    const { server } = scene()
    server.next(says({ token: 'first' }), says(web))
    const argo = await open(admin)
    await getApplication(argo, id)
    server.at('/api/v1/applications/a', refusesOnce('first'))
    server.at('/api/v1/applications/b', refusesOnce('first'))
    server.next(says({ token: 'second' }))
    await Promise.all([getApplication(argo, { name: 'a' }), getApplication(argo, { name: 'b' })])
    expect(server.seen.filter(({ url }) => url.endsWith('/session'))).toHaveLength(2)
  })

  it('that is wrong is tried once, and not told', async () => {
    const { server } = scene()
    server.next(refuses(401, 16, 'Invalid username or password'))
    const failed = await getApplication(await open(admin), id).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'SW-ARGOCD-LOGIN',
      message: expect.stringMatching(/does not log in admin: Invalid username or password/),
    })
    expect(String(failed)).not.toContain('p4ssw0rd')
    expect(server.seen).toHaveLength(1)
  })

  it('that is wrong is not tried again by whoever asks next: five times would lock the account', async () => {
    const { server } = scene()
    server.at('/api/v1/session', refuses(401, 16, 'Invalid username or password'))
    const argo = await open(admin)
    const ask = () => getApplication(argo, id).catch((error: unknown) => error)
    for (const failed of [...(await Promise.all(Array.from({ length: 10 }, ask))), await ask(), await ask()])
      expect(failed).toMatchObject({ code: 'SW-ARGOCD-LOGIN' })
    expect(server.seen).toHaveLength(1)
  })

  it('that was changed while one waits is tried once', async () => {
    const { server } = scene()
    server.next(says({ token: 'first' }), expired, refuses(401, 16, 'Invalid username or password'), expired)
    const argo = await open(admin)
    await expect(getApplication(argo, id)).rejects.toMatchObject({ code: 'SW-ARGOCD-LOGIN' })
    await expect(getApplication(argo, id)).rejects.toMatchObject({ code: 'SW-ARGOCD-LOGIN' })
    expect(server.seen.map(({ url }) => url.replace(/\?.*/, ''))).toEqual([
      '/api/v1/session',
      '/api/v1/applications/web',
      '/api/v1/session',
    ])
  })

  it('is not sent again when nobody knows whether it came', async () => {
    const { server } = scene()
    server.next(reset)
    await expect(getApplication(await open(admin), id)).rejects.toMatchObject({ code: 'SW-HTTP-TRUNCATED' })
    expect(server.seen).toHaveLength(1)
  })
})

/** Takes any token but one. */
function refusesOnce(old: string): ReturnType<typeof says> {
  return (request, response) => (request.headers.authorization === `Bearer ${old}` ? expired : says(web))(request, response)
}

describe('an identity token', () => {
  it('is exchanged at Dex, made for this very server', async () => {
    const { server, masked } = scene()
    server.next(says({ access_token: 'from-dex', token_type: 'bearer', expires_in: 86399 }), says(web))
    await getApplication(await open({ connector: 'github-actions', token: 'not this one' }), id)
    const [exchange] = server.seen
    expect(exchange).toMatchObject({
      method: 'POST',
      url: '/api/dex/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(exchange?.headers.authorization).toBe(`Basic ${Buffer.from('argo-cd-cli:').toString('base64')}`)
    expect(Object.fromEntries(new URLSearchParams(exchange?.body))).toEqual({
      ...{ connector_id: 'github-actions', grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' },
      ...{ scope: 'openid email profile federated:id', subject_token: `identity for ${server.url}` },
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
    expect([tokens()[1], masked]).toEqual(['Bearer from-dex', ['from-dex']])
  })

  it.each([
    [
      'a connector that is unknown',
      answer(400, '{"error":"invalid_request","error_description":"Requested connector does not exist."}'),
      /Requested connector does not exist/,
      /has a connector of that id/,
    ],
    ['an issuer that is not trusted', answer(401, '{"error":"access_denied"}'), /access_denied/, /for the issuer of this run/],
    ['no Dex', answer(415, 'Invalid content type\n'), /Invalid content type/, /Set up `dex.config`/],
    ['no Dex behind a path', answer(404, 'Not Found\n'), /Not Found/, /Set up `dex.config`/],
  ] as const)('meets %s', async (_, step, told, hint) => {
    const { server } = scene()
    server.next(step)
    await expect(getApplication(await open({ connector: 'github-actions' }), id)).rejects.toMatchObject({
      ...{ code: 'SW-ARGOCD-LOGIN', message: expect.stringMatching(told), hint: expect.stringMatching(hint) },
    })
  })
})

describe('a file with a token', () => {
  it('is read again when its token is refused: the kubelet has written another', async () => {
    const { server, masked } = scene()
    const path = join(folder, 'token')
    await writeFile(path, 'old-token\n')
    server.next(says(web), expired, says(web))
    const argo = await open({ tokenFile: path })
    await getApplication(argo, id)
    await writeFile(path, 'new-token\n')
    await getApplication(argo, id)
    expect([tokens(), masked]).toEqual([
      ['Bearer old-token', 'Bearer old-token', 'Bearer new-token'],
      ['old-token', 'new-token'],
    ])
  })

  it('that holds the same is asked about no more', async () => {
    const { server } = scene()
    const path = join(folder, 'same')
    await writeFile(path, 'old-token')
    server.next(expired)
    await expect(getApplication(await open({ tokenFile: path }), id)).rejects.toMatchObject({
      code: 'SW-ARGOCD-LOGIN',
      message: expect.stringContaining(`the token in ${path}`),
    })
    expect(server.seen).toHaveLength(1)
  })

  it.each([
    ['nothing', '\n'],
    ['more than one word', 'a b'],
  ])('that holds %s is no token', async (what, content) => {
    const path = join(folder, what.replaceAll(' ', '-'))
    await writeFile(path, content)
    await expect(getApplication(await open({ tokenFile: path }), id)).rejects.toThrow(new RegExp(`holds ${what}, expected a token`))
  })
})

it('who we are is asked again with another token, since Argo CD answers 200 to nobody', async () => {
  const { server } = scene()
  const nobody = says({})
  server.next(
    says({ token: 'first' }),
    nobody,
    expired,
    says({ token: 'second' }),
    says({ value: 'no' }),
    says({ loggedIn: true, username: 'ci', iss: 'argocd' }),
  )
  expect(await accountOf(await open({ username: 'ci', password: 'secret-password' }))).toEqual({ name: 'ci', issuer: 'argocd', groups: [] })
})

describe('headers of proxies', () => {
  it('go with every request, a login included, and their values are hidden', async () => {
    const { server, masked } = scene()
    server.next(says({ token: 'first' }), says(web))
    await getApplication(
      await open({ username: 'a', password: 'b', headers: ['CF-Access-Client-Secret: 0123456789abcdef', 'x-team: web'] }),
      id,
    )
    for (const { headers } of server.seen) expect(headers).toMatchObject({ 'cf-access-client-secret': '0123456789abcdef', 'x-team': 'web' })
    expect(masked).toEqual(['0123456789abcdef', 'first'])
  })

  it.each([
    ['of ours', 'Authorization: Bearer x', 'it is ours'],
    ['without a value', 'x-team:', 'not of the form name: value'],
    ['with a line feed', 'x-team: a\nb: c', 'not of the form name: value'],
  ])('%s are refused', async (_, header, told) => {
    await expect(open({ token: 't', headers: [header] })).rejects.toMatchObject({
      code: 'SW-ARGOCD-SETTINGS',
      message: expect.stringContaining(told),
    })
  })
})

describe('certificates', () => {
  it.each([
    ['a certificate without its key', { certificate: tls('client.pem') }, 'one of them is missing'],
    ['another’s key', { certificate: tls('client.pem'), key: tls('server.key') }, 'is not that of the certificate'],
    ['a key where the authority belongs', { ca: tls('client.key') }, 'is no PEM that can be used'],
  ])('%s cannot be used', async (_, files, told) => {
    await expect(open({ token: 't', ...files })).rejects.toMatchObject({
      code: 'SW-ARGOCD-SETTINGS',
      message: expect.stringContaining(told),
    })
  })
})

it('nobody is no login', async () => {
  await expect(open({ username: 'admin' })).rejects.toMatchObject({
    code: 'SW-ARGOCD-SETTINGS',
    hint: expect.stringContaining('token-file'),
  })
})
