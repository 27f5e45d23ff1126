/** Kubernetes objects whose state a scene decides: there is nobody else who would write their status, with a node or without. */

/** Healthy as soon as it is there. */
export function configMap(
  name: string,
  data: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data })
}

/** A pod for a scheduler that nobody runs: it is Progressing until a scene writes otherwise. */
export function pod(name: string, version: string, annotations: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations: { version, ...annotations } },
    spec: { schedulerName: 'nobody', containers: [{ name: 'web', image: 'localhost/web:1' }] },
  })
}

/** Runs before everything else is synced, and as long as the scene wants. */
export function hook(name: string): string {
  return pod(name, '', { 'argocd.argoproj.io/hook': 'PreSync', 'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation' })
}

/** A rollout that the deployment controller itself gives up after a second: no node fits. */
export function hopeless(name: string): string {
  const labels = { app: name }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      progressDeadlineSeconds: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { nodeSelector: { nobody: 'has-this' }, containers: [{ name: 'web', image: 'localhost/web:1' }] },
      },
    },
  })
}

/** Statuses of a pod, as the kubelet writes them. */
export const podStatus = {
  healthy: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [container({ running: { startedAt: '2026-11-22T00:00:00Z' } }, true)],
  },
  progressing: {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [container({ waiting: { reason: 'ContainerCreating' } }, false)],
  },
  degraded: {
    phase: 'Pending',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting failed container' } }, false)],
  },
  succeeded: { phase: 'Succeeded' },
} as const

function container(state: object, ready: boolean): object {
  return { name: 'web', image: 'localhost/web:1', imageID: '', ready, restartCount: 0, state }
}

export interface Application {
  readonly repoURL: string
  readonly path?: string
  readonly namespace: string
  readonly targetRevision?: string
  readonly sources?: readonly object[]
  /** `spec.syncPolicy.automated`; without it the application is synced by hand. */
  readonly automated?: object
  readonly retry?: object
  readonly project?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Default: makes its namespace. */
  readonly syncOptions?: readonly string[]
}

/** An application of the cluster that Argo CD runs in. */
export function application(name: string, given: Application): object {
  const { repoURL, path = 'app', namespace, targetRevision = 'main', project = 'default', sources, labels, annotations } = given
  const { automated, retry, syncOptions = ['CreateNamespace=true'] } = given
  const policy = {
    ...(automated === undefined ? {} : { automated }),
    ...(retry === undefined ? {} : { retry }),
    ...(syncOptions.length === 0 ? {} : { syncOptions }),
  }
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      project,
      destination: { server: 'https://kubernetes.default.svc', namespace },
      ...(sources === undefined ? { source: { repoURL, path, targetRevision } } : { sources }),
      ...(automated === undefined && retry === undefined && syncOptions.length === 0 ? {} : { syncPolicy: policy }),
    },
  }
}
