import { describe, expect, it } from '@jest/globals'
import { answer, reset, type Step, stall } from '../../io/fixtures/fault-server.ts'
import { getApplication, listApplications, refresh } from './applications.ts'
import { argoScene, refuses, says } from './argocd.fake.ts'
import { fixedToken } from './auth/tokens.ts'
import { connectArgo } from './client.ts'
import { serverOf } from './server.ts'

const scene = argoScene()
const id = { name: 'web', project: 'shop' }
const web = { metadata: { name: 'web', namespace: 'argocd' }, spec: { project: 'shop' }, status: {} }

describe('a request', () => {
  it('carries the token, the project and what was asked for, and nothing else', async () => {
    const { server, argo } = scene()
    server.next(says(web))
    await getApplication(argo, { ...id, namespace: 'teams' })
    const [seen] = server.seen
    expect(seen).toMatchObject({ method: 'GET', url: '/api/v1/applications/web?project=shop&appNamespace=teams' })
    expect(seen?.headers).toMatchObject({ authorization: 'Bearer t0ken', accept: 'application/json' })
    expect([seen?.headers['content-type'], seen?.headers.cookie]).toEqual([undefined, undefined])
  })

  it('goes below the path that Argo CD is served under', async () => {
    const { server, ports } = scene()
    server.next(says({ items: null }))
    const argo = connectArgo({ server: serverOf(`${server.url}/argo/`), tokens: fixedToken('t', 't') }, ports)
    expect(await listApplications(argo, {})).toEqual([])
    expect(server.seen[0]?.url).toBe('/argo/api/v1/applications')
  })

  it('for a list names only fields that Argo CD knows there', async () => {
    const { server, argo } = scene()
    server.next(says({ items: [web] }))
    await listApplications(argo, { selector: 'team=web', projects: ['shop', 'lab'] }, 'summary')
    const url = new URL(server.seen[0]?.url ?? '', server.url)
    expect([url.searchParams.get('selector'), url.searchParams.getAll('projects')]).toEqual(['team=web', ['shop', 'lab']])
    expect(url.searchParams.get('fields')?.split(',')).toContain('items.status.sync.status')
    expect(url.searchParams.get('fields')).not.toContain('revision')
  })

  it('for a name that is none stays what it is', async () => {
    const { server, argo } = scene()
    server.next(refuses(404, 5, 'not found'))
    await getApplication(argo, { name: '../projects/a?b#c' }).catch(() => undefined)
    expect(server.seen[0]?.url).toBe('/api/v1/applications/..%2Fprojects%2Fa%3Fb%23c')
  })
})

describe('a refusal', () => {
  it.each([
    [
      'without the project',
      { name: 'web' },
      403,
      'permission denied',
      'SW-ARGOCD-DENIED',
      /the account may not, or that it does not exist/,
      /Give the input `projects`/,
    ],
    ['with the project', id, 403, 'permission denied', 'SW-ARGOCD-DENIED', /the account may not, in the project/, /`applications, get`/],
    [
      'of a right that is named',
      { name: 'web' },
      403,
      'permission denied: applications, get, default/web, sub: ci',
      'SW-ARGOCD-DENIED',
      /permission denied: applications, get, default\/web/,
      /^Give the account.* the right `applications, get`/,
    ],
    [
      'of what is missing',
      id,
      404,
      'applications.argoproj.io "web" not found',
      'SW-ARGOCD-NOT-FOUND',
      /in another project, or the account may not see it/,
      undefined,
    ],
    ['of a value', id, 400, 'bad', 'SW-ARGOCD-REFUSED', /answered 400 and does not show the application web: bad\./, undefined],
  ] as const)('%s', async (_, which, status, message, code, told, hint) => {
    const { server, argo } = scene()
    server.next(refuses(status, status === 403 ? 7 : 5, message))
    const failed = await getApplication(argo, which).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code, message: expect.stringMatching(told) })
    expect(failed).toMatchObject({ hint: hint === undefined ? undefined : expect.stringMatching(hint) })
  })

  it('of a token says which it was, and not what', async () => {
    const { server, argo } = scene()
    server.next(refuses(401, 16, 'invalid session: token has expired'))
    const failed = await getApplication(argo, id).catch((error: unknown) => error)
    expect(failed).toMatchObject({
      code: 'SW-ARGOCD-LOGIN',
      message: expect.stringMatching(/the token that was given \(invalid session: token has expired\)/),
    })
    expect(String(failed)).not.toContain('t0ken')
    expect(server.seen).toHaveLength(1)
  })

  it('of a selector is no failure that heals', async () => {
    const { server, argo } = scene()
    const bad = refuses(500, 2, "error parsing the selector: unable to parse requirement: found '('")
    server.next(bad, bad, bad)
    await expect(listApplications(argo, { selector: '((' })).rejects.toMatchObject({ code: 'SW-ARGOCD-REFUSED', retryable: false })
  })

  it.each([
    ['a page of HTML', answer(200, '<html>log in</html>'), 'page of HTML'],
    ['another service’s JSON', says({ name: 'x' }), 'has at metadata nothing, expected "metadata"'],
    ['a text where there is none', says({ metadata: '\u001b[31mpassword' }), 'has at metadata a text, expected Object.'],
    ['a number where there is a name', says({ metadata: { name: 7 } }), 'has at metadata.name 7, expected string.'],
    ['what breaks off', answer(200, '{"metadata":'), 'is no JSON.'],
    ['what is deeper than anybody writes', answer(200, '['.repeat(1_000_000)), 'is no JSON.'],
    ['a redirect', answer(307, '', { location: 'https://argocd.example.com/' }), 'a redirect to https://argocd.example.com/.'],
    [
      'a page to log in',
      answer(302, '', { location: 'https://sso.example.com/auth?state=s3cret&nonce=x#y' }),
      'a redirect to https://sso.example.com/auth.',
    ],
    ['a path that is not there', answer(404, '404 page not found'), 'says: 404 page not found'],
  ])('that is not Argo CD’s: %s', async (_, step, told) => {
    const { server, argo } = scene()
    server.next(step)
    await expect(getApplication(argo, id)).rejects.toMatchObject({
      code: 'SW-ARGOCD-ANSWER',
      message: expect.stringContaining(told),
      hint: expect.stringContaining('/api/version'),
    })
    expect(server.seen).toHaveLength(1)
  })
})

describe('trouble on the way', () => {
  it.each([
    ['429', answer(429, '', { 'retry-after': '1' })],
    ['502', answer(502, 'bad gateway')],
    ['a cut connection', reset],
    ['a 500 of Argo CD', refuses(500, 2, 'connection to redis refused')],
  ])('is waited for: %s', async (_, step) => {
    const { server, argo } = scene()
    server.next(step, says(web))
    expect((await getApplication(argo, id)).name).toBe('web')
    expect(server.seen).toHaveLength(2)
  })

  it('that lasts ends with what Argo CD says', async () => {
    const { server, argo } = scene()
    const down = refuses(500, 13, 'repo-server is down')
    server.next(down, down, down)
    await expect(getApplication(argo, id)).rejects.toMatchObject({
      code: 'SW-ARGOCD-FAILED',
      retryable: true,
      message: expect.stringContaining('repo-server is down'),
    })
    expect(server.seen).toHaveLength(3)
  })

  it('of many refreshes that wait for a controller keeps nobody from looking', async () => {
    const { server, argo } = scene()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const held: Step = async (request, response) => {
      await released
      await says(web)(request, response)
    }
    server.next(...Array.from({ length: 12 }, () => held))
    server.at('/api/v1/applications/web?project=shop', says(web))
    const refreshes = Array.from({ length: 12 }, () => refresh(argo, id, { timeout: 20_000 }))
    expect((await getApplication(argo, id)).name).toBe('web')
    release()
    expect(await Promise.all(refreshes)).toHaveLength(12)
  })

  it('of a refresh that never ends takes no longer than its time, and is asked for once', async () => {
    const { server, argo } = scene()
    server.next(stall)
    await expect(refresh(argo, id, { timeout: 1500 })).rejects.toMatchObject({ code: 'SW-HTTP-TIMEOUT' })
    expect(server.seen.map(({ url }) => url)).toEqual(['/api/v1/applications/web?project=shop&refresh=normal'])
  })
})
