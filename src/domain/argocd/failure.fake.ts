import * as v from 'valibot'
import { answer, type Step } from '../../io/fixtures/fault-server.ts'
import { type ArgoScene, argoScene, says } from './argocd.fake.ts'
import { type FailureLimits, type FailureReport, reportFailure } from './failure.ts'
import { application } from './schema.ts'

const hash = 'a'.repeat(40)
export const health = (status: string, message = '') => ({ health: { status, message } })
const deployment = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' }

/** The application of Argo CD 3.2 in the lab whose Service was refused and whose pod crashes, shortened. */
export const broken = {
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
export const nodes = [
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
export const crashing = {
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
/** The answer with the log of a container. */
export const log = (...lines: readonly string[]) =>
  answer(200, `${[...lines.map(logLine), JSON.stringify({ result: { content: '', last: true } })].join('\n')}\n`)
export const podOf = (...containerStatuses: readonly object[]) =>
  says({ manifest: JSON.stringify({ spec: { env: 'hunter2' }, status: { initContainerStatuses: [prepared], containerStatuses } }) })

/** What the server answers under the paths of an application. */
interface Parts {
  readonly application?: Step
  readonly tree?: Step
  readonly pod?: Step
  readonly logs?: Step
  readonly events?: Step
}

export interface FailureScene {
  readonly scene: () => ArgoScene
  readonly report: (parts?: Parts, limits?: FailureLimits) => Promise<FailureReport>
  /** The queries of all requests whose address has this in it. */
  readonly asked: (path: string) => readonly URLSearchParams[]
}

/** A server with an application that fails, for each test. */
export function failureScene(): FailureScene {
  const scene = argoScene()
  return { scene, report, asked }

  async function report(parts: Parts = {}, limits: FailureLimits = {}): Promise<FailureReport> {
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
        { '': given.application, '/resource-tree': given.tree, '/resource': given.pod, '/logs': given.logs, '/events': given.events }[
          part
        ] ?? answer(404, '')
      return step(request, response)
    }
    server.next(...Array.from({ length: 60 }, () => route))
    return reportFailure(argo, v.parse(application, broken), { clock, ...limits })
  }

  function asked(path: string): readonly URLSearchParams[] {
    return scene()
      .server.seen.filter(({ url }) => url.includes(path))
      .map(({ url }) => new URL(url, 'http://x').searchParams)
  }
}
