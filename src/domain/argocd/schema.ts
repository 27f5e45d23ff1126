import * as v from 'valibot'

/**
 * The shapes of Argo CD's API, as far as they are used. Go writes zero values in three ways: absent, null, or as they are (`""`, `{}`);
 * all are taken for the same. No text is limited in length here: a long message must not make an application unreadable. The answer as
 * a whole is limited in bytes.
 */
const text = v.nullish(v.string(), '')
const flag = v.nullish(v.boolean(), false)
const count = v.nullish(v.number(), 0)
const list = <S extends v.GenericSchema>(item: S) => v.nullish(v.pipe(v.array(item), v.maxLength(50_000)), [])
/** Milliseconds since 1970 of RFC 3339, whole seconds mostly; undefined for null, nothing and the year 1. */
export const argoTime = v.pipe(v.nullish(v.string()), v.transform(timeOf))

function timeOf(value: string | null | undefined): number | undefined {
  const time = Date.parse(value ?? '')
  return Number.isNaN(time) || time < 0 ? undefined : time
}

const source = v.pipe(
  v.object({ repoURL: text, path: text, targetRevision: text, chart: text, ref: text, name: text }),
  v.transform(({ repoURL, ...rest }) => ({ repository: repoURL, ...rest })),
)
const maybeSource = v.nullish(source)

/** One source or many, in their order; an application has `sources` in place of `source` when it has many. */
function sourcesOf(one: ArgoSource | null | undefined, many: readonly ArgoSource[] | null | undefined): readonly ArgoSource[] {
  if (many !== null && many !== undefined && many.length > 0) return many
  return one === null || one === undefined || one.repository === '' ? [] : [one]
}

/** In the order of the sources; one of a `ref` source without a path is there as well. Empty while none is known. */
function revisionsOf(one: string | null | undefined, many: readonly string[] | null | undefined): readonly string[] {
  if (many !== null && many !== undefined && many.length > 0) return many
  return one === null || one === undefined || one === '' ? [] : [one]
}

const revisions = { revision: text, revisions: list(v.string()) }
const health = v.pipe(
  v.nullish(v.object({ status: text, message: text, lastTransitionTime: argoTime }), {}),
  v.transform((value) => ({ status: value?.status ?? '', message: value?.message ?? '', since: value?.lastTransitionTime })),
)
const identity = { group: text, version: text, kind: text, namespace: text, name: text }

const resource = v.pipe(
  v.object({ ...identity, status: text, health, hook: flag, requiresPruning: flag, syncWave: count }),
  v.transform(({ health: { status, message }, status: sync, ...rest }) => ({ ...rest, sync, health: status, message })),
)

const resourceResult = v.object({
  ...identity,
  status: text,
  message: text,
  hookType: text,
  hookPhase: text,
  syncPhase: text,
  images: list(v.string()),
})

const operation = v.pipe(
  v.object({
    sync: v.nullish(
      v.object({
        ...revisions,
        dryRun: flag,
        prune: flag,
        resources: list(v.object({ group: text, kind: text, name: text, namespace: text })),
      }),
    ),
    initiatedBy: v.nullish(v.object({ username: text, automated: flag })),
    info: list(v.object({ name: text, value: text })),
    retry: v.nullish(v.object({ limit: count })),
  }),
  v.transform(({ sync, initiatedBy, info, retry }) => ({
    revisions: revisionsOf(sync?.revision, sync?.revisions),
    ...{ isDryRun: sync?.dryRun ?? false, prunes: sync?.prune ?? false, isPartial: (sync?.resources ?? []).length > 0 },
    ...{ by: initiatedBy?.username ?? '', isAutomated: initiatedBy?.automated ?? false },
    ...{ info: info ?? [], retryLimit: retry?.limit ?? 0 },
  })),
)

const operationState = v.pipe(
  v.object({
    ...{ operation: v.nullish(operation), phase: text, message: text, retryCount: count, startedAt: argoTime, finishedAt: argoTime },
    syncResult: v.nullish(v.object({ ...revisions, resources: list(resourceResult) })),
  }),
  v.transform(({ syncResult, operation: started, ...rest }) => ({
    ...{ ...rest, operation: started ?? undefined, revisions: revisionsOf(syncResult?.revision, syncResult?.revisions) },
    resources: syncResult?.resources ?? [],
  })),
)

const condition = v.pipe(
  v.object({ type: text, message: text, lastTransitionTime: argoTime }),
  v.transform(({ lastTransitionTime, ...rest }) => ({ ...rest, since: lastTransitionTime })),
)

const deployment = v.pipe(
  v.object({
    id: count,
    ...revisions,
    deployStartedAt: argoTime,
    deployedAt: argoTime,
    initiatedBy: v.nullish(v.object({ username: text, automated: flag })),
  }),
  v.transform(({ revision, revisions: many, initiatedBy, ...rest }) => ({
    ...{ ...rest, revisions: revisionsOf(revision, many), by: initiatedBy?.username ?? '', isAutomated: initiatedBy?.automated ?? false },
  })),
)

const hydration = v.pipe(
  v.nullish(v.object({ drySHA: text, hydratedSHA: text, phase: text, message: text })),
  v.transform((value) => (value === null || value === undefined || (value.phase ?? '') + (value.drySHA ?? '') === '' ? undefined : value)),
)

const metadata = v.object({
  ...{ name: v.string(), namespace: text, uid: text, resourceVersion: text, deletionTimestamp: argoTime, creationTimestamp: argoTime },
  ...{ labels: v.nullish(v.record(v.string(), v.string()), {}), annotations: v.nullish(v.record(v.string(), v.string()), {}) },
})

const spec = v.object({
  ...{ project: text, source: maybeSource, sources: list(source) },
  sourceHydrator: v.nullish(v.object({ syncSource: v.nullish(v.object({ targetBranch: text, path: text })) })),
  destination: v.nullish(v.object({ server: text, name: text, namespace: text })),
  syncPolicy: v.nullish(
    v.object({
      automated: v.nullish(v.object({ enabled: v.nullish(v.boolean()), prune: flag, selfHeal: flag })),
      syncOptions: list(v.string()),
      retry: v.nullish(v.object({ limit: count })),
    }),
  ),
})

const status = v.nullish(
  v.object({
    ...{ sync: v.nullish(v.object({ status: text, ...revisions })), health, reconciledAt: argoTime },
    ...{ operationState: v.nullish(operationState), resources: list(resource), conditions: list(condition), history: list(deployment) },
    summary: v.nullish(v.object({ images: list(v.string()), externalURLs: list(v.string()) })),
    sourceHydrator: v.nullish(v.object({ currentOperation: hydration })),
  }),
)

/** An application, whole. What a list with `fields` leaves out is empty: see `applications.ts`. */
export const application = v.pipe(
  v.object({ metadata, spec: v.nullish(spec), operation: v.nullish(operation), status }),
  v.transform(({ metadata: meta, spec: wanted, operation: requested, status: seen }) => ({
    ...{ name: meta.name, namespace: meta.namespace ?? '', uid: meta.uid ?? '', resourceVersion: meta.resourceVersion ?? '' },
    ...{ labels: meta.labels ?? {}, annotations: meta.annotations ?? {}, project: wanted?.project || 'default' },
    /** When its deletion was asked for. */
    deletedAt: meta.deletionTimestamp,
    /** Whether a refresh was asked for and is not done: its annotation is still there. */
    isRefreshing: meta.annotations?.['argocd.argoproj.io/refresh'] !== undefined,
    sources: sourcesOf(wanted?.source, wanted?.sources),
    isMultiSource: (wanted?.sources ?? []).length > 0,
    /** Whether the Source Hydrator renders its manifests into a branch: then revisions are of that branch. */
    isHydrated: wanted?.sourceHydrator !== null && wanted?.sourceHydrator !== undefined,
    hydration: seen?.sourceHydrator?.currentOperation,
    destination: {
      server: wanted?.destination?.server ?? '',
      name: wanted?.destination?.name ?? '',
      namespace: wanted?.destination?.namespace ?? '',
    },
    autoSync: autoSyncOf(wanted?.syncPolicy?.automated),
    syncOptions: wanted?.syncPolicy?.syncOptions ?? [],
    /** Asked for; the controller takes it away when it is over. */
    operation: requested ?? undefined,
    sync: { status: seen?.sync?.status ?? '', revisions: revisionsOf(seen?.sync?.revision, seen?.sync?.revisions) },
    health: seen?.health ?? { status: '', message: '', since: undefined },
    reconciledAt: seen?.reconciledAt,
    operationState: seen?.operationState ?? undefined,
    ...{ resources: seen?.resources ?? [], conditions: seen?.conditions ?? [], history: seen?.history ?? [] },
    ...{ images: seen?.summary?.images ?? [], externalUrls: seen?.summary?.externalURLs ?? [] },
  })),
)

function autoSyncOf(
  automated: { enabled?: boolean | null | undefined; prune?: boolean | null; selfHeal?: boolean | null } | null | undefined,
) {
  if (automated === null || automated === undefined || automated.enabled === false) return undefined
  return { prune: automated.prune === true, selfHeal: automated.selfHeal === true }
}

/** A list is null when it is empty. */
export const applicationList = v.pipe(
  v.object({ items: list(application), metadata: v.nullish(v.object({ resourceVersion: text })) }),
  v.transform(({ items }) => items ?? []),
)

/** What the API says when it refuses; streams have it one level deeper. */
export const refusal = v.object({ error: v.nullish(v.unknown()), code: v.nullish(v.number()), message: v.nullish(v.string()) })

export type ArgoSource = v.InferOutput<typeof source>
export type Application = v.InferOutput<typeof application>
export type ApplicationResource = Application['resources'][number]
export type ApplicationCondition = Application['conditions'][number]
export type OperationState = NonNullable<Application['operationState']>
export type ResourceResult = OperationState['resources'][number]
