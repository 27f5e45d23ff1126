import type { Health, Manifest } from './types.ts'

/** One object as it lives: what was applied last, and what its controllers wrote into its status. */
export interface Live {
  readonly owner: string
  readonly manifest: Manifest
  status: Record<string, unknown>
  readonly createdAt: number
}

export interface Cluster {
  readonly namespaces: Set<string>
  readonly objects: Map<string, Live>
  /** Owners of objects that changed since the controller last looked. */
  readonly touched: Set<string>
}

export function createCluster(): Cluster {
  return { namespaces: new Set(['default', 'argocd']), objects: new Map(), touched: new Set() }
}

export function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind.toLowerCase()} ${namespace} ${name}`
}

/** Healthy, Progressing or Degraded, as Argo CD judges objects of this kind; undefined for kinds without health. */
export function healthOf({ manifest, status }: Live): Health | undefined {
  if (manifest.kind === 'Pod') return podHealth(status)
  if (manifest.kind === 'Deployment') return deploymentHealth(manifest, status)
  return undefined
}

/** Whether a kind has a health of its own, so that it counts as missing while it is not there. */
export function hasHealth(kind: string): boolean {
  return kind === 'Pod' || kind === 'Deployment'
}

function podHealth(status: Record<string, unknown>): Health {
  const containers: { state?: { waiting?: { reason?: string; message?: string } } }[] = Object(status['containerStatuses'] ?? [])
  const waiting = containers.map(({ state }) => state?.waiting).find((one) => /^Err|Error$|BackOff$/.test(one?.reason ?? ''))
  if (waiting !== undefined) return { status: 'Degraded', ...(waiting.message === undefined ? {} : { message: waiting.message }) }
  if (status['phase'] === 'Failed') return { status: 'Degraded' }
  if (status['phase'] === 'Succeeded') return { status: 'Healthy' }
  const conditions: { type: string; status: string }[] = Object(status['conditions'] ?? [])
  const isReady = conditions.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  return { status: status['phase'] === 'Running' && isReady ? 'Healthy' : 'Progressing' }
}

function deploymentHealth({ metadata: { name } }: Manifest, status: Record<string, unknown>): Health {
  const conditions: { type: string; reason?: string }[] = Object(status['conditions'] ?? [])
  const isLate = conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')
  if (isLate) return { status: 'Degraded', message: `Deployment "${name}" exceeded its progress deadline` }
  if (Number(status['availableReplicas'] ?? 0) > 0) return { status: 'Healthy' }
  return { status: 'Progressing', message: 'Waiting for rollout to finish: 0 of 1 updated replicas are available...' }
}
