import { messageOf, TaskError } from '../../base/errors.ts'
import type { Clock } from '../../spec/ports.ts'
import { getApplication, idOf } from './applications.ts'
import type { Argo, ArgoCall } from './client.ts'
import { argocdDenied, argocdLogin } from './errors.ts'
import { type Asking, type Attempt, type FailingContainer, failingContainers } from './failing-containers.ts'
import { type FailingResource, failingResources, keyOf } from './failing-resources.ts'
import { readEvents, readTree } from './inspect.ts'
import type { ResourceEvent, TreeNode } from './inspect-schema.ts'
import type { Application, ApplicationCondition } from './schema.ts'
import { applicationUrl } from './server.ts'

/** Why an application is not what it should be, as far as Argo CD shows it. All texts in it are Argo CD’s, or of what it runs: untrusted. */
export interface FailureReport {
  readonly application: Application
  /** Where a person looks at it. */
  readonly url: string
  readonly conditions: readonly ApplicationCondition[]
  /** Worst first. */
  readonly resources: readonly FailingResource[]
  readonly containers: readonly FailingContainer[]
  /** Warnings before others, newest first. */
  readonly events: readonly ResourceEvent[]
  /** What could not be read, each with the reason. */
  readonly unread: readonly string[]
  /** Resources that are left out. */
  readonly more: number
}

export interface FailureLimits {
  /** Default 20. */
  readonly resources?: number
  /** Default 10. */
  readonly events?: number
  /** Pods that are looked at. Default 3. */
  readonly pods?: number
  /** Containers whose log is read. Default 4. */
  readonly logs?: number
  /** Lines of a log. Default 30. */
  readonly lines?: number
  /** Milliseconds for all of it. Default 30 000. */
  readonly time?: number
}

/** Resources whose events are asked for. */
const mostAsked = 6
/** Milliseconds for one of them. */
const longestQuestion = 10_000

/**
 * Gathers why an application fails or is late. Never fails itself, and never takes longer than its time: what cannot be read is told as
 * such, and the application that was given stands in for one that cannot be had any more.
 */
export async function reportFailure(
  server: Argo,
  seen: Application,
  { clock, ...limits }: FailureLimits & { readonly clock: Clock },
): Promise<FailureReport> {
  const { resources: most = 20, events: mostEvents = 10, pods = 3, logs = 4, lines = 30, time = 30_000 } = limits
  const id = idOf(seen)
  const end = clock.now() + time
  const argo = hurried(server, () => end - clock.now())
  const { attempt, unread } = attempts(clock, end)
  const application = (await attempt('application', () => getApplication(argo, id))) ?? seen
  const tree = (await attempt('live resources', () => readTree(argo, id))) ?? []
  const failing = failingResources(application, tree)
  const events = await eventsOf({ argo, id, attempt }, tree, failing)
  // Last: the log of a node that is away comes late or never.
  const containers = await failingContainers({ argo, id, attempt }, tree, { pods, logs, lines })
  return {
    ...{ application, url: applicationUrl(argo.server, application), conditions: application.conditions, containers, unread },
    ...{ resources: failing.slice(0, most), more: Math.max(failing.length - most, 0), events: events.slice(0, mostEvents) },
  }
}

/** No question takes longer than is left. */
function hurried(argo: Argo, left: () => number): Argo {
  const inTime = (call: ArgoCall): ArgoCall => ({ ...call, timeout: Math.max(1, Math.min(call.timeout ?? longestQuestion, left())) })
  return {
    server: argo.server,
    send: (call) => argo.send(inTime(call)),
    read: (call, schema) => argo.read(inTime(call), schema),
    open: (call, accept) => argo.open(inTime(call), accept),
  }
}

/** After one that could not be asked at all no other is tried: the server is away. One that is only late does not say so. */
function attempts(clock: Clock, end: number): { readonly attempt: Attempt; readonly unread: readonly string[] } {
  const unread: string[] = []
  let isAway = false
  const attempt: Attempt = async (what, ask) => {
    if (isAway || clock.now() >= end) {
      if (!isAway) unread.push(`${what}: the time for it is up`)
      return undefined
    }
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
      isAway = (error.code.startsWith('SW-HTTP-') && error.code !== 'SW-HTTP-TIMEOUT') || argocdLogin.is(error)
      unread.push(argocdDenied.is(error) ? `${what}: the account may not read it` : `${what}: ${messageOf(error)}`)
      return undefined
    }
  }
  return { attempt, unread }
}

/** Of the application and of what fails, what controllers made of it included, since a pod tells more than its Deployment. */
async function eventsOf(
  { argo, id, attempt }: Asking,
  tree: readonly TreeNode[],
  failing: readonly FailingResource[],
): Promise<readonly ResourceEvent[]> {
  const keys = new Set(failing.map(keyOf))
  const nodes = tree.filter((node) => keys.has(keyOf(nodeKey(node))) || node.health === 'Degraded' || node.health === 'Progressing')
  const newest = nodes.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0)).slice(0, mostAsked)
  const lists: (readonly ResourceEvent[] | undefined)[] = []
  for (const node of newest) lists.push(await attempt(`events of ${node.kind} ${node.name}`, () => readEvents(argo, id, node)))
  lists.push(await attempt('events of the application', () => readEvents(argo, id)))
  const all = newestOfEach(lists.flatMap((list) => list ?? []))
  const isWarning = ({ type }: ResourceEvent): number => (type === 'Normal' ? 1 : 0)
  return all.toSorted((a, b) => isWarning(a) - isWarning(b) || (b.at ?? 0) - (a.at ?? 0))
}

/** Kubernetes begins a new event for the same thing after a while. */
function newestOfEach(events: readonly ResourceEvent[]): readonly ResourceEvent[] {
  const sorted = events.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))
  return [...Map.groupBy(sorted, ({ kind, name, reason, message }) => [kind, name, reason, message].join('\n')).values()].flatMap(
    (same) => {
      const [newest] = same
      return newest === undefined ? [] : [{ ...newest, count: same.reduce((sum, { count }) => sum + count, 0) }]
    },
  )
}

function nodeKey({ group, kind, namespace, name }: TreeNode) {
  return { group: group ?? '', kind: kind ?? '', namespace: namespace ?? '', name: name ?? '' }
}
