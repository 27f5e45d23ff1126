import * as v from 'valibot'
import { harborTime } from '../schema.ts'

const text = v.pipe(v.string(), v.maxLength(4096))
const id = v.pipe(v.number(), v.integer())
/** Harbor writes null, nothing or `[]` for a list without items. */
export const listOf = <S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.nullish(v.pipe(v.array(item), v.maxLength(10_000))),
    v.transform((items) => items ?? []),
  )

/** A project as it is listed and shown: settings as the texts that they are there. */
export const wireProject = v.pipe(
  v.object({
    ...{ project_id: id, name: text, registry_id: v.nullish(id) },
    metadata: v.nullish(v.record(text, v.nullish(text))),
    cve_allowlist: v.nullish(v.object({ items: listOf(v.object({ cve_id: text })), expires_at: harborTime })),
  }),
  v.transform(({ project_id, name, registry_id, metadata, cve_allowlist: allowlist }) => ({
    ...{ id: project_id, name, registryId: (registry_id ?? 0) > 0 ? (registry_id ?? undefined) : undefined },
    metadata: new Map(Object.entries(metadata ?? {}).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []))),
    allowlist: {
      items: (allowlist?.items ?? []).map(({ cve_id }) => cve_id),
      /** Milliseconds since 1970; undefined for never. */
      expires: allowlist?.expires_at,
    },
  })),
)
export type WireProject = v.InferOutput<typeof wireProject>

/** What a project may take: an entry of the list of quotas. */
export const wireQuota = v.pipe(
  v.object({
    id,
    ref: v.nullish(v.object({ id: v.nullish(id), name: v.nullish(text) })),
    hard: v.nullish(v.object({ storage: v.number() })),
  }),
  v.transform(({ id: quota, ref, hard }) => ({ id: quota, project: ref?.id ?? undefined, storage: hard?.storage ?? -1 })),
)
export type WireQuota = v.InferOutput<typeof wireQuota>
