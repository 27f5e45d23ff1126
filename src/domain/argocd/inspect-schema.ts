import * as v from 'valibot'
import { argoTime } from './schema.ts'

const text = v.nullish(v.string(), '')
const count = v.nullish(v.number(), 0)
const list = <S extends v.GenericSchema>(item: S) => v.nullish(v.pipe(v.array(item), v.maxLength(50_000)), [])
const identity = { group: text, version: text, kind: text, namespace: text, name: text }

const node = v.pipe(
  v.object({
    ...{ ...identity, uid: text, createdAt: argoTime, images: list(v.string()) },
    parentRefs: list(v.object({ uid: text })),
    health: v.nullish(v.object({ status: text, message: text })),
    info: list(v.object({ name: text, value: text })),
  }),
  v.transform(({ parentRefs, health, info, ...rest }) => ({
    ...{ ...rest, parents: (parentRefs ?? []).map(({ uid }) => uid ?? '') },
    /** Empty: Argo CD knows of no health for its kind. */
    ...{ health: health?.status ?? '', message: health?.message ?? '' },
    /** What Argo CD’s page shows beside it: `Status Reason`, `Containers`, `Revision`. */
    info: Object.fromEntries((info ?? []).map(({ name, value }) => [name ?? '', value ?? ''])),
  })),
)

/** All that lives because of an application: what git has, and what controllers made of it. */
export const resourceTree = v.pipe(
  v.object({ nodes: list(node), orphanedNodes: list(node) }),
  v.transform(({ nodes }) => nodes ?? []),
)

/** Manifests as JSON texts; `null` and the empty text are none. */
const manifest = v.pipe(
  v.nullish(v.string(), ''),
  v.transform((value) => (value === 'null' ? '' : value)),
)

export const managedResources = v.pipe(
  v.object({
    items: list(
      v.object({ ...identity, targetState: manifest, liveState: manifest, normalizedLiveState: manifest, predictedLiveState: manifest }),
    ),
  }),
  v.transform(({ items }) => items ?? []),
)

const event = v.pipe(
  v.object({
    ...{ reason: text, message: text, type: text, count, firstTimestamp: argoTime, lastTimestamp: argoTime, eventTime: argoTime },
    series: v.nullish(v.object({ count, lastObservedTime: argoTime })),
    involvedObject: v.nullish(v.object({ kind: text, namespace: text, name: text })),
  }),
  v.transform(({ series, involvedObject, firstTimestamp, lastTimestamp, eventTime, count: seen, ...rest }) => ({
    ...{
      ...rest,
      count: Math.max(series?.count ?? 0, seen ?? 0, 1),
      at: series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp,
    },
    ...{ kind: involvedObject?.kind ?? '', name: involvedObject?.name ?? '' },
  })),
)

export const events = v.pipe(
  v.object({ items: list(event) }),
  v.transform(({ items }) => items ?? []),
)

/** A line of a log. Without a pod’s name, and in the year 1, it is what Kubernetes says of a log that it does not have. */
export const logEntry = v.object({
  result: v.object({ content: text, podName: text, timeStampStr: argoTime, last: v.nullish(v.boolean(), false) }),
})

export const syncWindows = v.pipe(
  v.object({
    canSync: v.nullish(v.boolean(), false),
    ...{ activeWindows: list(v.object({ kind: text, schedule: text, duration: text, manualSync: v.nullish(v.boolean(), false) })) },
    ...{ assignedWindows: list(v.object({ kind: text, schedule: text, duration: text, manualSync: v.nullish(v.boolean(), false) })) },
  }),
  v.transform(({ canSync, activeWindows, assignedWindows }) => ({
    canSync: canSync ?? false,
    active: activeWindows ?? [],
    assigned: assignedWindows ?? [],
  })),
)

const containerState = v.nullish(
  v.object({
    running: v.nullish(v.object({})),
    waiting: v.nullish(v.object({ reason: text, message: text })),
    terminated: v.nullish(v.object({ reason: text, message: text, exitCode: count, signal: count })),
  }),
  {},
)
const containerStatus = v.object({
  ...{ name: text, ready: v.nullish(v.boolean(), false), restartCount: count, image: text, imageID: text },
  ...{ state: containerState, lastState: containerState },
})

/** Of a pod only its status: what stands in its specification may be secret. */
export const podStatus = v.object({
  status: v.nullish(
    v.object({
      phase: text,
      reason: text,
      message: text,
      initContainerStatuses: list(containerStatus),
      containerStatuses: list(containerStatus),
    }),
    {},
  ),
})

export const liveResource = v.object({ manifest: v.pipe(v.string(), v.maxLength(16 * 1024 * 1024)) })

export const userInfo = v.object({ loggedIn: v.nullish(v.boolean(), false), username: text, iss: text, groups: list(v.string()) })
export const permission = v.object({ value: text })

export type TreeNode = v.InferOutput<typeof node>
export type ManagedResource = v.InferOutput<typeof managedResources>[number]
export type ResourceEvent = v.InferOutput<typeof event>
export type ContainerStatus = v.InferOutput<typeof containerStatus>
export type SyncWindows = v.InferOutput<typeof syncWindows>
