import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(2000))

/** The answer to an upload; the id comes back in a path. */
export const accepted = v.object({ id: v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/)) })

/** How far an upload is. */
export const progressed = v.object({
  processing_status: text,
  errors: v.nullish(v.array(v.string())),
})

const repository = v.nullish(v.object({ full_name: v.string() }))

/** Of the event that started a workflow, where a pull request comes from; a fork that was deleted has no repository. */
export const event = v.object({
  pull_request: v.optional(v.object({ head: v.object({ repo: repository }), base: v.object({ repo: repository }) })),
})
