import * as v from 'valibot'
import { address, name, secretName, text } from './schema-parts.ts'

export const registryName = v.pipe(v.string(), v.minLength(1), v.maxLength(64, 'expected at most 64 letters'))

export const registry = v.strictObject({
  type: v.pipe(
    name,
    v.description('As Harbor calls it: harbor, docker-hub, docker-registry, github-ghcr, aws-ecr, google-gcr, azure-acr …'),
  ),
  url: address,
  insecure: v.optional(v.pipe(v.boolean(), v.description('Its certificate is not checked.')), false),
  username: v.optional(text),
  password: v.optional(
    v.pipe(secretName, v.description('Written with any other change; Harbor never shows it, so another one is not seen.')),
  ),
  description: v.optional(text),
})
export type RegistrySettings = v.InferOutput<typeof registry>

const filters = v.strictObject({
  name: v.optional(v.pipe(text, v.description('Repositories, with the project: shop/**.'))),
  tag: v.optional(text),
  'tag-except': v.optional(text),
  label: v.optional(v.pipe(v.array(name), v.minLength(1), v.maxLength(100))),
  resource: v.optional(v.picklist(['image', 'artifact'])),
})

export const replication = v.pipe(
  v.strictObject({
    to: v.optional(v.pipe(name, v.description('Registry that is sent to.'))),
    from: v.optional(v.pipe(name, v.description('Registry that is fetched from.'))),
    filters: v.optional(filters, {}),
    namespace: v.optional(v.pipe(text, v.description('Project or path at the other end. Default: the same.'))),
    flatten: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(-1),
        v.maxValue(10),
        v.description('Parts of the path that the namespace replaces; -1: all.'),
      ),
    ),
    trigger: v.optional(v.picklist(['manual', 'scheduled', 'event-based']), 'manual'),
    cron: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^0 (?!\* )\S{1,40}(?: \S{1,40}){4}$/, 'expected cron of six fields, the first of them, seconds, 0, and minutes not *'),
      ),
    ),
    enabled: v.optional(v.boolean(), true),
    override: v.optional(v.boolean(), true),
    deletion: v.optional(v.pipe(v.boolean(), v.description('Delete there what is deleted here.')), false),
    'speed-kb': v.optional(
      v.pipe(v.number(), v.integer(), v.minValue(-1), v.maxValue(2 ** 31 - 1), v.description('kB/s; 0 or -1: no limit.')),
    ),
    description: v.optional(text),
  }),
  v.check((rule) => (rule.to === undefined) !== (rule.from === undefined), 'expected `to` or `from`'),
  v.check((rule) => (rule.trigger === 'scheduled') === (rule.cron !== undefined), 'expected cron with trigger: scheduled, and only there'),
  v.check(({ filters: one }) => one.tag === undefined || one['tag-except'] === undefined, 'expected tag or tag-except, not both'),
)
export type ReplicationSettings = v.InferOutput<typeof replication>
