import * as v from 'valibot'
import { harborTime } from '../schema.ts'

const text = v.pipe(v.string(), v.maxLength(4096))
const id = v.pipe(v.number(), v.integer())
/** Harbor writes null, nothing or `[]` for a list without items. */
export const listOf = <S extends v.GenericSchema>(item: S) => v.nullish(v.pipe(v.array(item), v.maxLength(10_000)), () => [])

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

export const wireMember = v.pipe(
  v.object({ id, entity_name: v.nullish(text, ''), entity_type: v.nullish(text, 'u'), role_id: v.nullish(id, 0) }),
  v.transform(({ id: member, entity_name: name, entity_type: type, role_id: role }) => ({ id: member, name, isGroup: type === 'g', role })),
)

export const wireLabel = v.pipe(
  v.object({ id, name: v.nullish(text, ''), description: v.nullish(text, ''), color: v.nullish(text, '') }),
  v.transform(({ id: label, name, description, color }) => ({
    id: label,
    name: name ?? '',
    description: description ?? '',
    color: color ?? '',
  })),
)

const selector = v.object({ kind: v.nullish(text), decoration: v.nullish(text), pattern: v.nullish(text), extras: v.nullish(text) })
/** What rules of immutability and of retention have in common. */
export const wireRule = v.object({
  id: v.nullish(id),
  disabled: v.nullish(v.boolean(), false),
  action: v.nullish(text),
  template: v.nullish(text),
  params: v.nullish(v.record(text, v.unknown())),
  tag_selectors: listOf(selector),
  scope_selectors: v.nullish(v.record(text, listOf(selector))),
})
export type WireRule = v.InferOutput<typeof wireRule>

export const wireRetention = v.object({
  id: v.nullish(id),
  rules: listOf(wireRule),
  trigger: v.nullish(v.object({ settings: v.nullish(v.object({ cron: v.nullish(text) })) })),
})

const target = v.object({
  ...{ type: v.nullish(text, 'http'), address: v.nullish(text, ''), auth_header: v.nullish(text, '') },
  ...{ skip_cert_verify: v.nullish(v.boolean(), false), payload_format: v.nullish(text) },
})
export const wireWebhook = v.object({
  ...{ id, name: v.nullish(text, ''), description: v.nullish(text, ''), enabled: v.nullish(v.boolean(), false) },
  ...{ event_types: listOf(text), targets: listOf(target) },
})
export type WireWebhook = v.InferOutput<typeof wireWebhook>

export const wireRegistry = v.object({
  ...{ id, name: v.nullish(text, () => ''), type: v.nullish(text), url: v.nullish(text), insecure: v.nullish(v.boolean()) },
  ...{ description: v.nullish(text), credential: v.nullish(v.object({ access_key: v.nullish(text) })) },
})
export type WireRegistry = v.InferOutput<typeof wireRegistry>

const side = v.nullish(v.object({ id: v.nullish(id), name: v.nullish(text) }))
const filter = v.object({ type: v.nullish(text, () => ''), value: v.unknown(), decoration: v.nullish(text) })
export const wireReplication = v.object({
  ...{ id, name: v.nullish(text), description: v.nullish(text), src_registry: side, dest_registry: side, filters: listOf(filter) },
  ...{ dest_namespace: v.nullish(text), dest_namespace_replace_count: v.nullish(v.number()), speed: v.nullish(v.number()) },
  ...{ enabled: v.nullish(v.boolean()), override: v.nullish(v.boolean()), replicate_deletion: v.nullish(v.boolean()) },
  trigger: v.nullish(v.object({ type: v.nullish(text), trigger_settings: v.nullish(v.object({ cron: v.nullish(text) })) })),
})
export type WireReplication = v.InferOutput<typeof wireReplication>

/** A rule as Harbor has it: it takes the whole of one, and what the file has no words for has to stay. */
export const wireWhole = v.record(v.string(), v.unknown())

/** JSON in a text: what is no such JSON is taken for nothing. */
const inText = <T>(schema: v.GenericSchema<unknown, T>, otherwise: T) =>
  v.pipe(
    v.nullish(text, () => ''),
    v.transform((written): T => {
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), written)
      return parsed.success ? parsed.output : otherwise
    }),
  )
const preheatFilters = v.pipe(
  v.array(v.object({ type: text, value: v.union([text, v.number(), v.boolean(), v.array(text)]) })),
  v.maxLength(100),
)
const preheatTrigger = v.object({ type: text, trigger_setting: v.nullish(v.object({ cron: v.nullish(text) })) })
export const wirePreheat = v.object({
  ...{ id, name: v.nullish(text, () => ''), provider_id: v.nullish(id), description: v.nullish(text), enabled: v.nullish(v.boolean()) },
  ...{ filters: inText(preheatFilters, []), trigger: inText(preheatTrigger, { type: 'manual' }) },
})
export type WirePreheat = v.InferOutput<typeof wirePreheat>

export const wireProvider = v.object({ id, provider: v.nullish(text) })
