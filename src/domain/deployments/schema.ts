import * as v from 'valibot'

const id = v.pipe(v.number(), v.integer(), v.minValue(1))
const text = v.pipe(v.string(), v.maxLength(100_000))

/** What we keep with a deployment, and know it by again. */
export const payload = v.object({ slipway: v.literal(1), digest: text, revision: text, application: v.optional(text, '') })

/** GitHub gives the payload back as it came, as a text with JSON in it, or as an empty text. */
const keptPayload = v.union([
  payload,
  v.pipe(
    v.string(),
    v.transform((value): unknown => {
      try {
        return JSON.parse(value)
      } catch {
        return undefined
      }
    }),
    v.fallback(v.optional(payload), undefined),
  ),
])

export const deployment = v.object({
  ...{ id, sha: text, environment: text, task: v.nullish(text, '') },
  payload: v.fallback(v.optional(keptPayload), undefined),
})
export const deployments = v.pipe(v.array(deployment), v.maxLength(100))
export type Deployment = v.InferOutput<typeof deployment>
