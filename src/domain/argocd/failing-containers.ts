import { excerpt } from '../../base/untrusted.ts'
import type { ApplicationId } from './applications.ts'
import type { Argo } from './client.ts'
import { readContainers } from './inspect.ts'
import type { ContainerStatus, TreeNode } from './inspect-schema.ts'
import { type ReadLog, readLog } from './logs.ts'

/** A container that is not ready, and the end of its log. */
export interface FailingContainer {
  readonly pod: string
  readonly container: string
  readonly image: string
  /** `CrashLoopBackOff`, `ImagePullBackOff`, `OOMKilled, exit code 137`, `running, not ready`. */
  readonly state: string
  readonly message: string
  readonly restarts: number
  /** Undefined where it has none yet, or nothing more was read. */
  readonly log: ReadLog | undefined
}

export interface ContainerLimits {
  readonly pods: number
  readonly logs: number
  /** Of each log. */
  readonly lines: number
}

/** Runs a question whose failure is told and survived; undefined then. */
export type Attempt = <T>(what: string, ask: () => Promise<T>) => Promise<T | undefined>

export interface Asking {
  readonly argo: Argo
  readonly id: ApplicationId
  readonly attempt: Attempt
}

/** The containers that are not ready, of the pods that are not healthy, newest first. */
export async function failingContainers(
  { argo, id, attempt }: Asking,
  tree: readonly TreeNode[],
  limits: ContainerLimits,
): Promise<readonly FailingContainer[]> {
  const found: FailingContainer[] = []
  for (const pod of pods(tree).slice(0, limits.pods)) {
    const containers = (await attempt(`pod ${pod.name}`, () => readContainers(argo, id, pod))) ?? []
    for (const status of containers.filter(isFailing)) {
      const isRead = hasRun(status) && found.filter(({ log }) => log !== undefined).length < limits.logs
      const log = isRead ? await logOf({ argo, id, attempt }, pod, { status, lines: limits.lines }) : undefined
      found.push({ ...described(status), pod: pod.name ?? '', log })
    }
  }
  return found
}

/** Of the container before, where this one has just begun; of this one, where Kubernetes has forgotten the one before. */
async function logOf(
  { argo, id, attempt }: Asking,
  { name, namespace }: TreeNode,
  { status, lines }: { readonly status: ContainerStatus; readonly lines: number },
): Promise<ReadLog | undefined> {
  const of = { pod: name ?? '', namespace: namespace ?? '', container: status.name ?? '', lines }
  const what = `log of ${of.pod} ${of.container}`
  const before = hasNewer(status) ? await attempt(`${what} before`, () => readLog(argo, id, { ...of, previous: true })) : undefined
  return before ?? attempt(what, () => readLog(argo, id, of))
}

function pods(tree: readonly TreeNode[]): TreeNode[] {
  const ill = tree.filter((node) => node.kind === 'Pod' && node.group === '' && node.health !== 'Healthy' && node.health !== '')
  return ill.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))
}

/** One that ran before the others and ended well is not ready and does not fail. */
function isFailing({ ready, state }: ContainerStatus): boolean {
  return ready !== true && !(state?.terminated != null && state.terminated.exitCode === 0)
}

function hasRun({ state, restartCount }: ContainerStatus): boolean {
  return state?.running != null || state?.terminated != null || (restartCount ?? 0) > 0
}

/** The log of one that was just started again says nothing yet; the one before has the reason. */
function hasNewer({ state, lastState }: ContainerStatus): boolean {
  return state?.running != null && lastState?.terminated != null
}

function described(status: ContainerStatus): Omit<FailingContainer, 'pod' | 'log'> {
  const { name, image, restartCount, state, lastState } = status
  const ended = state?.terminated ?? lastState?.terminated ?? undefined
  const how = ended === undefined ? '' : [ended.reason, `exit code ${ended.exitCode}`].filter((part) => part !== '').join(', ')
  const now = state?.waiting?.reason || (state?.running != null ? 'running, not ready' : '')
  const told = state?.waiting?.message || (ended?.message ?? '')
  return {
    ...{ container: name ?? '', image: image ?? '', restarts: restartCount ?? 0, message: excerpt(told.trim(), 500) },
    state: [now, how].filter((part) => part !== '').join(': ') || 'waiting',
  }
}
