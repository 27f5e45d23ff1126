import { describe, expect, it } from '@jest/globals'
import * as v from 'valibot'
import { answer, type Step, stall } from '../../io/fixtures/fault-server.ts'
import { argoScene, refuses, says } from './argocd.fake.ts'
import { type FailureLimits, reportFailure } from './failure.ts'
import { failureBlocks, failureLines } from './failure-text.ts'
import { application } from './schema.ts'

const scene = argoScene()
const hash = 'a'.repeat(40)
const health = (status: string, message = '') => ({ health: { status, message } })
const deployment = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' }

/** The application of Argo CD 3.2 in the lab whose Service was refused and whose pod crashes, shortened. */
const broken = {
  metadata: { name: 'web', namespace: 'argocd' },
  spec: { project: 'shop' },
  status: {
    ...{ sync: { status: 'OutOfSync', revision: hash }, ...health('Degraded') },
    resources: [
      { kind: 'Service', namespace: 'shop', name: 'bad', status: 'OutOfSync', ...health('Missing') },
      { ...deployment, status: 'Synced', ...health('Degraded', 'Deployment "web" exceeded its progress deadline') },
      { kind: 'ConfigMap', namespace: 'shop', name: 'old', status: 'OutOfSync', requiresPruning: true },
      { kind: 'Service', namespace: 'shop', name: 'web', status: 'Synced', ...health('Healthy') },
    ],
    conditions: [
      { type: 'SyncError', message: 'failed to fetch https://me:s3cret@git.example.com/repo', lastTransitionTime: '2026-11-22T06:37:53Z' },
    ],
    operationState: {
      ...{ phase: 'Failed', message: 'one or more objects failed to apply', retryCount: 2, startedAt: '2026-11-22T06:37:52Z' },
      syncResult: {
        revision: hash,
        resources: [
          {
            kind: 'Service',
            namespace: 'shop',
            name: 'bad',
            status: 'SyncFailed',
            message: 'provided IP is not in the valid range',
            hookPhase: 'Failed',
          },
        ],
      },
    },
  },
}
const nodes = [
  { ...deployment, uid: 'd', ...health('Degraded', 'Deployment "web" exceeded its progress deadline') },
  {
    kind: 'Pod',
    version: 'v1',
    namespace: 'shop',
    name: 'web-1',
    uid: 'p',
    parentRefs: [{ uid: 'd' }],
    createdAt: '2026-11-22T06:15:11Z',
    ...health('Degraded', 'back-off 1m20s restarting failed container'),
  },
]
const crashing = {
  ...{ name: 'web', image: 'example.com/web:1', ready: false, restartCount: 4 },
  state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s' } },
  lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
}
const pulling = {
  name: 'side',
  image: 'example.com/side:1',
  ready: false,
  restartCount: 0,
  state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } },
}
const prepared = {
  name: 'init',
  image: 'example.com/init:1',
  ready: false,
  restartCount: 0,
  state: { terminated: { reason: 'Completed', exitCode: 0 } },
}
const events = [
  {
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    lastTimestamp: '2026-11-22T06:16:00Z',
    count: 3,
    involvedObject: { kind: 'Pod', name: 'web-1' },
  },
  {
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    eventTime: '2026-11-22T06:18:00.5Z',
    firstTimestamp: null,
    involvedObject: { kind: 'Pod', name: 'web-1' },
  },
  {
    type: 'Normal',
    reason: 'Pulled',
    message: 'image is there',
    lastTimestamp: '2026-11-22T06:19:00Z',
    count: 1,
    involvedObject: { kind: 'Pod', name: 'web-1' },
  },
]
const logLine = (content: string) =>
  JSON.stringify({ result: { content, podName: 'web-1', timeStampStr: '2026-11-22T06:16:00Z', last: false } })
const log = (...lines: readonly string[]) =>
  answer(200, `${[...lines.map(logLine), JSON.stringify({ result: { content: '', last: true } })].join('\n')}\n`)
const podOf = (...containerStatuses: readonly object[]) =>
  says({ manifest: JSON.stringify({ spec: { env: 'hunter2' }, status: { initContainerStatuses: [prepared], containerStatuses } }) })

/** What the server answers under the paths of an application. */
interface Parts {
  readonly application?: Step
  readonly tree?: Step
  readonly pod?: Step
  readonly logs?: Step
  readonly events?: Step
}

async function report(parts: Parts = {}, limits: FailureLimits = {}) {
  const { server, argo, clock } = scene()
  const given: Required<Parts> = {
    application: says(broken),
    tree: says({ nodes }),
    pod: podOf(crashing, pulling),
    logs: log('starting', 'panic: no database'),
    events: says({ items: events }),
    ...parts,
  }
  const route: Step = (request, response) => {
    const { pathname } = new URL(request.url ?? '/', server.url)
    const part = pathname.replace('/api/v1/applications/web', '')
    const step =
      { '': given.application, '/resource-tree': given.tree, '/resource': given.pod, '/logs': given.logs, '/events': given.events }[part] ??
      answer(404, '')
    return step(request, response)
  }
  server.next(...Array.from({ length: 60 }, () => route))
  return reportFailure(argo, v.parse(application, broken), { clock, ...limits })
}
const asked = (path: string) =>
  scene()
    .server.seen.filter(({ url }) => url.includes(path))
    .map(({ url }) => new URL(url, 'http://x').searchParams)

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

describe('a report', () => {
  const many = Array.from({ length: 60 }, (_, n) => ({
    kind: 'Job',
    namespace: 'shop',
    name: `job-${n}`,
    status: 'Synced',
    ...health('Degraded', 'x'.repeat(5000)),
  }))
  const pods = Array.from({ length: 40 }, (_, n) => ({
    kind: 'Pod',
    namespace: 'shop',
    name: `web-${n}`,
    uid: `p${n}`,
    ...health('Degraded'),
  }))

  it('has an end, however much fails', async () => {
    const lines = Array.from({ length: 200 }, (_, n) => `line ${n} ${'y'.repeat(3000)}`)
    const large = await report({
      application: says({ ...broken, status: { ...broken.status, resources: many } }),
      tree: says({ nodes: pods }),
      logs: log(...lines),
    })
    expect([large.resources.length, large.more, large.containers.length]).toEqual([20, 81, 6])
    expect(large.containers.filter((one) => one.log !== undefined)).toHaveLength(3)
    expect(JSON.stringify(failureBlocks(large)).length).toBeLessThan(100_000)
    expect(failureLines(large)).toContain('  … 81 more')
  })

  it('of twenty thousand resources is soon there', async () => {
    const resources = Array.from({ length: 20_000 }, (_, n) => ({ kind: 'Job', name: `job-${n}`, status: 'Synced', ...health('Degraded') }))
    const { more } = await report({ application: says({ ...broken, status: { ...broken.status, resources } }) })
    expect(more).toBe(20_000 + 3 - 20)
  })

  it('shows no secret: not of a pod, of an address or of a log', async () => {
    const jwt = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(40)}`
    const told = await report({ logs: log('DB_PASSWORD=hunter2', `using ${jwt}`) })
    const shown = [...failureLines(told), JSON.stringify(failureBlocks(told))].join('\n')
    expect(shown).toMatch(/DB_PASSWORD=\*\*\*/)
    expect(shown).not.toMatch(/hunter2|s3cret|eyJaaaa/)
  })

  it('reads well in a log', async () => {
    expect(failureLines(await report())).toEqual([
      `web: Degraded, OutOfSync at aaaaaaaaaaaa; the operation Failed after 2 retries: one or more objects failed to apply`,
      '  SyncError: failed to fetch https://me:***@git.example.com/repo',
      '  SyncFailed Service bad: provided IP is not in the valid range',
      '  Degraded Deployment web: Deployment "web" exceeded its progress deadline',
      '  Degraded Pod web-1: back-off 1m20s restarting failed container',
      '  needs pruning ConfigMap old: git has it no more, and the sync does not prune',
      '  web-1 web: CrashLoopBackOff: OOMKilled, exit code 137, 4 restarts: back-off 1m20s',
      '    | starting',
      '    | panic: no database',
      '  web-1 side: ImagePullBackOff, 0 restarts: not found',
      '  06:18:00 Pod web-1 BackOff: Back-off restarting failed container',
      `  ${scene().server.url}/applications/argocd/web`,
    ])
  })

  it('has tables for a summary, and the logs folded away', async () => {
    const blocks = failureBlocks(await report())
    expect(
      blocks.map((block) => (block.kind === 'table' || block.kind === 'details' ? `${block.kind} ${block.title}` : block.kind)),
    ).toEqual([
      ...['heading', 'text', 'table Conditions', 'table Resources', 'table Containers', 'table Events'],
      'details Log of web-1 web, last 2 lines',
    ])
  })
})
