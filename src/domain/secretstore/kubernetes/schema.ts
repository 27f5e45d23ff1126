import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(4096))
/** The API server keeps secrets up to 1 MiB. */
const base64 = v.pipe(v.string(), v.maxLength(2 * 1024 * 1024), v.base64())

/** core/v1 Secret, as far as it concerns us. */
export const secret = v.object({
  metadata: v.object({ name: text, resourceVersion: text }),
  type: v.optional(text, 'Opaque'),
  immutable: v.optional(v.boolean(), false),
  data: v.nullish(v.record(text, base64), {}),
})

/** What the API server says of a refusal (meta/v1 Status). */
export const status = v.object({ message: v.optional(v.string(), ''), reason: v.optional(text, '') })

/** The value of a secret of the type `kubernetes.io/dockerconfigjson`: whatever else is in it stays. */
export const dockerSettings = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), 'expected an object'),
  v.looseObject({ auths: v.nullish(v.record(v.string(), v.unknown()), {}) }),
)

export type Secret = v.InferOutput<typeof secret>
