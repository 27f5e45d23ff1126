/** The parts of Argo CD 3.2's objects that the fake keeps, as they stand in its JSON. */

export interface Source {
  readonly repoURL: string
  readonly path?: string
  readonly targetRevision?: string
  readonly ref?: string
  readonly name?: string
}

export interface Destination {
  readonly server?: string
  readonly name?: string
  readonly namespace?: string
}

export interface Retry {
  readonly limit?: number
  readonly backoff?: { readonly duration?: string; readonly factor?: number; readonly maxDuration?: string }
}

export interface Metadata {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Readonly<Record<string, string>>
  annotations?: Record<string, string>
}

/** Any Kubernetes object. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

export interface Health {
  status?: string
  message?: string
  lastTransitionTime?: string
}

export interface Resource {
  group?: string
  version: string
  kind: string
  namespace?: string
  name: string
  status?: string
  health?: Health
  hook?: boolean
  requiresPruning?: boolean
}

export interface ResourceResult {
  group: string
  version: string
  kind: string
  namespace: string
  name: string
  status?: string
  message: string
  hookType?: string
  hookPhase: string
  syncPhase: string
  images?: readonly string[]
}

/** `revision` of one source, or `revisions` of many in their order. */
export interface Revisions {
  revision?: string
  revisions?: readonly string[]
}

export interface Operation {
  sync: Revisions & {
    prune?: boolean
    dryRun?: boolean
    resources?: readonly { group?: string; kind: string; name: string; namespace?: string }[]
    syncStrategy?: object
    syncOptions?: readonly string[]
    source?: Source
    sources?: readonly Source[]
  }
  initiatedBy: { username?: string; automated?: boolean }
  info?: readonly { name: string; value: string }[]
  retry: Retry
}

export interface OperationState {
  operation: Operation
  phase: 'Running' | 'Terminating' | 'Succeeded' | 'Failed' | 'Error'
  message?: string
  syncResult?: Revisions & { resources?: ResourceResult[]; source?: Source; sources?: readonly Source[] }
  startedAt: string
  finishedAt?: string
  retryCount?: number
}

export interface Condition {
  type: string
  message: string
  lastTransitionTime: string
}

export interface Application {
  metadata: Metadata & { annotations?: Record<string, string> }
  spec: {
    readonly project: string
    readonly destination: Destination
    readonly source?: Source
    readonly sources?: readonly Source[]
    readonly syncPolicy?: {
      readonly automated?: { readonly prune?: boolean; readonly selfHeal?: boolean; readonly enabled?: boolean }
      readonly syncOptions?: readonly string[]
      readonly retry?: Retry
    }
  }
  status: {
    resources?: Resource[]
    sync: Revisions & { status: string; comparedTo: { source: object; destination: object; sources?: readonly Source[] } }
    health: Health
    history?: (Revisions & { id: number; deployedAt: string; deployStartedAt: string; initiatedBy: object; source?: object })[]
    conditions?: Condition[]
    reconciledAt?: string
    operationState?: OperationState
    sourceType?: string
    sourceTypes?: readonly string[]
    summary: { images?: readonly string[] }
    resourceHealthSource?: string
    controllerNamespace?: string
    sourceHydrator: object
  }
  operation?: Operation
}

export interface SyncWindow {
  readonly kind: 'allow' | 'deny'
  readonly schedule: string
  readonly duration: string
  readonly applications?: readonly string[]
  readonly manualSync?: boolean
}

export interface Project {
  readonly metadata: { readonly name: string }
  readonly spec: {
    syncWindows?: readonly SyncWindow[]
    readonly roles?: readonly { readonly name: string; readonly policies?: readonly string[] }[]
    readonly [field: string]: unknown
  }
}
