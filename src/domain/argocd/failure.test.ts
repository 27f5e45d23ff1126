import { describe, expect, it } from '@jest/globals'
import { answer, type Step, stall } from '../../io/fixtures/fault-server.ts'
import { refuses, says } from './argocd.fake.ts'
import { broken, crashing, failureScene, log, podOf } from './failure.fake.ts'
import { failureLines } from './failure-text.ts'

const { asked, report, scene } = failureScene()

describe('why an application fails', () => {
  it('is told by the resources that do, worst first and each once', async () => {
    const { resources, more } = await report()
    expect(resources.map(({ state, kind, name, message }) => [state, kind, name, message])).toEqual([
      ['SyncFailed', 'Service', 'bad', 'provided IP is not in the valid range'],
      ['Degraded', 'Deployment', 'web', 'Deployment "web" exceeded its progress deadline'],
      ['Degraded', 'Pod', 'web-1', 'back-off 1m20s restarting failed container'],
      ['needs pruning', 'ConfigMap', 'old', 'git has it no more, and the sync does not prune'],
    ])
    expect(more).toBe(0)
  })

  it('is not told by what git cannot be compared with', async () => {
    const { resources } = await report({
      application: says({ ...broken, status: { ...broken.status, sync: { status: 'Unknown', revision: 'main' } } }),
    })
    expect(resources.map(({ state }) => state)).not.toContain('needs pruning')
  })

  it('is told by the containers that are not ready, with the end of the log of those that ran', async () => {
    const { containers } = await report()
    expect(containers).toMatchObject([
      {
        pod: 'web-1',
        container: 'web',
        state: 'CrashLoopBackOff: OOMKilled, exit code 137',
        restarts: 4,
        log: { result: 'read', lines: ['starting', 'panic: no database'] },
      },
      { pod: 'web-1', container: 'side', state: 'ImagePullBackOff', message: 'not found', log: undefined },
    ])
    expect(
      asked('/logs').map((query) => [query.get('container'), query.get('tailLines'), query.get('previous'), query.get('project')]),
    ).toEqual([['web', '30', null, 'shop']])
  })

  it('asks for the log of the container before, where it was started again', async () => {
    await report({ pod: podOf({ ...crashing, state: { running: {} } }) })
    expect(asked('/logs')[0]?.get('previous')).toBe('true')
  })

  it('is told by events, warnings first, the same ones once', async () => {
    const { events: told } = await report()
    expect(told.map(({ reason, count, at }) => [reason, count, at])).toEqual([
      ['BackOff', 12, Date.UTC(2026, 10, 22, 6, 18, 0, 500)],
      ['Pulled', 3, Date.UTC(2026, 10, 22, 6, 19)],
    ])
  })

  it('leads to the page of the application', async () => {
    expect((await report()).url).toBe(`${scene().server.url}/applications/argocd/web`)
  })
})

describe('what cannot be read', () => {
  const denied = says({ error: { grpc_code: 7, http_code: 403, message: 'permission denied: logs, get, shop/web' } }, 403)

  it('of a log says so, and the rest is there', async () => {
    const { containers, unread } = await report({ logs: denied })
    expect([containers[0]?.log, unread]).toEqual([{ result: 'denied' }, []])
    expect(failureLines(await report({ logs: denied })).join('\n')).toContain('its log may not be read')
  })

  it('of a log, told only when the stream has begun, says so too', async () => {
    const { containers } = await report({
      logs: answer(200, `${JSON.stringify({ error: { grpc_code: 7, message: 'permission denied' } })}\n`),
    })
    expect(containers[0]?.log).toEqual({ result: 'denied' })
  })

  it.each([
    ['a page to log in', answer(200, '<html><body>log in</body></html>'), /^log of web-1 web: .* is no log: a page of HTML\.$/],
    [
      'an error behind a 200',
      answer(200, '{"error":{"grpc_code":2,"message":"no such host node-1"}}'),
      /is no log: no such host node-1\.$/,
    ],
  ])('of a log is not taken for an empty one: %s', async (_, logs, told) => {
    const { containers, unread } = await report({ logs })
    expect([containers[0]?.log, unread]).toEqual([undefined, [expect.stringMatching(told)]])
  })

  it('of the container before, which Kubernetes has forgotten, is read of this one', async () => {
    const logs: Step = (request, response) =>
      (request.url?.includes('previous=true') === true ? refuses(400, 3, 'previous terminated container not found') : log('now'))(
        request,
        response,
      )
    const { containers, unread } = await report({ logs, pod: podOf({ ...crashing, state: { running: {} } }) })
    expect([containers[0]?.log, unread]).toEqual([
      { result: 'read', lines: ['now'] },
      [expect.stringMatching(/^log of web-1 web before: /)],
    ])
  })

  it.each([
    ['the tree', { tree: refuses(403, 7, 'permission denied') }, ['live resources: the account may not read it']],
    [
      'the events',
      { events: refuses(400, 3, 'web-1 not found') },
      [/^events of Pod web-1: .*not found/, /^events of Deployment/, /^events of the application/],
    ],
    ['a pod that is gone', { pod: refuses(400, 3, 'Pod web-1 not found as part of application web') }, []],
  ])('of %s is told', async (_, parts, told) => {
    const { unread, resources } = await report(parts)
    expect(unread).toHaveLength(told.length)
    for (const [place, what] of told.entries()) expect(unread[place]).toMatch(what)
    expect(resources.length).toBeGreaterThan(0)
  })

  it('at a server that is away is asked once, and what was known is told', async () => {
    const { server } = scene()
    const { unread, resources } = await report({ application: answer(503, ''), tree: answer(503, '') }, {})
    expect(unread).toHaveLength(1)
    expect(resources[0]).toMatchObject({ state: 'SyncFailed' })
    expect(server.seen.every(({ url }) => url.startsWith('/api/v1/applications/web?'))).toBe(true)
  })

  it('at a server that falls silent is waited for within the time, and the rest is asked', async () => {
    const { unread, events: told } = await report({ logs: stall }, { time: 2000 })
    expect([unread, told.length]).toEqual([[expect.stringMatching(/^log of web-1 web: /)], 2])
  })

  it('takes no longer than its time', async () => {
    const { clock, server } = scene()
    const slow: Step = async (request, response) => {
      await clock.sleep(20_000)
      await says(broken)(request, response)
    }
    const { unread } = await report({ application: slow }, { time: 15_000 })
    expect(unread).toEqual(['live resources: the time for it is up', 'events of the application: the time for it is up'])
    expect(server.seen).toHaveLength(1)
  })
})
